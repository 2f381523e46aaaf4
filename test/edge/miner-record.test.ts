// What a Miner keeps of frames that it may not decode: when, which of them, how many, and that they come back as sent.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import type { RecordFrames } from '../../edge/miner.ts';
import { type FrameColumn, type OpenedPack, toHex } from '../../edge/pack/index.ts';
import { RawFrames } from '../../edge/raw-frames.ts';
import { batchOf, type FrameRow, keepAll, minerWorld, powertrain, valuesOf } from './miner-world.ts';
import { advance } from './slcan/clock.ts';

const { extended, remote, error } = FrameFlag;
const engine: FrameRow = [0x100, '2c013200'];

/** Frames of packs as `[id, ms, payload hex]`. */
function framesOf(packs: readonly OpenedPack[]): [number, number, string][] {
  return packs.flatMap(({ body }) => listed(body.frames ?? []));
}

function listed(columns: readonly FrameColumn[]): [number, number, string][] {
  return columns.flatMap(({ id, timesMs, payloads }) =>
    payloads.map((payload, i): [number, number, string] => [id, timesMs[i], toHex(payload)]),
  );
}

const policies: [RecordFrames, boolean, number[]][] = [
  ['never', false, []],
  ['never', true, []],
  ['untrusted', false, []],
  ['untrusted', true, [0x100, 0x7ff]],
  ['undecoded', false, [0x7ff]],
  ['undecoded', true, [0x100, 0x7ff]],
];
for (const [recordFrames, expired, ids] of policies) {
  const when = expired ? 'trust has expired' : 'trust holds';
  test(`'${recordFrames}' records ${ids.length > 0 ? ids.map((id) => id.toString(16)).join(' and ') : 'nothing'} while ${when}`, async () => {
    const { miner, trust, packs } = minerWorld({ listed: [powertrain], settings: { recordFrames } });
    trust.expired = expired;
    await miner.start([powertrain]);
    miner.receive(batchOf(engine, [0x7ff, '01']));
    miner.flush();
    const recorded = framesOf(packs());
    assert.deepEqual(
      recorded.map(([id]) => id),
      ids,
    );
    assert.equal(miner.counters.framesRecorded, ids.length);
    assert.equal(valuesOf(packs()).length, expired ? 0 : 2);
  });
}

test('when trust expires, what was read before is signed as values, what comes after only as frames', async () => {
  const { miner, trust, clock, packs, told } = minerWorld({ listed: [powertrain], settings: { packIntervalMs: 1e6 } });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  trust.expired = true;
  await advance(clock, 5_000);
  miner.receive(batchOf([0x100, '0100ff', 0, 6_000]));
  assert.deepEqual(miner.decoders, []);
  await advance(clock, 5_000);
  trust.expired = false;
  await advance(clock, 5_000);
  miner.receive(batchOf([0x100, '020000', 0, 16_000]));
  miner.flush();
  assert.deepEqual(told(), ['decoder-approved', 'trust-expired', 'trust-restored']);
  assert.deepEqual(
    valuesOf(packs()).map(([, , raw]) => raw),
    [300, 50, 2, 0],
  );
  assert.deepEqual(framesOf(packs()), [[0x100, 6_000, '0100ff']]);
  assert.equal(miner.counters.framesUndecoded, 1);
});

test('a Miner that starts without trust records, and decodes once it has it', async () => {
  const { miner, trust, clock, packs, told } = minerWorld({ listed: [powertrain] });
  trust.expired = true;
  await miner.start([powertrain]);
  assert.equal(miner.isTrustExpired, true);
  miner.receive(batchOf(engine));
  trust.expired = false;
  await advance(clock, 5_000);
  miner.receive(batchOf(engine));
  miner.flush();
  assert.deepEqual(told(), ['trust-expired', 'trust-restored', 'decoder-approved']);
  assert.equal(framesOf(packs()).length, 1);
  assert.equal(valuesOf(packs()).length, 2);
});

test('recorded frames close a pack early, as samples do', async () => {
  const settings = { recordFrames: 'undecoded' as const, packSamplesMax: 3 };
  const { miner, packs } = minerWorld({ settings });
  await miner.start([]);
  for (let i = 0; i < 3; i++) miner.receive(batchOf([0x300 + i, '00']));
  assert.equal(packs().length, 1);
});

test('recorded frames that find no room are counted, and waiting ones are bounded', async () => {
  const settings = { recordFrames: 'undecoded' as const, packSamplesMax: 4 };
  const { miner, storage } = minerWorld({ settings, logOptions: { reserveCount: 1 } });
  await miner.start([]);
  storage.failingSyncs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 100; i++) miner.receive(batchOf([0x100 + i, '00']));
  const { framesRecorded, recordsDropped } = miner.counters;
  assert.equal(framesRecorded, 100);
  assert.ok(miner.backlog.frames <= 20, `${miner.backlog.frames} wait`);
  assert.equal(recordsDropped + miner.backlog.frames, 100);
});

const kinds: [string, FrameRow, number, string][] = [
  ['a standard id', [0x123, 'aabb'], 0x123, 'aabb'],
  ['an extended id has bit 31', [0x18daf110, '01', extended], 0x98daf110, '01'],
  ['a remote frame has bit 30 and no payload', [0x123, '0000', remote], 0x4000_0123, ''],
  ['an empty payload', [0x7ff, ''], 0x7ff, ''],
];
for (const [name, row, id, hex] of kinds) {
  test(`recorded: ${name}`, async () => {
    const { miner, packs } = minerWorld({ settings: { recordFrames: 'undecoded' } });
    await miner.start([]);
    miner.receive(batchOf(row));
    miner.flush();
    assert.deepEqual(framesOf(packs()), [[id, 0, hex]]);
  });
}

test('an error frame is counted and not recorded', async () => {
  const { miner, packs } = minerWorld({ settings: { recordFrames: 'undecoded' } });
  await miner.start([]);
  miner.receive(batchOf([0x20, '00', error]));
  miner.flush();
  assert.deepEqual(packs(), []);
});

test('made-up ids cost bounded memory', () => {
  const frames = new RawFrames(keepAll.sampling!, 64);
  const taken = Array.from({ length: 200 }, (_, i) => frames.add(batchOf([i, '00']), 0));
  assert.equal(taken.filter(Boolean).length, 64);
  frames.clear();
  assert.deepEqual(frames.columns(), []);
  assert.equal(frames.firstMs, Number.POSITIVE_INFINITY);
});

const rates: [string, FrameRow[], number[]][] = [
  [
    'a changed payload at most every intervalMsMin',
    [
      [1, '00', 0, 0],
      [1, '01', 0, 99],
      [1, '02', 0, 100],
    ],
    [0, 100],
  ],
  [
    'the same payload only after intervalMsMax',
    [
      [1, '00', 0, 0],
      [1, '00', 0, 999],
      [1, '00', 0, 1000],
    ],
    [0, 1000],
  ],
  [
    'a longer payload is a change',
    [
      [1, '00', 0, 0],
      [1, '0000', 0, 200],
    ],
    [0, 200],
  ],
  [
    'each id by itself',
    [
      [1, '00', 0, 0],
      [2, '00', 0, 1],
      [1, '00', extended, 2],
    ],
    [0, 1, 2],
  ],
];
for (const [name, rows, times] of rates) {
  test(`kept: ${name}`, () => {
    const frames = new RawFrames({ intervalMsMin: 100, intervalMsMax: 1000 });
    const batch = batchOf(...rows);
    for (let i = 0; i < batch.count; i++) frames.add(batch, i);
    const kept = listed(frames.columns()).map(([, timeMs]) => timeMs);
    assert.deepEqual(
      kept.sort((a, b) => a - b),
      times,
    );
  });
}

const anyFrame = fc.record({
  id: fc.nat({ max: 6 }),
  flags: fc.constantFrom(0, extended),
  data: fc.uint8Array({ maxLength: 8 }),
  gapMs: fc.nat({ max: 50 }),
});

test('with no bounds on how often, every frame comes back as it was sent, through any number of packs', () => {
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 200 }), fc.integer({ min: 1, max: 60 }), (sent, clearAt) => {
      const frames = new RawFrames({ intervalMsMin: 0, intervalMsMax: 0 });
      const kept: [number, number, string][] = [];
      const expected: [number, number, string][] = [];
      let timeMs = 0;
      for (const [i, { id, flags, data, gapMs }] of sent.entries()) {
        timeMs += gapMs;
        const batch = new FrameBatch(1);
        batch.push(timeMs * 1000, id, flags, data);
        assert.ok(frames.add(batch, 0));
        expected.push([flags === 0 ? id : id + 2 ** 31, timeMs, toHex(data)]);
        if (i % clearAt === clearAt - 1) {
          kept.push(...listed(frames.columns()));
          frames.clear();
        }
      }
      kept.push(...listed(frames.columns()));
      const sorted = (rows: [number, number, string][]) => rows.map((row) => row.join()).sort();
      assert.deepEqual(sorted(kept), sorted(expected));
    }),
  );
});

test('frames between two milliseconds are recorded at the earlier one', () => {
  const { miner, packs } = minerWorld({ settings: { recordFrames: 'undecoded' } });
  miner.receive(batchOf([0x123, '01', 0, 376.999623]));
  miner.flush();
  assert.deepEqual(framesOf(packs()), [[0x123, 376, '01']]);
});
