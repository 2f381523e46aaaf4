/** Deterministic CBOR: the RFC's own examples, agreement with cbor-x, and nothing accepted that we would not write. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Decoder, Encoder } from 'cbor-x';
import fc from 'fast-check';
import { MinerError } from '../../../edge/errors/index.ts';
import {
  CborFloat,
  CborTag,
  type CborValue,
  cborMap,
  decodeCbor,
  encodeCbor,
  fromHex,
  toHex,
} from '../../../edge/pack/index.ts';

const map = (...entries: [CborValue, CborValue][]) => new Map(entries);
const float = (value: number) => new CborFloat(value);

/** RFC 8949, Appendix A: every example in definite length that this subset holds. */
const appendixA: [string, CborValue][] = [
  ['00', 0],
  ['01', 1],
  ['0a', 10],
  ['17', 23],
  ['1818', 24],
  ['1819', 25],
  ['1864', 100],
  ['1903e8', 1000],
  ['1a000f4240', 1000000],
  ['1b000000e8d4a51000', 1000000000000],
  ['1bffffffffffffffff', 18446744073709551615n],
  ['c249010000000000000000', new CborTag(2, fromHex('010000000000000000'))],
  ['3bffffffffffffffff', -18446744073709551616n],
  ['c349010000000000000000', new CborTag(3, fromHex('010000000000000000'))],
  ['20', -1],
  ['29', -10],
  ['3863', -100],
  ['3903e7', -1000],
  ['f90000', float(0)],
  ['f98000', float(-0)],
  ['f93c00', float(1)],
  ['fb3ff199999999999a', 1.1],
  ['f93e00', 1.5],
  ['f97bff', float(65504)],
  ['fa47c35000', float(100000)],
  ['fa7f7fffff', 3.4028234663852886e38],
  ['fb7e37e43c8800759c', 1.0e300],
  ['f90001', 2 ** -24],
  ['f90400', 0.00006103515625],
  ['f9c400', float(-4)],
  ['fbc010666666666666', -4.1],
  ['f97c00', Number.POSITIVE_INFINITY],
  ['f97e00', Number.NaN],
  ['f9fc00', Number.NEGATIVE_INFINITY],
  ['f4', false],
  ['f5', true],
  ['f6', null],
  ['c074323031332d30332d32315432303a30343a30305a', new CborTag(0, '2013-03-21T20:04:00Z')],
  ['c11a514b67b0', new CborTag(1, 1363896240)],
  ['c1fb41d452d9ec200000', new CborTag(1, 1363896240.5)],
  ['d74401020304', new CborTag(23, fromHex('01020304'))],
  ['d818456449455446', new CborTag(24, fromHex('6449455446'))],
  ['d82076687474703a2f2f7777772e6578616d706c652e636f6d', new CborTag(32, 'http://www.example.com')],
  ['40', new Uint8Array()],
  ['4401020304', fromHex('01020304')],
  ['60', ''],
  ['6161', 'a'],
  ['6449455446', 'IETF'],
  ['62225c', '"\\'],
  ['62c3bc', 'ü'],
  ['63e6b0b4', '水'],
  ['64f0908591', '𐅑'],
  ['80', []],
  ['83010203', [1, 2, 3]],
  ['8301820203820405', [1, [2, 3], [4, 5]]],
  ['98190102030405060708090a0b0c0d0e0f101112131415161718181819', Array.from({ length: 25 }, (_, i) => i + 1)],
  ['a0', map()],
  ['a201020304', map([1, 2], [3, 4])],
  ['a26161016162820203', map(['a', 1], ['b', [2, 3]])],
  ['826161a161626163', ['a', map(['b', 'c'])]],
  ['a56161614161626142616361436164614461656145', map(...([...'abcde'].map((c) => [c, c.toUpperCase()]) as []))],
];

for (const [hex, value] of appendixA) {
  test(`RFC 8949 appendix A: ${hex}`, () => {
    assert.equal(toHex(encodeCbor(value)), hex);
    assert.deepEqual(decodeCbor(fromHex(hex)), value);
  });
}

const refused: [string, string, RegExp][] = [
  ['nothing at all', '', /byte 0: ends early: 1 bytes expected/],
  ['a small number in two bytes', '1817', /23 written in 1 bytes, fewer would do/],
  ['255 in three bytes', '1900ff', /255 written in 2 bytes/],
  ['65535 in five bytes', '1a0000ffff', /65535 written in 4 bytes/],
  ['2^32-1 in nine bytes', '1b00000000ffffffff', /4294967295 written in 8 bytes/],
  ['a length in a longer form', '580161', /1 written in 1 bytes/],
  ['an argument cut short', '19ff', /byte 1: ends early: 2 bytes expected, 1 left/],
  ['a byte string cut short', '43aabb', /a string of 3 bytes, only 2 left/],
  ['an array cut short', '820101'.slice(0, 4), /2 entries in the 1 bytes left/],
  ['an array longer than any memory', '9bffffffffffffffff', /18446744073709551615 entries in the 0 bytes left/],
  ['a map longer than the bytes left', 'a30102', /3 entries in the 2 bytes left/],
  ['indefinite byte string', '5f42010243030405ff', /indefinite length/],
  ['indefinite array', '9fff', /indefinite length/],
  ['a break on its own', 'ff', /simple value or break/],
  ['reserved information', '1c', /reserved additional information 28/],
  ['undefined', 'f7', /simple value or break \(23\)/],
  ['an unassigned simple value', 'f0', /simple value or break \(16\)/],
  ['1.0 in four bytes', 'fa3f800000', /float in 4 bytes, 2 would do/],
  ['1.5 in eight bytes', 'fb3ff8000000000000', /float in 8 bytes, 2 would do/],
  ['100000.0 in eight bytes', 'fb40f86a0000000000', /float in 8 bytes, 4 would do/],
  ['NaN in eight bytes', 'fb7ff8000000000000', /NaN in another form/],
  ['NaN with a payload', 'f97e01', /NaN in another form/],
  ['keys out of order', 'a203000100', /byte 3: map keys out of order/],
  ['a longer key before a shorter one', 'a2626162006163 00'.replace(' ', ''), /map keys out of order/],
  ['a key twice', 'a201000100', /byte 3: the same map key twice/],
  ['text that is not UTF-8', '61ff', /text that is not UTF-8/],
  ['bytes left over', '0000', /byte 1: 1 bytes left over/],
  ['nested too deep', `${'81'.repeat(17)}00`, /byte 16: nested too deep/],
];

for (const [what, hex, message] of refused) {
  test(`refused: ${what}`, () => {
    assert.throws(() => decodeCbor(fromHex(hex)), { name: 'MinerError', code: 'CBOR_INVALID', message });
  });
}

test('more items than the limit are refused at the first one too many', () => {
  const nested = encodeCbor([1, [2, 3], new Map([[4, 5]])]);
  assert.deepEqual(decodeCbor(nested, { itemsMax: 8 }), [1, [2, 3], new Map([[4, 5]])]);
  assert.throws(() => decodeCbor(nested, { itemsMax: 7 }), /at byte 7: more than 7 data items/);
  const many = new Uint8Array(2 ** 21 + 5).fill(0x80);
  many.set([0x9a, 0, 0x20, 0, 0]);
  assert.throws(() => decodeCbor(many), /more than 1048576 data items/);
});

test('a whole item past the size limit is refused before it is read', () => {
  assert.throws(() => decodeCbor(new Uint8Array(11), { bytesMax: 10 }), /11 bytes, at most 10 are read/);
});

test('what the subset cannot say is an assertion, not output', () => {
  for (const value of [2n ** 64n, -(2n ** 64n) - 1n, '\ud800', undefined as unknown as CborValue]) {
    assert.throws(() => encodeCbor(value), TypeError);
  }
  assert.throws(() => encodeCbor(map([new Uint8Array([1]), 1], [new Uint8Array([1]), 2])), /two map keys/);
});

test('map keys are sorted by their encoding, whatever their order and type', () => {
  const unsorted = map([-1, 0], ['aa', 0], [100, 0], [10, 0], ['z', 0], [false, 0], [[100], 0], [[-1], 0]);
  // RFC 8949, 4.2.1, the same example in its bytewise order.
  assert.deepEqual(
    [...(decodeCbor(encodeCbor(unsorted)) as Map<CborValue, CborValue>).keys()],
    [10, 100, -1, 'z', 'aa', [100], [-1], false],
  );
});

test('byte strings come back as views, not copies', () => {
  const bytes = fromHex('4401020304');
  const view = decodeCbor(bytes) as Uint8Array;
  assert.equal(view.buffer, bytes.buffer);
});

test('cborMap leaves out what is undefined', () => {
  const entries: [CborValue, CborValue | undefined][] = [
    [1, 'a'],
    [2, undefined],
  ];
  assert.equal(toHex(encodeCbor(cborMap(entries))), 'a1016161');
});

const scalar = fc.oneof(
  fc.maxSafeInteger(),
  fc.bigInt({ min: -(2n ** 64n), max: 2n ** 64n - 1n }),
  fc.string({ unit: 'binary' }),
  fc.boolean(),
  fc.constant(null),
  fc.uint8Array({ maxLength: 40 }),
  fc.double(),
  fc.float(),
);
const { value: anyValue } = fc.letrec<{ value: CborValue }>((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    scalar,
    fc.array(tie('value'), { maxLength: 5 }),
    fc.dictionary(fc.string(), tie('value'), { maxKeys: 5 }).map((record) => new Map(Object.entries(record))),
    fc.tuple(fc.nat(), tie('value')).map(([tag, value]) => new CborTag(tag, value)),
  ),
}));

test('decoding what was encoded, and encoding it again, gives the same bytes', () => {
  fc.assert(
    fc.property(anyValue, (value) => {
      const bytes = encodeCbor(value);
      assert.deepEqual(encodeCbor(decodeCbor(bytes)), bytes);
    }),
  );
});

test('any bytes are either refused with CBOR_INVALID or come back byte for byte', () => {
  const mutated = fc.tuple(anyValue, fc.nat(), fc.nat(255)).map(([value, place, byte]) => {
    const bytes = encodeCbor(value);
    bytes[place % bytes.length] = byte;
    return bytes;
  });
  let accepted = 0;
  fc.assert(
    fc.property(fc.oneof(fc.uint8Array({ maxLength: 24 }), mutated), (bytes) => {
      let value: CborValue;
      try {
        value = decodeCbor(bytes);
      } catch (error) {
        return error instanceof MinerError && error.code === 'CBOR_INVALID';
      }
      accepted++;
      assert.deepEqual(encodeCbor(value), bytes);
    }),
    { numRuns: 2000 },
  );
  assert.ok(accepted > 100, `only ${accepted} accepted`);
});

test('cbor-x reads what we write, and we read what it writes canonically', () => {
  const encoder = new Encoder({ mapsAsObjects: false, useRecords: false, tagUint8Array: false });
  const decoder = new Decoder({ mapsAsObjects: false, useRecords: false });
  const integer = fc.integer({ min: -(2 ** 31), max: 2 ** 32 - 1 });
  const leaf = fc.oneof(integer, fc.string(), fc.boolean(), fc.constant(null), fc.uint8Array());
  const both = fc.array(fc.oneof(leaf, fc.array(leaf)), { maxLength: 30 });
  const plain = (value: unknown): unknown => {
    if (value instanceof Uint8Array) return Uint8Array.from(value);
    return Array.isArray(value) ? value.map(plain) : value;
  };
  fc.assert(
    fc.property(both, (value) => {
      const ours = encodeCbor(value as CborValue);
      assert.deepEqual(plain(decoder.decode(ours)), value);
      assert.equal(toHex(encoder.encode(value)), toHex(ours));
    }),
  );
  fc.assert(
    fc.property(fc.uniqueArray(fc.oneof(integer, fc.string()), { maxLength: 30 }), (keys) => {
      const value = new Map(keys.map((key, index) => [key, index]));
      assert.deepEqual(
        decoder.decode(encodeCbor(value)),
        new Map(decodeCbor(encodeCbor(value)) as Map<string, number>),
      );
    }),
  );
});
