// Frame records: any chunk boundaries give the same frames, and what is no record is counted and located.
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  createFrameFileReader,
  FrameBatch,
  FrameFlag,
  frameRecordBytes,
  frameRecords,
} from '../../../edge/can/index.ts';

interface Frame {
  id: number;
  extended: boolean;
  data: Uint8Array;
}

function batchOf(frames: readonly Frame[], stride: 8 | 64): FrameBatch {
  const batch = new FrameBatch(Math.max(1, frames.length), stride);
  for (const { id, extended, data } of frames) batch.push(0, id, extended ? FrameFlag.extended : 0, data);
  return batch;
}

function read(chunks: readonly Uint8Array[], stride: 8 | 64) {
  const reader = createFrameFileReader(stride);
  const frames: Frame[] = [];
  const emit = (batch: FrameBatch) => {
    for (let i = 0; i < batch.count; i++) {
      assert.ok(Number.isNaN(batch.timeUs[i]));
      const { id, flags, data } = batch.frame(i);
      frames.push({ id, extended: (flags & FrameFlag.extended) !== 0, data });
    }
  };
  for (const chunk of chunks) reader.push(chunk, emit);
  reader.end(emit);
  return { frames, stats: reader.stats };
}

const anyFrame = (stride: number): fc.Arbitrary<Frame> =>
  fc.tuple(fc.boolean(), fc.nat(0x1fffffff), fc.uint8Array({ maxLength: stride })).map(([extended, id, data]) => ({
    extended,
    id: extended ? id : id & 0x7ff,
    data,
  }));

/** Cuts bytes at the places, wherever these fall. */
function cut(bytes: Uint8Array, places: readonly number[]): Uint8Array[] {
  const ends = [...places.map((place) => place % (bytes.length + 1)), bytes.length].sort((a, b) => a - b);
  return ends.map((end, i) => bytes.slice(i === 0 ? 0 : ends[i - 1], end));
}

for (const stride of [8, 64] as const) {
  test(`${stride}-byte payloads: written, cut anywhere and read, frames stay the same`, () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame(stride), { maxLength: 20 }),
        fc.array(fc.nat(), { maxLength: 8 }),
        (sent, places) => {
          const bytes = frameRecords(batchOf(sent, stride), stride);
          assert.equal(bytes.length, sent.length * frameRecordBytes(stride));
          const { frames, stats } = read(cut(bytes, places), stride);
          assert.deepEqual(frames, sent);
          assert.deepEqual([stats.lines, stats.malformed], [sent.length, 0]);
        },
      ),
      { numRuns: 200 },
    );
  });
}

test('the layout, byte for byte', () => {
  const sent = [
    { id: 0x123, extended: false, data: Uint8Array.of(1, 2) },
    { id: 0x18daf110, extended: true, data: Uint8Array.of(9) },
  ];
  const hex = Buffer.from(frameRecords(batchOf(sent, 8), 8)).toString('hex');
  assert.equal(hex, '23010000020000000102000000000000' + '10f1da98010000000900000000000000');
});

test('frames that a record cannot hold are left out', () => {
  const batch = batchOf([{ id: 1, extended: false, data: new Uint8Array(12) }], 64);
  batch.count = 1;
  assert.equal(frameRecords(batch, 8).length, 0);
  const remote = new FrameBatch(1);
  remote.push(0, 1, FrameFlag.remote, new Uint8Array(8));
  assert.equal(frameRecords(remote, 8).length, 0);
});

describe('what is no record', () => {
  const rows: [string, string, RegExp][] = [
    ['a length past the padding', '23010000 09 000000 0000000000000000', /length 9, expected at most 8/],
    ['bytes after the length', '23010000 08 000100 0000000000000000', /expected three zero bytes after the length/],
    ['an 11-bit id that is longer', '00080000 08 000000 0000000000000000', /id 0x800, expected at most 0x7ff/],
    ['a 29-bit id that is longer', '000000a0 08 000000 0000000000000000', /id 0x20000000, expected at most 0x1fffffff/],
    ['the rest of a record', '23010000 08', /5 bytes are left, expected a record of 16/],
  ];
  const good = '23010000 01 000000 AA00000000000000';
  for (const [name, record, reason] of rows) {
    test(name, () => {
      const bytes = Buffer.from(`${good}${record}`.replaceAll(' ', ''), 'hex');
      const { frames, stats } = read([bytes], 8);
      assert.equal(frames.length, 1);
      assert.deepEqual([stats.lines, stats.frames, stats.malformed], [2, 1, 1]);
      assert.equal(stats.firstMalformed[0].line, 2);
      assert.match(stats.firstMalformed[0].reason, reason);
    });
  }
});
