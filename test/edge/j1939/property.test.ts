/** Many senders at once on one bus: whatever the order, each message comes once and byte for byte, or is counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { buildJ1939Id, parseJ1939Id } from '../../../edge/j1939/index.ts';
import { broadcast, connection, listen, type Sent } from './support/sender.ts';

const anyPgn = fc.oneof(fc.integer({ min: 0xf000, max: 0x3ffff }), fc.constantFrom(0xef00, 0xda00, 0x1ef00));
const anyTransfer = fc.record({
  pgn: anyPgn.filter((pgn) => ((pgn >> 8) & 0xff) >= 240 || (pgn & 0xff) === 0),
  payload: fc.uint8Array({ minLength: 9, maxLength: 1785 }),
  window: fc.integer({ min: 1, max: 255 }),
  priority: fc.integer({ min: 0, max: 7 }),
  isBroadcast: fc.boolean(),
  startMs: fc.integer({ min: 0, max: 1000 }),
  gapMs: fc.integer({ min: 1, max: 200 }),
});

/** One transfer for each sender, so that none restarts another. */
const anyBus = fc.array(anyTransfer, { minLength: 1, maxLength: 12 });
type Transfer = typeof anyTransfer extends fc.Arbitrary<infer T> ? T : never;

function framesOf(transfer: Transfer, source: number): Sent[] {
  if (transfer.isBroadcast) return broadcast({ ...transfer, source });
  return connection({ ...transfer, source, destination: 200 + (source % 3) }, transfer.window);
}

const inTime = (frames: Sent[]): Sent[] => frames.sort((a, b) => a.timeUs - b.timeUs);

test('interleaved transfers of many senders all arrive', () => {
  fc.assert(
    fc.property(anyBus, (transfers) => {
      const { messages, stats, openCount } = listen(inTime(transfers.flatMap(framesOf)));
      const bySource = messages.sort((a, b) => a.source - b.source);
      assert.deepEqual(
        bySource.map(({ source, pgn, priority, data }) => ({ source, pgn, priority, data })),
        transfers.map(({ pgn, priority, payload }, source) => ({ source, pgn, priority, data: payload })),
      );
      assert.equal(openCount, 0);
      assert.deepEqual(Object.values(stats.lost), [0, 0, 0, 0, 0, 0, 0]);
      assert.deepEqual(Object.values(stats.ignored), [0, 0, 0, 0, 0]);
    }),
    { numRuns: 60 },
  );
});

test('frames lost, repeated and moved: no wrong payload, and every announcement is accounted for', () => {
  const anyFault = fc.record({ at: fc.nat(), kind: fc.constantFrom('drop', 'repeat', 'move'), by: fc.nat(40) });
  const faulty = (frames: Sent[], faults: { at: number; kind: string; by: number }[]): Sent[] => {
    for (const { at, kind, by } of faults) {
      const index = at % frames.length;
      const [one] = frames.splice(index, kind === 'repeat' ? 0 : 1);
      if (kind === 'repeat') frames.splice(index, 0, frames[index]);
      if (kind === 'move') frames.splice((index + by) % (frames.length + 1), 0, one);
      if (frames.length === 0) break;
    }
    return frames;
  };
  fc.assert(
    fc.property(anyBus, fc.array(anyFault, { maxLength: 20 }), (transfers, faults) => {
      const { messages, stats, openCount } = listen(faulty(inTime(transfers.flatMap(framesOf)), faults));
      for (const { source, data } of messages) assert.deepEqual(data, transfers[source].payload);
      const lost = Object.values(stats.lost).reduce((sum, count) => sum + count, 0);
      assert.equal(stats.announced, stats.completed + lost + openCount);
      assert.equal(messages.length, stats.completed);
    }),
    { numRuns: 100 },
  );
});

test('any bytes under any id: never an exception, and the books balance', () => {
  const anyId = fc.oneof(
    fc.integer({ min: 0, max: 0x1fffffff }),
    fc.tuple(fc.constantFrom(0xec, 0xeb), fc.nat(3), fc.nat(3)).map(([pf, to, from]) => (pf << 16) | (to << 8) | from),
  );
  const anyControl = fc
    .tuple(fc.constantFrom(16, 17, 19, 32, 255, 1, 2), fc.uint8Array({ minLength: 7, maxLength: 7 }))
    .map(([control, rest]) => Uint8Array.from([control, rest[0] % 30, rest[1] % 2, rest[2] % 5, 255, 0, 254, 0]));
  const anyFrame = fc.record({
    timeUs: fc.oneof(fc.double({ min: 0, max: 5e6 }), fc.constant(Number.NaN)),
    id: anyId,
    flags: fc.constantFrom(FrameFlag.extended, FrameFlag.extended | FrameFlag.fd, 0),
    data: fc.oneof(anyControl, fc.uint8Array({ maxLength: 64 })),
  });
  fc.assert(
    fc.property(fc.array(anyFrame, { maxLength: 300 }), fc.integer({ min: 1, max: 4 }), (frames, sessionsMax) => {
      const { stats, openCount } = listen(frames, { sessionsMax });
      const lost = Object.values(stats.lost).reduce((sum, count) => sum + count, 0);
      assert.equal(stats.announced, stats.completed + lost + openCount);
      assert.ok(openCount <= sessionsMax);
    }),
    { numRuns: 200 },
  );
});

test('an id is its parts', () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0x1fffffff }), (id) => {
      const parts = parseJ1939Id(id);
      assert.equal(buildJ1939Id(parts), id);
    }),
  );
});

test('groups up to format 239 have a destination, those from 240 on have none', () => {
  assert.deepEqual(parseJ1939Id(0x18ef1727), { priority: 6, pgn: 0xef00, source: 0x27, destination: 0x17 });
  assert.deepEqual(parseJ1939Id(0x0cf00403), { priority: 3, pgn: 0xf004, source: 0x03, destination: 255 });
});
