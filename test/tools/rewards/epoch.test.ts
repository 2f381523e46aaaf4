// Rewards: who earns what, that everybody computes the same bytes, and that a changed input shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { getAddress, type Hex, parseEther } from 'viem';
import { computeEpoch, type EpochInputs, pointsOf, type VehicleActivity } from '../../../tools/rewards/index.ts';

const address = (number: number): Hex => getAddress(`0x${number.toString(16).padStart(40, '0')}`);
const pool = parseEther('1000');

function vehicle(number: number, facts: Partial<VehicleActivity> = {}): VehicleActivity {
  return { device: address(number), account: address(0xa000 + number), packs: 1, samples: 100, signals: 10, ...facts };
}

function inputsOf(vehicles: readonly VehicleActivity[], facts: Partial<EpochInputs> = {}): EpochInputs {
  return { chainId: 31337, rewardPool: address(0xf00d), epoch: 3, pool, vehicles, ...facts };
}

const pointRows: [string, Partial<VehicleActivity>, number][] = [
  ['no packs', { packs: 0 }, 0],
  ['no samples', { samples: 0 }, 0],
  ['no signals', { signals: 0 }, 0],
  ['one signal', { signals: 1 }, 3],
  ['9 signals', { signals: 9 }, 3],
  ['10 signals', { signals: 10 }, 4],
  ['24 signals', { signals: 24 }, 4],
  ['25 signals', { signals: 25 }, 5],
  ['49 signals', { signals: 49 }, 5],
  ['50 signals', { signals: 50 }, 6],
  ['a thousand signals', { signals: 1000 }, 6],
  ['more packs and samples of the same signals', { packs: 500, samples: 1e9 }, 4],
];

for (const [name, facts, points] of pointRows) {
  test(`${name}: ${points} points`, () => assert.equal(pointsOf(vehicle(1, facts)), points));
}

const nothingEarned: [string, VehicleActivity[]][] = [
  ['no vehicles', []],
  ['vehicles without data', [vehicle(1, { packs: 0, samples: 0, signals: 0 }), vehicle(2, { samples: 0 })]],
];

for (const [name, vehicles] of nothingEarned) {
  test(`${name}: no root`, () => assert.equal(computeEpoch(inputsOf(vehicles)), undefined));
}

test('shares go by points, and what division leaves over stays in the pool', () => {
  const vehicles = [vehicle(1, { signals: 1 }), vehicle(2, { signals: 50 }), vehicle(3, { samples: 0 })];
  const epoch = computeEpoch(inputsOf(vehicles, { pool: 100n }))!;
  assert.deepEqual(
    epoch.leaves.map(({ index, points, amount }) => [index, points, amount]),
    [
      [0, 3, 33n],
      [1, 6, 66n],
    ],
  );
  assert.equal(epoch.total, 99n);
});

test('an account with several devices has one leaf with all their points', () => {
  const account = address(0xbeef);
  const lower = account.toLowerCase() as Hex;
  const vehicles = [vehicle(1, { account }), vehicle(2, { account: lower, signals: 50 }), vehicle(3)];
  const epoch = computeEpoch(inputsOf(vehicles))!;
  assert.deepEqual(
    epoch.leaves.map(({ account: of, points }) => [of, points]),
    [
      [address(0xa003).toLowerCase(), 4],
      [lower, 10],
    ].sort(([a], [b]) => (a < b ? -1 : 1)),
  );
});

const fleets = fc.uniqueArray(
  fc.record({
    device: fc.integer({ min: 1, max: 0xffff }).map(address),
    account: fc.integer({ min: 1, max: 6 }).map(address),
    packs: fc.nat(3),
    samples: fc.nat(100),
    signals: fc.nat(60),
  }),
  { selector: ({ device }) => device, minLength: 1, maxLength: 20 },
);
const anyPool = fc.bigInt({ min: 0n, max: 10n ** 27n });

test('shares never pass the pool, are proportional, and leave over less than one unit an account', () => {
  const property = fc.property(fleets, anyPool, (vehicles, drawn) => {
    const epoch = computeEpoch(inputsOf(vehicles, { pool: drawn }));
    if (!epoch) return;
    const sum = epoch.leaves.reduce((total, { amount }) => total + amount, 0n);
    assert.equal(epoch.total, sum);
    assert.ok(sum <= drawn && drawn - sum < BigInt(epoch.leaves.length));
    const points = BigInt(epoch.leaves.reduce((total, leaf) => total + leaf.points, 0));
    for (const leaf of epoch.leaves) assert.equal(leaf.amount, (drawn * BigInt(leaf.points)) / points);
  });
  fc.assert(property, { numRuns: 200 });
});

test('the order and the letter case in which vehicles come change nothing', () => {
  const shuffled = fleets.chain((vehicles) =>
    fc.tuple(fc.constant(vehicles), fc.shuffledSubarray(vehicles, { minLength: vehicles.length })),
  );
  const property = fc.property(shuffled, ([vehicles, order]) => {
    const lower = order.map((one) => ({ ...one, device: one.device.toLowerCase() as Hex }));
    const [a, b] = [computeEpoch(inputsOf(vehicles)), computeEpoch(inputsOf(lower))];
    assert.deepEqual([b?.root, b?.inputs, b?.leaves], [a?.root, a?.inputs, a?.leaves]);
  });
  fc.assert(property, { numRuns: 100 });
});

test('every proof verifies against the root, for its own leaf alone', () => {
  const property = fc.property(fleets, (vehicles) => {
    const inputs = inputsOf(vehicles);
    const epoch = computeEpoch(inputs);
    if (!epoch) return;
    const types = ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256'];
    for (const { index, account, amount } of epoch.leaves) {
      const leafWith = (paid: bigint) => [31337n, inputs.rewardPool, 3n, BigInt(index), account, paid];
      const proof = epoch.proof(index);
      assert.ok(StandardMerkleTree.verify(epoch.root, types, leafWith(amount), proof));
      assert.ok(!StandardMerkleTree.verify(epoch.root, types, leafWith(amount + 1n), proof));
    }
  });
  fc.assert(property, { numRuns: 50 });
});

const fleet = [vehicle(1), vehicle(2, { signals: 30 }), vehicle(3, { signals: 60 })];
const alterations: { name: string; inputs: EpochInputs; root: 'another' | 'the same' }[] = [
  { name: 'points of one row', inputs: inputsOf([...fleet.slice(1), vehicle(1, { signals: 50 })]), root: 'another' },
  {
    name: 'the account of one row',
    inputs: inputsOf([...fleet.slice(1), vehicle(1, { account: address(9) })]),
    root: 'another',
  },
  { name: 'a row less', inputs: inputsOf(fleet.slice(1)), root: 'another' },
  { name: 'a row more', inputs: inputsOf([...fleet, vehicle(4)]), root: 'another' },
  { name: 'the pool', inputs: inputsOf(fleet, { pool: pool + 3n }), root: 'another' },
  { name: 'the epoch', inputs: inputsOf(fleet, { epoch: 4 }), root: 'another' },
  { name: 'the chain', inputs: inputsOf(fleet, { chainId: 137 }), root: 'another' },
  { name: 'the contract', inputs: inputsOf(fleet, { rewardPool: address(1) }), root: 'another' },
  {
    name: 'a count that earns no other points',
    inputs: inputsOf([...fleet.slice(1), vehicle(1, { samples: 101 })]),
    root: 'the same',
  },
];

for (const { name, inputs, root } of alterations) {
  test(`altering ${name} gives another hash of the inputs, and ${root} root`, () => {
    const [before, after] = [computeEpoch(inputsOf(fleet))!, computeEpoch(inputs)!];
    assert.notEqual(after.inputsHash, before.inputsHash);
    assert.equal(after.root === before.root, root === 'the same');
  });
}

test('the published inputs read back as JSON, with integers as text where they may pass 2^53', () => {
  const { inputs } = computeEpoch(inputsOf([vehicle(1)]))!;
  assert.deepEqual(JSON.parse(inputs), {
    chainId: 31337,
    rewardPool: address(0xf00d).toLowerCase(),
    epoch: 3,
    pool: pool.toString(),
    vehicles: [[address(1).toLowerCase(), address(0xa001).toLowerCase(), 1, 100, 10]],
  });
});
