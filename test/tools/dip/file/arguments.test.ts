// Each kind of argument takes what is written with its unit and makes the contract's number of it; anything else is
// refused with what was expected.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { keccak256, stringToHex, toFunctionSelector, zeroAddress, zeroHash } from 'viem';
import {
  address,
  addressOrNobody,
  bytes,
  count,
  dimo,
  dimoOrUnits,
  duration,
  ether,
  functionReference,
  hash,
  hashOrNone,
  type Kind,
  line,
  percent,
  platform,
  Refusal,
  readAbiValues,
  time,
  units,
  yesOrNo,
} from '../../../../tools/dip/file/arguments/index.ts';
import { deployment, recipient } from './files.ts';

const at = deployment.addresses;
const scope = { addresses: at, warn: () => {} };
const unit = 10n ** 18n;

const taken: [string, Kind<unknown>, unknown, unknown][] = [
  ['tokens with decimals', dimo, '1250.5 DIMO', 1250n * unit + unit / 2n],
  ['tokens with commas', dimo, '1,250,000 DIMO', 1_250_000n * unit],
  ['the smallest part of a token', dimo, '0.000000000000000001 DIMO', 1n],
  ['ether', ether, '0.1 ETH', unit / 10n],
  ['smallest units', units, '1500e6 units', 1_500_000_000n],
  ['smallest units with a fraction', units, '990000.5e18 units', 990_000n * unit + unit / 2n],
  ['units of either kind', dimoOrUnits, '7 units', 7n],
  ['tokens of either kind', dimoOrUnits, '7 DIMO', 7n * unit],
  ['a percentage', percent(), '66.67 %', 66.67],
  ['a percentage without a blank', percent(), '5%', 5],
  ['days', duration, '30 days', 30 * 86_400],
  ['half a day', duration, '1.5 days', 36 * 3_600],
  ['one week', duration, '1 week', 604_800],
  ['a day', time, '2027-03-01', Date.UTC(2027, 2, 1) / 1000],
  ['a moment', time, '2027-03-01T12:30:00+02:00', Date.UTC(2027, 2, 1, 10, 30) / 1000],
  ['a number', count(1, 5_000), '1,000', 1000],
  ['an address', address, recipient, recipient],
  ['an address without checksum', address, recipient.toLowerCase(), recipient],
  ['the name of a contract', address, 'RewardPool', at.RewardPool],
  ['an everyday name', address, 'treasury', at.Treasury],
  ['nobody', addressOrNobody, 'nobody', zeroAddress],
  ['a hash', hash, `0x${'AB'.repeat(32)}`, `0x${'ab'.repeat(32)}`],
  ['no hash', hashOrNone, 'none', zeroHash],
  ['a platform by name', platform, 'acme', keccak256(stringToHex('acme'))],
  [
    'a platform by name, however its letters are composed',
    platform,
    'Citroe\u0308n C5',
    keccak256(stringToHex('Citroën C5')),
  ],
  ['bytes', bytes(), '0x0A', '0x0a'],
  [
    'a function by name',
    functionReference,
    'Treasury.spend',
    { target: at.Treasury, selector: toFunctionSelector('spend(address,address,uint256)') },
  ],
  [
    'a function by selector',
    functionReference,
    `${recipient}.0x12345678`,
    { target: recipient, selector: '0x12345678' },
  ],
  ['yes', yesOrNo, 'yes', true],
];

test('taken is', async (t) => {
  for (const [name, kind, written, expected] of taken) {
    await t.test(name, () => assert.deepEqual(kind.read(written, scope), expected));
  }
});

const refused: [string, Kind<unknown>, unknown, RegExp][] = [
  ['an amount without a unit', dimo, '1250', /has no unit; expected an amount with its unit, such as 1250.5 DIMO/],
  ['ether where tokens are meant', dimo, '1 ETH', /"ETH" is not the unit/],
  ['the unit in another case', dimo, '1 dimo', /"dimo" is not the unit/],
  ['tokens where ether is meant', ether, '1 DIMO', /"DIMO" is not the unit/],
  ['a negative amount', dimo, '-1 DIMO', /expected an amount/],
  ['an exponent', dimo, '1e6 DIMO', /"e6 DIMO" is not the unit/],
  ['commas in wrong places', dimo, '12,50 DIMO', /expected an amount/],
  ['a decimal comma', dimo, '1250,5 DIMO', /expected an amount/],
  ['more decimals than there are', dimo, `0.${'1'.repeat(19)} DIMO`, /19 decimals/],
  ['more than can be', dimo, '99999999999999 DIMO', /more than any contract/],
  ['a list as amount', dimo, ['1 DIMO'], /found a list/],
  ['half a unit', units, '1.5 units', /no whole number/],
  ['units beyond 256 bits', units, '9e78 units', /more than any contract/],
  ['more than all', percent(), '101 %', /out of range/],
  ['a share without a sign', percent(), '60', /such as 60 %/],
  ['a share too fine', percent(), '1.234 %', /more than two decimals/],
  ['a year, which is no fixed time', duration, '1 year', /expected a duration/],
  ['a duration without a unit', duration, '30', /expected a duration/],
  ['a part of a second', duration, '0.5 seconds', /no whole number of seconds/],
  ['a duration without end', duration, '9999999 days', /longer than 100 years/],
  ['a duration where a date is meant', time, '30 days', /expected a date/],
  ['a date that is none', time, '2027-02-29', /expected a date/],
  ['a time without a zone', time, '2027-03-01T12:00:00', /expected a date/],
  ['a date in seconds', time, '1790000000', /expected a date/],
  ['a date long past', time, '1999-01-01', /outside the years/],
  ['a number with a unit', count(1, 10), '3 devices', /whole number from 1 to 10/],
  ['a number out of range', count(1, 10), '11', /whole number from 1 to 10/],
  ['an address with a digit wrong', address, recipient.replace('C8', 'c8'), /checksum .* does not hold/],
  ['an address too short', address, recipient.slice(0, -1), /which has 41 characters/],
  ['the zero address', address, zeroAddress, /nobody/],
  ['a name that is near one', address, 'treasurey', /did you mean treasury/],
  ['a hash too short', hash, '0xabcd', /which has 6 characters/],
  ['a platform whose key is cut off', platform, '0x12', /which has 4 characters/],
  ['odd hex digits', bytes(), '0xabc', /pairs of hex digits/],
  ['bytes too few', bytes(20), '0xab', /1 bytes, expected from 20/],
  ['a function that is none', functionReference, 'Treasury.spent', /no function "spent"; did you mean spend/],
  ['a function that only looks', functionReference, 'Treasury.votesToken', /no function/],
  ['true for yes', yesOrNo, 'true', /expected yes or no/],
  ['two lines', line(), 'a\nb', /one line/],
  ['a text too long', line(3), 'abcd', /4 characters are too long/],
];

test('refused is', async (t) => {
  for (const [name, kind, written, pattern] of refused) {
    await t.test(name, () =>
      assert.throws(
        () => kind.read(written, scope),
        (error) => error instanceof Refusal && pattern.test(error.message),
      ),
    );
  }
});

test('arguments of any function are read by its types', async (t) => {
  const inputs = [
    { name: 'to', type: 'address' },
    { name: 'amount', type: 'uint96' },
    { name: 'flags', type: 'bool[2]' },
    {
      name: 'terms_',
      type: 'tuple',
      components: [
        { name: 'a', type: 'int8' },
        { name: 'b', type: 'bytes4' },
      ],
    },
    { name: 'text', type: 'string' },
  ];
  const byName = {
    to: 'treasury',
    amount: '5 DIMO',
    flags: ['yes', 'no'],
    terms: { a: '-128', b: '0x01020304' },
    text: '',
  };
  const values = [at.Treasury, 5n * unit, [true, false], { a: -128n, b: '0x01020304' }, ''];
  assert.deepEqual(readAbiValues(inputs, byName, scope), values);
  assert.deepEqual(readAbiValues(inputs, Object.values(byName), scope), values);
  const rows: [string, unknown, RegExp][] = [
    ['too few', ['treasury'], /1 arguments, expected 5: to, amount, flags, terms, text/],
    ['an unknown one', { ...byName, memo: '' }, /there is no argument "memo"/],
    ['one too large', { ...byName, amount: String(2n ** 96n) }, /does not fit into uint96/],
    ['a signed one too small', { ...byName, terms: { a: '-129', b: '0x01020304' } }, /does not fit into int8/],
    ['bytes of another size', { ...byName, terms: { a: '1', b: '0x01' } }, /1 bytes, expected from 4 to 4/],
    ['a list of another size', { ...byName, flags: ['yes'] }, /a list of 1, expected 2/],
    ['a map where a text is meant', { ...byName, text: {} }, /expected a text, found a map/],
  ];
  for (const [name, written, pattern] of rows) {
    await t.test(name, () => assert.throws(() => readAbiValues(inputs, written, scope), pattern));
  }
});
