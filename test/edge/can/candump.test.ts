/** candump -L: every form of a line, as can-utils documents them, and what is wrong with lines that are none. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type CanFrame, candumpLine, dlcToLength, FrameFlag } from '../../../edge/can/index.ts';
import { read, showFrames } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;

type Frame = [timeUs: number, id: number, flags: number, data: string];

const lines: [line: string, frame: Frame][] = [
  ['(1436509052.249713) vcan0 044#2A366C2BBA', [1436509052249713, 0x44, 0, '2a366c2bba']],
  ['(166.000000) vcan0 21A#FE3612FE690507AD', [166000000, 0x21a, 0, 'fe3612fe690507ad']],
  ['(0.000001) can0 7FF#', [1, 0x7ff, 0, '']],
  ['(0.5) can0 123#aabb', [500000, 0x123, 0, 'aabb']],
  ['(0.123456789) can0 123#AA', [123456, 0x123, 0, 'aa']],
  ['(12) can0 123#AA', [12000000, 0x123, 0, 'aa']],
  ['(1.000000) can0 00000123#AA', [1000000, 0x123, extended, 'aa']],
  ['(1.000000) can0 1FFFFFFF#AA', [1000000, 0x1fffffff, extended, 'aa']],
  ['(1.000000) can0 123#R', [1000000, 0x123, remote, '']],
  ['(1.000000) can0 123#R8', [1000000, 0x123, remote, '']],
  ['(1.000000) can0 18FF0000#R', [1000000, 0x18ff0000, remote | extended, '']],
  ['(1.000000) can0 123#11.22.33', [1000000, 0x123, 0, '112233']],
  ['(1.000000) can0 123#1122334455667788_B', [1000000, 0x123, 0, '1122334455667788']],
  ['(1.000000) can0 123##0', [1000000, 0x123, fd, '']],
  ['(1.000000) can0 123##1112233', [1000000, 0x123, fd | bitRateSwitch, '112233']],
  ['(1.000000) can0 123##311', [1000000, 0x123, fd | bitRateSwitch | errorState, '11']],
  [`(1.000000) can0 12345678##0${'AB'.repeat(64)}`, [1000000, 0x12345678, fd | extended, 'ab'.repeat(64)]],
  [`(1.000000) can0 123##0${'AB'.repeat(12)}`, [1000000, 0x123, fd, 'ab'.repeat(12)]],
  ['(1.000000) can0 20000004#0001000000000000', [1000000, 4, error, '0001000000000000']],
  ['(1.000000) can0 123#AA R', [1000000, 0x123, 0, 'aa']],
  ['(1.000000) can0 123#AA T', [1000000, 0x123, transmitted, 'aa']],
  ['  (1.000000)  can0  123#AA  ', [1000000, 0x123, 0, 'aa']],
  ['(1.000000) can0 123#AA\r', [1000000, 0x123, 0, 'aa']],
];

for (const [line, [timeUs, id, flags, data]] of lines) {
  test(`reads ${line.slice(0, 60)}`, () => {
    const { frames, stats } = read('candump', `${line}\n`);
    assert.deepEqual(frames, [{ timeUs, id, flags, data }]);
    assert.deepEqual([stats.lines, stats.frames, stats.malformed], [1, 1, 0]);
  });
}

const malformed: [line: string, reason: RegExp][] = [
  ['1.000000 can0 123#AA', /\(seconds\)/],
  ['(1.000000 can0 123#AA', /\(seconds\)/],
  ['(x) can0 123#AA', /\(seconds\)/],
  ['(1.) can0 123#AA', /\(seconds\)/],
  ['(-1.0) can0 123#AA', /\(seconds\)/],
  ['(99999999999.0) can0 123#AA', /\(seconds\)/],
  ['(1.000000) can0', /an id, #/],
  ['(1.000000) can0 123', /an id, #/],
  ['(1.000000) can0 123 AA', /an id, #/],
  ['(1.000000) can0 12#AA', /3 or 8 hex digits/],
  ['(1.000000) can0 1234#AA', /3 or 8 hex digits/],
  ['(1.000000) can0 12G#AA', /3 or 8 hex digits/],
  ['(1.000000) can0 #AA', /3 or 8 hex digits/],
  ['(1.000000) can0 800#AA', /at most 11 bits/],
  ['(1.000000) can0 40000000#AA', /at most 29 bits/],
  ['(1.000000) can0 123#A', /pairs of hex/],
  ['(1.000000) can0 123#AAB', /pairs of hex/],
  ['(1.000000) can0 123#GG', /pairs of hex/],
  ['(1.000000) can0 123#AA_9', /pairs of hex/],
  ['(1.000000) can0 123#112233445566778899', /at most 8 bytes/],
  ['(1.000000) can0 123#R9', /0 to 8/],
  ['(1.000000) can0 123#Rx', /0 to 8/],
  ['(1.000000) can0 123##', /flags after ##/],
  ['(1.000000) can0 123##x11', /flags after ##/],
  ['(1.000000) can0 123##0112233445566778899', /CAN FD length, not 9/],
  [`(1.000000) can0 123##0${'AB'.repeat(65)}`, /CAN FD length/],
  ['garbage', /\(seconds\)/],
];

for (const [line, reason] of malformed) {
  test(`counts as malformed: ${line.slice(0, 60)}`, () => {
    const { frames, stats } = read('candump', `(1.0) c 001#\n${line}\n(2.0) c 002#\n`);
    assert.deepEqual(
      frames.map(({ id }) => id),
      [1, 2],
    );
    assert.equal(stats.malformed, 1);
    assert.equal(stats.firstMalformed[0].line, 2);
    assert.equal(stats.firstMalformed[0].text, line.slice(0, 120));
    assert.match(stats.firstMalformed[0].reason, reason);
  });
}

test('a line read in pieces does not see the end of a longer line before it', () => {
  const { frames } = read('candump', '(1.0) can0 00000123##0\n(2.0) can0 20000000#\n', 1);
  assert.deepEqual(
    frames.map(({ flags }) => flags),
    [fd | extended, error],
  );
});

test('a remote frame keeps the length it asks for', () => {
  const { batches } = read('candump', '(1.0) can0 123#R5\n');
  assert.equal(batches[0].length[0], 5);
});

const frame: fc.Arbitrary<CanFrame> = fc
  .record({
    timeUs: fc.nat(2 ** 31 - 1),
    long: fc.boolean(),
    id: fc.nat(0x1fffffff),
    kind: fc.constantFrom(0, remote, fd, fd | bitRateSwitch, fd | errorState, error),
    sent: fc.boolean(),
    dlc: fc.nat(15),
    bytes: fc.uint8Array({ minLength: 64, maxLength: 64 }),
  })
  .map(({ timeUs, long, id, kind, sent, dlc, bytes }) => {
    const length = kind === remote ? 0 : dlcToLength[(kind & fd) !== 0 ? dlc : Math.min(dlc, 8)];
    const flags = kind | (long && kind !== error ? extended : 0) | (sent ? transmitted : 0);
    return { timeUs, id: long || kind === error ? id : id & 0x7ff, flags, data: bytes.slice(0, length) };
  });

test('what candumpLine writes reads as the same frame, however the bytes are cut into chunks', () => {
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 20 }), fc.integer({ min: 1, max: 100 }), (frames, chunkBytes) => {
      const text = frames.map((each) => `${candumpLine(each, 'can0')}\n`).join('');
      const result = read('candump', text, chunkBytes, { batchFrames: 7 });
      const expected = frames.map((each) => ({ ...each, data: Buffer.from(each.data).toString('hex') }));
      assert.deepEqual(result.frames, expected);
    }),
    { numRuns: 300 },
  );
});

test('any bytes in any chunks: counted, never thrown', () => {
  fc.assert(
    fc.property(
      fc.array(fc.string({ unit: 'binary', maxLength: 60 })),
      fc.integer({ min: 1, max: 50 }),
      (parts, size) => {
        const { stats } = read('candump', parts.join('\n'), size, { batchFrames: 1 });
        assert.equal(stats.lines, stats.frames + stats.malformed);
      },
    ),
    { numRuns: 300 },
  );
});

const screen: [line: string, frame: Frame][] = [
  ['  can0  123   [8]  DE AD BE EF 01 02 03 04', [0, 0x123, 0, 'deadbeef01020304']],
  [' (1436509052.249713)  can0  123   [2]  DE AD', [1436509052249713, 0x123, 0, 'dead']],
  [' (000.012345)  can0  123   [0]', [12345, 0x123, 0, '']],
  [
    ' (2015-07-10 08:17:32.249713)  can0  123   [1]  DE',
    [Date.UTC(2015, 6, 10, 8, 17, 32) * 1000 + 249713, 0x123, 0, 'de'],
  ],
  ['(2015-07-10 08:17:32.249713) can0 123#DE', [Date.UTC(2015, 6, 10, 8, 17, 32) * 1000 + 249713, 0x123, 0, 'de']],
  ['  can0  18FEF100   [1]  AA', [0, 0x18fef100, extended, 'aa']],
  ['  can0  123  [01]  AA', [0, 0x123, fd, 'aa']],
  [`  can0  123  [64]  ${'AB '.repeat(64)}`, [0, 0x123, fd, 'ab'.repeat(64)]],
  ['  can0  TX B E  123  [01]  AA', [0, 0x123, fd | bitRateSwitch | errorState | transmitted, 'aa']],
  ['  can0  RX - -  123   [1]  AA', [0, 0x123, 0, 'aa']],
  ['  can0  TX - -  123   [1]  AA', [0, 0x123, transmitted, 'aa']],
  ["  can0  123   [4]  4A 94 E8 2A   'J..*'", [0, 0x123, 0, '4a94e82a']],
  ['  can0  123   [4]  2A`E8`94`4A', [0, 0x123, 0, '4a94e82a']],
  ['  can0  123   [2]  01001010 10010100', [0, 0x123, 0, '4a94']],
  ['  can0  123   {C}  01 02 03 04 05 06 07 08', [0, 0x123, 0, '0102030405060708']],
  ['  can0  123   [0]  remote request', [0, 0x123, remote, '']],
  ['  can0  20000004   [8]  00 04 00 00 00 00 00 00   ERRORFRAME', [0, 4, error, '0004000000000000']],
];

for (const [line, [timeUs, id, flags, data]] of screen) {
  test(`reads the screen's ${line.trim().slice(0, 60)}`, () => {
    const { frames, stats } = read('candump', `${line}\n`);
    assert.deepEqual(frames, [{ timeUs, id, flags, data }]);
    assert.deepEqual([stats.lines, stats.malformed], [1, 0]);
  });
}

const malformedScreen: [line: string, reason: RegExp][] = [
  ['  can0', /\(seconds\), or an interface/],
  ['  can0 123#AA', /\(seconds\) before/],
  ['  can0  123', /\[length\]/],
  ['  can0  123   [9]  00 00 00 00 00 00 00 00 00', /CAN or CAN FD/],
  ['  can0  123   [3]  DE AD', /3 bytes/],
  ['  can0  123   [2]  DE XX', /2 bytes/],
  ['  can0  123  [09]  00 00 00 00 00 00 00 00 00', /CAN or CAN FD/],
  ['  can0  800   [0]', /11 bits/],
  ['  can0  12   [0]', /an id, #/],
  [' (2015-13-10 08:17:32.249713)  can0  123   [1]  DE', /date time/],
  [' (2015-07-10 25:17:32.249713)  can0  123   [1]  DE', /date time/],
];

for (const [line, reason] of malformedScreen) {
  test(`counts as malformed on the screen: ${line.trim()}`, () => {
    const { frames, stats } = read('candump', `${line}\n  can0  123   [0]\n`);
    assert.equal(frames.length, 1);
    assert.equal(stats.malformed, 1);
    assert.match(stats.firstMalformed[0].reason, reason);
  });
}

test('what candump says between frames is no frame by intent', () => {
  const text = [
    "DROPCOUNT: dropped 1 CAN frames on 'can0' socket (total drops 1)",
    '  can0  20000004   [8]  00 04 00 00 00 00 00 00   ERRORFRAME',
    '\tcontroller-problem{rx-error-warning}',
    '\tbus-error',
    '  can0  123   [0]',
  ].join('\n');
  for (const chunkBytes of [1, 1000]) {
    const { stats } = read('candump', text, chunkBytes);
    assert.deepEqual([stats.frames, stats.malformed, stats.ignored], [2, 0, 3]);
  }
});

test('CAN XL frames are recognised, counted and left out', () => {
  const text = [
    '(1.000000) can0 00000523#81:00:12345678#11223344.556677',
    '  can0  523  [0003]  (00|81:00:12345678)  11 22 33',
    '(1.000000) can0 123#AA',
  ].join('\n');
  const { stats } = read('candump', text);
  assert.deepEqual([stats.frames, stats.framesXl, stats.malformed], [1, 2, 0]);
});

const pad = (seconds: number) => seconds.toFixed(6).padStart(10, '0');

for (const chunkBytes of [7, 1 << 16]) {
  test(`distances between frames add up to running time, zero-based times do not, chunks of ${chunkBytes}`, () => {
    const deltas = [0, 0.01, 0.002, 0.03, 0.004, 0.05, 0.006];
    const text = (times: number[]) => times.map((time) => ` (${pad(time)})  can0  123   [0]\n`).join('');
    const times = (seconds: number[]) => read('candump', text(seconds), chunkBytes).frames.map(({ timeUs }) => timeUs);
    const running = [0, 10000, 12000, 42000, 46000, 96000, 102000];
    assert.deepEqual(times(deltas), running);
    const zeroBased = running.map((us) => us / 1e6);
    assert.deepEqual(times(zeroBased), running);
    const swapped = [...zeroBased.slice(0, 4), ...zeroBased.slice(3).reverse().slice(0, 1), ...zeroBased.slice(5)];
    assert.deepEqual(times(swapped).length, swapped.length);
  });
}

test('what stamps mean can be said', () => {
  const text = '(000.000000) can0 123#\n(000.500000) can0 123#\n(000.500000) can0 123#\n';
  const times = (times?: 'absolute' | 'delta') =>
    read('candump', text, 1000, { times }).frames.map(({ timeUs }) => timeUs);
  assert.deepEqual(times('delta'), [0, 500000, 1000000]);
  assert.deepEqual(times('absolute'), [0, 500000, 500000]);
  assert.deepEqual(times(), [0, 500000, 500000]);
});

test('a bus has the number its name ends with, while that is free', () => {
  const names = ['can1', 'vcan1', 'can0', 'can1', 'slcan', 'can300', 'vcan1'];
  const text = names.map((name, i) => `(${1436509052 + i}.000000) ${name} 123#00\n`).join('');
  const { batches, stats } = read('candump', text);
  assert.deepEqual([...batches[0].bus.subarray(0, names.length)], [1, 0, 2, 1, 3, 4, 0]);
  assert.deepEqual(stats.buses, ['vcan1', 'can1', 'can0', 'slcan', 'can300']);
});

test('more names than numbers share the last', () => {
  const text = Array.from({ length: 400 }, (_, i) => `(1436509052.000000) x${i}y 123#00\n`).join('');
  const { batches, stats } = read('candump', text);
  assert.equal(batches[0].bus[399], 255);
  assert.equal(stats.buses.length, 256);
});

/** A line of the common form, changed in one place by some byte. */
const damaged = fc
  .record({
    length: fc.nat(8),
    isLong: fc.boolean(),
    isFd: fc.boolean(),
    at: fc.nat(60),
    byte: fc.constantFrom(...' ()#.RTrt0123456789abcdefABCDEFgG_\r:/@`\t\0'.split(''), undefined),
    end: fc.constantFrom('', ' R', ' T', '\r', ' R\r', ' X', '  R'),
  })
  .map(({ length, isLong, isFd, at, byte, end }) => {
    const id = isLong ? '18FEF1a0' : '7Ff';
    const line = `(1436509052.249713) can1 ${id}${isFd ? '##1' : '#'}${'a5'.repeat(length)}`;
    return (byte === undefined ? line : line.slice(0, at) + byte + line.slice(at + 1)) + end;
  });

test('the quick way reads what the careful way reads, and leaves nothing behind in the batch', () => {
  fc.assert(
    fc.property(fc.array(damaged, { minLength: 1, maxLength: 12 }), (lines) => {
      const start = '(1436509052.000000) can1 001##0\n(1436509052.000000) can0 002##0112233445566778899AABBCC\n';
      const end = '(1436509052.000000) can0 003#\n'.repeat(4);
      const text = `${start}${lines.join('\n')}\n${end}`;
      const whole = read('candump', text, 1 << 16, { batchFrames: 5 });
      // In single bytes all lines are carried over, and read with care.
      const careful = read('candump', text, 1, { batchFrames: 5 });
      assert.deepEqual(showFrames(whole.batches), showFrames(careful.batches));
      assert.deepEqual(whole.stats, careful.stats);
      for (const batch of whole.batches) {
        for (let row = 0; row < batch.capacity; row++) {
          const from = row * batch.stride + (row < batch.count ? batch.length[row] : 0);
          assert.ok(batch.data.subarray(from, (row + 1) * batch.stride).every((byte) => byte === 0));
        }
      }
    }),
    { numRuns: 500 },
  );
});
