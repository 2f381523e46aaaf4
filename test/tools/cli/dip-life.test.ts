// Every type of DIP from an empty folder to its effect on a fresh chain, by commands alone.
import assert from 'node:assert/strict';
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { type Abi, type Address, encodeDeployData, encodeFunctionData, getAddress, type Hex } from 'viem';
import { readChain, writeRecord } from '../../../tools/cli/data-folder.ts';
import { type ContractName, loadArtifact, plan } from '../../../tools/deploy/index.ts';
import { buildOwnContracts, ownArtifact, ownArtifactPath } from '../../contracts/dips/world.ts';
import { type ApplicantsWorld, applicantsWorld } from '../applicants/applicants-world.ts';
import { guideCommands } from '../applicants/guide-commands.ts';
import { electricCar } from './miner-process.ts';

let world: ApplicantsWorld;
before(async () => {
  // Where the tests of contracts ran before, it is there.
  if (!existsSync(ownArtifactPath('Outside', 'Vault'))) buildOwnContracts();
  world = await applicantsWorld();
  const hash = await world.clients.walletClient.sendTransaction({ to: world.deployment.addresses.Treasury, value: 5n });
  await world.clients.publicClient.waitForTransactionReceipt({ hash });
});
after(() => world?.[Symbol.asyncDispose]());

const day = 86_400;
const token = 10n ** 18n;

/** Runs a command that must succeed. @returns what it printed */
async function miner(...args: string[]): Promise<string> {
  const ran = await world.miner(...args);
  assert.equal(ran.code, 0, `miner ${args.join(' ')}\n${ran.stdout}${ran.stderr}`);
  return ran.stdout;
}

const read = <Value>(contract: ContractName, functionName: string, args: readonly unknown[] = []) =>
  world.clients.publicClient.readContract({
    address: world.deployment.addresses[contract],
    abi: loadArtifact(contract).abi,
    functionName,
    args,
  }) as Promise<Value>;

const balanceOf = (account: Address) => read<bigint>('DimoToken', 'balanceOf', [account]);

async function deploy({ abi, bytecode }: { abi: Abi; bytecode: Hex }, args: readonly unknown[] = []): Promise<Address> {
  const data = encodeDeployData({ abi, bytecode, args } as Parameters<typeof encodeDeployData>[0]);
  const hash = await world.clients.walletClient.sendTransaction({ data });
  const { contractAddress } = await world.clients.publicClient.waitForTransactionReceipt({ hash });
  return getAddress(contractAddress!);
}

/** A day this long from the chain's now, as a DIP file writes it. */
async function dayFrom(days: number): Promise<string> {
  const { timestamp } = await world.clients.publicClient.getBlock();
  return new Date((Number(timestamp) + days * day) * 1000).toISOString().slice(0, 10);
}

/** Words of `--set` for each argument. */
const set = (args: Record<string, string>) =>
  Object.entries(args).flatMap(([key, value]) => ['--set', `${key}=${value}`]);

/** Takes a file through the vote, as a holder who has read it. */
async function carry(file: string): Promise<number> {
  // The trial on a copy of the chain has tests of its own.
  await miner('dip', 'check', file, '--no-trial');
  const { number } = JSON.parse(await miner('dip', 'propose', file, '--yes', '--json'));
  const id = `${number}`;
  for (const step of ['wait', 'vote', 'wait', 'queue', 'wait', 'execute']) {
    await miner('dip', step, id, ...(step === 'vote' ? ['for'] : []), '--yes');
  }
  const shown = await miner('dip', 'show', id, '--file', file, '--json');
  const { status, bound } = JSON.parse(shown);
  assert.deepEqual([status.state, bound], ['executed', true]);
  return status.level;
}

interface Life {
  name: string;
  level: 1 | 2 | 3;
  /** What `miner dip new` is given. */
  words: () => Promise<string[]> | string[];
  effect: () => Promise<void>;
}

const recipient = () => world.actors.driver.address;
let vault: Address;
let implementation: Address;

const lives: Life[] = [
  {
    name: 'a licence',
    level: 2,
    words() {
      writeFileSync('report.json', '{"passed":true}');
      const { maker } = world.actors;
      return [
        ...['licence', '--name', 'Acme Devices', '--owner', maker.address, '--bond', '100000 DIMO'],
        ...['--device-cap', '1000', '--attestation-signer', maker.address, '--conformance', 'report.json'],
      ];
    },
    async effect() {
      assert.match(await miner('licence', 'show', '2'), /Acme Devices/);
    },
  },
  {
    name: 'a reward change',
    level: 2,
    words: () => [
      'set-reward-parameters',
      ...set({
        weeklyInitial: '1200000 DIMO',
        yearly: '80 %',
        bountyShare: '10 %',
        challenge: '72 hours',
        claimWeeks: '52',
      }),
    ],
    async effect() {
      const terms = await read<Record<string, unknown>>('RewardPool', 'parameters');
      assert.equal(terms.weeklyInitial, 1_200_000n * token);
      assert.equal(terms.claimWeeks, 52);
    },
  },
  {
    name: 'a grant',
    level: 1,
    words: async () => [
      'open-grant',
      ...set({
        recipient: recipient(),
        'milestones.0.title': 'design',
        'milestones.0.amount': '1000 DIMO',
        'milestones.1.title': 'delivery',
        'milestones.1.amount': '2000 DIMO',
        deadline: await dayFrom(200),
        purpose: 'an app for fleets',
      }),
    ],
    async effect() {
      assert.equal(await balanceOf(world.deployment.addresses.Grants), 3_000n * token);
    },
  },
  {
    name: 'a stream',
    level: 1,
    words: async () => [
      'open-stream',
      ...set({
        recipient: recipient(),
        total: '12000 DIMO',
        start: await dayFrom(20),
        cliff: await dayFrom(40),
        end: await dayFrom(400),
        purpose: 'upkeep of the decoders',
      }),
    ],
    async effect() {
      assert.equal(await balanceOf(world.deployment.addresses.Streams), 12_000n * token);
    },
  },
  {
    name: 'a referral change',
    level: 2,
    words: () => [
      'set-referral-terms',
      ...set({ referrerAmount: '80 DIMO', refereeAmount: '20 DIMO', paidMax: '2500000 DIMO' }),
    ],
    async effect() {
      const version = await read<bigint>('ReferralProgram', 'termsVersion');
      assert.equal(
        (await read<{ referrerAmount: bigint }>('ReferralProgram', 'termsOf', [version])).referrerAmount,
        80n * token,
      );
    },
  },
  {
    name: 'an investment',
    level: 3,
    async words() {
      vault = await deploy(ownArtifact('Outside', 'Vault'), [world.deployment.addresses.DimoToken]);
      return ['invest', ...set({ vault, assets: '1000000 DIMO', minShares: '1000000e18 units' })];
    },
    async effect() {
      assert.equal(await balanceOf(vault), 1_000_000n * token);
    },
  },
  {
    name: 'a token upgrade',
    level: 3,
    async words() {
      const { abi, bytecode } = ownArtifact('SecondVersions', 'DimoTokenSecond');
      implementation = await deploy({ abi, bytecode });
      const data = encodeFunctionData({ abi, functionName: 'initializeSecond', args: [7n] });
      return ['upgrade', ...set({ contract: 'DimoToken', implementation, data })];
    },
    async effect() {
      const { abi } = ownArtifact('SecondVersions', 'DimoTokenSecond');
      const address = world.deployment.addresses.DimoToken;
      const note = { address, abi, functionName: 'note' };
      assert.equal(await world.clients.publicClient.readContract(note), 7n);
      assert.equal(await read('DimoToken', 'totalSupply'), 1_000_000_000n * token);
    },
  },
  {
    name: 'a raw call',
    level: 3,
    words() {
      const abi = loadArtifact('Treasury').abi;
      const data = encodeFunctionData({ abi, functionName: 'spendEther', args: [recipientOfEther, 5n] });
      return ['raw-call', ...set({ target: 'treasury', data })];
    },
    async effect() {
      assert.equal(await world.clients.publicClient.getBalance({ address: recipientOfEther }), 5n);
    },
  },
];
const recipientOfEther = getAddress(`0x${'e7'.repeat(20)}`);

for (const { name, level, words, effect } of lives) {
  test(`${name} lives from a file to its effect`, async () => {
    const file = `${name.replaceAll(' ', '-')}.md`;
    const [type, ...rest] = await words();
    const said =
      type === 'licence' ? [] : ['--title', `Have ${name}`, '--author', 'A Holder', '--motivation', 'Because.'];
    await miner('dip', 'new', type!, ...rest, ...said, '-o', file);
    assert.equal(await carry(file), level);
    await effect();
  });
}

test('a decoder lives from a package to a paid bounty', async () => {
  const author = world.actors.author.address;
  cpSync(electricCar, 'car.dbc');
  await miner('dbc', 'package', 'init', 'my-car', '--dbc', 'car.dbc');
  const manifest = {
    id: 'acme.roadster.main',
    version: '1.0.0',
    license: 'Apache-2.0',
    author,
    platform: { make: 'Acme', model: 'Roadster', years: [2024, 2026], bus: 'main', bitRate: 500_000 },
  };
  writeFileSync('my-car/manifest.json', JSON.stringify(manifest));
  await miner('dbc', 'package', 'build', 'my-car', '-o', 'my-car.dimopkg');
  const platform = ['--platform', 'Acme Roadster 2024-2026'];
  await miner('bounty', 'fund', ...platform, '--amount', '500 DIMO');
  await miner('bounty', 'commit', ...platform, '--decoder', 'my-car.dimopkg');
  await miner('bounty', 'reveal', ...platform, '--decoder', 'my-car.dimopkg');
  await miner('dip', 'new', 'decoder', 'my-car.dimopkg', '--bounty', '-o', 'my-car.md');
  const poor = await balanceOf(author);
  assert.equal(await carry('my-car.md'), 1);
  assert.equal((await balanceOf(author)) - poor, 500n * token);
  const { contentHash } = JSON.parse(readFileSync('my-car.gate.json', 'utf8')).decoder;
  assert.equal((await read<{ status: number }>('DecoderRegistry', 'decoderOf', [`0x${contentHash}`])).status, 1);
});

test('the guide for holders leads from nothing to a vote that is executed', async () => {
  const { holders, driver } = world.actors;
  writeFileSync('password.txt', 'a password\n');
  const count = JSON.parse((await miner('dip', 'list', '--per-page', '1', '--json')).trim()).number;
  const values = { ID: `${count + 1}`, YOU: holders[0]!.address };
  const poor = await balanceOf(driver.address);
  let said = '';
  for (const words of guideCommands('guide-holder.md', values)) said += await miner(...words);
  assert.equal((await balanceOf(driver.address)) - poor, 250_000n * token);
  assert.match(said, /already done: the votes of 0x\w+ are with/);
  assert.match(said, /It is what audit\.md says, text and calls\./);
  assert.match(said, /voted on DIP \d+: 36,000,000 for, 24,000,000 against/);
  assert.match(said, /0x\w+ voted on DIP \d+: 40,000,000 against/);
  assert.match(said, /Pay for the audit: executed; votes: [\d,]+ for, 64,000,000 against/);
  assert.match(said, /alice\.json: 0x\w{40}\nalice\.json: 0x\w{40}\n$/);
});

test('a governor is replaced, and the vote goes on with the new one', async () => {
  const { addresses } = world.deployment;
  const { abi, bytecode } = loadArtifact('DimoGovernor');
  const args = plan
    .find(({ name }) => name === 'DimoGovernor')!
    .args(addresses, { holders: [] }, addresses.DimoGovernor);
  const governor = await deploy({ abi, bytecode }, args);
  const said = ['--title', 'Have another governor', '--author', 'A Holder', '-o', 'governor.md'];
  await miner('dip', 'new', 'replace-governor', ...set({ governor }), ...said);
  assert.equal(await carry('governor.md'), 3);

  const record = readChain('.miner');
  const deployment = { ...record.deployment, addresses: { ...addresses, DimoGovernor: governor } };
  writeRecord('next', 'chain', { ...record, deployment });
  await miner(
    'dip',
    'new',
    'spend',
    ...set({ to: recipient(), amount: '1 DIMO' }),
    '--title',
    'Pay',
    '--author',
    'A',
    '-o',
    'pay.md',
  );
  const rich = await balanceOf(recipient());
  const next = ['--deployment', 'next/chain.json'];
  await miner('dip', 'propose', 'pay.md', '--yes', ...next);
  for (const step of ['wait 1', 'vote 1 for', 'wait 1', 'queue 1', 'wait 1', 'execute 1']) {
    await miner('dip', ...step.split(' '), '--yes', ...next);
  }
  assert.equal((await balanceOf(recipient())) - rich, token);
});
