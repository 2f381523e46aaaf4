/** Vector's BLF: objects and containers built here byte by byte, cut anywhere, broken in every way. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { createLogReader, detectLogFormat, FrameFlag } from '../../../edge/can/index.ts';
import { batchOf, drawnFrames, read, showFrames, write } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;

/** Little-endian fields: [bytes, value]. */
function pack(...fields: [size: 1 | 2 | 4 | 8, value: number][]): Buffer {
  return Buffer.concat(
    fields.map(([size, value]) => {
      const bytes = Buffer.alloc(8);
      bytes.writeBigUInt64LE(BigInt(value));
      return bytes.subarray(0, size);
    }),
  );
}

interface ObjectOptions {
  ticks?: number;
  unit?: number;
  headerSize?: number;
}

/** An object with a header of version 1 (32 bytes) or 2 (40). */
function object(type: number, body: Buffer, { ticks = 1_500_000_000, unit = 2, headerSize = 32 }: ObjectOptions = {}) {
  const size = headerSize + body.length;
  const head = Buffer.concat([
    Buffer.from('LOBJ'),
    pack([2, headerSize], [2, headerSize === 32 ? 1 : 2], [4, size], [4, type], [4, unit], [4, 0], [8, ticks]),
    Buffer.alloc(headerSize - 32),
  ]);
  return Buffer.concat([head, body, Buffer.alloc(size % 4)]);
}

function container(objects: Buffer, method = 2, unpackedBytes = objects.length): Buffer {
  const body = method === 2 ? deflateSync(objects) : objects;
  const size = 32 + body.length;
  const head = pack([2, 16], [2, 1], [4, size], [4, 10], [2, method], [2, 0], [4, 0], [4, unpackedBytes], [4, 0]);
  return Buffer.concat([Buffer.from('LOBJ'), head, body, Buffer.alloc(size % 4)]);
}

const systemTime = (year: number) => pack([2, year], [2, 7], [2, 5], [2, 10], [2, 6], [2, 17], [2, 32], [2, 250]);
const start = Date.UTC(2015, 6, 10, 6, 17, 32, 250) * 1000;

function header({ year = 2015, size = 144 } = {}): Buffer {
  const bytes = Buffer.concat([Buffer.from('LOGG'), pack([4, size]), Buffer.alloc(32), systemTime(year)]);
  return Buffer.concat([bytes, Buffer.alloc(size - bytes.length)]);
}

const payload = Buffer.from('0011223344556677', 'hex');
const message = (flags: number, dlc: number, id: number, channel = 1) =>
  Buffer.concat([pack([2, channel], [1, flags], [1, dlc], [4, id]), payload]);
const fdMessage = (flags: number, dlc: number, fdFlags: number, count: number) =>
  Buffer.concat([
    pack([2, 2], [1, flags], [1, dlc], [4, 0x123], [4, 0], [1, 0], [1, fdFlags], [1, count], [1, 0], [4, 0]),
    Buffer.alloc(64, 0xab),
  ]);
const fdMessage64 = (dlc: number, count: number, flags: number, direction: number) =>
  Buffer.concat([
    pack([1, 2], [1, dlc], [1, count], [1, 0], [4, 0x98fef100], [4, 0], [4, flags]),
    Buffer.alloc(16),
    pack([2, 0], [1, direction], [1, 0], [4, 0]),
    Buffer.alloc(count, 0xcd),
  ]);

const objects: [what: string, bytes: Buffer, frame: string][] = [
  ['CAN_MESSAGE', object(1, message(0, 3, 0x123)), `0 123 0 3 001122`],
  ['CAN_MESSAGE sent', object(1, message(1, 8, 0x123)), `0 123 ${transmitted} 8 0011223344556677`],
  ['CAN_MESSAGE remote', object(1, message(0x80, 4, 0x123)), `0 123 ${remote} 4 `],
  ['CAN_MESSAGE extended', object(1, message(0, 0, 0x98fef100, 3)), `2 18fef100 ${extended} 0 `],
  ['CAN_MESSAGE with a DLC past 8', object(1, message(0, 15, 0x123)), `0 123 0 8 0011223344556677`],
  ['CAN_MESSAGE2', object(86, Buffer.concat([message(0, 2, 0x123), Buffer.alloc(8)])), `0 123 0 2 0011`],
  ['a header of version 2', object(86, message(0, 2, 0x123), { headerSize: 40 }), `0 123 0 2 0011`],
  ['CAN_FD_MESSAGE', object(100, fdMessage(0, 9, 3, 12)), `1 123 ${fd | bitRateSwitch} 12 ${'ab'.repeat(12)}`],
  [
    'CAN_FD_MESSAGE with ESI, sent',
    object(100, fdMessage(1, 15, 5, 64)),
    `1 123 ${fd | errorState | transmitted} 64 ${'ab'.repeat(64)}`,
  ],
  ['CAN_FD_MESSAGE that is classic', object(100, fdMessage(0, 2, 0, 2)), `1 123 0 2 abab`],
  ['CAN_FD_MESSAGE that is remote', object(100, fdMessage(0x80, 2, 0, 0)), `1 123 ${remote} 2 `],
  [
    'CAN_FD_MESSAGE_64',
    object(101, fdMessage64(9, 12, 0x3000, 0)),
    `1 18fef100 ${extended | fd | bitRateSwitch} 12 ${'cd'.repeat(12)}`,
  ],
  [
    'CAN_FD_MESSAGE_64 with ESI, sent',
    object(101, fdMessage64(1, 1, 0x5000, 1)),
    `1 18fef100 ${extended | fd | errorState | transmitted} 1 cd`,
  ],
  ['CAN_FD_MESSAGE_64 that is remote', object(101, fdMessage64(5, 0, 0x10, 0)), `1 18fef100 ${extended | remote} 5 `],
  ['CAN_ERROR', object(2, pack([2, 1], [2, 0])), `0 80 ${error} 8 0000000000000000`],
  ['CAN_ERROR_EXT', object(73, Buffer.concat([pack([2, 2]), Buffer.alloc(30)])), `1 80 ${error} 8 0000000000000000`],
  ['CAN_FD_ERROR_64', object(104, Buffer.concat([pack([1, 2]), Buffer.alloc(45)])), `1 80 ${error} 8 0000000000000000`],
];

for (const [what, bytes, frame] of objects) {
  test(`reads ${what}: plain, in a container, packed, cut into single bytes`, () => {
    for (const body of [bytes, container(bytes, 0), container(bytes, 2)]) {
      for (const chunkBytes of [1, 1 << 16]) {
        const { batches, stats } = read('blf', Buffer.concat([header(), body]), chunkBytes);
        assert.deepEqual(stats.firstMalformed, []);
        assert.deepEqual(showFrames(batches), [`${start + 1_500_000} ${frame}`]);
      }
    }
  });
}

test('times of ten microseconds, and logs without a date', () => {
  const coarse = object(1, message(0, 0, 1), { ticks: 150_000, unit: 1 });
  const { frames } = read('blf', Buffer.concat([header({ year: 0, size: 72 }), coarse]));
  assert.deepEqual(
    frames.map(({ timeUs }) => timeUs),
    [1_500_000],
  );
});

test('objects go on from one container to the next, and objects of other kinds are passed over', () => {
  const parts = Buffer.concat([
    object(1, message(0, 1, 1)),
    object(65, Buffer.alloc(5000)),
    object(1, message(0, 2, 2)),
    object(92, Buffer.from('text')),
    object(1, message(0, 3, 3)),
  ]);
  for (const size of [7, 33, 1000]) {
    const log = [header()];
    for (let at = 0; at < parts.length; at += size) log.push(container(parts.subarray(at, at + size)));
    const { frames, stats } = read('blf', Buffer.concat(log), 999);
    assert.deepEqual(
      frames.map(({ id }) => id),
      [1, 2, 3],
    );
    assert.deepEqual([stats.ignored, stats.malformed], [2, 0]);
  }
});

const good = object(1, message(0, 1, 0x7f));
const bad: [what: string, bytes: Buffer, reason: RegExp][] = [
  ['garbage between objects', Buffer.alloc(100, 0x41), /begins with LOBJ/],
  [
    'an object smaller than its header',
    Buffer.concat([Buffer.from('LOBJ'), pack([2, 16], [2, 1], [4, 3], [4, 1])]),
    /at least 16 bytes/,
  ],
  [
    'a frame without a time',
    Buffer.concat([Buffer.from('LOBJ'), pack([2, 16], [2, 1], [4, 16], [4, 1])]),
    /a header with a time/,
  ],
  ['a frame cut short', object(1, Buffer.alloc(4)), /16 bytes behind/],
  [
    'a header longer than the object',
    object(1, message(0, 1, 1), { headerSize: 40 }).fill(0xff, 4, 6),
    /behind a header/,
  ],
  ['an id of 12 bits', object(1, message(0, 1, 0x800)), /11 bits/],
  ['an id of 30 bits', object(1, message(0, 1, 0xa0000000)), /29 bits/],
  ['a length that is none of CAN FD', object(100, fdMessage(0, 9, 1, 11)), /not 11/],
  ['a classic length of 12', object(100, fdMessage(0, 9, 0, 12)), /not 12/],
  ['fewer bytes than told', object(101, fdMessage64(9, 12, 0x1000, 0).subarray(0, 45)), /12 bytes/],
  [
    'a container without a body',
    Buffer.concat([Buffer.from('LOBJ'), pack([2, 16], [2, 1], [4, 16], [4, 10])]),
    /at least 32/,
  ],
  ['an unknown packing', container(good, 7), /not 7/],
  ['a packed size beyond reason', container(good, 2, 0xffffffff), /at most 33554432/],
  ['more than the packed size told', container(good, 2, 10), /cannot be unpacked/],
  ['a broken stream', container(good, 2).fill(0x55, 34, 40), /cannot be unpacked/],
];

for (const [what, bytes, reason] of bad) {
  test(`counts ${what}, and reads on`, () => {
    for (const chunkBytes of [1, 1 << 16]) {
      const { frames, stats } = read('blf', Buffer.concat([header(), bytes, good]), chunkBytes);
      assert.equal(stats.malformed, 1);
      assert.match(stats.firstMalformed[0].reason, reason);
      assert.deepEqual(
        frames.map(({ id }) => id),
        [0x7f],
      );
    }
  });
}

test('a log cut anywhere: what is whole is read, the cut is told', () => {
  const log = Buffer.concat([header(), container(good), good, good]);
  const whole = read('blf', log);
  assert.deepEqual([whole.stats.frames, whole.stats.malformed], [3, 0]);
  for (let length = 1; length < log.length; length++) {
    const { stats } = read('blf', log.subarray(0, length));
    assert.ok(stats.frames < 3 && stats.malformed <= 1, `${length}: ${JSON.stringify(stats)}`);
  }
});

test('packed containers are read without Node too', () => {
  const reader = createLogReader('blf');
  reader.push(Buffer.concat([header(), container(good, 2), container(good, 0), container(good, 2, 10)]), () => {});
  reader.end(() => {});
  assert.deepEqual([reader.stats.frames, reader.stats.malformed], [2, 1]);
  assert.match(reader.stats.firstMalformed[0].reason, /more than 10 bytes/);
});

test('an object of 4 GB costs no memory', () => {
  const huge = (type: number) =>
    Buffer.concat([Buffer.from('LOBJ'), pack([2, 32], [2, 1], [4, 0xfffffff0], [4, type])]);
  for (const type of [1, 10, 999]) {
    const reader = createLogReader('blf');
    reader.push(Buffer.concat([header(), huge(type)]), () => {});
    const zeros = new Uint8Array(1 << 20);
    for (let i = 0; i < 64; i++) reader.push(zeros, () => {});
    reader.end(() => {});
    assert.equal(reader.stats.frames, 0);
    assert.ok(reader.stats.malformed >= 1);
  }
});

test('a flipped byte: counted, never thrown', () => {
  const bytes = Buffer.from(
    write('blf', [batchOf(fc.sample(drawnFrames(), { seed: 1, numRuns: 1 })[0])], { deflate: deflateSync }).bytes,
  );
  fc.assert(
    fc.property(fc.nat(bytes.length - 1), fc.nat(255), fc.integer({ min: 1, max: 300 }), (at, value, chunkBytes) => {
      const changed = Buffer.from(bytes);
      changed[at] = value;
      const { stats } = read('blf', changed, chunkBytes, { batchFrames: 8 });
      assert.equal(stats.lines, stats.frames + stats.malformed);
    }),
    { numRuns: 400 },
  );
});

test('its first bytes tell it', () => {
  assert.equal(detectLogFormat(header()), 'blf');
});
