/** SavvyCAN's and GVRET's CSV, with and without the Dir column, and lines that are none. */
import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { read } from './reading.ts';

const old = 'Time Stamp,ID,Extended,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8';
const recent = 'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8';
const { extended, fd, transmitted } = FrameFlag;

const lines: [header: string, line: string, frame: [number, number, number, string]][] = [
  [old, '166064000,0000021A,false,0,8,FE,36,12,FE,69,05,07,AD,', [166064000, 0x21a, 0, 'fe3612fe690507ad']],
  [old, '1,123,false,0,2,0A,b', [1, 0x123, 0, '0a0b']],
  [old, '1,123,false,0,0,', [1, 0x123, 0, '']],
  [old, '1,123,false,0,0', [1, 0x123, 0, '']],
  [old, '1,18FEF100,true,1,1,AA,', [1, 0x18fef100, extended, 'aa']],
  [old, '1,18FEF100,1,1,1,AA,', [1, 0x18fef100, extended, 'aa']],
  [old, '1.75,123,false,0,1,AA,', [1, 0x123, 0, 'aa']],
  [recent, '1,123,false,Rx,0,1,AA,', [1, 0x123, 0, 'aa']],
  [recent, '1,123,false,Tx,0,1,AA,', [1, 0x123, transmitted, 'aa']],
  [recent, `1,123,false,Rx,0,64,${'AB,'.repeat(64)}`, [1, 0x123, fd, 'ab'.repeat(64)]],
  [old.toLowerCase(), '1,123,false,0,1,AA,', [1, 0x123, 0, 'aa']],
  [`\uFEFF${old}`, '1,123,false,0,1,AA,', [1, 0x123, 0, 'aa']],
];

for (const [header, line, [timeUs, id, flags, data]] of lines) {
  test(`reads ${header.length === recent.length ? 'with Dir' : 'without Dir'}: ${line.slice(0, 50)}`, () => {
    const { frames, stats } = read('gvret', `${header}\r\n${line}\r\n`);
    assert.deepEqual(frames, [{ timeUs, id, flags, data }]);
    assert.deepEqual([stats.lines, stats.malformed], [1, 0]);
  });
}

const malformed: [line: string, reason: RegExp][] = [
  ['1,123,false', /at least 5 columns/],
  ['-1,123,false,0,1,AA,', /microseconds/],
  [',123,false,0,1,AA,', /microseconds/],
  ['1,xyz,false,0,1,AA,', /11 bits/],
  ['1,,false,0,1,AA,', /11 bits/],
  ['1,800,false,0,1,AA,', /11 bits/],
  ['1,20000000,true,0,1,AA,', /29 bits/],
  ['1,123,false,0,9,AA,', /length/],
  ['1,123,false,0,x,AA,', /length/],
  ['1,123,false,0,2,AA,', /2 data bytes/],
  ['1,123,false,0,1,100,', /D1/],
  ['1,123,false,0,2,AA,G,', /D2/],
  ['comment', /header/],
];

for (const [line, reason] of malformed) {
  test(`counts as malformed: ${line}`, () => {
    const { frames, stats } = read('gvret', `${old}\n1,1,false,0,0,\n${line}\n2,2,false,0,0,\n`);
    assert.equal(frames.length, 2);
    assert.equal(stats.malformed, 1);
    assert.equal(stats.firstMalformed[0].line, 3);
    assert.match(stats.firstMalformed[0].reason, reason);
  });
}

test('a time of today in microseconds has sixteen digits', () => {
  assert.equal(read('gvret', `${old}\n1795371172053503,1,false,0,0,\n`).frames[0].timeUs, 1795371172053503);
  assert.equal(read('gvret', `${old}\n9995371172053503,1,false,0,0,\n`).stats.malformed, 1);
});

test('the bus is numbered from 0 in the column that the header names', () => {
  const { batches } = read('gvret', `${old}\n1,1,false,0,0,\n1,1,false,2,0,\n1,1,false,x,0,\n1,1,false,999,0,\n`);
  assert.deepEqual([...batches[0].bus.subarray(0, 4)], [0, 2, 0, 255]);
  assert.equal(read('gvret', `${recent}\n1,1,false,Rx,3,0,\n`).batches[0].bus[0], 3);
});

test('a later part is read by the columns of the header, behind a byte order mark too', () => {
  for (const mark of ['', '\uFEFF']) {
    const preamble = new TextEncoder().encode(`${mark}${recent}\n1,1,false,Rx,0,0,\n`);
    const { frames, stats } = read('gvret', '2,123,false,Tx,1,1,AA,\n', 1000, { preamble });
    assert.deepEqual(frames, [{ timeUs: 2, id: 0x123, flags: transmitted, data: 'aa' }]);
    assert.deepEqual([stats.lines, stats.linesTotal], [1, 1]);
  }
});

test('any fields in any chunks: counted, never thrown', () => {
  const field = fc.constantFrom(
    '1',
    '123',
    'true',
    'Rx',
    '0',
    '8',
    'FF',
    '',
    'D1',
    'LEN',
    'Time Stamp',
    'ID',
    'Extended',
    '\n',
    '\n1',
  );
  fc.assert(
    fc.property(fc.array(field, { maxLength: 100 }), fc.integer({ min: 1, max: 50 }), (fields, size) => {
      const { stats } = read('gvret', fields.join(), size, { batchFrames: 4 });
      assert.equal(stats.lines, stats.frames + stats.malformed);
    }),
    { numRuns: 300 },
  );
});
