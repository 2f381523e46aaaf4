/** Pack bodies: what goes in comes out, exact to 64 bits; anything else is refused with our error. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  type CborValue,
  type Column,
  decodeBody,
  decodeCbor,
  encodeBody,
  encodeCbor,
  fromHex,
  type PackBody,
  SamplesBuilder,
  sampleCount,
  samplesOf,
  toHex,
} from '../../../edge/pack/index.ts';

const contentHash = new Uint8Array(32).fill(0xd1);

function bodyWith(parts: Partial<PackBody>): PackBody {
  return { seq: 7, bootCount: 2, decoders: [{ contentHash }], startMs: 1000, columns: [], ...parts };
}

function column(timesMs: number[], values: number[] | bigint[], signalIndex = 0): Column {
  const isWide = typeof values[0] === 'bigint';
  const raw = isWide ? (values as bigint[]) : Float64Array.from(values as number[]);
  return { decoder: 0, signalIndex, timesMs: Float64Array.from(timesMs), values: raw };
}

/** The one column of field 8, as CBOR holds it. */
function written(one: Column): CborValue[] {
  const fields = decodeCbor(encodeBody(bodyWith({ columns: [one] }))) as Map<number, CborValue[]>;
  return (fields.get(8) as CborValue[])[0] as CborValue[];
}

const seconds = (count: number) => Array.from({ length: count }, (_, i) => 1000 + 1000 * i);
const hex = (value: CborValue | undefined) => (value instanceof Uint8Array ? toHex(value) : value);

const encodings: { what: string; column: Column; times: string; values: CborValue; enc: number | undefined }[] = [
  { what: 'one sample', column: column([1003], [-3]), times: '06', values: -3, enc: undefined },
  {
    what: 'one sample of 64 bits',
    column: column([1000], [2n ** 64n - 1n]),
    times: '00',
    values: 2n ** 64n - 1n,
    enc: undefined,
  },
  { what: 'two, apart', column: column([1000, 1100], [5, 4]), times: '00c801', values: '0a01', enc: undefined },
  {
    what: 'a constant each second',
    column: column(seconds(60), Array(60).fill(9)),
    times: '00d00f0000',
    values: '1200',
    enc: 19,
  },
  {
    what: 'a ramp each second',
    column: column(seconds(60), seconds(60)),
    times: '00d00f0000',
    values: 'd00fd00f00',
    enc: 18,
  },
  {
    what: 'two plateaus: runs',
    column: column(seconds(60), [...Array(30).fill(9), ...Array(30).fill(500)]),
    times: '00d00f0000',
    values: '12001cd607001c',
    enc: 17,
  },
  {
    what: 'flags: packed to a bit each',
    column: column(seconds(16), [0, 1, 1, 0, 1, 0, 0, 1, 1, 1, 0, 1, 0, 0, 1, 0]),
    times: '00d00f0000',
    values: '0001964b',
    enc: 19,
  },
  {
    what: 'negative and large, within 2^51',
    column: column([1000, 1000], [0, -(2 ** 51)]),
    times: '0000',
    values: '00ffffffffffffff07',
    enc: undefined,
  },
  {
    what: 'past 2^51',
    column: column([1000, 1000], [0, 2 ** 53 - 1]),
    times: '0000',
    values: '00feffffffffffff1f',
    enc: undefined,
  },
  {
    what: 'the largest of 64 bits',
    column: column([1000, 1000, 1000], [0n, 2n ** 64n - 1n, 0n]),
    times: '000000',
    values: '0008ffffffffffffffff08ffffffffffffffff',
    enc: 4,
  },
  {
    what: 'the least of 64 bits',
    column: column([1000, 1000], [0n, -(2n ** 63n)]),
    times: '0000',
    values: '00ffffffffffffffffff01',
    enc: undefined,
  },
];
for (const { what, column: one, times, values, enc } of encodings) {
  test(`bytes of a column: ${what}`, () => {
    const [decoder, signal, n, t, v, code] = written(one);
    assert.deepEqual([decoder, signal, n], [0, 0, one.values.length]);
    assert.deepEqual([hex(t), hex(v), code], [times, values, enc]);
  });
}

test('floats that creep are written as what changed in their bits', () => {
  const bits = new DataView(new ArrayBuffer(8));
  const patterns = Array.from({ length: 40 }, (_, i) => {
    bits.setFloat64(0, 56.27014 + i / 1024);
    return bits.getBigUint64(0);
  });
  const one = column(seconds(40), patterns);
  assert.equal(Number(written(one)[5]) % 8, 4);
  assert.deepEqual(decodeBody(encodeBody(bodyWith({ columns: [one] }))).columns, [one]);
});

test('columns sampled together share their times: beside each other in two elements, else by number', () => {
  const columns = [
    column(seconds(5), [1, 2, 3, 4, 5], 0),
    column(seconds(5), [9, 9, 9, 9, 9], 1),
    column([1], [3], 2),
    column(seconds(5), [7, 7, 7, 7, 8], 3),
    { ...column(seconds(5), [7, 7, 7, 7, 8], 3), decoder: 1 },
  ];
  const bytes = encodeBody(bodyWith({ columns, decoders: [{ contentHash }, { contentHash }] }));
  const items = (decodeCbor(bytes) as Map<number, CborValue[]>).get(8) as CborValue[][];
  assert.deepEqual(items[1], [1, fromHex('1200'), 3]);
  assert.deepEqual(items[2].slice(0, 3), [0, 2, 1]);
  assert.equal(items[3][3], -2);
  assert.deepEqual(items[4].slice(0, 4), [1, 3, 5, -4], 'another decoder is always written out');
  const decoded = decodeBody(bytes);
  assert.deepEqual(decoded.columns, columns);
  for (const k of [1, 3, 4]) assert.equal(decoded.columns[k].timesMs, decoded.columns[0].timesMs);
});

test('every field comes back', () => {
  const body = bodyWith({
    seq: 2 ** 40,
    previousHash: new Uint8Array(16).fill(1),
    decoders: [{ contentHash, registryIndex: 12 }, { contentHash: new Uint8Array(32) }],
    anchor: { unixMs: 1_713_460_846_435, source: 2, uncertaintyMs: 30 },
    columns: [column([900, 1000], [1, 2])],
    texts: [
      { decoder: 1, signalIndex: 3, timesMs: Float64Array.from([1000]), texts: ['1FTEX1EP5KKD41597'] },
      { decoder: 1, signalIndex: 4, timesMs: Float64Array.from([1, 2, 3]), texts: ['SCANNING', '', 'COMPLÉTÉ'] },
    ],
    frames: [
      {
        id: 0x98daf110,
        timesMs: Float64Array.from([1001, 1002, 1004]),
        payloads: [fromHex('0210'), new Uint8Array(), new Uint8Array(64).fill(3)],
      },
    ],
    counters: new Map([
      [1, 9009],
      [6, 731],
    ]),
    gaps: [
      { from: 3, to: 3, reason: 1 },
      { from: 10, to: 64, reason: 2 },
    ],
    imageHash: new Uint8Array(32).fill(5),
  });
  const decoded = decodeBody(encodeBody(body));
  assert.deepEqual(decoded, body);
  assert.equal(sampleCount(decoded), 6);
  assert.deepEqual(
    [...samplesOf(decoded)],
    [
      { decoder: contentHash, signalIndex: 0, timeMs: 900, raw: 1 },
      { decoder: contentHash, signalIndex: 0, timeMs: 1000, raw: 2 },
    ],
  );
});

const time = fc.nat(2 ** 31);
const anyTimes = fc.oneof(
  fc.array(time, { minLength: 1, maxLength: 80 }),
  fc.tuple(time, fc.nat(2000), fc.array(fc.nat(12), { minLength: 1, maxLength: 80 })).map(([start, step, jitters]) => {
    return jitters.map((jitter, i) => start + i * step + jitter);
  }),
);
const anyRaw: fc.Arbitrary<(n: number) => number | bigint>[] = [
  fc.func(fc.integer()),
  fc.func(fc.maxSafeInteger()),
  fc.func(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 64n - 1n })),
  fc.func(fc.nat(3)),
  fc.integer().map((constant) => () => constant),
  fc
    .func(fc.float({ noNaN: true }))
    .map((value) => (i: number) => new Uint32Array(Float32Array.of(value(i)).buffer)[0]),
];

test('any samples come back in order, exact, whatever encoding was shortest', () => {
  const series = fc.record({ times: anyTimes, raw: fc.oneof(...anyRaw), signalIndex: fc.nat(5), decoder: fc.nat(1) });
  fc.assert(
    fc.property(fc.array(series, { minLength: 1, maxLength: 6 }), fc.nat(2 ** 31), (all, startMs) => {
      const builder = new SamplesBuilder();
      const expected = new Map<number, [number, number | bigint][]>();
      for (const { times, raw, signalIndex, decoder } of all) {
        times.forEach((timeMs, i) => {
          builder.add(decoder, signalIndex, timeMs, raw(i));
          const key = decoder * 10 + signalIndex;
          expected.set(key, [...(expected.get(key) ?? []), [timeMs, raw(i)]]);
        });
      }
      const decoders = [{ contentHash }, { contentHash: new Uint8Array(32) }];
      const body = bodyWith({ startMs, decoders, columns: builder.columns() });
      const decoded = decodeBody(encodeBody(body));
      assert.deepEqual(encodeBody(decoded), encodeBody(body));
      for (const { decoder, signalIndex, timesMs, values } of decoded.columns) {
        const want = expected.get(decoder * 10 + signalIndex) as [number, number | bigint][];
        assert.deepEqual(
          Array.from(timesMs),
          want.map(([timeMs]) => timeMs),
        );
        // 5 and 5n are the same raw value: which one comes back depends on the column's other values.
        assert.deepEqual(
          Array.from(values, BigInt),
          want.map(([, raw]) => BigInt(raw)),
        );
        expected.delete(decoder * 10 + signalIndex);
      }
      assert.equal(expected.size, 0);
    }),
    { numRuns: 150 },
  );
});

const valid = encodeBody(
  bodyWith({
    columns: [
      column(
        seconds(20),
        seconds(20).map((ms) => (ms * 7919) % 31),
      ),
      column([1, 2, 4], [2n ** 60n, 1n, 0n], 1),
    ],
    frames: [{ id: 1, timesMs: Float64Array.from([1]), payloads: [fromHex('aabb')] }],
    texts: [{ decoder: 0, signalIndex: 2, timesMs: Float64Array.from([1, 2]), texts: ['COMPLETED', 'x'] }],
    gaps: [{ from: 1, to: 2, reason: 1 }],
  }),
);

test('damaged bodies decode or are refused, and never anything else', () => {
  let refusedCount = 0;
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = valid.slice();
      for (const [place, byte] of changes) bytes[place % bytes.length] = byte;
      try {
        decodeBody(bytes);
      } catch (error) {
        assert.ok(
          error instanceof MinerError && /^(CBOR_INVALID|PACK_FIELD|PACK_COLUMN)$/.test(error.code),
          String(error),
        );
        refusedCount++;
      }
    }),
    { numRuns: 3000 },
  );
  assert.ok(refusedCount > 1000);
});

type Fields = Map<CborValue, CborValue>;
const edit = (change: (fields: Fields) => void) => {
  const fields = new Map(decodeCbor(encodeBody(bodyWith({ columns: [column([1000, 1100], [5, 4])] }))) as Fields);
  change(fields);
  return encodeCbor(fields);
};
const withColumn = (...parts: CborValue[]) => edit((fields) => fields.set(8, [parts]));
const v = fromHex('0a01');
const t = fromHex('00c801');

const invalid: [string, Uint8Array, RegExp][] = [
  ['an array', fromHex('80'), /the body is an array of 0, expected a map/],
  ['another schema', edit((f) => f.set(1, 2)), /the schema version is 2, expected 1/],
  ['no seq', edit((f) => f.delete(2)), /seq is missing, expected an unsigned integer/],
  ['a seq of 0', edit((f) => f.set(2, 0)), /seq is 0, expected a number from 1/],
  ['a negative seq', edit((f) => f.set(2, -1)), /seq is -1/],
  ['a seq past 2^53', edit((f) => f.set(2, 2n ** 60n)), /seq is 1152921504606846976/],
  [
    'a text that would clear the screen',
    edit((f) => f.set(3, `\u001b[2J\u009b1A\u202e\n${'x'.repeat(1000)}`)),
    /the boot count is "\\u001b\[2J\\u009b1A\\u202e\\nx{31}"\.\.\. \(1009 characters\), expected/,
  ],
  ['a text as boot count', edit((f) => f.set(3, 'two')), /the boot count is "two", expected/],
  [
    'a whole hash as previous',
    edit((f) => f.set(4, new Uint8Array(32))),
    /previous hash is 32 bytes, expected 16 bytes/,
  ],
  ['a short decoder', edit((f) => f.set(5, [[new Uint8Array(20)]])), /content hash of decoder 0 is 20 bytes/],
  ['an unknown clock source', edit((f) => f.set(7, [1, 5, 1])), /source is 5, expected 0 to 4/],
  ['an unknown field', edit((f) => f.set(13, 0)), /a field is 13, expected a number from 1 to 12/],
  ['an empty frame list', edit((f) => f.set(9, [])), /frames is an array of 0/],
  ['empty counters', edit((f) => f.set(10, new Map())), /counters is a map of 0/],
  ['a gap backwards', edit((f) => f.set(11, [[3, 2, 1]])), /gap 0 is 3 to 2/],
  ['a gap of 0', edit((f) => f.set(11, [[0, 2, 1]])), /gap 0 is 0 to 2/],
  [
    'gaps that touch in the wrong order',
    edit((f) =>
      f.set(11, [
        [3, 4, 1],
        [1, 2, 1],
      ]),
    ),
    /gap 1 is 1 to 2/,
  ],
  ['a gap over the pack itself', edit((f) => f.set(11, [[5, 7, 1]])), /range below the pack's own seq 7/],
  ['a short image hash', edit((f) => f.set(12, new Uint8Array(31))), /image hash is 31 bytes/],
  ['a column of four', withColumn(0, 0, 2, t), /column 0: expected \[decoder/],
  ['a column that continues nothing', withColumn(0, v), /continues the column before, and there is none/],
  [
    'a time code in a short column',
    edit((f) =>
      f.set(8, [
        [0, 0, 2, t, v],
        [1, v, 8],
      ]),
    ),
    /enc 8 is not known here/,
  ],
  [
    'numbers after texts',
    edit((f) =>
      f.set(8, [
        [0, 0, 1, fromHex('00'), 'x'],
        [1, 5],
      ]),
    ),
    /numbers after one of texts/,
  ],
  ['a decoder that is not listed', withColumn(1, 0, 2, t, v), /decoder 1, but the pack lists 1/],
  ['an empty column', withColumn(0, 0, 0, new Uint8Array(), new Uint8Array()), /no samples/],
  ['more values than said', withColumn(0, 0, 2, t, fromHex('0a0101')), /values: 1 bytes left over/],
  ['a byte string for a single value', withColumn(0, 0, 1, fromHex('00'), v), /neither an integer nor a text/],
  ['a float for a single value', withColumn(0, 0, 1, fromHex('00'), 1.5), /neither an integer nor a text/],
  ['a single value past 64 bits', withColumn(0, 0, 1, fromHex('00'), -(2n ** 64n)), /does not fit 64 bits/],
  ['an enc for a single value', withColumn(0, 0, 1, fromHex('00'), 5, 1), /an enc beside a single value/],
  ['an integer for two values', withColumn(0, 0, 2, t, 5), /v is not a byte string/],
  ['fewer values than said', withColumn(0, 0, 2, t, fromHex('0a')), /values: ends early/],
  ['fewer times than said', withColumn(0, 0, 2, fromHex('00'), v), /times: ends early/],
  ['a time before boot', withColumn(0, 0, 2, fromHex('d10fc801'), v), /sample 0 is at -1 ms/],
  ['a number in too many bytes', withColumn(0, 0, 2, t, fromHex('8a0001')), /more bytes than it needs/],
  ['a number without end', withColumn(0, 0, 2, t, fromHex('ff'.repeat(11))), /more than 10 bytes/],
  ['a value past 64 bits', withColumn(0, 0, 2, t, fromHex('8080808080808080800400')), /does not fit 64 bits/],
  ['enc 0 written out', withColumn(0, 0, 2, t, v, 0), /by leaving it out/],
  ['an unknown value code', withColumn(0, 0, 2, t, v, 6), /enc 6 is not known/],
  ['an unknown time code', withColumn(0, 0, 2, t, v, 24), /enc 24 is not known/],
  ['times of a later column', withColumn(0, 0, 2, -1, v), /times of column 0, which does not come before/],
  ['a run longer than the column', withColumn(0, 0, 2, t, fromHex('0005'), 1), /a run of zeros is 5, at most 1/],
  ['bits in the padding', withColumn(0, 0, 2, t, fromHex('0001ff'), 3), /bits set in the padding/],
  ['packed too wide', withColumn(0, 0, 2, t, fromHex('0035'), 3), /the packed width is 53/],
  ['packing with nothing to pack', withColumn(0, 0, 1, fromHex('000000'), 5, 16), /cannot be packed/],
  ['an XOR head past 8 bytes', withColumn(0, 0, 2, t, fromHex('45'), 4), /an XOR head of 69/],
  ['a text past its bytes', withColumn(0, 0, 2, t, fromHex('0541'), 5), /a text of 5 bytes, only 1 left/],
  ['a text that is not UTF-8', withColumn(0, 0, 2, t, fromHex('01ff'), 5), /not UTF-8/],
  [
    'a million samples in six bytes',
    withColumn(0, 0, 2 ** 32, fromHex('00feffffff1f'), fromHex('00feffffff1f'), 9),
    /pass the limit/,
  ],
  ['a frame id that is no integer', edit((f) => f.set(9, [[1.5, 1, fromHex('00'), fromHex('00')]])), /id 1.5/],
  ['frames in no number', edit((f) => f.set(9, [[1, Number.NaN, fromHex(''), fromHex('')]])), /n NaN/],
  ['a frame time code of 0', edit((f) => f.set(9, [[1, 1, fromHex('00'), fromHex('00'), 0]])), /time code 0/],
  ['a frame cut short', edit((f) => f.set(9, [[1, 1, fromHex('00'), fromHex('02aa')]])), /payload 0 is cut short/],
  ['a frame left over', edit((f) => f.set(9, [[1, 1, fromHex('00'), fromHex('0000')]])), /1 bytes left over/],
];
for (const [what, bytes, message] of invalid) {
  test(`refused: ${what}`, () => {
    assert.throws(() => decodeBody(bytes), { name: 'MinerError', message });
  });
}

test('the builder keeps its arrays and forgets its samples', () => {
  const builder = new SamplesBuilder();
  for (let i = 0; i < 100; i++) builder.add(0, 3, 10.9 + i, i);
  builder.addText(0, 4, 5, 'x');
  assert.deepEqual([builder.count, builder.firstMs], [101, 5]);
  assert.equal(builder.columns()[0].timesMs[99], 109);
  builder.clear();
  assert.deepEqual(
    [builder.count, builder.firstMs, builder.columns(), builder.texts()],
    [0, Number.POSITIVE_INFINITY, [], []],
  );
  builder.add(0, 3, 1, 2n ** 63n);
  builder.add(0, 3, 2, 1);
  assert.deepEqual(builder.columns()[0].values, [2n ** 63n, 1n]);
});
