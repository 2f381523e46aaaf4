/** PCAN's TRC in all its versions, and another program's files of the same name. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import fc from 'fast-check';
import { detectLogFormat, FrameFlag } from '../../../edge/can/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { type ReadFrame, read, showFrames } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;
const v1 = (version: string) => `;$FILEVERSION=${version}\n`;
const v20 = ';$FILEVERSION=2.0\n;$COLUMNS=N,O,T,I,d,l,D\n';
const v21 = ';$FILEVERSION=2.1\n;$COLUMNS=N,O,T,B,I,d,R,L,D\n';
const errorFrame = [0x80, error, '0000000000000000'] as const;

const lines: [head: string, line: string, timeUs: number, frame: readonly [id: number, flags: number, data: string]][] =
  [
    ['', '     1)      1841         0001  8  00 01 02 03 04 05 06 07', 1841000, [1, 0, '0001020304050607']],
    ['', '     4)      1844         0100  3  RTR', 1844000, [0x100, remote, '']],
    ['', '     4)      1844     18FEF100  1  AA', 1844000, [0x18fef100, extended, 'aa']],
    ['', '     2)      1842         0008  4  ERROR 00 19 08 08', 1842000, errorFrame],
    [v1('1.1'), '     1)      1059.9  Rx         0300  7  00 00 00 00 04 00 00', 1059900, [0x300, 0, '00000000040000']],
    [v1('1.1'), '     3)      1298.9  Tx         0400  2  00 01', 1298900, [0x400, transmitted, '0001']],
    [v1('1.1'), '     6)      1349.2  Error      0008  4  00 19 08 08', 1349200, errorFrame],
    [v1('1.1'), '     2)      7468.9  Tx         0000  8  RTR', 7468900, [0, transmitted | remote, '']],
    [v1('1.2'), '     1)      1059.900 2  Rx         0300  1  AA', 1059900, [0x300, 0, 'aa']],
    [v1('1.3'), '     1)      1059.123 2  Rx     18FEF100 -  1    AA', 1059123, [0x18fef100, extended, 'aa']],
    [v20, '      1      1059.900 DT     0300 Rx 7  00 00 00 00 04 00 00', 1059900, [0x300, 0, '00000000040000']],
    [
      v20,
      '      5      1334.416 FD     0500 Tx 12 01 02 03 04 05 06 07 08 09 0A 0B 0C',
      1334416,
      [0x500, fd | transmitted, '0102030405060708090a0b0c'],
    ],
    [v20, '      6      1334.522 ER          Rx 04 00 02 00 00', 1334522, errorFrame],
    [v20, '     10      1336.543 RR     0100 Rx 3', 1336543, [0x100, remote, '']],
    [
      v21,
      '      1      1059.900 FB 1 18EFC034 Rx -  9    00 01 02 03 04 05 06 07 08 09 0A 0B',
      1059900,
      [0x18efc034, extended | fd | bitRateSwitch, '000102030405060708090a0b'],
    ],
    [v21, '      1      1059.900 FE 1     0300 Rx -  0', 1059900, [0x300, fd | errorState, '']],
    [v21, '      1      1059.900 BI 1     0300 Rx -  1    AA', 1059900, [0x300, fd | bitRateSwitch | errorState, 'aa']],
    [
      v21,
      '      1      1059.900 DT 1     0300 Rx -  15   00 01 02 03 04 05 06 07',
      1059900,
      [0x300, 0, '0001020304050607'],
    ],
    [v21, '      2         0.200 ER 1 - - - 0', 200, errorFrame],
    [';$FILEVERSION=2.0\n;$COLUMNS=O,N,B,T,I,d,l,D\n', ' 1.5 7 1 DT 0300 Rx 1 AA', 1500, [0x300, 0, 'aa']],
  ];

for (const [head, line, timeUs, [id, flags, data]] of lines) {
  test(`reads ${head.split('\n')[0]} ${line.trim()}`, () => {
    const { frames, stats } = read('trc', `${head}${line}\r\n`);
    assert.deepEqual(stats.firstMalformed, []);
    assert.deepEqual(frames, [{ timeUs, id, flags, data }]);
  });
}

const ignored: [head: string, line: string][] = [
  ['', ';   C:\\TraceFile.trc'],
  ['', '     3)      1843     FFFFFFFF  4  00 00 00 04 -- -- -- -- BUSLIGHT'],
  [v1('1.1'), '     5)      1346.8  Warng  FFFFFFFF  4  00 00 00 08  BUSHEAVY'],
  [v1('1.3'), '     1)  1.000 1 Rx 10062123 - 9 D2 AF AA 88 18 80 01 02 03'],
  [v20, '      7      1334.531 ST          Rx    00 00 00 08'],
  [v20, '      8      1334.643 EC          Rx    02 02'],
  [v20, '      9      1334.643 EV  User-defined event'],
  [v21, '      9      1334.643 EV 1 User-defined event'],
];

for (const [head, line] of ignored) {
  test(`no frame by intent: ${line.trim()}`, () => {
    const { stats } = read('trc', `${head}${line}\n`);
    assert.deepEqual([stats.lines, stats.malformed], [0, 0]);
  });
}

const malformed: [head: string, line: string, reason: RegExp][] = [
  ['', 'garbage', /message number/],
  ['', '1)', /milliseconds/],
  ['', '1) x 0001 0', /milliseconds/],
  ['', '1) 1 0800 0', /4 or 8 hex digits/],
  ['', '1) 1 20000000 0', /4 or 8 hex digits/],
  ['', '1) 1 0001 8 00', /8 bytes/],
  ['', '1) 1 0001 1 100', /1 bytes/],
  ['', '1) 1 0001', /expected/],
  [v1('1.1'), '1) 1.0 Up 0001 0', /a type/],
  [v20, '1 1.0 XX 0001 Rx 0', /a type/],
  [v20, '1 1.0 DT 0001 Up 0', /Rx or Tx/],
  [v20, '1 1.0 DT 0001 Rx 9 00', /CAN or CAN FD/],
  [v20, '1 1.0 FD 0001 Rx 9 00', /CAN or CAN FD/],
  [v21, '1 1.0 FD 1 0001 Rx - 16', /CAN or CAN FD/],
  [v21, '1 1.0 FD 1 0001 Rx - 9 00', /12 bytes/],
];

for (const [head, line, reason] of malformed) {
  test(`counts as malformed: ${head.slice(13, 16)} ${line}`, () => {
    const { frames, stats } = read('trc', `${head}${line}\n`);
    assert.equal(frames.length, 0);
    assert.equal(stats.malformed, 1);
    assert.match(stats.firstMalformed[0].reason, reason);
  });
}

const starts: [head: string, utc: string][] = [
  [';$FILEVERSION=1.1\n;$STARTTIME=37704.5364870833\n', '2003-03-24T12:52:32.484Z'],
  [';$FILEVERSION=1.1\n;$STARTTIME=39878.6772258947;\n', '2009-03-06T16:15:12.317Z'],
  [';   Start time: 11.09.2002 16:00:20.682\n', '2002-09-11T16:00:20.682Z'],
];

for (const [head, utc] of starts) {
  test(`times begin at ${utc}: ${head.trim()}`, () => {
    const row = head.includes('1.1') ? '1) 1.5 Rx 0001 0\n' : '1) 1 0001 0\n';
    const { timeUs } = read('trc', head + row).frames[0];
    assert.equal(Math.floor(timeUs / 1000), Date.parse(utc) + 1);
  });
}

test('buses count from 1', () => {
  const { batches } = read('trc', `${v21}1 1.0 DT 1 0001 Rx - 0\n2 1.0 DT 4 0001 Rx - 0\n3 1.0 DT - 0001 Rx - 0\n`);
  assert.deepEqual([...batches[0].bus.subarray(0, 3)], [0, 3, 0]);
});

test('any words in any chunks: counted, never thrown', () => {
  const word = fc.constantFrom(
    '1)',
    '1',
    '1.5',
    'Rx',
    'Tx',
    'DT',
    'FD',
    'RR',
    'ER',
    'EV',
    '0300',
    '18FEF100',
    'FFFFFFFF',
    '-',
    '8',
    '15',
    'AA',
    'RTR',
    'ERROR',
    ';$FILEVERSION=2.1\n',
    ';$FILEVERSION=9\n',
    ';$COLUMNS=N,,D\n',
    ';$COLUMNS=\n',
    ';$STARTTIME=x\n',
    '@ TEXT\n',
    '\n',
    '\n',
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 80 }), fc.integer({ min: 1, max: 50 }), (words, size) => {
      const { stats } = read('trc', words.join(' '), size, { batchFrames: 4 });
      assert.equal(stats.lines, stats.frames + stats.malformed);
    }),
    { numRuns: 500 },
  );
});

const carBus = 'corpus/savvycan/CarBusAnalyzer.trc';

test("CarBus Analyzer's trace, whose lines end with CR alone", { skip: skipWithout(carBus) }, () => {
  const bytes = readFileSync(sharedPath(carBus) ?? '');
  assert.equal(detectLogFormat(bytes), 'trc');
  const whole = read('trc', bytes);
  assert.deepEqual([whole.stats.frames, whole.stats.malformed, whole.stats.ignored], [55, 0, 1]);
  const first: ReadFrame = { timeUs: 46016000, id: 0x45a, flags: 0, data: '5a04000000000000' };
  assert.deepEqual(whole.frames[0], first);
  // As its header says, it is 10078 ms long.
  assert.equal(whole.frames[54].timeUs - first.timeUs, 10_078_000);
  assert.deepEqual(showFrames(read('trc', bytes, 1).batches), showFrames(whole.batches));
});

test("CarBus Analyzer's lines that are none", () => {
  const rows = [
    'x\t1',
    '1,5\tx',
    '1,5\t1\t0004\tXYZ',
    '1,5\t1\t0004\t123\t9',
    '1,5\t1\t0004\t123\t2\tAA',
    '1,5\t1\t0004\t12345678\t0',
  ];
  const { frames, stats } = read('trc', ['@ TEXT @ 2 @', ...rows].join('\r'));
  assert.equal(stats.malformed, 5);
  assert.deepEqual(frames, [{ timeUs: 1500000, id: 0x12345678, flags: extended, data: '' }]);
});
