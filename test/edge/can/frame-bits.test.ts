/** Bits of a frame on the bus, against a frame laid out bit by bit as text. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { dlcToLength, FrameBatch, FrameFlag, frameBits, lengthToDlc } from '../../../edge/can/index.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState } = FrameFlag;

interface Frame {
  id: number;
  flags: number;
  bytes: Uint8Array;
  /** For a remote frame: the length asked for. */
  length?: number;
}

const binary = (value: number, width: number) => value.toString(2).padStart(width, '0');

function stuff(bits: string): string {
  let out = '';
  for (const bit of bits) {
    // A stuff bit counts as the first of the next five.
    if (out.endsWith('00000')) out += '1';
    else if (out.endsWith('11111')) out += '0';
    out += bit;
  }
  return out;
}

/** The stuff bit that is due behind the last bit, where another field follows. */
function stuffToEnd(bits: string): string {
  const out = stuff(bits);
  if (out.endsWith('00000')) return `${out}1`;
  return out.endsWith('11111') ? `${out}0` : out;
}

function crc15(bits: string): string {
  let crc = 0;
  for (const bit of bits) {
    const next = Number(bit) ^ (crc >> 14);
    crc = (crc << 1) & 0x7fff;
    if (next) crc ^= 0x4599;
  }
  return binary(crc, 15);
}

function expectedBits({ id, flags, bytes, length = bytes.length }: Frame): { nominal: number; data: number } {
  const is = (flag: number) => (flags & flag) !== 0;
  const base = binary(is(extended) ? id >> 18 : id, 11);
  const payload = is(remote) ? '' : [...bytes].map((byte) => binary(byte, 8)).join('');
  if (!is(fd)) {
    const rtr = is(remote) ? '1' : '0';
    const arbitration = is(extended) ? `0${base}11${binary(id & 0x3ffff, 18)}${rtr}00` : `0${base}${rtr}00`;
    const frame = `${arbitration}${binary(length, 4)}${payload}`;
    return { nominal: stuffToEnd(frame + crc15(frame)).length + 1 + 2 + 7 + 3, data: 0 };
  }
  const brs = is(bitRateSwitch) ? '1' : '0';
  const head = is(extended) ? `0${base}11${binary(id & 0x3ffff, 18)}010${brs}` : `0${base}0010${brs}`;
  const rest = `${is(errorState) ? '1' : '0'}${binary(lengthToDlc(length), 4)}${payload}`;
  // Without one behind the end: the first fixed stuff bit of the CRC field stands there.
  const stuffedBits = stuff(head + rest).length;
  const nominalHead = stuffToEnd(head).length;
  const crcField = length > 16 ? 4 + 21 + 7 : 4 + 17 + 6;
  const phase = stuffedBits - nominalHead + crcField + 1;
  const tail = 2 + 7 + 3;
  return brs === '1' ? { nominal: nominalHead + tail, data: phase } : { nominal: nominalHead + phase + tail, data: 0 };
}

function actual({ id, flags, bytes, length = bytes.length }: Frame) {
  const batch = new FrameBatch(1, 64);
  batch.push(0, id, flags, bytes, 0, length);
  return { ...frameBits(batch, 0) };
}

const known: [what: string, frame: Frame, nominal: number][] = [
  [
    'an empty frame without stuff bits but for those its CRC needs',
    { id: 0x555, flags: 0, bytes: new Uint8Array(0) },
    47,
  ],
  ['an error frame', { id: 0, flags: error, bytes: new Uint8Array(8) }, 17],
];

for (const [what, frame, nominal] of known) {
  test(`${what} takes ${nominal} bits or a few more`, () => {
    const { nominal: found } = actual(frame);
    assert.ok(found >= nominal && found <= nominal + 4, String(found));
  });
}

test('no frame takes more than the worst case that is published: 135 bits of 11-bit, 160 of 29-bit ids', () => {
  for (const value of [0x00, 0x1f, 0x3c, 0x78, 0x87, 0xf0, 0xff]) {
    const bytes = new Uint8Array(8).fill(value);
    for (const id of [0, 0x78, 0x3c0, 0x7ff]) assert.ok(actual({ id, flags: 0, bytes }).nominal <= 135);
    for (const id of [0, 0x1f07c1f, 0x1fffffff]) assert.ok(actual({ id, flags: extended, bytes }).nominal <= 160);
  }
});

const frame: fc.Arbitrary<Frame> = fc
  .record({
    id: fc.oneof(fc.nat(0x1fffffff), fc.constantFrom(0, 0x1fffffff, 0x1f07c1f, 0x7c1)),
    isLong: fc.boolean(),
    kind: fc.constantFrom(0, remote, fd, fd | bitRateSwitch, fd | errorState, fd | bitRateSwitch | errorState),
    dlc: fc.nat(15),
    bytes: fc.array(fc.oneof(fc.nat(255), fc.constantFrom(0, 255, 0xf0, 0x0f, 0x1f, 0xf8, 0xc1)), {
      minLength: 64,
      maxLength: 64,
    }),
  })
  .map(({ id, isLong, kind, dlc, bytes }) => {
    const length = dlcToLength[(kind & fd) !== 0 ? dlc : Math.min(dlc, 8)];
    const isRemote = (kind & remote) !== 0;
    const data = Uint8Array.from(isRemote ? [] : bytes.slice(0, length));
    return { id: isLong ? id : id & 0x7ff, flags: kind | (isLong ? extended : 0), bytes: data, length };
  });

test('as many as when the frame is laid out bit by bit', () => {
  fc.assert(
    fc.property(frame, (each) => assert.deepEqual(actual(each), expectedBits(each))),
    { numRuns: 3000 },
  );
});
