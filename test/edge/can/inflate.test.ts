/** Our own unpacking of zlib streams, against zlib. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { constants, deflateSync } from 'node:zlib';
import fc from 'fast-check';
import { inflateZlib } from '../../../edge/can/inflate.ts';

const { Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE } = constants;

/** From all zero to all random, so that every kind of block comes up. */
const content = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom(...'LOBJ\0\0\0\x01\x02'.split('')), { maxLength: 3000 })
    .map((all) => Buffer.from(all.join(''))),
  fc.tuple(fc.nat(255), fc.nat(70_000)).map(([value, count]) => Buffer.alloc(count, value)),
);
const settings = fc.record({
  level: fc.integer({ min: 0, max: 9 }),
  strategy: fc.constantFrom(Z_DEFAULT_STRATEGY, Z_FIXED, Z_HUFFMAN_ONLY, Z_RLE),
});

test('unpacks what zlib packs, at every level', () => {
  fc.assert(
    fc.property(content, settings, (bytes, options) => {
      assert.deepEqual(Buffer.from(inflateZlib(deflateSync(bytes, options), bytes.length)), Buffer.from(bytes));
    }),
    { numRuns: 200 },
  );
});

test('a large mixed text, whose codes are long', () => {
  const words = Array.from({ length: 60_000 }, (_, i) => String.fromCharCode(32 + ((i * i * 7 + (i >> 3)) % 220)));
  const bytes = Buffer.from(words.join(''), 'latin1');
  assert.deepEqual(Buffer.from(inflateZlib(deflateSync(bytes, { level: 9 }), bytes.length)), bytes);
});

const packed = deflateSync(Buffer.from('a stream of a hundred words '.repeat(20)));

test('cut anywhere it is refused', () => {
  for (let length = 0; length < packed.length; length++) {
    assert.throws(() => inflateZlib(packed.subarray(0, length), 1000), RangeError);
  }
});

test('one byte more than allowed is refused', () => {
  assert.equal(inflateZlib(packed, 560).length, 560);
  assert.throws(() => inflateZlib(packed, 559), /more than 559 bytes/);
});

test('changed bytes are refused, or give the same', () => {
  const expected = Buffer.from(inflateZlib(packed, 1000));
  fc.assert(
    fc.property(fc.nat(packed.length - 1), fc.nat(255), (at, value) => {
      const changed = Buffer.from(packed);
      changed[at] = value;
      try {
        assert.deepEqual(Buffer.from(inflateZlib(changed, 1000)), expected);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});

test('any bytes: refused, never anything but our error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (tail) => {
      try {
        inflateZlib(Uint8Array.of(0x78, 0x9c, ...tail), 10_000);
      } catch (error) {
        assert.ok(error instanceof RangeError, String(error));
      }
    }),
    { numRuns: 1000 },
  );
});
