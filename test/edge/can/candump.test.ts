/** candump -L: every form of a line, as can-utils documents them, and what is wrong with lines that are none. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { type CanFrame, candumpLine, dlcToLength, FrameFlag } from '../../../edge/can/index.ts';
import { read } from './reading.ts';

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
      const result = read('candump', text, chunkBytes);
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
        const { stats } = read('candump', parts.join('\n'), size);
        assert.equal(stats.lines, stats.frames + stats.malformed);
      },
    ),
    { numRuns: 300 },
  );
});
