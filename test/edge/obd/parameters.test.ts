/** Parameters read as the standard's tables say: worked examples, limits, and how answers are taken apart. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import {
  defaultObdSettings,
  parameterBytes,
  parameterTable,
  parameterValues,
  splitAnswer,
  supportedNumbers,
} from '../../../edge/obd/index.ts';

const bytesOf = (text: string): Uint8Array => Uint8Array.from(text.split(' '), (byte) => Number.parseInt(byte, 16));

/** Worked by hand from the formulas of SAE J1979. */
const examples: [pid: number, data: string, ...values: (number | string)[]][] = [
  [0x01, '82 07 65 04', 1, 2],
  [0x03, '02 00', 2, 0],
  [0x04, 'FF', 100],
  [0x05, '7B', 83],
  [0x05, '00', -40],
  [0x06, '80', 0],
  [0x07, '00', -100],
  [0x08, '90', 12.5],
  [0x0a, '64', 300],
  [0x0b, '65', 101],
  [0x0c, '1A F8', 1726],
  [0x0c, '0B 54', 725],
  [0x0d, '3C', 60],
  [0x0e, '90', 8],
  [0x0f, '3E', 22],
  [0x10, '01 2C', 3],
  [0x11, '33', 20],
  [0x14, '5A 80', 0.45, 0],
  [0x1b, 'C8 FF', 1, 99.21875],
  [0x1e, '01', 1],
  [0x1f, '0E 10', 3600],
  [0x21, '01 00', 256],
  [0x22, '03 E8', 79],
  [0x23, '07 D0', 20_000],
  [0x24, '80 00 20 00', 1, 1],
  [0x2c, '99', 60],
  [0x2d, '40', -50],
  [0x2f, 'CC', 80],
  [0x30, '28', 40],
  [0x31, 'FF FF', 65_535],
  [0x32, 'FF FC', -1],
  [0x32, '80 00', -8192],
  [0x33, '63', 99],
  [0x34, '80 00 80 00', 1, 0],
  [0x3b, '40 00 00 00', 0.5, -128],
  [0x3c, '11 94', 410],
  [0x3f, '00 00', -40],
  [0x42, '36 B0', 14],
  [0x43, '00 FF', 100],
  [0x44, '80 00', 1],
  [0x45, '66', 40],
  [0x46, '3A', 18],
  [0x49, '33', 20],
  [0x4c, '00', 0],
  [0x4d, '00 78', 120],
  [0x50, '0A 00 00 00', 100],
  [0x51, '04', 4],
  [0x52, 'FF', 100],
  [0x53, '4E 20', 100],
  [0x54, 'FF FF', -1],
  [0x55, '80 C0', 0, 50],
  [0x59, '00 0A', 100],
  [0x5b, 'CC', 80],
  [0x5c, '82', 90],
  [0x5d, '69 00', 0],
  [0x5e, '00 64', 5],
  [0x61, '7D', 0],
  [0x62, 'AF', 50],
  [0x63, '01 2C', 300],
  [0xa6, '00 01 E2 40', 12_345.6],
];

for (const [pid, data, ...values] of examples) {
  test(`parameter ${pid.toString(16).toUpperCase().padStart(2, '0')} of ${data} is ${values.join(', ')}`, () => {
    const read = parameterValues(pid, bytesOf(data)).map(({ value }) => value);
    assert.equal(read.length, values.length);
    for (const [i, value] of read.entries()) assert.ok(Math.abs(value - Number(values[i])) < 1e-9, `${value}`);
  });
}

/** Least and greatest values as the standard tabulates them; for limits of one byte in 255ths, rounded there. */
const limits: [pid: number, least: number, greatest: number][] = [
  [0x04, 0, 100],
  [0x05, -40, 215],
  [0x06, -100, 99.22],
  [0x0a, 0, 765],
  [0x0c, 0, 16_383.75],
  [0x0e, -64, 63.5],
  [0x10, 0, 655.35],
  [0x22, 0, 5177.265],
  [0x23, 0, 655_350],
  [0x2d, -100, 99.22],
  [0x3c, -40, 6513.5],
  [0x42, 0, 65.535],
  [0x43, 0, 25_700],
  [0x44, 0, 2],
  [0x53, 0, 327.675],
  [0x5d, -210, 301.992],
  [0x5e, 0, 3276.75],
  [0x61, -125, 130],
  [0xa6, 0, 429_496_729.5],
];

for (const [pid, least, greatest] of limits) {
  test(`parameter ${pid.toString(16)} reaches from ${least} to ${greatest}`, () => {
    const bytes = parameterBytes(pid)!;
    const [low] = parameterValues(pid, new Uint8Array(bytes));
    const [high] = parameterValues(pid, new Uint8Array(bytes).fill(0xff));
    assert.ok(Math.abs(low.value - least) < 1e-9, `${low.value}`);
    assert.ok(Math.abs(high.value - greatest) < 0.01, `${high.value}`);
  });
}

test('the table has more than fifty parameters, each with distinct names that a DBC takes, within its bytes', () => {
  assert.ok(parameterTable.size > 50);
  const names = [...parameterTable.values()].flatMap(({ fields }) => fields.map(({ name }) => name));
  assert.equal(new Set(names).size, names.length);
  for (const name of names) assert.match(name, /^[A-Z][A-Za-z0-9]{1,31}$/);
  for (const { bytes, fields } of parameterTable.values()) {
    for (const { at, bit = 7, bits } of fields) assert.ok(at * 8 + (7 - bit) + bits <= bytes * 8);
  }
});

test('what is polled unless told is in the table', () => {
  assert.deepEqual(
    defaultObdSettings.pids.filter(({ pid }) => !parameterTable.has(pid)),
    [],
  );
});

test('enumerated values have words, unknown ones none', () => {
  assert.equal(parameterValues(0x51, Uint8Array.of(8))[0].label, 'electric');
  assert.equal(parameterValues(0x1c, Uint8Array.of(6))[0].label, 'EOBD');
  assert.equal(parameterValues(0x51, Uint8Array.of(200))[0].label, undefined);
});

test('nothing is read from data that are too short, or of an unknown parameter', () => {
  assert.deepEqual(parameterValues(0x0c, Uint8Array.of(1)), []);
  assert.deepEqual(parameterValues(0xff, Uint8Array.of(1, 2, 3, 4)), []);
});

const masks: [base: number, data: string, numbers: number[]][] = [
  [0x00, 'BE 1F A8 13', [1, 3, 4, 5, 6, 7, 12, 13, 14, 15, 16, 17, 19, 21, 28, 31, 32]],
  [0x20, '80 00 00 01', [0x21, 0x40]],
  [0xe0, '00 00 00 00', []],
];
for (const [base, data, numbers] of masks) {
  test(`mask ${data} after ${base} means ${numbers.join(' ') || 'nothing'}`, () =>
    assert.deepEqual(supportedNumbers(base, bytesOf(data)), numbers));
}

const answers: [name: string, answer: string, asked: number[], found: [number, string][]][] = [
  ['one parameter', '41 0C 1A F8', [0x0c], [[0x0c, '1A F8']]],
  ['one that is not in the table', '41 C1 01 02', [0xc1], [[0xc1, '01 02']]],
  [
    'three in one',
    '41 0C 1A F8 0D 3C 05 7B',
    [0x0c, 0x0d, 0x05],
    [
      [0x0c, '1A F8'],
      [0x0d, '3C'],
      [0x05, '7B'],
    ],
  ],
  [
    'in another order than asked',
    '41 0D 3C 0C 1A F8',
    [0x0c, 0x0d],
    [
      [0x0d, '3C'],
      [0x0c, '1A F8'],
    ],
  ],
  ['only one of two', '41 0C 1A F8', [0x0c, 0x0d], [[0x0c, '1A F8']]],
  ['the last one cut off', '41 0D 3C 0C 1A', [0x0c, 0x0d], [[0x0d, '3C']]],
  ['one alone, cut off', '41 0C 1A', [0x0c], []],
  ['another one than asked', '41 0D 3C', [0x0c], []],
  ['a stranger among those asked', '41 0C 1A F8 0F 3C', [0x0c, 0x0d], [[0x0c, '1A F8']]],
  ['nothing', '41', [0x0c], []],
];
for (const [name, answer, asked, found] of answers) {
  test(`an answer with ${name}`, () => {
    const expected = found.map(([pid, data]) => ({ pid, data: bytesOf(data) }));
    assert.deepEqual(splitAnswer(bytesOf(answer), asked), expected);
  });
}

test('property: any bytes as an answer give only what was asked for, and never an error', () => {
  const asked = fc.array(fc.constantFrom<number[]>(0x0c, 0x0d, 0x05, 0xa6, 0xc1), { minLength: 1, maxLength: 6 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), asked, (answer, pids) => {
      for (const { pid, data } of splitAnswer(answer, pids)) {
        assert.ok(pids.includes(pid));
        assert.ok(data.length >= (parameterBytes(pid) ?? 1));
      }
    }),
  );
});
