/**
 * What each call costs on the platform as it is deployed. The one place where gas is measured: `npm run bench:contracts`
 * publishes it, test/bench/contracts.test.ts holds it. A new row is a line of a topic; a new topic goes into `topics`.
 */
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Account, concat, type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import { privateKeyToAccount, toAccount } from 'viem/accounts';
import { freshPlatform, million, type Platform } from '../../test/tools/support/platform.ts';
import { type ContractName, loadArtifact, send } from '../../tools/deploy/index.ts';
import { type Action, execute, propose, queue, suspendLicence, treasurySpend, vote } from '../../tools/dip/index.ts';
import { enrolDevice, signConsent } from '../../tools/registry/index.ts';
import type { GasRow } from './figures.ts';
import { batches, packs } from './packs.ts';
import { drivers, grants, streams } from './programs.ts';

export const day = 86_400;
export const token = 10n ** 18n;
export const hash = (text: string) => keccak256(stringToHex(text));

/** What a topic measures with. */
export interface Bench {
  platform: Platform;
  /** Stands in for the timelock, as if a DIP had been carried: the call's own cost, in a transaction of its own. */
  timelock: Account;
  note(name: string, gas: bigint, plan?: number): void;
  /** Calls a contract; the sender is the timelock when left out. Returns the gas of the whole transaction. */
  call(contract: ContractName, name: string, args: readonly unknown[], sender?: Account): Promise<bigint>;
}

/** Measures every row, on a chain of its own. */
export async function measureGas(): Promise<GasRow[]> {
  await using platform = await freshPlatform();
  const { clients, deployment } = platform;
  const timelock = toAccount(deployment.addresses.TimelockController);
  const request = clients.publicClient.request as (call: { method: string; params: unknown[] }) => Promise<unknown>;
  await request({ method: 'hardhat_impersonateAccount', params: [timelock.address] });
  await request({ method: 'hardhat_setBalance', params: [timelock.address, numberToHex(10n ** 20n)] });

  const rows: GasRow[] = [];
  const bench: Bench = {
    platform,
    timelock,
    note: (name, gas, plan) => rows.push({ name, gas: Number(gas), ...(plan !== undefined && { plan }) }),
    async call(contract, name, args, sender = timelock) {
      const { abi } = loadArtifact(contract);
      const to = deployment.addresses[contract];
      return (await send(clients, { to, abi, name, args, account: sender })).gasUsed;
    },
  };
  for (const topic of topics) await topic(bench);
  return rows;
}

const topics: readonly ((bench: Bench) => Promise<void>)[] = [
  governance,
  licences,
  devices,
  decoders,
  rewards,
  bounties,
  streams,
  grants,
  drivers,
  batches,
  packs,
];

async function governance({ platform, note }: Bench): Promise<void> {
  const { clients, deployment, holders, stranger, advance } = platform;
  const [alice, bob, carol, whale] = holders as [Account, Account, Account, Account];
  const start = (title: string, actions: readonly Action[]) =>
    propose(clients, deployment, { title, text: 'B', actions }, alice);

  const suspend = [suspendLicence(deployment, { id: 1n, reason: '' })];
  const first = await start('A', suspend);
  note('propose one action, a proposer’s first', first.gasUsed, 120_000);
  await advance(2 * day + 1);
  const ballot = (voter: Account, id: bigint) => vote(clients, deployment, { id, voter, support: 'for' });
  note('vote, a proposal’s first, reaching quorum', (await ballot(bob, first.id)).gasUsed, 130_000);
  note('vote', (await ballot(carol, first.id)).gasUsed, 75_000);
  await advance(7 * day);

  const later = await start('A later', suspend);
  note('propose one action, later', later.gasUsed, 120_000);
  await advance(9 * day + 1);

  const pay = [treasurySpend(deployment, { to: stranger.address, amount: million })];
  const spend = await start('A spend', pay);
  note('propose one spend (recorded for 30 days)', spend.gasUsed);
  await advance(2 * day + 1);
  await ballot(whale, spend.id);
  await advance(7 * day);
  note('queue', (await queue(clients, deployment, pay, spend.description)).gasUsed, 160_000);
  await advance(4 * day);
  note('execute one transfer', (await execute(clients, deployment, pay, spend.description)).gasUsed, 140_000);
}

async function licences({ platform: { stranger, holders }, note, call }: Bench): Promise<void> {
  const maker = holders[0]!.address;
  const grant = ['Acme', 0n, 100_000, maker] as const;
  note('grant a licence without a bond', await call('ManufacturerRegistry', 'grant', [maker, ...grant]));
  await call('ManufacturerRegistry', 'grant', [stranger.address, ...grant]);
  note('suspend a licence', await call('ManufacturerRegistry', 'suspend', [2n, 'fault']), 160_000);
  note('reinstate a licence', await call('ManufacturerRegistry', 'reinstate', [2n]), 160_000);
  note('revoke a licence', await call('ManufacturerRegistry', 'revoke', [2n, 'fault']), 160_000);
}

/** Under licence 1, whose attestation signer is the first holder. */
async function devices({ platform, note, call }: Bench): Promise<void> {
  const { clients, deployment, holders, stranger } = platform;
  const licenceSigner = holders[0] as ReturnType<typeof privateKeyToAccount>;
  const enrol = async (key: `0x${string}`) => {
    const device = privateKeyToAccount(key);
    const owner = stranger.address;
    const request = { device, licenceSigner, manufacturerId: 1n, modelId: hash('model'), owner };
    return { device, gas: (await enrolDevice(clients, deployment, request)).gasUsed };
  };
  note('enrol, a licence’s first device', (await enrol(hash('first'))).gas);
  const { device, gas } = await enrol(hash('second'));
  note('enrol with owner', gas, 95_000);
  note('pair a device', await call('MinerRegistry', 'pair', [device.address, hash('car')], stranger));
  note('unpair a device', await call('MinerRegistry', 'unpair', [device.address], stranger));
  note('retire a device', await call('MinerRegistry', 'retire', [device.address, ''], stranger), 160_000);
}

async function decoders({ platform, note, call }: Bench): Promise<void> {
  const { clients, deployment } = platform;
  const author = privateKeyToAccount(hash('author'));
  const names = Array.from({ length: 65 }, (_, index) => hash(`decoder ${index}`));
  let dearest = 0n;
  for (const contentHash of names) {
    const listing = {
      contentHash,
      semanticHash: hash('semantic'),
      moduleHash: hash('module'),
      platform: hash('platform'),
      version: 1,
      sizeBytes: 40_000,
      author: author.address,
      payee: author.address,
      licence: 'Apache-2.0',
      id: 'acme/ev-1',
    };
    const consent = await signConsent(clients, deployment, listing, author);
    const gas = await call('DecoderRegistry', 'list', [listing, consent]);
    if (gas > dearest) dearest = gas;
  }
  note('list a decoder, dearest of 65', dearest, 290_000);
  const { timestamp } = await clients.publicClient.getBlock();
  const deprecate = [names[2], names[9], Number(timestamp) + 30 * day];
  note('deprecate a decoder of 65', await call('DecoderRegistry', 'deprecate', deprecate), 160_000);
  note('suspend a decoder of 65', await call('DecoderRegistry', 'suspend', [names[3], 600, 'fault']), 160_000);
  note('reinstate a decoder of 65', await call('DecoderRegistry', 'reinstate', [names[3]]), 160_000);
  note('revoke a decoder of 65', await call('DecoderRegistry', 'revoke', [names[4], 'fault']), 160_000);
}

async function rewards({ platform, note, call }: Bench): Promise<void> {
  const { clients, deployment, rewardPoster, advance } = platform;
  const { RewardPool, DimoToken } = deployment.addresses;
  const { abi } = loadArtifact('RewardPool');
  const epoch = (await clients.publicClient.readContract({
    address: RewardPool,
    abi,
    functionName: 'currentEpoch',
  })) as bigint;
  const account = (index: number) => numberToHex(index + 0x10000, { size: 20 });
  const leaves = Array.from({ length: 4 }, (_, index) => [
    BigInt(deployment.chainId),
    RewardPool,
    epoch,
    BigInt(index),
    account(index),
    token,
  ]);
  // A tree of 10,000 is 14 high. Its upper 12 nodes may be any; making them all would stop the chain for seconds, which
  // runs in this process.
  const lower = StandardMerkleTree.of(leaves, ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256']);
  const above = Array.from({ length: 12 }, (_, height) => hash(`node ${height}`));
  const root = above.reduce((node, sibling) => keccak256(concat([node, sibling].sort())), lower.root as Hex);
  const proof = (index: number) => [...lower.getProof(index), ...above];
  await call('Treasury', 'spend', [DimoToken, RewardPool, 10_000n * token]);
  await advance(7 * day);
  const post = [epoch, root, 10_000n * token, hash('inputs')];
  note('post a week’s root', await call('RewardPool', 'postRoot', post, rewardPoster));
  await advance(2 * day);
  const claim = (index: number) =>
    call('RewardPool', 'claim', [epoch, BigInt(index), account(index), token, proof(index)]);
  await claim(0);
  note('claim of 10,000, an account’s first tokens ever', await claim(1), 98_000);
  await call('Treasury', 'spend', [DimoToken, account(2), 1n]);
  note('claim of 10,000', await claim(2), 98_000);
}

async function bounties({ platform, note, call }: Bench): Promise<void> {
  const { clients, deployment, holders, stranger } = platform;
  const [alice, bob] = holders as [Account, Account];
  const { Bounties } = deployment.addresses;
  const platformKey = hash('another platform');
  for (const funder of [alice, bob]) await call('DimoToken', 'approve', [Bounties, million], funder);
  note('fund a bounty, opening a round', await call('Bounties', 'fund', [platformKey, million], alice));
  note('fund a bounty', await call('Bounties', 'fund', [platformKey, million], bob));

  const work = [platformKey, hash('work'), stranger.address, hash('salt')] as const;
  const commitment = await clients.publicClient.readContract({
    address: Bounties,
    abi: loadArtifact('Bounties').abi,
    functionName: 'commitmentOf',
    args: work,
  });
  note('commit to a work', await call('Bounties', 'commit', [commitment], stranger));
  note('reveal a work', await call('Bounties', 'reveal', work, stranger));
  note('award a bounty', await call('Bounties', 'award', [platformKey, hash('work'), stranger.address, 1n]));
}
