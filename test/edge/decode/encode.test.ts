/** The encoder: round trips against the decoder, rounding, and every refusal. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import {
  compilePlan,
  createEncoder,
  createInterpreter,
  type EncodeValue,
  SignalStatus,
} from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { anyMessage } from './support/arbitraries.ts';
import { by, bytes, database, outcomes, planOf, signal } from './support/build.ts';

const hex = (data: Uint8Array): string => [...data].map((byte) => byte.toString(16).padStart(2, '0')).join('');

describe('encode', () => {
  const rows: [string, Parameters<typeof signal>[1], EncodeValue, string][] = [
    ['Intel', { startBit: 4, length: 12 }, 0xabc, 'c0ab'],
    ['Motorola', { startBit: 3, length: 12, byteOrder: 'motorola' }, 0xabc, '0abc'],
    ['negative', { length: 12, signed: true }, -456, '380e'],
    ['scale and offset', { scale: 0.5, offset: -40 }, 10, '6400'],
    ['half to even, down', { scale: 2 }, 5, '0200'],
    ['half to even, up', { scale: 2 }, 7, '0400'],
    ['half to even, negative', { scale: 2, signed: true }, -5, 'fe00'],
    ['raw as bigint ignores scale and range', { scale: 0.5, minimum: 0, maximum: 1 }, 255n, 'ff00'],
    ['label', { labels: [{ raw: 3n, text: 'Drive' }] }, 'Drive', '0300'],
    ['at the limits', { minimum: 0, maximum: 250 }, 250, 'fa00'],
  ];
  for (const [title, facts, value, wanted] of rows) {
    test(title, () => {
      const plan = planOf([signal('S', facts)], { length: 2 });
      assert.equal(hex(createEncoder(plan).encode(plan.messages[0], { S: value })), wanted);
    });
  }
  test('64 bits, exact', () => {
    const plan = planOf([signal('S', { length: 64, byteOrder: 'motorola', startBit: 7, signed: true })]);
    const encoder = createEncoder(plan);
    assert.equal(hex(encoder.encode(plan.messages[0], { S: -(2n ** 63n) + 1n })), '8000000000000001');
    assert.equal(hex(encoder.encode(plan.messages[0], { S: -1 })), 'ffffffffffffffff');
  });
  test('floats, labels of floats', () => {
    const labels = [{ raw: 1n, text: 'one' }];
    const plan = planOf([
      signal('F', { length: 32, valueType: 'float32', labels }),
      signal('E', { startBit: 63 - 24, length: 32, byteOrder: 'motorola', valueType: 'float32', scale: 2 }),
    ]);
    assert.equal(hex(createEncoder(plan).encode(plan.messages[0], { F: 'one', E: 3 })), '0000803f3fc00000');
  });
});

describe('encode: multiplexers', () => {
  const plan = planOf([
    signal('Mode', { isSelector: true }),
    signal('Page', { startBit: 8, isSelector: true, multiplexedBy: by('Mode', 3) }),
    signal('Deep', { startBit: 16, multiplexedBy: by('Page', [5n, 7n]) }),
    signal('Other', { startBit: 8, length: 16, multiplexedBy: by('Mode', 1) }),
  ]);
  const [message] = plan.messages;
  const encoder = createEncoder(plan);
  test('selectors not named are chosen', () =>
    assert.equal(hex(encoder.encode(message, { Deep: 9 })), '0305090000000000'));
  test('selectors named are kept', () =>
    assert.equal(hex(encoder.encode(message, { Deep: 9, Page: 7 })), '0307090000000000'));
  test('hot form writes the active branch only', () => {
    const values = Float64Array.from(plan.signals, ({ name }) => ({ Mode: 1, Page: 6, Deep: 9, Other: 0x1234 })[name]!);
    const data = new Uint8Array(8).fill(0xee);
    encoder.encodeInto(message, values, data);
    assert.equal(hex(data), '0134120000000000');
    values[message.signals.findIndex(({ name }) => name === 'Mode')] = 3;
    encoder.encodeInto(message, values, data);
    assert.equal(hex(data), '0306090000000000');
  });
});

test('hot form: NaN leaves 0, out of the signal range is written, bytes past the message are kept', () => {
  const plan = planOf([signal('A'), signal('B', { startBit: 8, minimum: 0, maximum: 10 })], { length: 2 });
  const data = new Uint8Array(3).fill(0xee);
  createEncoder(plan).encodeInto(plan.messages[0], Float64Array.of(Number.NaN, 200), data);
  assert.equal(hex(data), '00c8ee');
});

describe('encode refuses', () => {
  const plan = planOf(
    [
      signal('Speed', { scale: 0.5, minimum: 0, maximum: 120, unit: 'km/h', labels: [{ raw: 0n, text: 'Stopped' }] }),
      signal('Temp', { startBit: 8, signed: true, offset: -40 }),
      signal('Far', { startBit: 60, length: 8 }),
      signal('Mode', { startBit: 16, isSelector: true }),
      signal('X', { startBit: 24, multiplexedBy: by('Mode', 1, [4n, 6n]) }),
      signal('Never', { startBit: 24, multiplexedBy: by('Mode', 300) }),
      signal('F', { startBit: 24, length: 32, valueType: 'float32' }),
    ],
    { name: 'Dash' },
  );
  const encoder = createEncoder(plan);
  const rows: [string, Record<string, EncodeValue>, string, string][] = [
    ['an unknown name', { speed: 1 }, 'ENCODE_SIGNAL_UNKNOWN', 'Dash has no signal "speed"'],
    ['an unknown label', { Speed: 'Fast' }, 'ENCODE_LABEL_UNKNOWN', 'Dash.Speed has no label "Fast"'],
    ['above the range', { Speed: 121 }, 'ENCODE_RANGE', 'Dash.Speed: 121 is out of range, expected 0 to 120 km/h'],
    ['below the range', { Speed: -1 }, 'ENCODE_RANGE', 'Dash.Speed: -1 is out of range, expected 0 to 120 km/h'],
    ['more than the bits hold', { Temp: 88 }, 'ENCODE_RANGE', 'Dash.Temp: 88 is out of range, expected -168 to 87'],
    ['less than the bits hold', { Temp: -169 }, 'ENCODE_RANGE', 'Dash.Temp: -169 is out of range, expected -168 to 87'],
    ['infinity', { Temp: Infinity }, 'ENCODE_RANGE', 'Dash.Temp: Infinity is out of range, expected -168 to 87'],
    ['NaN for an integer', { Temp: Number.NaN }, 'ENCODE_RANGE', 'Dash.Temp: NaN is out of range, expected -168 to 87'],
    [
      'a raw that does not fit',
      { Temp: 128n },
      'ENCODE_RANGE',
      'Dash.Temp: raw 128 is out of range, expected -128 to 127',
    ],
    [
      'what float32 cannot hold',
      { F: 1e39 },
      'ENCODE_RANGE',
      'Dash.F: 1e+39 is out of range, expected -3.4028234663852886e+38 to 3.4028234663852886e+38',
    ],
    ['what lies past the message', { Far: 1 }, 'ENCODE_LENGTH', 'Dash.Far needs 9 bytes, got 8'],
    [
      'what another selector value holds',
      { X: 1, Mode: 2 },
      'ENCODE_INACTIVE',
      'Dash.X is not in this frame: Mode is 2, expected 1, 4-6',
    ],
    [
      'what no selector value holds',
      { Never: 1 },
      'ENCODE_INACTIVE',
      'Dash.Never is not in this frame: Mode is 0, expected nothing',
    ],
  ];
  for (const [title, values, code, text] of rows) {
    test(title, () => {
      assert.throws(
        () => encoder.encode(plan.messages[0], values),
        (error) => error instanceof MinerError && error.code === code && error.message === text,
      );
    });
  }
  test('hot form: what the bits cannot hold, and an array that is too short', () => {
    const one = planOf([signal('A')], { length: 2 });
    const encodeInto = (value: number, size: number) => () =>
      createEncoder(one).encodeInto(one.messages[0], Float64Array.of(value), new Uint8Array(size));
    assert.throws(encodeInto(256, 2), { code: 'ENCODE_RANGE' });
    assert.throws(encodeInto(-0.6, 2), { code: 'ENCODE_RANGE' });
    assert.throws(encodeInto(1, 1), { code: 'ENCODE_LENGTH' });
  });
});

test('random messages: encoding what was decoded gives the same values back', () => {
  const cases = fc.tuple(anyMessage(1), fc.uint8Array({ minLength: 64, maxLength: 64 }));
  fc.assert(
    fc.property(cases, ([drawn, payload]) => {
      // Signals that share bits can't all be set: each starts behind the one before.
      let at = 0;
      const signals = drawn.signals.map((one) => {
        const startBit = one.byteOrder === 'intel' ? at : at - (at % 8) + 7 - (at % 8);
        at += one.length;
        return { ...one, startBit };
      });
      const length = Math.ceil(at / 8);
      const plan = compilePlan(database({ ...drawn, length, signals }));
      const decoder = createInterpreter(plan);
      const flags = drawn.extended ? FrameFlag.extended : 0;
      const data = new Uint8Array(length).map((_, i) => payload[i % 64]);
      const message = decoder.decode(1, flags, data, 0, length)!;
      const before = outcomes(decoder, message.signals);
      const isActive = (status: number) => status !== SignalStatus.inactive;
      const raws = Object.entries(before).filter(([, { status }]) => isActive(status));
      const values = Object.fromEntries(raws.map(([name, { raw }]) => [name, BigInt(raw)]));
      const again = createEncoder(plan).encode(message, values);
      decoder.decode(1, flags, again, 0, length);
      assert.deepEqual(outcomes(decoder, message.signals), before);
    }),
    { numRuns: 300 },
  );
});

test('random numbers: physical values come back through the hot form', () => {
  const cases = fc.tuple(
    fc.integer({ min: 1, max: 40 }),
    fc.boolean(),
    fc.constantFrom(1, 0.1, 0.01, -0.5, 1 / 3, 1024),
    fc.integer({ min: -5000, max: 5000 }),
    fc.boolean(),
    fc.nat(2 ** 40),
  );
  fc.assert(
    fc.property(cases, ([length, signed, scale, offset, motorola, draw]) => {
      const place = motorola
        ? ({ byteOrder: 'motorola', startBit: 5 } as const)
        : ({ byteOrder: 'intel', startBit: 2 } as const);
      const plan = planOf([signal('S', { ...place, length, signed, scale, offset })]);
      const raw = (draw % 2 ** length) - (signed ? 2 ** (length - 1) : 0);
      const data = new Uint8Array(8);
      createEncoder(plan).encodeInto(plan.messages[0], Float64Array.of(raw * scale + offset), data);
      const decoder = createInterpreter(plan);
      decoder.decode(0x100, 0, data, 0, 8);
      assert.equal(decoder.raw[0], raw, hex(bytes(hex(data))));
    }),
    { numRuns: 300 },
  );
});
