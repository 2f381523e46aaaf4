/** VINs and trouble codes, by tables. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  chooseVin,
  dtcText,
  inspectVin,
  readObdDtcs,
  type VinInspection,
  type VinReading,
  vinCheckDigit,
} from '../../../edge/obd/index.ts';

const vins: [name: string, text: string, checkDigit: VinInspection['checkDigit'], isWellFormed: boolean][] = [
  ['the example of the literature, check digit X', '1M8GDM9AXKP042788', 'holds', true],
  ['seventeen ones: a known case that holds', '11111111111111111', 'holds', true],
  ['lower case', '1m8gdm9axkp042788', 'holds', true],
  ['North America with a wrong digit', '1M8GDM9A1KP042788', 'wrong', true],
  ['China', 'LSVAA49J132047371', 'holds', true],
  ['China with a wrong digit', 'LSVAA49J232047371', 'wrong', true],
  ['Europe, whose ninth character is free', 'WVWZZZ1JZ3W386752', 'none', true],
  ['Japan, likewise', 'JH4TB2H26CC000000', 'holds', true],
  ['sixteen characters', '1M8GDM9AXKP04278', 'none', false],
  ['eighteen characters', '1M8GDM9AXKP0427881', 'none', false],
  ['the letter O', '1M8GDM9AXKPO42788', 'none', false],
  ['the letter I', '1M8GDM9AXKPI42788', 'none', false],
  ['the letter Q', 'QM8GDM9AXKP042788', 'none', false],
  ['nothing', '', 'none', false],
];

for (const [name, text, checkDigit, isWellFormed] of vins) {
  test(`VIN: ${name}`, () => {
    assert.deepEqual(inspectVin(text), { vin: text.toUpperCase(), isWellFormed, checkDigit });
  });
}

test('a check digit catches every single wrong digit', () => {
  const vin = '1M8GDM9AXKP042788';
  for (let at = 11; at < 17; at++) {
    for (const digit of '0123456789') {
      const changed = vin.slice(0, at) + digit + vin.slice(at + 1);
      assert.equal(vinCheckDigit(changed) === 'X', changed === vin);
    }
  }
});

const reading = (text: string, ecu: string, service: VinReading['service'] = '09 02'): VinReading => ({
  ...inspectVin(text),
  ecu,
  service,
});
const good = '1M8GDM9AXKP042788';
const wrong = '1M8GDM9A1KP042788';
const european = 'WVWZZZ1JZ3W386752';

const choices: [name: string, readings: VinReading[], chosen: string | undefined][] = [
  ['none', [], undefined],
  ['none that is well formed', [reading('', '7E8'), reading('12345', '7E9')], undefined],
  ['the only one, also with a wrong digit', [reading(wrong, '7E8')], wrong],
  ['the one whose digit holds', [reading(wrong, '7E8'), reading(good, '7E9')], good],
  ['a European one before a wrong one', [reading(wrong, '7E8'), reading(european, '7E9')], european],
  [
    'the one that two agree on',
    [reading(good, '7E8'), reading(european, '7E9'), reading(european, '7E9', '22 F190')],
    european,
  ],
  ['the first of equals', [reading(european, '7E8'), reading('WVWZZZ1JZ3W386753', '7E9')], european],
];
for (const [name, readings, chosen] of choices) {
  test(`of several VINs: ${name}`, () => assert.equal(chooseVin(readings)?.vin, chosen));
}

const codes: [code: number, text: string][] = [
  [0x0143, 'P0143'],
  [0x0196, 'P0196'],
  [0x3fff, 'P3FFF'],
  [0x4000, 'C0000'],
  [0x9234, 'B1234'],
  [0xd016, 'U1016'],
  [0xffff, 'U3FFF'],
];
for (const [code, text] of codes) test(`trouble code ${text}`, () => assert.equal(dtcText(code), text));

const answers: [name: string, answer: number[], codes: string[] | undefined][] = [
  ['none', [0x43, 0], []],
  ['two', [0x43, 2, 0x01, 0x43, 0xd0, 0x16], ['P0143', 'U1016']],
  ['one and padding', [0x43, 2, 0x01, 0x43, 0, 0], ['P0143']],
  ['more promised than sent', [0x43, 2, 0x01, 0x43], undefined],
  ['no count', [0x43], undefined],
];
for (const [name, answer, texts] of answers) {
  test(`trouble codes in an answer: ${name}`, () => assert.deepEqual(readObdDtcs(Uint8Array.from(answer)), texts));
}
