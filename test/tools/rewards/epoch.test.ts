// Rewards: who earns what, that everybody computes the same bytes, and that a changed input shows.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SimpleMerkleTree, StandardMerkleTree } from '@openzeppelin/merkle-tree';
import fc from 'fast-check';
import { getAddress, type Hex, parseEther } from 'viem';
import {
  bountyLeafHash,
  computeEpoch,
  type EpochInputs,
  firstPointsTable,
  nextStreak,
  pointsOf,
  rewardLeafHash,
  type Streak,
  type VehicleActivity,
} from '../../../tools/rewards/index.ts';

const address = (number: number): Hex => getAddress(`0x${number.toString(16).padStart(40, '0')}`);
const platform = (number: number): Hex => `0x${number.toString(16).padStart(64, 'a')}`;
const pool = parseEther('1000');

function vehicle(number: number, facts: Partial<VehicleActivity> = {}): VehicleActivity {
  return {
    device: address(number),
    account: address(0xa000 + number),
    packs: 350,
    samples: 100,
    signals: 10,
    ...facts,
  };
}

function inputsOf(vehicles: readonly VehicleActivity[], facts: Partial<EpochInputs> = {}): EpochInputs {
  return { chainId: 31337, rewardPool: address(0xf00d), epoch: 3, pool, vehicles, ...facts };
}

const pointRows: [string, Partial<VehicleActivity>, number][] = [
  ['no packs', { packs: 0 }, 0],
  ['no samples', { samples: 0 }, 0],
  ['no signals', { signals: 0 }, 0],
  ['no data, however long the streak and high the lock', { samples: 0, connectedWeeks: 99, lockLevel: 3 }, 0],
  ['one signal', { signals: 1 }, 3],
  ['9 signals', { signals: 9 }, 3],
  ['10 signals', { signals: 10 }, 4],
  ['24 signals', { signals: 24 }, 4],
  ['25 signals', { signals: 25 }, 5],
  ['49 signals', { signals: 49 }, 5],
  ['50 signals', { signals: 50 }, 6],
  ['a thousand signals', { signals: 1000 }, 6],
  ['one pack of many signals', { packs: 1, signals: 50 }, 3],
  ['6 packs', { packs: 6, signals: 50 }, 3],
  ['7 packs', { packs: 7, signals: 50 }, 4],
  ['69 packs', { packs: 69, signals: 50 }, 4],
  ['70 packs', { packs: 70, signals: 50 }, 5],
  ['349 packs', { packs: 349, signals: 50 }, 5],
  ['350 packs', { packs: 350, signals: 50 }, 6],
  ['more packs and samples of the same signals', { packs: 500, samples: 1e9 }, 4],
  ['a streak of 3 weeks', { connectedWeeks: 3 }, 4],
  ['a streak of 4 weeks', { connectedWeeks: 4 }, 5],
  ['a streak of 20 weeks', { connectedWeeks: 20 }, 5],
  ['a streak of 21 weeks', { connectedWeeks: 21 }, 6],
  ['a streak of 35 weeks', { connectedWeeks: 35 }, 6],
  ['a streak of 36 weeks', { connectedWeeks: 36 }, 7],
  ['a lock', { lockLevel: 2 }, 6],
  ['everything', { signals: 50, connectedWeeks: 36, lockLevel: 3 }, 12],
];

for (const [name, facts, points] of pointRows) {
  test(`${name}: ${points} points`, () => assert.equal(pointsOf(vehicle(1, facts)), points));
}

for (const lockLevel of [-1, 1.5, 4]) {
  test(`a lock level of ${lockLevel} is refused`, () =>
    assert.throws(() => pointsOf(vehicle(1, { lockLevel })), RangeError));
}

// c: connected, m: missed
const streakRows: [string, Streak, string, Streak][] = [
  ['a first week', { connectedWeeks: 0, missedWeeks: 0 }, 'c', { connectedWeeks: 1, missedWeeks: 0 }],
  ['two missed weeks', { connectedWeeks: 5, missedWeeks: 0 }, 'mm', { connectedWeeks: 5, missedWeeks: 2 }],
  ['two missed weeks and back', { connectedWeeks: 5, missedWeeks: 0 }, 'mmc', { connectedWeeks: 6, missedWeeks: 0 }],
  ['three from level 0', { connectedWeeks: 3, missedWeeks: 0 }, 'mmm', { connectedWeeks: 0, missedWeeks: 0 }],
  ['three from level 1', { connectedWeeks: 20, missedWeeks: 0 }, 'mmm', { connectedWeeks: 0, missedWeeks: 0 }],
  ['three from level 2', { connectedWeeks: 35, missedWeeks: 0 }, 'mmm', { connectedWeeks: 4, missedWeeks: 0 }],
  ['three from level 3', { connectedWeeks: 90, missedWeeks: 0 }, 'mmm', { connectedWeeks: 21, missedWeeks: 0 }],
  ['nine from level 3', { connectedWeeks: 90, missedWeeks: 0 }, 'mmmmmmmmm', { connectedWeeks: 0, missedWeeks: 0 }],
  ['two, twice', { connectedWeeks: 36, missedWeeks: 0 }, 'mmcmm', { connectedWeeks: 37, missedWeeks: 2 }],
];

for (const [name, from, weeks, to] of streakRows) {
  test(`streak: ${name}`, () => {
    const end = [...weeks].reduce((streak, week) => nextStreak(streak, week === 'c'), from);
    assert.deepEqual(end, to);
  });
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
    platform: fc.option(fc.integer({ min: 1, max: 3 }).map(platform), { nil: undefined }),
    decoded: fc.boolean(),
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
    assert.deepEqual(epoch.bountyLeaves, []);
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

test('of what undecoded vehicles earn, the share goes to their platforms, and drivers of the others earn in full', () => {
  const undecoded = { platform: platform(7), decoded: false } as const;
  const vehicles = [
    vehicle(1, { signals: 50, ...undecoded }),
    vehicle(2, { signals: 1, ...undecoded, platform: platform(7).toUpperCase().replace('0X', '0x') as Hex }),
    vehicle(3, { signals: 25, platform: platform(7) }),
    vehicle(4, { signals: 10, decoded: false }),
  ];
  const epoch = computeEpoch(inputsOf(vehicles, { pool: 1800n, bountyShareBasisPoints: 1000 }))!;
  assert.deepEqual(
    epoch.leaves.map(({ points, amount }) => [points, amount]),
    [
      [6, 540n],
      [3, 270n],
      [5, 500n],
      [4, 400n],
    ],
  );
  assert.deepEqual(epoch.bountyLeaves, [{ index: 4, platform: platform(7), amount: 90n }]);
  assert.equal(epoch.total, 1800n);
  const listed = computeEpoch(
    inputsOf(
      vehicles.map((one) => ({ ...one, decoded: true })),
      { pool: 1800n, bountyShareBasisPoints: 1000 },
    ),
  )!;
  assert.deepEqual(
    listed.leaves.map(({ amount }) => amount),
    [600n, 300n, 500n, 400n],
  );
  assert.deepEqual(listed.bountyLeaves, []);
});

test('a bounty that would round down to nothing gets no leaf', () => {
  const epoch = computeEpoch(
    inputsOf([vehicle(1, { platform: platform(1), decoded: false }), vehicle(2)], {
      pool: 10n,
      bountyShareBasisPoints: 1,
    }),
  )!;
  assert.deepEqual([epoch.leaves.map(({ amount }) => amount), epoch.bountyLeaves], [[4n, 5n], []]);
});

for (const bountyShareBasisPoints of [-1, 0.5, 10_001]) {
  test(`a bounty share of ${bountyShareBasisPoints} is refused`, () =>
    assert.throws(() => computeEpoch(inputsOf([vehicle(1)], { bountyShareBasisPoints })), RangeError));
}

test('with any share for bounties the sum stays within the pool, and each driver keeps the rest of their part', () => {
  const property = fc.property(fleets, anyPool, fc.nat(10_000), (vehicles, drawn, bountyShareBasisPoints) => {
    const epoch = computeEpoch(inputsOf(vehicles, { pool: drawn, bountyShareBasisPoints }));
    if (!epoch) return;
    const all = [...epoch.leaves, ...epoch.bountyLeaves];
    assert.equal(
      epoch.total,
      all.reduce((sum, { amount }) => sum + amount, 0n),
    );
    // Three platforms at most, each of which may have rounded down to no leaf.
    assert.ok(epoch.total <= drawn && drawn - epoch.total < BigInt(epoch.leaves.length + 3));
    assert.deepEqual(
      all.map(({ index }) => index),
      all.map((_, index) => index),
    );
    const full = computeEpoch(inputsOf(vehicles, { pool: drawn }))!;
    for (const [index, { amount }] of epoch.leaves.entries()) {
      const least = (full.leaves[index]!.amount * BigInt(10_000 - bountyShareBasisPoints)) / 10_000n;
      assert.ok(amount >= least && amount <= full.leaves[index]!.amount);
    }
  });
  fc.assert(property, { numRuns: 200 });
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
  { name: 'a streak', inputs: inputsOf([...fleet.slice(1), vehicle(1, { connectedWeeks: 4 })]), root: 'another' },
  { name: 'a lock', inputs: inputsOf([...fleet.slice(1), vehicle(1, { lockLevel: 1 })]), root: 'another' },
  {
    name: 'the table',
    inputs: inputsOf(fleet, {
      levels: { version: 2, table: { ...firstPointsTable, data: [{ packsMin: 1, signalsMin: 1 }] } },
    }),
    root: 'another',
  },
  {
    name: 'the version of the same table',
    inputs: inputsOf(fleet, { levels: { version: 2, table: firstPointsTable } }),
    root: 'the same',
  },
  {
    name: 'the share of bounties where every platform has its decoder',
    inputs: inputsOf(fleet, { bountyShareBasisPoints: 5 }),
    root: 'the same',
  },
  {
    name: 'the platform of a decoded vehicle',
    inputs: inputsOf([...fleet.slice(1), vehicle(1, { platform: platform(1) })]),
    root: 'the same',
  },
  {
    name: 'whether a platform had its decoder',
    inputs: inputsOf([...fleet.slice(1), vehicle(1, { decoded: false })]),
    root: 'the same',
  },
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

test("the root and every proof are those of OpenZeppelin's tree over the same leaves", () => {
  const property = fc.property(fleets, anyPool, (vehicles, drawn) => {
    const inputs = inputsOf(vehicles, { pool: drawn, bountyShareBasisPoints: 1_000 });
    const epoch = computeEpoch(inputs);
    if (!epoch) return;
    const leaves = [
      ...epoch.leaves.map((leaf) => rewardLeafHash(inputs, leaf)),
      ...epoch.bountyLeaves.map((leaf) => bountyLeafHash(inputs, leaf)),
    ];
    const tree = SimpleMerkleTree.of(leaves);
    assert.equal(epoch.root, tree.root);
    for (const index of leaves.keys()) assert.deepEqual(epoch.proof(index), tree.getProof(index));
  });
  fc.assert(property, { numRuns: 50 });
});
