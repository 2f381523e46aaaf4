/** Bodies: what Zephyr's bytes look like, and every way in which a client may write a map. */
import assert from 'node:assert/strict';
import { describe, it } from 'node:test';
import { Encoder } from 'cbor-x';
import fc from 'fast-check';
import { fromHex, toHex } from '../../../edge/pack/index.ts';
import { decodeSmpBody, encodeSmpBody, type SmpFields, SmpRefusal } from '../../../edge/smp/index.ts';

const isInvalid = (problem: unknown) =>
  problem instanceof SmpRefusal && problem.group === undefined && problem.rc === 3;

describe('writing', () => {
  const rows: [string, SmpFields, string][] = [
    ['an empty map', {}, 'bfff'],
    [
      'integers in the shortest form',
      { a: 23, b: 24, c: 255, d: 256, e: 65536 },
      'bf 616117 61621818 616318ff 6164190100 61651a00010000 ff',
    ],
    ['integers of eight bytes', { a: 2 ** 32, b: 2n ** 64n - 1n }, 'bf61611b000000010000000061621bffffffffffffffffff'],
    ['negative integers', { a: -1, b: -500, c: -(2n ** 63n) }, 'bf61612061623901f361633b7fffffffffffffffff'],
    ['text and bytes', { a: 'hello', b: Uint8Array.of(1, 2) }, 'bf61616568656c6c6f6162420102ff'],
    ['flags', { a: true, b: false }, 'bf6161f56162f4ff'],
    ['arrays and maps inside, of indefinite length as well', { a: [1, { b: 2 }] }, 'bf61619f01bf616202ffffff'],
    ['no field that is undefined', { a: undefined, b: 1 }, 'bf616201ff'],
    [
      'names of a Map in their order, also where they look like numbers',
      new Map([
        ['b', 1],
        ['7', 2],
      ]),
      'bf616201613702ff',
    ],
  ];
  for (const [name, fields, hex] of rows) {
    it(`writes ${name}`, () => {
      assert.equal(toHex(encodeSmpBody(fields)), hex.replaceAll(' ', ''));
    });
  }
  it('refuses what does not fit the buffer', () => {
    assert.equal(encodeSmpBody({ a: 'x'.repeat(16) }, 21).length, 21);
    assert.throws(
      () => encodeSmpBody({ a: 'x'.repeat(17) }, 21),
      (problem) => problem instanceof SmpRefusal && problem.rc === 7,
    );
  });
  it('has no word for a number that is not whole and exact', () => {
    assert.throws(() => encodeSmpBody({ a: 0.5 }), TypeError);
  });
});

describe('reading', () => {
  const rows: [string, string][] = [
    ['a map of definite length', 'a2636f666605646e616d656161'],
    ['a map of indefinite length', 'bf636f666605646e616d656161ff'],
    ['another order of keys', 'a2646e616d656161636f666605'],
    ['long heads', 'ba00000002 7803 6f6666 1b0000000000000005 7a00000004 6e616d65 7900016 1'],
    ['strings in chunks', 'bf 7f 616f 626666 ff 05 646e616d65 7f 60 6161 ff ff'],
    [
      'keys that nobody asked for, whatever is behind them',
      'a8 636f666605 646e616d656161 6178f6 6179f7 617afb3ff0000000000000 6177c11a00000000 6176f0 61758283f4f5f6a0',
    ],
    ['tags, for what is in them', 'c0a2636f6666d903e705646e616d65c06161'],
    ['keys that are no text', 'a4 636f666605 01f4 4101 20 646e616d656161'],
    ['bytes behind the map', 'a2636f666605646e616d656161 ff00ff'],
  ];
  for (const [name, hex] of rows) {
    it(`takes ${name}`, () => {
      const body = decodeSmpBody(fromHex(hex.replaceAll(' ', '')));
      assert.equal(body.unsigned('off'), 5);
      assert.equal(body.text('name'), 'a');
      assert.equal(body.bytes('data'), undefined);
    });
  }
  it('takes an empty body for an empty map', () => assert.deepEqual(decodeSmpBody(new Uint8Array()).names, []));
  it('takes bytes in chunks', () => {
    assert.deepEqual(decodeSmpBody(fromHex('a161615f4101420203ff')).bytes('a'), Uint8Array.of(1, 2, 3));
  });
  it('keeps integers of 64 bits apart from those that are exact', () => {
    const body = decodeSmpBody(fromHex('a261611bffffffffffffffff61623b7fffffffffffffff'));
    assert.equal(body.value('a'), 2n ** 64n - 1n);
    assert.equal(body.value('b'), -(2n ** 63n));
    assert.throws(() => body.unsigned('a'), isInvalid);
  });

  const wrong: [string, string][] = [
    ['a break alone', 'ff'],
    ['something else than a map', '01'],
    ['an array', '80'],
    ['a map cut short', 'a1'],
    ['a key without a value', 'bf6161ff'],
    ['a map that never ends', 'bf616101'],
    ['more entries than bytes', 'bb00ffffffffffffff'],
    ['a string longer than what is left', 'a1616178ff61'],
    ['a string of 2^64 bytes', 'a161617bffffffffffffffff'],
    ['the same key twice', 'a2616101616102'],
    ['text that is not UTF-8', 'a1616161ff'],
    ['a reserved head', 'a161611c'],
    ['a reserved simple head', 'a16161fc'],
    ['a float cut short', 'a16161fb3ff0'],
    ['an integer of indefinite length', 'a161611f'],
    ['a chunk of another type', 'a161617f4101ff'],
    ['chunks in chunks', 'a161617f7f6161ffff'],
    ['maps in maps without end', `${'a16161'.repeat(40)}01`],
    ['arrays in arrays without end', `a16161${'81'.repeat(4000)}01`],
    ['tags on tags without end', `a16161${'c1'.repeat(4000)}01`],
  ];
  for (const [name, hex] of wrong)
    it(`refuses ${name}`, () => assert.throws(() => decodeSmpBody(fromHex(hex)), isInvalid));

  it('refuses a field of another type than asked for, whichever it is', () => {
    const body = decodeSmpBody(fromHex('a5616101616241016163 6161 6164f5 6165fb3ff0000000000000'.replaceAll(' ', '')));
    const wrongTypes: (() => unknown)[] = [
      () => body.text('a'),
      () => body.unsigned('b'),
      () => body.bytes('c'),
      () => body.list('d'),
      () => body.unsigned('e'),
      () => body.boolean('a'),
      () => body.map('a'),
      () => body.integer('c'),
    ];
    for (const read of wrongTypes) assert.throws(read, isInvalid);
  });
  it('reads back whatever it writes, and what another encoder writes', () => {
    const value = fc.oneof(fc.integer(), fc.string(), fc.boolean(), fc.uint8Array());
    // It tags bytes as an array of 8-bit numbers.
    const encoder = new Encoder({ useRecords: false });
    fc.assert(
      fc.property(
        fc.dictionary(
          fc.string({ minLength: 1 }).filter((key) => key !== '__proto__'),
          value,
        ),
        (fields) => {
          for (const bytes of [
            encodeSmpBody(new Map(Object.entries(fields))),
            new Uint8Array(encoder.encode(fields)),
          ]) {
            const body = decodeSmpBody(bytes);
            assert.deepEqual(new Set(body.names), new Set(Object.keys(fields)));
            for (const [key, expected] of Object.entries(fields)) assert.deepEqual(body.value(key), expected);
          }
        },
      ),
      { numRuns: 100 },
    );
  });
  it('never throws anything but its refusal', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          decodeSmpBody(bytes);
        } catch (problem) {
          if (!isInvalid(problem)) throw problem;
        }
      }),
      { numRuns: 500 },
    );
  });
});
