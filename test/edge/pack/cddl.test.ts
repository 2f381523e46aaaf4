/** docs/pack.cddl and the code say the same: what one takes the other takes, but for what the grammar cannot say. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  CborFloat,
  CborTag,
  type CborValue,
  type Column,
  decodeBody,
  decodeCbor,
  encodeBody,
  encodeCbor,
  openPack,
  type PackBody,
  packHash,
  signCose,
  signPack,
} from '../../../edge/pack/index.ts';
import { encodeRefusal, receiptAad, signReceipt } from '../../../edge/uplink/index.ts';
import { Cddl } from '../../support/cddl.ts';
import { exampleAad, exampleBody, exampleSigner } from './example.ts';

const cddl = new Cddl(readFileSync(new URL('../../../docs/pack.cddl', import.meta.url), 'utf8'));

test('the example is a signal-pack, byte strings within included', () => {
  const bytes = signPack(exampleSigner, exampleBody(), { externalAad: exampleAad });
  assert.equal(cddl.problem('signal-pack', decodeCbor(bytes)), undefined);
  assert.equal(cddl.problem('pack-aad', decodeCbor(exampleAad)), undefined);
});

test('a receipt and a refusal are what the grammar says', () => {
  const registry = new Uint8Array(20).fill(9);
  const receipt = { device: exampleSigner.kid, seq: 42, hash: packHash(new Uint8Array(1)) };
  const externalAad = receiptAad(31337, registry);
  const bytes = signReceipt(exampleSigner, receipt, externalAad);
  assert.equal(cddl.problem('receipt-message', decodeCbor(bytes)), undefined);
  assert.equal(cddl.problem('receipt-aad', decodeCbor(externalAad)), undefined);
  const refusal = encodeRefusal({ seq: 42, code: 'DEVICE_UNKNOWN', reason: 'not enrolled' });
  assert.equal(cddl.problem('refusal', decodeCbor(refusal)), undefined);
});

const envelopes: [string, (parts: CborValue[]) => CborValue, RegExp][] = [
  ['no tag', (parts) => parts, /has not tag 18/],
  ['another tag', (parts) => new CborTag(17, parts), /has not tag 18/],
  ['three parts', ([p, u, b]) => new CborTag(18, [p, u, b]), /\/3: missing/],
  ['five parts', (parts) => new CborTag(18, [...parts, 0]), /\/4: one too many/],
  ['a short signature', ([p, u, b]) => new CborTag(18, [p, u, b, new Uint8Array(63)]), /63 bytes is not .size 64/],
  ['another hint', ([p, , b, s]) => new CborTag(18, [p, new Map([[-65537, 2]]), b, s]), /2 is not within 0..1/],
  ['an unknown header', ([p, , b, s]) => new CborTag(18, [p, new Map([[4, 0]]), b, s]), /key 4 is not known/],
  ['a body that is no CBOR', ([p, u, , s]) => new CborTag(18, [p, u, new Uint8Array(), s]), /holds no CBOR/],
  [
    'a protected header without kid',
    ([, u, b, s]) => new CborTag(18, [encodeCbor(new Map([[1, -47]])), u, b, s]),
    /a key is missing/,
  ],
];
for (const [what, change, problem] of envelopes) {
  test(`neither the grammar nor the code takes ${what}`, () => {
    const whole = decodeCbor(signPack(exampleSigner, exampleBody(), { externalAad: exampleAad })) as CborTag;
    const changed = change(whole.value as CborValue[]);
    assert.match(cddl.problem('signal-pack', changed) ?? 'taken', problem);
    assert.throws(() => openPack(encodeCbor(changed), { externalAad: exampleAad }), MinerError);
  });
}

test('typ in the protected header is taken by both', () => {
  const body = encodeBody(exampleBody());
  const bytes = signCose(exampleSigner, body, { externalAad: exampleAad, type: 'dimo-pack' });
  assert.equal(cddl.problem('signal-pack', decodeCbor(bytes)), undefined);
  assert.equal(openPack(bytes, { externalAad: exampleAad }).body.seq, 42);
});

/** Numbers that reach every column code: constant, alternating, ramps, noise, past 2^53, bit patterns. */
const rawSeries = fc.oneof(
  fc.array(fc.integer({ min: -300, max: 300 }), { minLength: 1, maxLength: 30 }),
  fc.tuple(fc.integer(), fc.nat(60)).map(([value, count]) => Array<number>(count + 1).fill(value)),
  fc.array(fc.boolean().map(Number), { minLength: 2, maxLength: 60 }),
  fc.array(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n }), { minLength: 1, maxLength: 6 }),
);

const seriesOfColumn = fc.record({ raw: rawSeries, step: fc.nat(3), jitter: fc.nat(7), signalIndex: fc.nat(300) });

const bodies: fc.Arbitrary<PackBody> = fc
  .record({
    seq: fc.integer({ min: 10, max: 2 ** 40 }),
    bootCount: fc.nat(),
    columns: fc.array(seriesOfColumn, { maxLength: 5 }),
    texts: fc.array(fc.array(fc.string({ unit: 'grapheme', maxLength: 6 }), { minLength: 1, maxLength: 3 }), {
      maxLength: 2,
    }),
    frames: fc.array(
      fc.record({
        id: fc.nat(2 ** 31),
        payloads: fc.array(fc.uint8Array({ maxLength: 8 }), { minLength: 1, maxLength: 9 }),
      }),
      { maxLength: 2 },
    ),
    anchor: fc.option(fc.record({ unixMs: fc.nat(), source: fc.nat(4), uncertaintyMs: fc.nat() })),
    hasHashes: fc.boolean(),
    hasGap: fc.boolean(),
  })
  .map(({ seq, bootCount, columns, texts, frames, anchor, hasHashes, hasGap }) => {
    const times = (count: number, step: number, jitter: number) =>
      Float64Array.from({ length: count }, (_, i) => 500 + i * step * 100 + ((i * i) % (jitter + 1)));
    return {
      seq,
      bootCount,
      startMs: 400,
      decoders: [{ contentHash: new Uint8Array(32) }, { contentHash: new Uint8Array(32).fill(1), registryIndex: 3 }],
      columns: columns.map(({ raw, step, jitter, signalIndex }, i): Column => {
        const isWide = typeof raw[0] === 'bigint';
        const values = isWide ? (raw as bigint[]) : Float64Array.from(raw as number[]);
        return { decoder: i % 2, signalIndex, timesMs: times(raw.length, step, jitter), values };
      }),
      texts: texts.map((list, i) => ({ decoder: 0, signalIndex: i, timesMs: times(list.length, 1, 0), texts: list })),
      frames: frames.map(({ id, payloads }) => ({ id, payloads, timesMs: times(payloads.length, 2, 3) })),
      ...(anchor && { anchor }),
      ...(hasHashes && { previousHash: new Uint8Array(16), imageHash: new Uint8Array(32) }),
      counters: new Map([[1, seq]]),
      gaps: hasGap ? [{ from: 2, to: 5, reason: 1 }] : [],
    };
  });

test('whatever the code writes, the grammar takes; every value and time code among it', () => {
  const seen = new Set<number>();
  const check = (body: PackBody): void => {
    const value = decodeCbor(encodeBody(body)) as Map<CborValue, CborValue[][]>;
    assert.equal(cddl.problem('body', value), undefined);
    for (const parts of value.get(8) ?? []) seen.add(Number((parts.length > 4 ? parts[5] : parts[2]) ?? 0));
  };
  fc.assert(fc.property(bodies, check), { numRuns: 300 });
  // Bit patterns of floats that creep.
  const bits = new DataView(new ArrayBuffer(8));
  const patterns = Array.from({ length: 40 }, (_, i) => {
    bits.setFloat64(0, 56.27014 + i / 1024);
    return bits.getBigUint64(0);
  });
  const timesMs = Float64Array.from(patterns, (_, i) => 500 + i * 1000);
  check({ ...exampleBody(), columns: [{ decoder: 0, signalIndex: 0, timesMs, values: patterns }] });
  // What chance may leave out: one step, a ramp with a little noise, noise of one bit; even and uneven times.
  const noise = (i: number) => (i * i * 7 + (i >> 2)) % 4;
  const shapes = [
    (i: number) => (i < 40 ? 5 : 9e7),
    (i: number) => 1e6 + 400 * i + noise(i),
    (i: number) => noise(i) >> 1,
  ];
  for (const shape of shapes) {
    for (const uneven of [0, 1]) {
      const times = Float64Array.from({ length: 60 }, (_, i) => 500 + i * 1000 + uneven * noise(i));
      const values = Float64Array.from({ length: 60 }, (_, i) => shape(i));
      check({ ...exampleBody(), columns: [{ decoder: 0, signalIndex: 0, timesMs: times, values }] });
    }
  }
  const valueCodes = new Set([...seen].map((enc) => enc % 8));
  const timeCodes = new Set([...seen].map((enc) => Math.floor(enc / 8)));
  assert.deepEqual([...valueCodes].sort(), [0, 1, 2, 3, 4, 5]);
  assert.deepEqual([...timeCodes].sort(), [0, 1, 2]);
});

/** What the prose of docs/pack.md adds to the grammar: relations between fields, and what is inside byte strings. */
const beyondGrammar = [
  /^pack: (column|frame column) \d+: (times|values): /,
  /decoder \d+, but the pack lists \d+$/,
  /it continues the column before, and there is none$/,
  /times of column \d+, which does not come before it$/,
  /\d+ samples, but \d+ shared times$/,
  /a time code beside shared times$/,
  /an enc beside a single value/,
  /v is (not a byte string|neither an integer nor a text)$/,
  /a column of numbers after one of texts$/,
  /(samples|frames) pass the limit of \d+ a pack$/,
  /gap \d+ is \d+ to \d+, expected/,
  /payload \d+ (is missing|has \d+ bytes|is cut short)$/,
  /: \d+ bytes left over$/,
];

const otherValues: fc.Arbitrary<CborValue> = fc.oneof(
  fc.constantFrom<CborValue>(
    null,
    true,
    1.5,
    Number.NaN,
    -0.5,
    new CborFloat(1),
    new CborFloat(-0),
    '',
    'x',
    [],
    new Map(),
  ),
  fc.constantFrom<CborValue>(
    0,
    1,
    2,
    5,
    6,
    8,
    13,
    14,
    21,
    22,
    24,
    -1,
    -2,
    2 ** 32,
    2 ** 53 - 1,
    2n ** 53n,
    -(2n ** 63n),
  ),
  fc.constantFrom<CborValue>(2n ** 64n - 1n, -(2n ** 64n), new CborTag(1, 0), [0], [0, 1, 2], new Map([[1, 2]])),
  fc.constantFrom(0, 15, 16, 17, 31, 32, 33).map((length) => new Uint8Array(length)),
);

/** Changes one place of a value: `steps` choose the way down, `how` what happens there. */
function mutate(value: CborValue, steps: readonly number[], how: number, other: CborValue): CborValue {
  const [step, ...rest] = steps;
  if (Array.isArray(value) && value.length > 0 && step !== undefined) {
    const at = step % value.length;
    const items = value.slice();
    if (rest.length > 0 && typeof items[at] === 'object') items[at] = mutate(items[at], rest, how, other);
    else if (how === 0) items.splice(at, 1);
    else if (how === 1) items.splice(at, 0, other);
    else items[at] = other;
    return items;
  }
  if (value instanceof Map && value.size > 0 && step !== undefined) {
    const entries = [...value];
    const [key, inner] = entries[step % entries.length];
    const map = new Map<CborValue, CborValue>(entries);
    if (rest.length > 0 && typeof inner === 'object') map.set(key, mutate(inner, rest, how, other));
    else if (how === 0) map.delete(key);
    else if (how === 1) map.set(other, inner);
    else map.set(key, other);
    return map;
  }
  return other;
}

test('mutated bodies: what the grammar refuses the code refuses, what it takes the code refuses only for a reason beyond it', () => {
  const counts = { both: 0, neither: 0, beyond: 0 };
  const steps = fc.array(fc.nat(11), { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(bodies, steps, fc.nat(4), otherValues, (body, path, how, other) => {
      let bytes: Uint8Array;
      try {
        bytes = encodeCbor(mutate(decodeCbor(encodeBody(body)), path, how, other));
      } catch (error) {
        // A key twice: no map.
        assert.ok(error instanceof TypeError);
        return;
      }
      const problem = cddl.problem('body', decodeCbor(bytes));
      let refusal: MinerError | undefined;
      try {
        decodeBody(bytes);
      } catch (error) {
        assert.ok(error instanceof MinerError, `${(error as Error).stack}`);
        refusal = error;
      }
      if (problem !== undefined) assert.ok(refusal, `only the grammar refuses: ${problem}`);
      else if (refusal) {
        const { message } = refusal;
        assert.ok(
          beyondGrammar.some((pattern) => pattern.test(message)),
          `only the code refuses: ${message}`,
        );
        counts.beyond++;
      }
      if (problem !== undefined) counts.neither++;
      if (refusal === undefined) counts.both++;
    }),
    { numRuns: 1500 },
  );
  assert.ok(counts.neither > 250 && counts.both > 50 && counts.beyond > 2, JSON.stringify(counts));
});

const wrongGrammars: [string, string, RegExp][] = [
  ['a name without a rule', 'a = [ b ]', /no rule for b/],
  ['two rules of one name', 'a = uint a = int', /a has two rules/],
  ['a key after a key', 'a = { 1: b: uint }', /expected , after/],
  ['a control that is not known', 'a = bstr .bits 1', /control \.bits/],
  ['a map entry without a key', 'a = { uint }', /without a key/],
  ['no CDDL', 'a = <', /no token/],
];
for (const [what, text, problem] of wrongGrammars) {
  test(`a grammar with ${what} is refused`, () => assert.throws(() => new Cddl(text), problem));
}
