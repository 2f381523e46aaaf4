/** The emitted C, compiled: bit for bit what the interpreter says, never a byte past the payload, never a warning. */
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { parseDbc } from '../../../edge/dbc/index.ts';
import type { Message, Signal } from '../../../edge/dbc/model.ts';
import { compilePlan, type Plan } from '../../../edge/decode/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { by, database, message, signal } from './support/build.ts';
import { assertAgrees, type Case, type Frame, skipWithoutGcc, strict } from './support/gcc.ts';

const sanitized = [...strict, '-O1', '-fsanitize=address,undefined', '-fno-sanitize-recover=all'];

/** Random bytes that are the same on every run. */
function drawBytes(seed: number): (count: number) => Uint8Array {
  let state = seed;
  return (count) =>
    Uint8Array.from({ length: count }, () => {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      return state >>> 24;
    });
}

const toMessage = ({ id, extended }: Pick<Message, 'id' | 'extended'>, payload: Uint8Array): Frame => ({
  id,
  extended,
  payload,
});

describe('random databases', { skip: skipWithoutGcc }, () => {
  const anyCase = fc
    .tuple(
      fc.array(anyMessage(0), { minLength: 1, maxLength: 4 }),
      fc.array(fc.tuple(fc.nat(3), anyPayload), { minLength: 1, maxLength: 40 }),
    )
    .map(([drawn, payloads]): Case => {
      // Ids that differ in the source address alone: J1939 messages compete for their group.
      const messages = drawn.map((one, i) => ({ ...one, id: one.extended ? 0x0cf00400 + i : 0x100 + i }));
      const frames = payloads.map(([i, payload]) => toMessage(messages[i % messages.length], payload));
      return {
        plan: compilePlan(database(...messages)),
        frames: [...frames, { ...frames[0], id: 0x0cf004fe, extended: true }, { ...frames[0], id: 0x7fe }],
      };
    });
  // gcc takes some 0.15 s per database; a longer run than `npm test` raises both.
  const programSize = Number(process.env.C_PROGRAM_SIZE ?? 10);
  const runs = { numRuns: Number(process.env.C_PROGRAMS ?? 1), endOnFailure: true };
  const batch = (size: number) => fc.array(anyCase, { minLength: size, maxLength: size });
  test('optimised', () =>
    fc.assert(
      fc.property(batch(programSize), (cases) => assertAgrees(cases, [...strict, '-O2'])),
      runs,
    ));
  test('reading bytes', () =>
    fc.assert(
      fc.property(batch(programSize), (cases) => assertAgrees(cases, [...strict, '-O1'], 'bytes')),
      runs,
    ));
  test('portable loads, gcc’s own dialect', () =>
    fc.assert(
      fc.property(batch(programSize), (cases) => {
        const portable = cases.map((_, i) => `-DD${i}_PORTABLE`);
        assertAgrees(cases, ['-std=gnu99', '-Wall', '-Wextra', '-Werror', '-O2', ...portable]);
      }),
      runs,
    ));
  for (const reads of ['words', 'bytes'] as const) {
    test(`address and undefined-behaviour sanitizers, ${reads}`, () =>
      fc.assert(
        fc.property(batch(6), (cases) => assertAgrees(cases, sanitized, reads)),
        runs,
      ));
  }
});

/** Every length at some offset, in one order: 64 signals over 64 bytes, each beside and across words. */
function everyLength(byteOrder: Signal['byteOrder'], signed: boolean): Signal[] {
  return Array.from({ length: 64 }, (_, i) => {
    const position = (i * 37) % (512 - i - 1);
    const startBit = byteOrder === 'intel' ? position : position - (position % 8) + 7 - (position % 8);
    return signal(`S${i}`, { byteOrder, signed, length: i + 1, startBit, scale: [1, 0.1, -3][i % 3], offset: i % 2 });
  });
}

/** Payloads of every length from 0 to 64, three of each, and zeros. */
const everyPayloadLength = (seed: number): Uint8Array[] => {
  const draw = drawBytes(seed);
  const zeros = [new Uint8Array(64), new Uint8Array(8), Uint8Array.of(0, 0, 0, 0, 1)];
  return [...Array.from({ length: 195 }, (_, i) => draw(i % 65)), ...zeros];
};

describe('by hand', { skip: skipWithoutGcc }, () => {
  const planOf = (...signals: Signal[]): Plan =>
    compilePlan(database(message(0x100, signals, { length: 64, fd: true })));
  const nested = (facts: Partial<Message>): Message =>
    message(
      0x200,
      [
        signal('M', { length: 4, isSelector: true }),
        signal('A', { startBit: 8, multiplexedBy: by('M', 0, 1, [4n, 9n]) }),
        signal('B', { startBit: 8, length: 3, isSelector: true, signed: true, multiplexedBy: by('M', [1n, 2n]) }),
        signal('C', { startBit: 16, length: 12, multiplexedBy: by('B', -1, 3) }),
        signal('D', { startBit: 20, length: 64, signed: true, multiplexedBy: by('B', [-4n, -2n]) }),
        signal('E', { startBit: 40, multiplexedBy: by('M', [0n, 15n]) }),
        signal('N', { startBit: 3, length: 2, isSelector: true }),
        signal('F', { startBit: 30, length: 32, valueType: 'float32', multiplexedBy: by('N', 2) }),
        signal('G', { startBit: 32, length: 64, valueType: 'float64', scale: 0.1, minimum: -1, maximum: 1 }),
      ],
      facts,
    );
  const bitPattern = signal('P', { length: 32, valueType: 'float32', isSelector: true });
  const wide = signal('W', { length: 64, isSelector: true });
  const plans: Record<string, Plan> = {
    'Intel, unsigned': planOf(...everyLength('intel', false)),
    'Intel, signed': planOf(...everyLength('intel', true)),
    'Motorola, unsigned': planOf(...everyLength('motorola', false)),
    'Motorola, signed': planOf(...everyLength('motorola', true)),
    'nested and overlapping multiplexers': compilePlan(database(nested({ length: 13 }))),
    'the same, past the length of the message': compilePlan(database(nested({ length: 6 }))),
    'the same as J1939': compilePlan(database(nested({ length: 13, extended: true, j1939: true }))),
    'a float and 64 bits as selectors': compilePlan(
      database(
        message(1, [bitPattern, signal('X', { startBit: 32, multiplexedBy: by('P', 0, [0x3f800000n, 0x40000000n]) })]),
        message(2, [wide, signal('Y', { startBit: 8, multiplexedBy: by('W', [2n ** 63n, 2n ** 64n - 1n]) })]),
      ),
    ),
    'bits that no payload reaches': planOf(
      signal('A'),
      signal('Far', { startBit: 8 * 65535, isSelector: true }),
      signal('Child', { multiplexedBy: by('Far', 0) }),
      signal('Farther', { startBit: 2 ** 52, length: 64, byteOrder: 'motorola' }),
      signal('Edge', { startBit: 8 * 65534 }),
    ),
    'no signals': planOf(),
    'no messages': compilePlan(database()),
    'messages shorter than a word': compilePlan(
      database(
        ...[1, 2, 3, 4, 5, 6, 7].map((length) =>
          message(
            length,
            [
              signal('I', { length: length * 8, signed: true }),
              signal('M', { startBit: 7, length: length * 8, byteOrder: 'motorola' }),
            ],
            { length },
          ),
        ),
      ),
    ),
    // gcc 12 takes the sum in `(double)0 * -1.0 + 0.0` for neutral, and gives -0.
    'signs of zero': planOf(
      ...[1, -1, 0, -0, -2, -0.5, 1e-310].flatMap((scale, i) =>
        [0, -0].flatMap((offset, k) =>
          (['integer', 'float32'] as const).map((valueType) =>
            signal(`Z${i}${k}${valueType}`, { startBit: 1, length: 32, scale, offset, valueType, signed: i % 2 === 0 }),
          ),
        ),
      ),
    ),
    'numbers at the edge': planOf(
      signal('A', { length: 64, scale: 5e-324, offset: -0 }),
      signal('B', { length: 64, signed: true, scale: -0, offset: 0, minimum: -0, maximum: 5e-324 }),
      signal('C', { length: 64, scale: Number.MAX_VALUE, offset: -Number.MAX_VALUE, minimum: -1, maximum: Infinity }),
      signal('D', { length: 32, valueType: 'float32', scale: Infinity, offset: Number.NaN }),
    ),
  };
  test('gcc’s own dialect fuses no multiply-add, though the processor has one', () => {
    const inexact = Array.from({ length: 40 }, (_, i) =>
      signal(`S${i}`, { startBit: i, length: 16 + (i % 9), scale: 0.1 + i / 7, offset: i / 3 - 40 }),
    );
    const plan = planOf(...inexact);
    const frames = everyPayloadLength(3).map((payload) => toMessage({ id: 0x100, extended: false }, payload));
    assertAgrees([{ plan, frames }], ['-std=gnu99', '-O2', '-march=native']);
  });
  test('every length of signal and of payload; trees; numbers at the edge', () => {
    const cases = Object.values(plans).map((plan, seed) => ({
      plan,
      frames: (plan.messages.length === 0 ? [{ id: 1, extended: false }] : plan.messages).flatMap((one) =>
        everyPayloadLength(seed).map((payload) => toMessage(one, payload)),
      ),
    }));
    assertAgrees(cases, [...strict, '-O1']);
    assertAgrees(cases, [...strict, '-O0'], 'bytes');
  });
});

for (const [name, level] of [
  ['tesla_can', '-O1'],
  ['vw_mlb', '-O0'],
  ['cadillac_ct6_object', '-O0'],
  ['ford_lincoln_base_pt', '-O0'],
]) {
  const dbc = `corpus/opendbc/${name}.dbc`;
  test(`${name}: 2,000 random frames`, { skip: skipWithoutGcc || skipWithout(dbc) }, () => {
    const plan = compilePlan(parseDbc(readFileSync(sharedPath(dbc)!)).database);
    const draw = drawBytes(11);
    const frames = Array.from({ length: 2000 }, (_, i) => {
      const one = plan.messages[i % plan.messages.length];
      return toMessage(one, draw(i % 7 === 0 ? draw(1)[0] % 9 : Math.min(64, one.length)));
    });
    assertAgrees([{ plan, frames }], [...strict, level]);
  });
}
