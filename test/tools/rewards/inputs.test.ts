// Published inputs: equal content has equal bytes, and whatever is altered is refused or shows.
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { type Hex, keccak256, numberToHex } from 'viem';
import { MinerError } from '../../../edge/errors/index.ts';
import { keccakInto } from '../../../tools/merkle/index.ts';
import {
  compareInputs,
  type EpochInputs,
  firstPointsTable,
  formatInputs,
  hashOfText,
  parseInputs,
} from '../../../tools/rewards/index.ts';

const address = (number: number): Hex => numberToHex(number, { size: 20 });
const inputsWith = (vehicles: EpochInputs['vehicles']): EpochInputs => ({
  chainId: 31337,
  rewardPool: address(0xf00d),
  epoch: 3,
  pool: 10n ** 24n,
  bountyShareBasisPoints: 1_000,
  levels: { version: 2, table: firstPointsTable },
  block: { number: 77, hash: numberToHex(9, { size: 32 }) },
  vehicles,
});
const row = { packs: 7, samples: 100, signals: 10, connectedWeeks: 4, missedWeeks: 0, lockLevel: 1, decoded: true };
const two = inputsWith([
  { device: address(1), account: address(0xa), ...row },
  { device: address(2), account: address(0xb), ...row, platform: numberToHex(5, { size: 32 }), decoded: false },
]);
const text = formatInputs(two);

test('the text is one line a fact and one line a vehicle', () => {
  assert.deepEqual(text.split('\n').slice(-6), [
    '"vehicles":[',
    `["${address(1)}","${address(10)}",7,100,10,4,0,1,null,true],`,
    `["${address(2)}","${address(11)}",7,100,10,4,0,1,"${numberToHex(5, { size: 32 })}",false]`,
    ']',
    '}',
    '',
  ]);
  assert.equal(hashOfText(text), `0x${createHash('sha256').update(text).digest('hex')}`);
});

test('what is read back is what was written, and writes the same', () => {
  const vehicles = fc.uniqueArray(
    fc.record({
      device: fc.integer({ min: 1, max: 99 }).map(address),
      account: fc.nat(9).map(address),
      packs: fc.nat(),
      samples: fc.maxSafeNat(),
      signals: fc.nat(),
      connectedWeeks: fc.nat(99),
      missedWeeks: fc.nat(9),
      lockLevel: fc.nat(3),
      decoded: fc.boolean(),
    }),
    { selector: ({ device }) => device },
  );
  fc.assert(
    fc.property(vehicles, (drawn) => {
      const written = formatInputs(inputsWith(drawn));
      assert.equal(formatInputs(parseInputs(written, 'drawn')), written);
      assert.deepEqual(compareInputs(parseInputs(written, 'drawn'), inputsWith(drawn)), []);
    }),
    { numRuns: 100 },
  );
});

const bad: [string, string, RegExp][] = [
  ['nothing', '', /^f: not JSON/],
  ['a list', '[]', /^f: its format is undefined/],
  ['null', 'null', /^f: its format/],
  ['another format', text.replace('inputs/1', 'inputs/2'), /^f: its format is "dimo-rewards-inputs\/2"/],
  ['a space more', text.replace('"epoch":3', '"epoch": 3'), /^f:5: not as it would be published; expected "epoch":3/],
  ['a key more', text.replace('"epoch":3', '"epoch":3,\n"x":1'), /^f:6: not as it would be published/],
  ['no line at the end', text.trimEnd(), /^f:\d+: not as it would be published/],
  ['an upper-case pool', text.replace('f00d', 'F00D'), /^f: rewardPool/],
  ['a negative pool', text.replace('"1000000000000000000000000"', '"-1"'), /^f: pool/],
  ['a pool with a fraction', text.replace('"1000000000000000000000000"', '"1.5"'), /^f: pool/],
  ['a share above all', text.replace('BasisPoints":1000', 'BasisPoints":10001'), /^f: bountyShareBasisPoints/],
  ['a table without missed weeks', text.replace('missedWeeksMax":3', 'missedWeeksMax":0'), /^f: missedWeeksMax/],
  ['half a packs', text.replace(',7,', ',7.5,'), /^f:15: packs of 0x0{39}1 is no count/],
  ['negative samples', text.replace(',100,', ',-1,'), /^f:15: samples of 0x0{39}1/],
  ['a lock of level 4', text.replace(',1,null', ',4,null'), /^f:15: lockLevel/],
  ['a value less', text.replace(',null,true', ',true'), /^f:15: a vehicle has 10 values/],
  ['a short platform', text.replace(/"0x0{63}5"/, '"0x05"'), /^f:16: platform/],
  ['decoded as a number', text.replace('true]', '1]'), /^f:15: decoded/],
  ['a vehicle twice', text.replace(address(2), address(1)), /^f:16: vehicle 0x0{39}1 a second time/],
  ['vehicles out of order', text.replace(address(1), address(3)), /^f:16: vehicle 0x0{39}2 stands after/],
  ['an account that is none', text.replace(address(10), '0x'), /^f:15: account/],
];
for (const [name, altered, message] of bad) {
  test(`refused: ${name}`, () => {
    assert.notEqual(altered, text);
    assert.throws(
      () => parseInputs(altered, 'f'),
      (error) => error instanceof MinerError && error.code === 'REWARD_FILE' && message.test(error.message),
    );
  });
}

test('whatever one puts in place of a piece, the answer is inputs or our error', () => {
  const property = fc.property(fc.nat(text.length - 1), fc.nat(8), fc.string({ maxLength: 6 }), (at, cut, put) => {
    const altered = text.slice(0, at) + put + text.slice(at + cut);
    try {
      assert.equal(formatInputs(parseInputs(altered, 'f')), altered);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(error instanceof MinerError, String(error));
    }
  });
  fc.assert(property, { numRuns: 500 });
});

const alter = (change: object) => inputsWith([two.vehicles[0]!, { ...two.vehicles[1]!, ...change }]);
const differences: [string, EpochInputs, [string, string, string, string][]][] = [
  ['nothing', two, []],
  ['packs', alter({ packs: 8 }), [[address(2), 'packs', '8', '7']]],
  ['the account', alter({ account: address(0xc) }), [[address(2), 'account', address(12), address(11)]]],
  ['the streak', alter({ missedWeeks: 1 }), [[address(2), 'missedWeeks', '1', '0']]],
  ['the pool', { ...two, pool: 5n }, [['the epoch', 'pool', '"5"', '"1000000000000000000000000"']]],
];
for (const [name, theirs, expected] of differences) {
  test(`compared with ours: ${name}`, () => {
    assert.deepEqual(
      compareInputs(theirs, two).map(({ at, what, theirs: their, ours }) => [at, what, their, ours]),
      expected,
    );
  });
}

test('a row that only one side has is named', () => {
  const [difference] = compareInputs(inputsWith(two.vehicles.slice(0, 1)), two);
  assert.deepEqual([difference?.at, difference?.what, difference?.theirs], [address(2), 'row', 'no row']);
});

test("the hash that is made for many leaves is viem's keccak256, at every length around a block", () => {
  for (let words = 0; words <= 80; words++) {
    const bytes = Uint8Array.from({ length: 4 * words }, (_, i) => (i * 37 + words) & 0xff);
    const output = new Uint8Array(32);
    keccakInto(new DataView(bytes.buffer), 0, bytes.length, new DataView(output.buffer), 0);
    assert.equal(`0x${Buffer.from(output).toString('hex')}`, keccak256(bytes));
  }
});
