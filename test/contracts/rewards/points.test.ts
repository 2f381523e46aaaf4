/** The chain is the oracle: tools/rewards computes the points, the streaks and the leaves that the contracts do. */
import assert from 'node:assert/strict';
import { before, test } from 'node:test';
import fc from 'fast-check';
import { getAddress, type Hex, numberToHex } from 'viem';
import {
  bountyLeafHash,
  computeEpoch,
  nextStreak,
  type PointsTable,
  pointsOf,
  rewardLeafHash,
  type Streak,
  streakLevelOf,
  type VehicleActivity,
} from '../../../tools/rewards/index.ts';
import { type Chain, type Deployed, deployRegistries } from '../registry/registry-chain.ts';

let chain: Chain;
let levels: Deployed;

before(async () => {
  chain = await deployRegistries();
  levels = await chain.createProxy('contracts/rewards/RewardLevels.sol/RewardLevels', [chain.authority]);
});

const device = numberToHex(1, { size: 20 });
const activities: fc.Arbitrary<VehicleActivity> = fc.record({
  device: fc.constant(device),
  account: fc.constant(device),
  packs: fc.oneof(fc.nat(400), fc.constantFrom(0, 1, 6, 7, 69, 70, 349, 350)),
  samples: fc.nat(3),
  signals: fc.oneof(fc.nat(60), fc.constantFrom(0, 1, 9, 10, 24, 25, 49, 50)),
  connectedWeeks: fc.oneof(fc.nat(60), fc.constantFrom(3, 4, 20, 21, 35, 36)),
  lockLevel: fc.nat(3),
});
const rising = (count: number, max: number) =>
  fc
    .uniqueArray(fc.integer({ min: 1, max }), { minLength: count, maxLength: count })
    .map((all) => all.sort((a, b) => a - b));
const tables: fc.Arbitrary<PointsTable> = fc.record({
  data: fc
    .tuple(rising(4, 400), rising(4, 60))
    .map(([packs, signals]) => packs.map((packsMin, index) => ({ packsMin, signalsMin: signals[index]! }))),
  streakWeeksMin: rising(3, 60),
  missedWeeksMax: fc.integer({ min: 1, max: 255 }),
});

async function setTable({ data, streakWeeksMin, missedWeeksMax }: PointsTable): Promise<bigint> {
  const [weeksMin1, weeksMin2, weeksMin3] = streakWeeksMin;
  const locks = [1n, 2n, 3n].map((amount) => ({ amount, durationSeconds: 86_400 }));
  await chain.send(levels, 'setTable', [{ data, streak: { weeksMin1, weeksMin2, weeksMin3, missedWeeksMax }, locks }]);
  return chain.read<bigint>(levels, 'latestVersion');
}

async function compare(version: bigint, activity: VehicleActivity, table?: PointsTable): Promise<void> {
  const points = await chain.read<bigint>(levels, 'pointsOf', [version, activity]);
  assert.equal(BigInt(pointsOf(activity, table)), points, JSON.stringify(activity));
}

test('points agree with the first table on random activity', async () => {
  const property = fc.asyncProperty(activities, (activity) => compare(1n, activity));
  await fc.assert(property, { numRuns: 200 });
});

test('points agree with any table that a vote may set', async () => {
  const property = fc.asyncProperty(tables, fc.array(activities, { maxLength: 5 }), async (table, rows) => {
    const version = await setTable(table);
    for (const activity of rows) await compare(version, activity, table);
  });
  await fc.assert(property, { numRuns: 25 });
});

test('streaks agree week by week, under any table', async () => {
  const weeks = fc.array(fc.boolean(), { maxLength: 12 });
  const property = fc.asyncProperty(tables, fc.nat(80), weeks, async (table, connectedWeeks, history) => {
    // A table whose levels can be lost within the weeks drawn.
    const terms = { ...table, missedWeeksMax: 1 + (table.missedWeeksMax % 4) };
    const version = await setTable(terms);
    let streak: Streak = { connectedWeeks, missedWeeks: 0 };
    for (const connected of history) {
      const onChain = await chain.read<Streak>(levels, 'nextStreak', [version, streak, connected]);
      streak = nextStreak(streak, connected, terms);
      assert.deepEqual({ ...onChain }, streak);
      const level = await chain.read<bigint>(levels, 'streakLevelOf', [version, streak.connectedWeeks]);
      assert.equal(BigInt(streakLevelOf(streak.connectedWeeks, terms)), level);
    }
  });
  await fc.assert(property, { numRuns: 25 });
});

test('an epoch with drivers and bounties is posted, and every leaf of both kinds is paid', async () => {
  const platform = (number: number): Hex => numberToHex(number, { size: 32 });
  const vehicles = Array.from({ length: 9 }, (_, index) => ({
    device: getAddress(numberToHex(0x1000 + index, { size: 20 })),
    account: getAddress(numberToHex(0x2000 + (index >> 1), { size: 20 })),
    packs: 50 * index,
    samples: index,
    signals: 8 * index,
    connectedWeeks: 5 * index,
    lockLevel: index % 4,
    platform: platform(1 + (index % 3)),
    decoded: index % 3 === 0,
  }));
  const facts = { chainId: chain.chainId, rewardPool: chain.pool.address, epoch: 0 };
  const pool = 10n ** 18n + 7n;
  const bountyShareBasisPoints = Number(await chain.read<bigint>(chain.pool, 'bountyShareOf', [0n]));
  const epoch = computeEpoch({ ...facts, pool, vehicles, bountyShareBasisPoints })!;
  assert.equal(bountyShareBasisPoints, 1000);
  assert.deepEqual([epoch.leaves.length, epoch.bountyLeaves.length], [5, 2]);

  await chain.send(chain.token, 'transfer', [chain.pool.address, pool]);
  await chain.advance(7 * 86_400);
  await chain.send(chain.pool, 'postRoot', [0n, epoch.root, epoch.total, epoch.inputsHash]);
  await chain.advance(2 * 86_400);
  for (const leaf of epoch.leaves) {
    const row = [0n, BigInt(leaf.index), leaf.account, leaf.amount];
    assert.equal(await chain.read(chain.pool, 'leafOf', row), rewardLeafHash(facts, leaf));
    const proof = epoch.proof(leaf.index);
    await assert.rejects(
      chain.send(chain.pool, 'claim', [...row.slice(0, 3), leaf.amount + 1n, proof]),
      /ProofInvalid/,
    );
    await chain.send(chain.pool, 'claim', [...row, proof]);
    assert.equal(await chain.read(chain.token, 'balanceOf', [leaf.account]), leaf.amount);
  }
  for (const leaf of epoch.bountyLeaves) {
    const row = [0n, BigInt(leaf.index), leaf.platform, leaf.amount];
    assert.equal(await chain.read(chain.pool, 'bountyLeafOf', row), bountyLeafHash(facts, leaf));
    await chain.send(chain.pool, 'claimForBounty', [...row, epoch.proof(leaf.index)]);
    assert.equal(await chain.read(chain.bounties, 'balanceOf', [leaf.platform]), leaf.amount);
  }
  assert.equal(await chain.read<bigint>(chain.pool, 'reserved'), 0n);
});
