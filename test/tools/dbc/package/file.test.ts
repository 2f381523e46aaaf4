/** The package as one file: the same bytes for the same content, back again without loss, and nothing altered passes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sha256 } from '@noble/hashes/sha2.js';
import fc from 'fast-check';
import { type CborValue, decodeCbor, encodeCbor } from '../../../../edge/pack/index.ts';
import { decodePackage, encodePackage, inspectPackage, Problems } from '../../../../tools/dbc/package/index.ts';
import { dbcBytes, golden, goodPackage, manifest, vss } from './support.ts';

const file = encodePackage(goodPackage());

function open(bytes: Uint8Array) {
  const problems = new Problems();
  const parts = decodePackage(bytes, problems);
  const inspected = parts && inspectPackage(parts, problems);
  const errors = problems.list.filter(({ severity }) => severity === 'error');
  return { parts, inspected, errors: errors.map(({ place, message }) => `${place}: ${message}`) };
}

test('round trip: everything comes back, and encodes to the same bytes', () => {
  const { parts, inspected, errors } = open(file);
  assert.deepEqual(errors, []);
  assert.deepEqual(parts!.manifest, { ...manifest });
  assert.deepEqual(parts!.vss, vss);
  assert.deepEqual(parts!.golden, golden);
  assert.deepEqual(new Uint8Array(parts!.dbc), dbcBytes);
  assert.deepEqual(encodePackage(inspected!.package!), file);
});

test('the order of a mapping does not change the file', () => {
  assert.deepEqual(encodePackage(goodPackage({ vss: [...vss].reverse() })), file);
});

test('any one byte altered is found', () => {
  fc.assert(
    fc.property(fc.nat(file.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
      const altered = file.slice();
      altered[at] ^= change;
      assert.notDeepEqual(open(altered).errors, []);
    }),
    { numRuns: 150 },
  );
});

test('cut short or with bytes added: found', () => {
  for (const bytes of [file.subarray(0, -1), file.subarray(0, 100), new Uint8Array(0), Uint8Array.from([...file, 0])])
    assert.match(open(bytes).errors[0], /not deterministic CBOR/);
});

type Top = Map<CborValue, CborValue>;

/** Changes the decoded file, and seals it again as someone with bad intent would. */
function forged(change: (top: Top) => void): Uint8Array {
  const top = new Map(decodeCbor(file) as Top);
  change(top);
  top.delete(7);
  const seal = sha256(encodeCbor(top));
  return encodeCbor(top.set(7, seal));
}

const list = (top: Top, key: number): CborValue[] => [...(top.get(key) as CborValue[])];
const goldenWith = (item: (frame: CborValue[]) => CborValue) => (top: Top) => {
  const [first, ...rest] = list(top, 5);
  top.set(5, [item([...(first as CborValue[])]), ...rest]);
};
const manifestWith = (key: number, value: CborValue) => (top: Top) =>
  void top.set(2, new Map([...(top.get(2) as Top), [key, value]]));

const forgeries: [string, (top: Top) => void, RegExp][] = [
  ['another format', (top) => void top.set(1, 2), /^\/1: expected format version 1$/],
  ['an unknown key', (top) => void top.set(8, 'x'), /^\/8: unknown key$/],
  ['an unknown key as text', (top) => void top.set('__proto__', 'x'), /^\/__proto__: unknown key$/],
  ['no DBC', (top) => void top.delete(3), /^\/3: expected the DBC/],
  ['another DBC', (top) => void top.set(3, Uint8Array.from([...dbcBytes, 0x0a])), /^\/4\/0: contentHash is /],
  ['no hashes', (top) => void top.delete(4), /^\/4: expected \[contentHash/],
  ['another module hash', (top) => void top.set(4, [...list(top, 4).slice(0, 2), null]), /^\/4\/2: moduleHash is none/],
  ['no golden frames', (top) => void top.set(5, []), /^golden\.jsonl: no golden frame/],
  ['golden frames that are none', (top) => void top.set(5, 3), /^\/5: expected an array/],
  ['a golden frame of two parts', goldenWith((frame) => frame.slice(0, 2)), /^\/5\/0: expected \[id, data/],
  ['a golden frame of nobody', goldenWith(([, ...rest]) => [0x7ff, ...rest]), /no message answers to id 0x7ff$/],
  [
    'a signal of another message',
    goldenWith(([id, data]) => [id, data, new Map([[0, 1]]), new Map()]),
    /^\/5\/0|signal/,
  ],
  ['a value that is none', goldenWith(([id, data]) => [id, data, new Map([[1, 'x']])]), /^\/5\/0: value of signal 1/],
  ['a status that is none', goldenWith(([id, data]) => [id, data, new Map(), new Map([[1, 9]])]), /^\/5\/0: status of/],
  ['another value', goldenWith(([id, data]) => [id, data, new Map([[1, 0.5]])]), /^\/5\/0: Motor/],
  ['no mapping', (top) => void top.delete(6), /^vss\.json: expected an array/],
  ['a mapping of no signal', (top) => void top.set(6, [[999, 'Vehicle.Speed']]), /vss\.json \/0\/message: missing/],
  ['a mapping that is none', (top) => void top.set(6, [7]), /^\/6\/0: expected \[signal index/],
  ['an author of 19 bytes', manifestWith(3, new Uint8Array(19)), /^manifest\.json \/author: null/],
  ['an id of bytes', manifestWith(1, new Uint8Array(3)), /^manifest\.json \/id: an object: expected a text$/],
  ['an unknown manifest key', manifestWith(9, 1), /^\/2\/9: unknown key$/],
  ['no platform', manifestWith(5, 1), /^manifest\.json \/platform: null/],
];

for (const [name, change, message] of forgeries) {
  test(`forged: ${name}`, () => {
    const { errors } = open(forged(change));
    assert.ok(
      errors.some((error) => message.test(error)),
      errors.join('\n'),
    );
  });
}

test('a file of nothing but empty maps is refused before it is decoded', () => {
  const maps = new Uint8Array(1_000_100).fill(0xa0);
  maps.set([0x9a, 0x00, 0x0f, 0x42, 0x9f]);
  assert.match(open(maps).errors[0], /more than 1000000 strings, arrays and maps/);
  assert.match(open(new Uint8Array(8_000_100)).errors[0], /more than 8000000 numbers/);
  assert.match(open(new Uint8Array((32 << 20) + 1)).errors[0], /more than 33554432 bytes/);
});

test('any bytes: problems, never an exception', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => assert.notDeepEqual(open(bytes).errors, [])),
    { numRuns: 200 },
  );
});
