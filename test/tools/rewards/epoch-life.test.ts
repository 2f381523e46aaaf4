// An epoch of a thousand vehicles by command line only: computed, verified, posted wrong, challenged, corrected, claimed.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { type Address, BaseError, getAddress, type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import { loadArtifact, localAccounts, send } from '../../../tools/deploy/index.ts';
import { computeEpoch, parseInputs, publishEpoch, readChainFacts, readInputs } from '../../../tools/rewards/index.ts';
import { someHash } from '../registry/registry-world.ts';
import { type RewardsWorld, rewardsWorld } from './rewards-world.ts';

const vehicleCount = 1_000;
const day = 86_400_000;
/** Parts of the local chain's accounts in these tests. */
const [guardian, poster, driver, referrer, buyer] = [5, 6, 8, 9, 10];
/** The driver of the guide, who needs no key on a local chain. */
const reader = 6;
const accounts = localAccounts();
const unlisted = keccak256(stringToHex('a car without a decoder'));
const decoder = someHash(1);

/** Four vehicles a household, but the first ones are of accounts that act. */
const owners = Array.from({ length: vehicleCount }, (_, index): Address => {
  if (index === 0) return accounts[driver]!.address;
  if (index === 1) return accounts[1]!.address;
  if (index === 8) return accounts[reader]!.address;
  return getAddress(numberToHex(0xa0000 + (index >> 2), { size: 20 }));
});

let world: RewardsWorld;
let epoch: number;
let folder: string;
let wrong: string;

/** What vehicle `index` delivers in the epoch, and in the two weeks before. */
const activityOf = (index: number) => ({
  count: [1, 7, 7, 2, 0][index % 5]!,
  signals: [4, 12, 30, 12, 0][index % 5]!,
  earlier: index % 3,
  isUnlisted: index % 10 === 2,
});

before(async () => {
  world = await rewardsWorld(owners);
  await world.list(decoder);
  const pool = { address: world.deployment.addresses.RewardPool, abi: loadArtifact('RewardPool').abi };
  const read = (functionName: string, args: unknown[] = []) =>
    world.clients.publicClient.readContract({ ...pool, functionName, args });
  epoch = Number(await read('currentEpoch'));
  const endsAt = Number(await read('endOf', [BigInt(epoch)]));
  const startMs = endsAt * 1000 - 7 * day;
  const rows: string[] = [];
  world.ledger.transact(() => {
    for (const [index, { device }] of world.devices.entries()) {
      const { count, signals, earlier, isUnlisted } = activityOf(index);
      const packs = { atMs: startMs + day, signals, decoder };
      for (let week = earlier; week > 0; week--) {
        world.deliver(device, { ...packs, count: 1, signals: 3, atMs: packs.atMs - week * 7 * day });
      }
      if (count > 0) world.deliver(device, { ...packs, count });
      if (isUnlisted) rows.push(`${device},a car without a decoder`);
    }
    // A pack at the first millisecond of the next week is of that one.
    world.deliver(world.devices[4]!.device, { count: 1, atMs: endsAt * 1000, signals: 5, decoder });
  });
  writeFileSync(path.join(world.data, 'platforms.csv'), `${rows.join('\n')}\n`);

  const holder = accounts[1]!;
  const { DimoToken, VehicleLocks } = world.deployment.addresses;
  const approve = {
    to: DimoToken,
    abi: loadArtifact('DimoToken').abi,
    name: 'approve',
    args: [VehicleLocks, 500n * 10n ** 18n],
  };
  await send(world.clients, { ...approve, account: holder });
  const lock = {
    to: VehicleLocks,
    abi: loadArtifact('VehicleLocks').abi,
    name: 'lock',
    args: [world.devices[1]!.device, 1],
  };
  await send(world.clients, { ...lock, account: holder });

  folder = path.join(world.data, 'rewards', `epoch-${epoch}`);
  wrong = path.join(world.data, 'wrong');
});
after(() => world?.[Symbol.asyncDispose]());

const compute = (...more: string[]) =>
  world.miner(
    'rewards',
    'compute',
    '--epoch',
    `${epoch}`,
    '--platforms',
    path.join(world.data, 'platforms.csv'),
    ...more,
  );
const own = () => [
  '--ledger',
  path.join(world.data, 'ledger.sqlite'),
  '--platforms',
  path.join(world.data, 'platforms.csv'),
];
const ofEpoch = (command: string, ...more: string[]) => world.miner('rewards', command, '--epoch', `${epoch}`, ...more);
const balanceOf = (account: Hex) =>
  world.clients.publicClient.readContract({
    address: world.deployment.addresses.DimoToken,
    abi: loadArtifact('DimoToken').abi,
    functionName: 'balanceOf',
    args: [account],
  }) as Promise<bigint>;

/** The commands of docs/guide-driver.md, in order, with the names that stand for this world's values. */
function guideCommands(): string[][] {
  const guide = readFileSync(fileURLToPath(new URL('../../../docs/guide-driver.md', import.meta.url)), 'utf8');
  const blocks = [...guide.matchAll(/^```sh\n(.*?)^```$/gms)].map(([, text]) => text!);
  const values: Record<string, string> = {
    DEVICE: world.devices[8]!.device,
    FRIEND: accounts[11]!.address,
    YOU: accounts[reader]!.address,
    EPOCH: `${epoch}`,
    PACKS: path.join(world.data, 'all-packs.jsonl'),
    PLATFORMS: path.join(world.data, 'platforms.csv'),
  };
  return blocks
    .flatMap((text) => text.trim().split('\n'))
    .map((line) => {
      const [program, ...words] = line.split(/ +/);
      assert.equal(program, 'miner', line);
      return words.map((word) => values[word] ?? word);
    });
}

const runGuide = async (commands: readonly string[][]) => {
  for (const words of commands) {
    const ran = await world.miner(...words);
    assert.deepEqual([ran.code, ran.stderr], [0, ''], words.join(' '));
  }
};

test("the guide's first step: a driver names who brought them", async () => {
  const commands = guideCommands();
  assert.deepEqual([commands.length, commands[1]!.slice(0, 2)], [10, ['referral', 'show']]);
  await runGuide(commands.slice(0, 2));
});

test('a referral is registered while the device is new, and a second time changes nothing', async () => {
  const { device } = world.devices[0]!;
  const args = ['referral', 'register', '--device', device, '--referrer', accounts[referrer]!.address];
  const first = await world.miner(...args, '--account', `${driver}`, '--json');
  assert.equal(JSON.parse(first.stdout).outcome, 'accepted', first.stderr);
  const again = await world.miner(...args, '--account', `${driver}`);
  assert.match(again.stdout, /^accepted before: /);
  const stranger = await world.miner(...args, '--account', `${buyer}`);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /NotDeviceOwner/);
});

test('an epoch that runs is refused, with its end', async () => {
  const ran = await compute();
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /epoch \d+ is not over: it ends at \d{4}-.*T05:00:00/);
});

test('an epoch that is over is computed, and follows what an independent count in fractions says', async () => {
  const waited = await ofEpoch('wait', '--json');
  assert.equal(JSON.parse(waited.stdout).reached, true);
  // Sold after the week: the week is still the seller's.
  const registry = { to: world.deployment.addresses.MinerRegistry, abi: loadArtifact('MinerRegistry').abi };
  const { device } = world.devices[1]!;
  await send(world.clients, {
    ...registry,
    name: 'offer',
    args: [device, accounts[buyer]!.address],
    account: accounts[1]!,
  });
  await send(world.clients, { ...registry, name: 'accept', args: [device], account: accounts[buyer]! });

  const ran = await compute('--json');
  assert.equal(ran.code, 0, ran.stderr);
  const record = JSON.parse(ran.stdout);
  const { inputs, computed } = readInputs(path.join(folder, 'inputs.json'));
  assert.equal(record.root, computed.root);

  const expected = new Map<string, bigint>();
  let [points, toBounty] = [0n, 0n];
  const weights = owners.map((owner, index) => {
    const { count, signals, isUnlisted } = activityOf(index);
    const isSecond = count >= 7 && signals >= 10;
    // The third week of a streak earns no level yet.
    const vehicle = count === 0 ? 0n : BigInt(isSecond ? 4 : 3) + (index === 1 ? 1n : 0n);
    points += vehicle;
    return { owner: owner.toLowerCase(), vehicle, isUnlisted };
  });
  const pool = 1_105_000n * 10n ** 18n;
  assert.equal(inputs.pool, pool);
  for (const { owner, vehicle, isUnlisted } of weights) {
    if (vehicle === 0n) continue;
    expected.set(owner, (expected.get(owner) ?? 0n) + vehicle * (isUnlisted ? 9_000n : 10_000n));
    if (isUnlisted) toBounty += vehicle * 1_000n;
  }
  const amounts = new Map(computed.leaves.map(({ account, amount }) => [account as string, amount]));
  assert.equal(amounts.size, expected.size);
  for (const [owner, weight] of expected) assert.equal(amounts.get(owner), (pool * weight) / (points * 10_000n), owner);
  assert.deepEqual(
    computed.bountyLeaves.map(({ platform, amount }) => [platform, amount]),
    [[unlisted, (pool * toBounty) / (points * 10_000n)]],
  );
  assert.ok(computed.total <= pool);
});

test('owners, locks and decoders read from events are what the contracts answer', async () => {
  const facts = await readChainFacts(world.clients.publicClient, world.deployment, epoch);
  const ask = (contract: 'VehicleLocks' | 'DecoderRegistry' | 'MinerRegistry', functionName: string, args: unknown[]) =>
    world.clients.publicClient.readContract({
      address: world.deployment.addresses[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    });
  for (const { device, owner } of world.devices.slice(0, 6)) {
    const key = device.toLowerCase() as Hex;
    assert.equal(facts.ownerOf(key), owner.toLowerCase());
    const level = facts.lockLevelOf(key, owner.toLowerCase() as Hex);
    assert.equal(level, await ask('VehicleLocks', 'lockLevelOf', [device, owner, facts.endsAt - 1]));
  }
  assert.equal(facts.lockLevelOf(world.devices[1]!.device.toLowerCase() as Hex, owners[1]!.toLowerCase() as Hex), 1);
  const platform = facts.platformOf(decoder)!;
  assert.equal(facts.isDecoded(platform), await ask('DecoderRegistry', 'isActive', [decoder]));
  assert.equal(facts.isDecoded(unlisted), false);
  const block = await world.clients.publicClient.getBlock({ blockNumber: BigInt(facts.block.number + 1) });
  assert.ok(Number(block.timestamp) >= facts.endsAt);
});

test('a node that answers for few blocks at once is asked for few, and one that stops is named', async () => {
  const { publicClient } = world.clients;
  const behind = (
    answer: (call: { method: string; params: Hex[] & { fromBlock: Hex; toBlock: Hex }[] }) => boolean,
  ) => ({
    ...publicClient,
    request: (async (call: Parameters<typeof answer>[0]) => {
      if (!answer(call)) throw new BaseError('query returned more than the node gives');
      return (publicClient.request as (one: unknown) => Promise<unknown>)(call);
    }) as typeof publicClient.request,
  });
  const few = behind(
    ({ method, params: [range] }) => method !== 'eth_getLogs' || Number(range!.toBlock) - Number(range!.fromBlock) < 20,
  );
  const [facts, limited] = await Promise.all(
    [publicClient, few].map((client) => readChainFacts(client, world.deployment, epoch)),
  );
  for (const { device } of world.devices) {
    const key = device.toLowerCase() as Hex;
    assert.equal(limited!.ownerOf(key), facts!.ownerOf(key));
  }
  const gone = behind(({ method }) => method !== 'eth_getLogs');
  await assert.rejects(readChainFacts(gone, world.deployment, epoch), { code: 'CHAIN_UNREACHABLE' });
});

test('another process, with the rows shuffled, gives the same bytes', () => {
  const script = fileURLToPath(new URL('shuffled-epoch.ts', import.meta.url));
  const flags = ['--disable-warning=ExperimentalWarning', script, path.join(folder, 'inputs.json')];
  const [inputs, leaves] = execFileSync(process.execPath, flags, { encoding: 'utf8' }).split('\n');
  const record = JSON.parse(readFileSync(path.join(folder, 'root.json'), 'utf8'));
  assert.deepEqual([inputs, leaves], [record.inputsHash, record.leavesHash]);
});

test('a list of packs that the gateway published counts as its ledger does, and streaks go on from earlier inputs', async () => {
  const list = path.join(world.data, 'packs.jsonl');
  const { stdout } = await ofEpoch('packs', '--from-epoch', '0');
  writeFileSync(list, stdout);
  const platforms = ['--platforms', path.join(world.data, 'platforms.csv')];
  const byList = await ofEpoch('verify', '--packs', list, ...platforms);
  assert.deepEqual([byList.code, byList.stderr], [0, '']);

  const earlier = path.join(world.data, 'earlier');
  const before = ['rewards', 'compute', '--epoch', `${epoch - 1}`, '--out', earlier, ...platforms];
  assert.equal((await world.miner(...before)).code, 0);
  writeFileSync(list, (await ofEpoch('packs')).stdout);
  const previous = path.join(earlier, `epoch-${epoch - 1}`, 'inputs.json');
  const byPrevious = await ofEpoch('verify', '--packs', list, '--previous', previous, ...platforms);
  assert.deepEqual([byPrevious.code, byPrevious.stderr], [0, '']);
});

test('a wrong root is posted; whoever recomputes it finds the one altered row', async () => {
  const inputs = parseInputs(readFileSync(path.join(folder, 'inputs.json'), 'utf8'), 'inputs.json');
  const altered = world.devices[5]!.device.toLowerCase();
  const vehicles = inputs.vehicles.map((one) => (one.device === altered ? { ...one, packs: 7, signals: 50 } : one));
  const theirs = { ...inputs, vehicles };
  publishEpoch(wrong, theirs, computeEpoch(theirs)!);
  const posted = await ofEpoch('post', '--out', wrong, '--account', `${poster}`);
  assert.equal(posted.code, 0, posted.stderr);

  const ran = await ofEpoch('verify', '--out', wrong, '--json', ...own());
  assert.equal(ran.code, 1);
  const lines = ran.stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    lines.slice(0, -1).map(({ at, what, theirs: their, ours }) => [at, what, their, ours]),
    [
      [altered, 'packs', '7', '1'],
      [altered, 'signals', '50', '4'],
    ],
  );
  assert.equal(lines.at(-1).agrees, false);
  const against = await ofEpoch('verify', '--against', 'chain');
  assert.equal(against.code, 1);
  assert.match(against.stdout, /the posted root: root is 0x\w{64}, expected 0x\w{64}/);
  const refused = await ofEpoch('post', '--account', `${poster}`);
  assert.equal(refused.code, 1);
  assert.match(refused.stderr, /root 0x\w+ stands already/);
  const claim = await ofEpoch('claim', '--account', `${driver}`);
  assert.deepEqual([claim.code, /another root stands/.test(claim.stdout)], [1, true]);
});

test('a row altered in the leaves alone is named by its line', async () => {
  const file = path.join(folder, 'leaves.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace(/^\[3,(.*)"(\d)/m, '[3,$1"9$2'));
  const ran = await ofEpoch('verify');
  writeFileSync(file, text);
  assert.equal(ran.code, 1);
  assert.match(ran.stdout, /^leaves, line \d+: line is \[3,/);
  assert.equal(ran.stdout.match(/^leaves/gm)?.length, 1);
});

test('what a hostile file says reaches the terminal as text, and not for ever', async () => {
  const file = path.join(folder, 'leaves.json');
  const text = readFileSync(file, 'utf8');
  writeFileSync(file, '\u001b[2J\n'.repeat(5_000));
  const ran = await ofEpoch('verify');
  writeFileSync(file, text);
  assert.equal(ran.code, 1);
  assert.ok(!ran.stdout.includes('\u001b'));
  assert.match(ran.stdout, /\.\.\. and 49\d\d more; --json lists them all/);
});

test('the guardian has it vetoed, but only because it is wrong', async () => {
  const stranger = await ofEpoch('challenge', ...own(), '--account', `${buyer}`);
  assert.equal(stranger.code, 1);
  assert.match(stranger.stderr, /TermedGuardianNotHolder/);
  const vetoed = await ofEpoch('challenge', ...own(), '--account', `${guardian}`, '--json');
  assert.equal(vetoed.code, 0, vetoed.stderr);
  assert.match(JSON.parse(vetoed.stdout).reason, /^recomputed: root 0x/);
  const nothing = await ofEpoch('challenge', ...own(), '--account', `${guardian}`);
  assert.deepEqual([nothing.code, /no root is posted/.test(nothing.stderr)], [1, true]);

  const stranger2 = await ofEpoch('post', '--account', `${driver}`);
  assert.deepEqual([stranger2.code, /AccessManagedUnauthorized/.test(stranger2.stderr)], [1, true]);
  assert.match((await ofEpoch('post', '--account', `${poster}`)).stdout, / posted, /);
  assert.match((await ofEpoch('post', '--account', `${poster}`)).stdout, / stands already, /);
  const agrees = await ofEpoch('challenge', ...own(), '--account', `${guardian}`);
  assert.deepEqual([agrees.code, /nothing to challenge/.test(agrees.stderr)], [1, true]);
  assert.equal((await ofEpoch('verify', '--against', 'chain', ...own())).code, 0);
});

test('within the challenge nothing is paid; after it each reward is, once', async () => {
  const early = await ofEpoch('claim', '--account', `${driver}`);
  assert.deepEqual([early.code, /not claimable yet/.test(early.stdout)], [1, true]);
  assert.match((await ofEpoch('wait', '--until', 'claimable')).stdout, /^epoch \d+ can be claimed from/);

  const account = accounts[driver]!.address;
  const before = await balanceOf(account);
  const paid = JSON.parse((await world.miner('rewards', 'claim', '--account', `${driver}`, '--json')).stdout);
  assert.equal(paid.outcome, 'paid');
  assert.equal((await balanceOf(account)) - before, BigInt(paid.amount));
  const again = await ofEpoch('claim', '--account', `${driver}`);
  assert.deepEqual([again.code, /paid before/.test(again.stdout)], [0, true]);
  const seller = await ofEpoch('claim', '--account', `${driver}`, '--for', owners[1]!);
  assert.match(seller.stdout, /: paid\n$/);
  const nobody = await ofEpoch('claim', '--account', `${referrer}`);
  assert.deepEqual([nobody.code, /no published epoch has a leaf/.test(nobody.stderr)], [1, true]);
});

test('a proof is one that the contract takes', async () => {
  const { stdout } = await ofEpoch('proof', '--for', owners[9]!, '--json');
  const { index, account, amount, proof } = JSON.parse(stdout);
  const held = await world.clients.publicClient.readContract({
    address: world.deployment.addresses.RewardPool,
    abi: loadArtifact('RewardPool').abi,
    functionName: 'verifyLeaf',
    args: [BigInt(epoch), BigInt(index), account, BigInt(amount), proof],
  });
  assert.equal(held, true);
});

test("the share of vehicles without a decoder goes into their platform's bounty", async () => {
  const { amount } = JSON.parse((await ofEpoch('proof', '--platform', 'a car without a decoder', '--json')).stdout);
  assert.match((await ofEpoch('claim', '--bounties', '--account', `${driver}`)).stdout, /bounty of 0x\w+: paid\n$/);
  const held = await world.clients.publicClient.readContract({
    address: world.deployment.addresses.Bounties,
    abi: loadArtifact('Bounties').abi,
    functionName: 'balanceOf',
    args: [unlisted],
  });
  assert.equal(held, BigInt(amount));
  assert.match((await ofEpoch('claim', '--bounties', '--account', `${driver}`)).stdout, /paid before/);
});

test('the referral is paid with the proof of the rewarded week, once', async () => {
  const { device } = world.devices[0]!;
  const before = await balanceOf(accounts[referrer]!.address);
  const paid = await world.miner('referral', 'claim', '--device', device, '--account', `${buyer}`);
  assert.match(paid.stdout, /^paid: 50 to 0x\w+, 50 to 0x\w+/, paid.stderr);
  assert.equal((await balanceOf(accounts[referrer]!.address)) - before, 50n * 10n ** 18n);
  assert.match((await world.miner('referral', 'claim', '--device', device)).stdout, /^paid before/);
  const shown = await world.miner('referral', 'show', '--for', accounts[driver]!.address);
  assert.match(shown.stdout, /paid +yes/);
  const stranger = await world.miner('referral', 'claim', '--device', world.devices[2]!.device);
  assert.deepEqual([stranger.code, /was not referred/.test(stranger.stderr)], [1, true]);
});

test('the rest of the guide: each of its commands does what it says', async () => {
  const text = (await ofEpoch('packs', '--from-epoch', '0')).stdout;
  writeFileSync(path.join(world.data, 'all-packs.jsonl'), text);
  const commands = guideCommands().slice(2);
  const before = await balanceOf(accounts[reader]!.address);
  await runGuide(commands);
  const { amount } = JSON.parse((await ofEpoch('proof', '--for', accounts[reader]!.address, '--json')).stdout);
  assert.equal((await balanceOf(accounts[reader]!.address)) - before, BigInt(amount) + 50n * 10n ** 18n);
});

test('status says where every epoch stands', async () => {
  const { stdout } = await world.miner('rewards', 'status', '--json');
  const rows = stdout
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  const { state, agrees } = rows[epoch]!;
  assert.deepEqual([state, agrees], ['claimable', true]);
  assert.equal(rows.at(-1).state, 'running');
  assert.equal(rows.find((row) => row.epoch === epoch - 1).state, 'not posted');
});

const refused: [string, () => string[], number, RegExp][] = [
  ['an epoch that is no number', () => ['compute', '--epoch', 'x'], 2, /Expected a (whole )?number/],
  ['a ledger that is not there', () => ['compute', '--epoch', '0', '--ledger', '/nowhere'], 2, /nowhere is not there/],
  ['inputs that are not there', () => ['verify', '--epoch', '99'], 1, /epoch-99.*cannot be read/],
  [
    'inputs of another epoch',
    () => ['verify', '--epoch', '0', '--inputs', path.join(folder, 'inputs.json')],
    1,
    /is of epoch/,
  ],
  ['an address with a slip', () => ['claim', '--for', '0x00000000000000000000000000000000000000Ab'], 2, /checksum/],
  ['a chain that is not the one meant', () => ['status', '--chain-id', '1'], 3, /chain/],
  ['a node that does not answer', () => ['status', '--rpc', 'http://127.0.0.1:1'], 3, /127\.0\.0\.1:1/],
  ['a proof of nobody', () => ['proof', '--epoch', `${epoch}`, '--for', accounts[0]!.address], 1, /no leaf/],
  ['a proof without whose', () => ['proof', '--epoch', `${epoch}`], 2, /--for or --platform/],
];
for (const [name, args, code, words] of refused) {
  test(`refused: ${name}`, async () => {
    const ran = await world.miner('rewards', ...args());
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, words);
  });
}
