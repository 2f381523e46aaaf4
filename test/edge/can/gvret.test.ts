/** SavvyCAN's and GVRET's CSV, with and without the Dir column, and lines that are none. */
import assert from 'node:assert/strict';
import test from 'node:test';
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
