/** J1939's reserved raw values, length by length, in every back end. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan, statusNames } from '../../../edge/decode/index.ts';
import { backEnds } from './support/back-ends.ts';
import { database, message, signal } from './support/build.ts';

interface Row {
  length: number;
  signed?: boolean;
  valueType?: 'integer' | 'float32';
  /** Raw patterns by what they mean; `ok` holds the nearest neighbours that are values. */
  ok: bigint[];
  error?: bigint[];
  notAvailable?: bigint[];
}

const rows: Row[] = [
  { length: 1, ok: [0n, 1n] },
  { length: 2, ok: [0b00n, 0b01n], error: [0b10n], notAvailable: [0b11n] },
  { length: 3, ok: [0b000n, 0b101n], error: [0b110n], notAvailable: [0b111n] },
  { length: 4, ok: [0b0000n, 0b1101n], error: [0b1110n], notAvailable: [0b1111n] },
  { length: 7, ok: [0n, 0x7dn], error: [0x7en], notAvailable: [0x7fn] },
  { length: 8, ok: [0n, 0xfan, 0xfbn, 0xfcn, 0xfdn], error: [0xfen], notAvailable: [0xffn] },
  { length: 12, ok: [0xfafn, 0xfdfn], error: [0xfe0n, 0xfefn], notAvailable: [0xff0n, 0xfffn] },
  { length: 16, ok: [0xfaffn, 0xfb00n, 0xfdffn], error: [0xfe00n, 0xfeffn], notAvailable: [0xff00n, 0xffffn] },
  { length: 24, ok: [0xfdffffn], error: [0xfe0000n, 0xfeffffn], notAvailable: [0xff0000n, 0xffffffn] },
  {
    length: 32,
    ok: [0xfaffffffn, 0xfdffffffn],
    error: [0xfe000000n, 0xfeffffffn],
    notAvailable: [0xff000000n, 0xffffffffn],
  },
  { length: 40, ok: [0xfdffffffffn], error: [0xfe00000000n], notAvailable: [0xff00000000n, 0xffffffffffn] },
  { length: 64, ok: [0xfdffffffffffffffn], error: [0xfe00000000000000n], notAvailable: [0xffffffffffffffffn] },
  { length: 2, signed: true, ok: [0b00n, 0b01n], error: [0b10n], notAvailable: [0b11n] },
  { length: 8, signed: true, ok: [0x7dn, 0x80n, 0xfen, 0xffn], error: [0x7en], notAvailable: [0x7fn] },
  {
    length: 16,
    signed: true,
    ok: [0x7dffn, 0x8000n, 0xfe00n, 0xff00n, 0xffffn],
    error: [0x7e00n, 0x7effn],
    notAvailable: [0x7f00n, 0x7fffn],
  },
  {
    length: 64,
    signed: true,
    ok: [0x8000000000000000n, 0xffffffffffffffffn],
    error: [0x7e00000000000000n],
    notAvailable: [0x7fffffffffffffffn],
  },
  { length: 32, valueType: 'float32', ok: [0xffffffffn, 0xfe000000n] },
];

for (const { name, create } of backEnds) {
  for (const { length, signed = false, valueType = 'integer', ...patterns } of rows) {
    test(`${name}: ${length} bits${signed ? ', signed' : ''}${valueType === 'integer' ? '' : `, ${valueType}`}`, () => {
      const facts = { extended: true, j1939: true };
      const decoder = create(
        compilePlan(database(message(0x18fef100, [signal('S', { length, signed, valueType })], facts))),
      );
      for (const [meaning, raws] of Object.entries(patterns)) {
        for (const raw of raws) {
          const data = new Uint8Array(new BigUint64Array([raw]).buffer);
          decoder.decode(0x18fef100, FrameFlag.extended, data, 0, 8);
          const status = statusNames[decoder.status[0]] ?? 'ok';
          assert.equal(status, { notAvailable: 'not-available' }[meaning] ?? meaning, `0x${raw.toString(16)}`);
        }
      }
    });
  }
}

test('only messages of J1939 have reserved values', () => {
  for (const { create } of backEnds) {
    const decoder = create(compilePlan(database(message(0x18fef100, [signal('S')], { extended: true }))));
    decoder.decode(0x18fef100, FrameFlag.extended, Uint8Array.of(0xff, 0, 0, 0, 0, 0, 0, 0), 0, 8);
    assert.equal(decoder.status[0], 0);
  }
});
