/** Vector's ASC: headers in all their spellings, every kind of line, and lines that are none. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { read } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;
const base = (digits: 'hex' | 'dec', times = 'absolute') => `base ${digits}  timestamps ${times}\n`;
const errorFrame = [0x80, error, '0000000000000000'] as const;
const data64 = Array.from({ length: 64 }, (_, i) => i.toString(16).padStart(2, '0'));
const name = 'AVeryLongSymbolicNameOfAMessageThatIsLongerThanTheColumn';

const lines: [head: string, line: string, timeUs: number, frame: readonly [id: number, flags: number, data: string]][] =
  [
    [base('hex'), '0.003040 1  123             Tx   d 2 00 FF', 3040, [0x123, transmitted, '00ff']],
    [base('hex'), '   1.5 1  18FEF100x       Rx   d 1 AA', 1500000, [0x18fef100, extended, 'aa']],
    [base('hex'), '1.5 1 123 Rx d 2 00 00 Length = 768000 BitCount = 67 ID = 291', 1500000, [0x123, 0, '0000']],
    [
      base('hex'),
      '1.5 1 18FEF100X Rx d 0 Length = 0 BitCount = 0 ID = 419361024x',
      1500000,
      [0x18fef100, extended, ''],
    ],
    [base('dec'), '1.5 1 291 Rx d 2 16 255', 1500000, [291, 0, '10ff']],
    [base('dec'), '1.5 1 419361024x Rx d 1 9', 1500000, [0x18fef100, extended, '09']],
    [base('hex'), '1.5 1 123 Rx r', 1500000, [0x123, remote, '']],
    [base('hex'), '1.5 1 123 Rx r 8', 1500000, [0x123, remote, '']],
    [base('hex'), '1.5 1 123 Rx r Length = 0 BitCount = 47 ID = 291', 1500000, [0x123, remote, '']],
    [base('hex'), '1.5 1 123 Rx d F 01 02 03 04 05 06 07 08', 1500000, [0x123, 0, '0102030405060708']],
    [base('hex'), '0.000123456 1 123 Rx d 0', 123, [0x123, 0, '']],
    [base('hex'), '-0.5 1 123 Rx d 0', -500000, [0x123, 0, '']],
    [base('hex'), '1.5 1 EngineData Rx d 1 AA Length = 1 BitCount = 1 ID = 100', 1500000, [100, 0, 'aa']],
    [
      base('hex'),
      '1.5 1 Fade Rx d 1 AA Length = 1 BitCount = 1 ID = 419361024x',
      1500000,
      [0x18fef100, extended, 'aa'],
    ],
    [base('hex'), '2.501 1 ErrorFrame', 2501000, errorFrame],
    [base('hex'), '2.501 1  ErrorFrame ECC: 10100010', 2501000, errorFrame],
    [
      base('hex'),
      '2.5 2 ErrorFrame Flags = 0xe CodeExt = 0x20a2 Code = 0x82 ID = 0 DLC = 0 Position = 5',
      2500000,
      errorFrame,
    ],
    [
      base('hex'),
      `1.5 CANFD   1 Rx        100                                   1 0 f 64 ${data64.join(' ')}   130000  130     3000 0 0 0 0 0`,
      1500000,
      [0x100, fd | bitRateSwitch, data64.join('')],
    ],
    [
      base('hex'),
      `1.5 CANFD 1 Tx 18FEF100x ${name} 0 1 9 12 00 01 02 03 04 05 06 07 08 09 0a 0b 1 2 5000 0 0 0 0 0`,
      1500000,
      [0x18fef100, extended | fd | errorState | transmitted, '000102030405060708090a0b'],
    ],
    [base('hex'), '1.5 CANFD 1 Rx 100 0 0 2 2 AA BB', 1500000, [0x100, fd, 'aabb']],
    [base('hex'), '1.5 CANFD 1 Rx 100 0 0 2 2 AA BB 0 0 0 0 0', 1500000, [0x100, 0, 'aabb']],
    [base('hex'), '1.5 CANFD 1 Rx 100 0 0 3 0 0 0 10 0 0', 1500000, [0x100, remote, '']],
    [base('hex'), '1.5 CANFD 1 Rx ErrorFrame Not Acknowledge error, dominant error flag', 1500000, errorFrame],
    ['', '1.5 1 123 Rx d 1 10', 1500000, [0x123, 0, '10']],
  ];

for (const [head, line, timeUs, [id, flags, data]] of lines) {
  test(`reads ${head.trim()}: ${line.slice(0, 60)}`, () => {
    const { frames, stats } = read('asc', `${head}${line}\r\n`);
    assert.deepEqual(stats.firstMalformed, []);
    assert.deepEqual(frames, [{ timeUs, id, flags, data }]);
  });
}

const ignored = [
  'no internal events logged',
  'internal events logged',
  '// version 9.0.0',
  '//0.000000 previous log file: logfile_errorframes.asc',
  'Begin Triggerblock Sam Sep 30 15:06:13.191 2017',
  'End TriggerBlock',
  'Start of measurement',
  '   0.000000 Start of measurement',
  '   0.015991 CAN 1 Status:chip status error passive - TxErr: 132 RxErr: 0',
  '   1.015991 1  Statistic: D 0 R 0 XD 0 XR 0 E 0 O 0 B 0.00%',
  '   1.0 log trigger event',
  '   1.0 SV: 1 0 1 ::Vehicle::Speed = 3',
  '   1.0 // a comment',
  '   1.0 1  J1939TP FEE3p 6 0 0 - Rx d 23 A0 0F',
  '   1.0 Li LIN1 Rx 12',
  '   1.0 1  123             TxRq d 0',
  '   1.0 CANFD 1 TxRq 100 0 0 0 0',
];

for (const line of ignored) {
  test(`no frame by intent: ${line.trim()}`, () => {
    const { stats } = read('asc', `${base('hex')}${line}\n`);
    assert.deepEqual([stats.lines, stats.ignored, stats.malformed], [0, 2, 0]);
  });
}

const malformed: [line: string, reason: RegExp][] = [
  ['garbage', /time in seconds/],
  ['1.x 1 123 Rx d 0', /time in seconds/],
  ['1.0', /channel/],
  ['1.0 1', /an id/],
  ['1.0 1 123', /Rx or Tx/],
  ['1.0 1 123 Rx', /d or r/],
  ['1.0 1 123 Rx x 0', /d or r/],
  ['1.0 1 123 Rx d', /DLC/],
  ['1.0 1 123 Rx d G', /DLC/],
  ['1.0 1 123 Rx d 2 00', /2 bytes/],
  ['1.0 1 123 Rx d 1 100', /1 bytes/],
  ['1.0 1 800 Rx d 0', /11 bits/],
  ['1.0 1 20000000x Rx d 0', /29 bits/],
  ['1.0 1 EngineData Rx d 0', /a name needs ID/],
  ['1.0 CANFD', /channel behind CANFD/],
  ['1.0 CANFD 1', /Rx or Tx/],
  ['1.0 CANFD 1 100 Rx', /Rx or Tx/],
  ['1.0 CANFD 1 Rx 100 2 3 0 8 8', /BRS/],
  ['1.0 CANFD 1 Rx 100 0 2 8 8', /ESI/],
  ['1.0 CANFD 1 Rx 100 0 0 g 8', /DLC/],
  ['1.0 CANFD 1 Rx 100 0 0 9 11 00', /12 bytes/],
  ['1.0 CANFD 1 Rx 100 0 0 9 12 00', /12 bytes/],
  ['1.0 CANFD 1 Rx 800 0 0 0 0', /11 bits/],
];

for (const [line, reason] of malformed) {
  test(`counts as malformed: ${line}`, () => {
    const { frames, stats } = read('asc', `${base('hex')}0.5 1 1 Rx d 0\n${line}\n2.0 1 2 Rx d 0\n`);
    assert.deepEqual(
      frames.map(({ id }) => id),
      [1, 2],
    );
    assert.equal(stats.malformed, 1);
    assert.equal(stats.firstMalformed[0].line, 3);
    assert.match(stats.firstMalformed[0].reason, reason);
  });
}

const dates: [line: string, utc: string][] = [
  ['date Wed Apr 16 09:21:13.159 am 2014', '2014-04-16T09:21:13.159Z'],
  ['date Wed Apr 16 09:21:13.159 pm 2014', '2014-04-16T21:21:13.159Z'],
  ['date Wed Apr 16 12:21:13 AM 2014', '2014-04-16T00:21:13.000Z'],
  ['date Wed Apr 16 12:21:13 PM 2014', '2014-04-16T12:21:13.000Z'],
  ['date Sam Sep 30 15:06:13.191 2017', '2017-09-30T15:06:13.191Z'],
  ['date Mit Okt 4 15:06:13 2017', '2017-10-04T15:06:13.000Z'],
  ['date Di Mrz 7 15:06:13.5 2017', '2017-03-07T15:06:13.500Z'],
  ['date Die Mär 7 15:06:13 2017', '2017-03-07T15:06:13.000Z'],
  ['date Don Dez 7 03:06:13 nachm. 2017', '2017-12-07T15:06:13.000Z'],
  ['date Fre Mai 05 15:06:13 2017', '2017-05-05T15:06:13.000Z'],
  ['date mar. févr. 7 15:06:13 2017', '2017-02-07T15:06:13.000Z'],
  ['date 30.09.2017 15:06:13.191', '2017-09-30T15:06:13.191Z'],
  ['date 2017-09-30 15:06:13.191', '2017-09-30T15:06:13.191Z'],
];

for (const [line, utc] of dates) {
  test(`${line} is where times begin`, () => {
    const { frames } = read('asc', `${line}\n${base('hex')}0.25 1 123 Rx d 0\n`);
    assert.equal(frames[0].timeUs, Date.parse(utc) * 1000 + 250000);
  });
}

for (const line of ['date', 'date Wed', 'date Foo 16 09:21:13 2014', 'date Wed Apr 16 29:21:13 2014']) {
  test(`${line}: no date, so times begin at zero`, () => {
    assert.equal(read('asc', `${line}\n${base('hex')}0.25 1 123 Rx d 0\n`).frames[0].timeUs, 250000);
  });
}

test("the first trigger block's date counts for the first line in it", () => {
  const text = [
    'date Wed Apr 16 09:00:00 2014',
    'base hex  timestamps absolute',
    'Begin Triggerblock Wed Apr 16 10:00:00 2014',
    '   5.000000 log trigger event',
    '   5.500000 1  123  Rx d 0',
    'End TriggerBlock',
    'Begin Triggerblock Wed Apr 16 11:00:00 2014',
    '   6.000000 1  123  Rx d 0',
  ].join('\n');
  const { frames } = read('asc', text);
  const begin = Date.UTC(2014, 3, 16, 10) * 1000;
  assert.deepEqual(
    frames.map(({ timeUs }) => timeUs - begin),
    [500000, 1000000],
  );
});

test('relative times count from the event before, whatever it is', () => {
  const text = `${base('hex', 'relative')}0.5 1 1 Rx d 0\n0.25 1 Statistic: D 0\n0.125 1 2 Rx d 0\n0.125 CANFD 1 Rx 3 0 0 0 0\n`;
  for (const chunkBytes of [1, 1000]) {
    const { frames } = read('asc', text, chunkBytes);
    assert.deepEqual(
      frames.map(({ timeUs }) => timeUs),
      [500000, 875000, 1000000],
    );
  }
});

test('channels count from 1', () => {
  const { batches, stats } = read(
    'asc',
    `${base('hex')}1.0 1 1 Rx d 0\n1.0 3 1 Rx d 0\n1.0 CANFD 2 Rx 3 0 0 0 0\n1.0 999 1 Rx d 0\n`,
  );
  assert.deepEqual([...batches[0].bus.subarray(0, 4)], [0, 2, 1, 255]);
  assert.deepEqual(stats.buses.slice(0, 3), ['1', '2', '3']);
});

test('any words in any chunks: counted, never thrown', () => {
  const word = fc.constantFrom(
    '1.0',
    '0.5',
    '1',
    '123',
    '18FEF100x',
    'Rx',
    'Tx',
    'd',
    'r',
    '8',
    'F',
    '00',
    'CANFD',
    'ErrorFrame',
    'ID',
    '=',
    'date',
    'base',
    'dec',
    'relative',
    'Begin',
    'Triggerblock',
    '\n',
    '\n',
    '-',
    'ÿ',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 80 }), fc.integer({ min: 1, max: 50 }), (words, size) => {
      const { stats } = read('asc', words.join(' '), size, { batchFrames: 4 });
      assert.equal(stats.lines, stats.frames + stats.malformed);
    }),
    { numRuns: 500 },
  );
});
