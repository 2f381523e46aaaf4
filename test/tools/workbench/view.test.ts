// Numbers, ids and axes as the page writes them.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  durationText,
  idText,
  percentText,
  pluralText,
  rateText,
  valueText,
} from '../../../tools/workbench/src/view/format.ts';
import { createScale } from '../../../tools/workbench/src/view/scale.ts';

const integer = (scale: number, offset = 0) => ({ scale, offset, valueType: 'integer' as const });

const texts: [string, string, string][] = [
  ['standard id', idText(0x65, false), '0x065'],
  ['extended id', idText(0x65, true), '0x00000065'],
  ['decimals of the scale', valueText(3.9 + 0.0335, integer(0.0005)), '3.9335'],
  ['decimals of the offset', valueText(1.5, integer(1, -0.5)), '1.5'],
  ['scale written with an exponent', valueText(3e-7, integer(1e-7)), '0.0000003'],
  ['whole', valueText(-40, integer(1, -40)), '-40'],
  ['past 2^53', valueText(2n ** 63n, integer(1)), '9223372036854775808'],
  ['no value', valueText(Number.NaN, integer(1)), '–'],
  ['float', valueText(0.1 + 0.2, { scale: 1, offset: 0, valueType: 'float32' }), '0.3'],
  ['too large for decimals', valueText(1.5e300, integer(0.1)), '1.5e+300'],
  ['nearly all is not all', percentText(999_999, 1_000_000), 'over 99.99 %'],
  ['nearly none is not none', percentText(1, 1_000_000), 'under 0.01 %'],
  ['all', percentText(5, 5), '100 %'],
  ['none of none', percentText(0, 0), '0 %'],
  ['a third', percentText(1, 3), '33.3 %'],
  ['one', pluralText(1, 'id'), '1 id'],
  ['many', pluralText(1234, 'id'), '1,234 ids'],
  ['rate', rateText(9.9991), '10'],
  ['slow rate', rateText(0.12345), '0.123'],
  ['no rate', rateText(Number.NaN), '–'],
  ['seconds', durationText(30.04), '30.0 s'],
  ['minutes', durationText(3725), '62 min 5 s'],
  ['no frames', durationText(Number.NaN), '–'],
];
for (const [name, text, expected] of texts) test(`text: ${name}`, () => assert.equal(text, expected));

test('an axis of one value opens around it, at any size', () => {
  for (const value of [0, 1, -5, 1e-9, 1e15, -1e300]) {
    const scale = createScale([value, value], [0, 100], 5);
    assert.ok(Math.abs(scale.at(value) - 50) < 1, String(value));
    assert.ok(scale.ticks.length <= 7);
  }
});

test('ticks lie within the range, apart, and few', () => {
  const number = fc.double({ min: -1e12, max: 1e12, noNaN: true });
  fc.assert(
    fc.property(number, number, fc.integer({ min: 1, max: 12 }), (a, b, countMax) => {
      const [low, high] = [Math.min(a, b), Math.max(a, b)];
      // Doubles that are all but equal have no ticks between them to tell apart.
      fc.pre(high - low > Math.abs(high) * 1e-9 && high - low > 1e-12);
      const { ticks } = createScale([low, high], [0, 100], countMax);
      assert.ok(ticks.length <= countMax + 1);
      assert.ok(ticks.every((tick, index) => index === 0 || tick > ticks[index - 1]));
    }),
  );
});

test('ticks of whole numbers are whole', () => {
  assert.deepEqual(createScale([1, 2], [0, 100], 5, 1).ticks, [1, 2]);
  assert.equal(createScale([0, 0.5], [0, 100], 5, 0.125).decimals, 3);
});
