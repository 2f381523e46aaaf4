/** A decoder's identities: of its bytes, and of what it means. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import test from 'node:test';
import { encodeCanonical } from '../../../edge/dbc/canonical.ts';
import { contentHash, semanticHash } from '../../../edge/dbc/index.ts';
import { parse } from './parsing.ts';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const source = (signals: string, rest = '') => `BO_ 1 A: 8 N\n${signals}\n${rest}`;
const S = ' SG_ S : 0|8@1+ (1,0) [0|0] "km" N';
const T = ' SG_ T : 8|8@1+ (1,0) [0|0] "" N';
const hash = (text: string) => semanticHash(parse(text).database);

test('contentHash is SHA-256 of the bytes as they are', () => {
  const bytes = new TextEncoder().encode('VERSION ""\r\n');
  assert.equal(contentHash(bytes), createHash('sha256').update(bytes).digest('hex'));
});

test('semanticHash of a known file', () => {
  const text = source(`${S}\n${T}`, 'VAL_ 1 S 1 "on" 0 "off" ;');
  assert.equal(hash(text), '04f239f75b673656bf8f5d1638ccb5224bacf234c4ebd6692e8de59938af1464');
});

const base = hash(source(`${S}\n${T}`));

test('what does not touch decoding leaves semanticHash alone', () => {
  for (const same of [
    source(`${T}\n${S}`),
    source(`${S}\r\n${T}`),
    source(`${S.replace('(1,0)', '(1.0,+0)')}\n${T}`),
    source(`${S.replace('"km" N', '"km" Other')}\n${T}`),
    source(`${S}\n${T}`, 'CM_ SG_ 1 S "comment";\nBU_: N'),
    source(`${S}\n${T}`, 'BA_DEF_ BO_ "GenMsgCycleTime" INT 0 9;\nBA_ "GenMsgCycleTime" BO_ 1 5;'),
    `VERSION "2"\n${source(`${S}\n${T}`)}`,
  ]) {
    assert.equal(hash(same), base, same);
  }
});

test('what changes a decoded value, its name or its label changes semanticHash', () => {
  const changed = [
    source(S),
    source(`${S}\n${T.replace('SG_ T', 'SG_ U')}`),
    source(`${S}\n${T}`).replace('BO_ 1', 'BO_ 2'),
    source(`${S}\n${T}`).replace('BO_ 1', 'BO_ 2147483649'),
    source(`${S}\n${T}`).replace('A:', 'B:'),
    ...[
      ['0|8', '1|8'],
      ['0|8', '0|7'],
      ['@1+', '@0+'],
      ['@1+', '@1-'],
      ['(1,0)', '(2,0)'],
      ['(1,0)', '(1,1)'],
      ['[0|0]', '[0|9]'],
      ['km', 'mi'],
      ['SG_ S', 'SG_ S M'],
    ].map(([from, to]) => source(`${S.replace(from, to)}\n${T}`)),
    source(`${S}\n${T}`, 'VAL_ 1 S 0 "off" ;'),
    source(`${S.replace('SG_ S', 'SG_ S M')}\n${T.replace('SG_ T', 'SG_ T m1')}`),
  ].map(hash);
  assert.equal(new Set([base, ...changed]).size, changed.length + 1);
});

test('offsets past 2^53 count to the last digit', () => {
  const wide = (offset: string) => hash(source(` SG_ S : 0|64@1+ (1,${offset}) [0|0] "" N`));
  assert.notEqual(wide('9007199254740992'), wide('9007199254740993'));
});

/** RFC 8949, appendix A, and the boundaries of each width. */
const vectors: [Parameters<typeof encodeCanonical>[0], string][] = [
  [0, '00'],
  [23, '17'],
  [24, '1818'],
  [1000, '1903e8'],
  [1000000, '1a000f4240'],
  [1000000000000, '1b000000e8d4a51000'],
  [18446744073709551615n, '1bffffffffffffffff'],
  [18446744073709551616n, 'c249010000000000000000'],
  [-18446744073709551616n, '3bffffffffffffffff'],
  [-18446744073709551617n, 'c349010000000000000000'],
  [-1, '20'],
  [-1000, '3903e7'],
  [1.1, 'fb3ff199999999999a'],
  [1.5, 'f93e00'],
  [2 ** -24, 'f90001'],
  [0.00006103515625, 'f90400'],
  [-4.1, 'fbc010666666666666'],
  [3.4028234663852886e38, 'fa7f7fffff'],
  [1e300, 'fb7e37e43c8800759c'],
  [0.1, 'fb3fb999999999999a'],
  [0.333251953125, 'f93555'],
  [true, 'f5'],
  [false, 'f4'],
  [null, 'f6'],
  ['', '60'],
  ['IETF', '6449455446'],
  ['ü', '62c3bc'],
  [[], '80'],
  [[1, [2, 3], [4, 5]], '8301820203820405'],
];

for (const [value, expected] of vectors) {
  test(`canonical CBOR of ${JSON.stringify(value, (_, each) => (typeof each === 'bigint' ? `${each}n` : each))}`, () => {
    assert.equal(hex(encodeCanonical(value)), expected);
  });
}
