// From packs and facts to inputs: streaks, rotated keys, platforms; and that earlier inputs stand in for earlier packs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hex, numberToHex } from 'viem';
import { encodeSignals, Ledger } from '../../../tools/gateway/index.ts';
import { isActiveAt, stepDecoder } from '../../../tools/rewards/decoder-standing.ts';
import {
  type ChainFacts,
  type Delivery,
  firstPointsTable,
  formatInputs,
  fromLedger,
  gatherInputs,
  type PointsTable,
  parseInputs,
  signalCount,
  tallyActivity,
  weekMs,
} from '../../../tools/rewards/index.ts';

const address = (number: number): Hex => numberToHex(number, { size: 20 });
const hash = (digit: string) => digit.repeat(64);
const platform = (digit: string): Hex => `0x${hash(digit)}`;

/** Two decoders, a and b, of platforms 1 and 2, of which the second is no longer listed; device 9 was rotated to 10. */
function factsOf(
  epoch: number,
  tables: readonly PointsTable[] = Array.from({ length: epoch + 1 }, () => firstPointsTable),
) {
  const facts: ChainFacts = {
    chainId: 31337,
    rewardPool: address(0xf00d),
    epoch,
    endsAt: (epoch + 1) * 604_800,
    block: { number: epoch, hash: platform('e') },
    pool: 1_000n,
    bountyShareBasisPoints: 0,
    levels: { version: 1, table: tables[epoch]! },
    tables,
    heirOf: (device) => (device === address(9) ? address(10) : device),
    ownerOf: (device) => (device === address(0xff) ? undefined : address(0xa0)),
    lockLevelOf: () => 0,
    platformOf: (contentHash) => ({ [platform('a')]: platform('1'), [platform('b')]: platform('2') })[contentHash],
    isDecoded: (key) => key === platform('1'),
  };
  return facts;
}

const delivery = (device: number, epoch: number, more: Partial<Delivery> = {}): Delivery => ({
  device: address(device),
  epoch,
  packs: 1,
  samples: 3,
  signals: `${hash('a')}:0,1`,
  ...more,
});
const gather = (epoch: number, deliveries: readonly Delivery[], more: object = {}) => {
  const facts = factsOf(epoch);
  return gatherInputs({ facts, activity: tallyActivity(deliveries, { epoch, heirOf: facts.heirOf }), ...more });
};

test('packs of one week count, distinct signals once, earlier weeks as the streak alone', () => {
  const { inputs } = gather(2, [
    delivery(1, 0),
    delivery(1, 2, { packs: 4 }),
    delivery(1, 2, { packs: 2, signals: `${hash('a')}:1,2;${hash('b')}:0` }),
  ]);
  const { device, account, ...rest } = inputs.vehicles[0]!;
  assert.deepEqual([inputs.vehicles.length, device, account], [1, address(1), address(0xa0)]);
  const counts = { packs: 6, samples: 6, signals: 4, connectedWeeks: 2, missedWeeks: 0, lockLevel: 0 };
  assert.deepEqual(rest, { ...counts, platform: platform('1'), decoded: true });
});

const platformRows: [string, string | undefined, Hex | undefined, boolean][] = [
  ['a decoder of a listed platform', `${hash('a')}:0`, platform('1'), true],
  ['one whose platform has none any more', `${hash('b')}:0`, platform('2'), false],
  ['the one with more signals of two', `${hash('a')}:0;${hash('b')}:0,1`, platform('2'), false],
  ['the lower hash of equals', `${hash('a')}:0;${hash('b')}:0`, platform('1'), true],
  ['one that was never listed', `${hash('c')}:0`, undefined, true],
  ['none', undefined, undefined, true],
];
for (const [name, signals, key, decoded] of platformRows) {
  test(`the platform follows from the decoders in the packs: ${name}`, () => {
    const packs = signals === undefined ? { samples: 0, signals } : { signals };
    const [vehicle] = gather(0, [delivery(1, 0, packs as Partial<Delivery>)]).inputs.vehicles;
    assert.deepEqual([vehicle?.platform, vehicle?.decoded], [key, decoded]);
  });
}

test('a declared platform comes before what decoders say', () => {
  const platforms = new Map([[address(1), platform('2')]]);
  const [vehicle] = gather(0, [delivery(1, 0)], { platforms }).inputs.vehicles;
  assert.deepEqual([vehicle?.platform, vehicle?.decoded], [platform('2'), false]);
});

test('a rotated key is one vehicle with its heir: one row, one streak', () => {
  const { inputs } = gather(1, [delivery(9, 0), delivery(9, 1), delivery(10, 1)]);
  assert.deepEqual(
    inputs.vehicles.map(({ device, packs, signals, connectedWeeks }) => [device, packs, signals, connectedWeeks]),
    [[address(10), 2, 2, 2]],
  );
});

test('a device without an owner is named and has no row; one that is silent keeps its row while its streak lasts', () => {
  const { inputs, ownerless } = gather(3, [delivery(0xff, 3), delivery(1, 0), delivery(2, 2)]);
  assert.deepEqual(ownerless, [address(0xff)]);
  const rows = inputs.vehicles.map(({ device, packs, connectedWeeks, missedWeeks }) => [
    device,
    packs,
    connectedWeeks,
    missedWeeks,
  ]);
  // The first missed three weeks, which from level 0 leaves nothing.
  assert.deepEqual(rows, [[address(2), 0, 1, 1]]);
});

test('inputs of the epoch before give the same as all packs since the beginning, week after week, under any tables', () => {
  const weeks = 8;
  const histories = fc.array(fc.array(fc.boolean(), { minLength: weeks, maxLength: weeks }), {
    minLength: 1,
    maxLength: 4,
  });
  const tables = fc
    .array(fc.constantFrom(1, 2, 3), { minLength: weeks, maxLength: weeks })
    .map((all) => all.map((missedWeeksMax) => ({ ...firstPointsTable, streakWeeksMin: [1, 2, 4], missedWeeksMax })));
  const property = fc.property(histories, tables, (drawn, terms) => {
    const all = drawn.flatMap((history, device) =>
      history.flatMap((isConnected, epoch) => (isConnected ? [delivery(device + 1, epoch)] : [])),
    );
    let previous: ReturnType<typeof parseInputs> | undefined;
    for (let epoch = 0; epoch < weeks; epoch++) {
      const facts = factsOf(epoch, terms.slice(0, epoch + 1));
      const upTo = all.filter((one) => one.epoch <= epoch);
      const whole = formatInputs(gatherInputs({ facts, activity: tallyActivity(upTo, { epoch }) }).inputs);
      if (previous) {
        const thisWeek = tallyActivity(
          all.filter((one) => one.epoch === epoch),
          { epoch },
        );
        assert.equal(formatInputs(gatherInputs({ facts, activity: thisWeek, previous }).inputs), whole);
      }
      previous = parseInputs(whole, 'whole');
    }
  });
  fc.assert(property, { numRuns: 100 });
});

for (const [name, change] of [
  ['another epoch', { epoch: 5 }],
  ['another chain', { chainId: 1 }],
  ['another pool', { rewardPool: address(1) }],
] as const) {
  test(`inputs before are refused: ${name}`, () => {
    const previous = { ...gather(0, [delivery(1, 0)]).inputs, ...change };
    assert.throws(() => gather(1, [delivery(1, 1)], { previous }), { code: 'REWARD_FILE' });
  });
}

test("the ledger's sums are those of its packs, split at the week", () => {
  const ledger = new Ledger(':memory:');
  const kid = new Uint8Array(20).fill(1);
  const decoder = new Uint8Array(32).fill(0xaa);
  const put = (seq: number, receivedMs: number, indexes: number[]) => {
    const signals = encodeSignals(indexes.map((signalIndex) => ({ decoder, signalIndex })));
    const hashes = { hash: kid, bytes: kid };
    ledger.accept({ kid, seq, boot: 1, gaps: [], samples: 2 * indexes.length, signals, ...hashes }, receivedMs);
  };
  const startMs = 1_000;
  put(1, startMs - 1, [1]);
  put(2, startMs, [1, 2]);
  put(3, startMs + weekMs - 1, [2, 3]);
  put(4, startMs + weekMs, [7]);
  put(5, startMs + weekMs, []);
  put(6, startMs + 2 * weekMs, [8]);
  const deliveries = [
    ...(fromLedger(ledger)({ startMs, firstEpoch: 4, endMs: startMs + 2 * weekMs }) as Iterable<Delivery>),
  ];
  ledger.close();
  const at = (epoch: number) => tallyActivity(deliveries, { epoch }).get(`0x${'01'.repeat(20)}`)!;
  assert.deepEqual([at(4).packs, at(4).samples, signalCount(at(4))], [2, 8, 3]);
  assert.deepEqual([at(5).packs, at(5).samples, signalCount(at(5))], [2, 2, 1]);
  assert.deepEqual(at(5).connected, [4, 5]);
});

const listed = { ended: false, suspendedUntil: 0 };
const standings: [string, Parameters<typeof stepDecoder>[1][], boolean][] = [
  ['listed', [], true],
  ['deprecated, in its grace', [{ kind: 'deprecated', graceEnds: 101 }], true],
  ['deprecated, its grace over', [{ kind: 'deprecated', graceEnds: 100 }], false],
  ['suspended', [{ kind: 'suspended', until: 101 }], false],
  ['suspended until now', [{ kind: 'suspended', until: 100 }], true],
  ['reinstated', [{ kind: 'suspended', until: 200 }, { kind: 'reinstated' }], true],
  [
    'reinstated, its grace over',
    [{ kind: 'deprecated', graceEnds: 99 }, { kind: 'suspended', until: 200 }, { kind: 'reinstated' }],
    false,
  ],
  ['revoked while suspended', [{ kind: 'suspended', until: 50 }, { kind: 'ended' }], false],
];
for (const [name, events, active] of standings) {
  test(`a decoder that is ${name} counts as ${active ? '' : 'not '}listed`, () =>
    assert.equal(isActiveAt(events.reduce(stepDecoder, listed), 100), active));
}
