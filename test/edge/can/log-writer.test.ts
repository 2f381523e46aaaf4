/** Logs written: what is read back is what was written, but for what a format cannot hold, and that is told. */
import assert from 'node:assert/strict';
import test from 'node:test';
import { deflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  createLogReader,
  createLogWriter,
  detectLogFormat,
  FrameBatch,
  FrameFlag,
  type LogFormat,
  logFormatOfName,
  logFormats,
} from '../../../edge/can/index.ts';
import { batchOf, drawnFrames, read, showFrames, write } from './reading.ts';

const { extended, remote, error, fd, bitRateSwitch, errorState, transmitted } = FrameFlag;
const classic = [0, remote];
const flexible = [fd, fd | bitRateSwitch, fd | errorState, fd | bitRateSwitch | errorState];

/** What each format holds in full. */
const kindsOf: Record<LogFormat, readonly number[]> = {
  candump: [...classic, ...flexible, error],
  asc: [...classic, ...flexible],
  blf: [...classic, ...flexible],
  trc: [...classic, ...flexible],
  gvret: [0],
};
/** A day of 2015, as most logs are of some day. */
const timeUsMin = 1436509052249713;

for (const format of logFormats) {
  test(`${format}: what is written reads the same, in any chunks, and shows its format`, () => {
    const draws = fc.tuple(drawnFrames({ kinds: kindsOf[format], timeUsMin }), fc.integer({ min: 1, max: 400 }));
    fc.assert(
      fc.property(draws, ([frames, chunkBytes]) => {
        const batch = batchOf(frames);
        const { bytes, stats } = write(format, [batch], { deflate: deflateSync });
        const again = read(format, bytes, chunkBytes, { batchFrames: 9 });
        assert.deepEqual(showFrames(again.batches), showFrames([batch]));
        assert.deepEqual(again.stats.firstMalformed, []);
        assert.deepEqual(stats, { frames: frames.length, dropped: {}, lost: {} });
        assert.equal(detectLogFormat(bytes), format);
      }),
      { numRuns: 60 },
    );
  });

  test(`${format}: times from zero on`, () => {
    const batch = batchOf([{ timeUs: 0, id: 1, flags: 0, bus: 0, length: 1, bytes: Uint8Array.of(7) }]);
    const { batches } = read(format, write(format, [batch]).bytes);
    assert.deepEqual(showFrames(batches), ['0 0 1 0 1 07']);
  });

  test(`${format}: frames without a time are written at zero`, () => {
    const frame = { timeUs: Number.NaN, id: 1, flags: 0, bus: 0, length: 0, bytes: new Uint8Array(0) };
    const { bytes, stats } = write(format, [batchOf([frame, frame])]);
    assert.deepEqual(Object.values(stats.lost), [2]);
    assert.deepEqual(showFrames(read(format, bytes).batches), ['0 0 1 0 0 ', '0 0 1 0 0 ']);
  });

  test(`${format}: a log without frames has no frames, and no malformed lines`, () => {
    const { stats } = read(format, write(format, []).bytes);
    assert.deepEqual([stats.frames, stats.malformed], [0, 0]);
  });

  test(`${format}: batches after the first go on where it ended, and only the rows asked for are written`, () => {
    const frames = Array.from({ length: 5000 }, (_, i) => ({
      timeUs: timeUsMin + i * 1000,
      id: i & 0x7ff,
      flags: 0,
      bus: 0,
      length: 2,
      bytes: Uint8Array.of(i & 255, i >> 8),
    }));
    const batch = batchOf(frames);
    const writer = createLogWriter(format);
    const parts = [writer.write(batch, 0, 0), writer.write(batch, 0, 2500), writer.write(batch, 2500), writer.end()];
    const { batches } = read(format, Buffer.concat(parts));
    assert.deepEqual(showFrames(batches), showFrames([batch]));
  });
}

interface Loss {
  format: LogFormat;
  flags: number;
  length: number;
  dropped?: string;
  lost?: string[];
}

const losses: Loss[] = [
  { format: 'gvret', flags: remote, length: 4, dropped: 'remote frames' },
  { format: 'gvret', flags: error, length: 8, dropped: 'error frames' },
  { format: 'gvret', flags: fd, length: 8, lost: ['the FD format of frames up to 8 bytes'] },
  { format: 'gvret', flags: fd | bitRateSwitch, length: 12, lost: ['bit rate switch'] },
  { format: 'gvret', flags: fd | errorState, length: 12, lost: ['error state'] },
  { format: 'trc', flags: error, length: 8, dropped: 'error frames' },
  { format: 'asc', flags: error, length: 8, lost: ['details of error frames'] },
  { format: 'blf', flags: error, length: 8, lost: ['details of error frames'] },
];

for (const { format, flags, length, dropped, lost = [] } of losses) {
  test(`${format} tells of flags ${flags}: ${dropped ?? lost.join()}`, () => {
    const bytes = new Uint8Array(64);
    const batch = batchOf([
      { timeUs: timeUsMin, id: 4, flags, bus: 0, length, bytes },
      { timeUs: timeUsMin, id: 5, flags: 0, bus: 0, length: 0, bytes },
    ]);
    const { bytes: log, stats } = write(format, [batch]);
    assert.deepEqual(stats.dropped, dropped === undefined ? {} : { [dropped]: 1 });
    assert.deepEqual(stats.lost, Object.fromEntries(lost.map((each) => [each, 1])));
    assert.equal(read(format, log).frames.length, dropped === undefined ? 2 : 1);
  });
}

for (const format of ['asc', 'blf', 'trc'] as const) {
  test(`${format}: a frame from before the first is written at the first's time, and told`, () => {
    const frame = { id: 1, flags: 0, bus: 0, length: 0, bytes: new Uint8Array(0) };
    const batch = batchOf([
      { ...frame, timeUs: 5_000_000 },
      { ...frame, timeUs: 4_000_000 },
    ]);
    const { bytes, stats } = write(format, [batch]);
    assert.deepEqual(stats.lost, { 'times before the first frame': 1 });
    assert.deepEqual(
      read(format, bytes).frames.map(({ timeUs }) => timeUs),
      [5_000_000, 5_000_000],
    );
  });
}

test('candump: the interfaces have the names given, or numbers', () => {
  const frames = [0, 1, 2].map((bus) => ({ timeUs: 1, id: 1, flags: 0, bus, length: 0, bytes: new Uint8Array(0) }));
  const { bytes } = write('candump', [batchOf(frames)], { buses: ['vcan7', '', 'my can with a long name'] });
  assert.deepEqual(
    bytes.toString().trim().split('\n'),
    ['vcan7', 'can1', 'mycanwithalongn'].map((name) => `(0000000000.000001) ${name} 001#`),
  );
});

test('each format, as a text', () => {
  const data = Uint8Array.from({ length: 12 }, (_, i) => i * 17);
  const frames = [
    { timeUs: timeUsMin, id: 0x123, flags: 0, bus: 0, length: 4, bytes: data },
    { timeUs: timeUsMin + 100_288, id: 0x18fef100, flags: extended | transmitted, bus: 1, length: 1, bytes: data },
    { timeUs: timeUsMin + 250_287, id: 0x7ff, flags: remote, bus: 0, length: 4, bytes: data },
    { timeUs: timeUsMin + 350_287, id: 0x100, flags: fd | bitRateSwitch, bus: 0, length: 12, bytes: data },
    { timeUs: timeUsMin + 550_287, id: 0x80, flags: error, bus: 0, length: 8, bytes: new Uint8Array(8) },
  ];
  const text = (format: LogFormat) =>
    write(format, [batchOf(frames)])
      .bytes.toString()
      .split(/\r?\n/);
  assert.deepEqual(text('candump'), [
    '(1436509052.249713) can0 123#00112233',
    '(1436509052.350001) can1 18FEF100#00 T',
    '(1436509052.500000) can0 7FF#R4',
    '(1436509052.600000) can0 100##100112233445566778899AABB',
    '(1436509052.800000) can0 20000080#0000000000000000',
    '',
  ]);
  assert.deepEqual(text('asc'), [
    'date Fri Jul 10 06:17:32.249 am 2015',
    'base hex  timestamps absolute',
    'internal events logged',
    '// version 9.0.0',
    'Begin Triggerblock Fri Jul 10 06:17:32.249 am 2015',
    '   0.000000 Start of measurement',
    '   0.000713 1  123             Rx   d 4 00 11 22 33',
    '   0.101001 2  18FEF100x       Tx   d 1 00',
    '   0.251000 1  7FF             Rx   r 4',
    '   0.351000 CANFD   1 Rx 100   1 0 9 12 00 11 22 33 44 55 66 77 88 99 AA BB        0    0     3000 0 0 0 0 0',
    '   0.551000 1  ErrorFrame',
    'End TriggerBlock',
    '',
  ]);
  assert.deepEqual(text('gvret'), [
    'Time Stamp,ID,Extended,Dir,Bus,LEN,D1,D2,D3,D4,D5,D6,D7,D8',
    '1436509052249713,00000123,false,Rx,0,4,00,11,22,33,',
    '1436509052350001,18FEF100,true,Tx,1,1,00,',
    '1436509052600000,00000100,false,Rx,0,12,00,11,22,33,44,55,66,77,88,99,AA,BB,',
    '',
  ]);
  assert.deepEqual(
    text('trc').filter((line) => /^[^;]|\$/.test(line)),
    [
      ';$FILEVERSION=2.1',
      ';$STARTTIME=42195.2621788078704',
      ';$COLUMNS=N,O,T,B,I,d,R,L,D',
      '      1         0.713 DT  1     0123 Rx -  4    00 11 22 33 ',
      '      2       101.001 DT  2 18FEF100 Tx -  1    00 ',
      '      3       251.000 RR  1     07FF Rx -  4    ',
      '      4       351.000 FB  1     0100 Rx -  9    00 11 22 33 44 55 66 77 88 99 AA BB ',
    ],
  );
});

const names: [name: string, format: LogFormat | undefined][] = [
  ['a.log', 'candump'],
  ['a.LOG.gz', 'candump'],
  ['drive.asc', 'asc'],
  ['drive.blf.gz', 'blf'],
  ['a/b.trc', 'trc'],
  ['a.csv', 'gvret'],
  ['a.txt', undefined],
  ['a.gz', undefined],
  ['log', undefined],
  ['a.constructor', undefined],
];

for (const [name, format] of names) {
  test(`the name ${name} promises ${format ?? 'nothing'}`, () => assert.equal(logFormatOfName(name), format));
}

test('a batch that came back is used again, and shows nothing of what it held', () => {
  const text = Array.from(
    { length: 40 },
    (_, i) => `(1436509052.000000) can0 123#${i % 3 === 0 ? 'FFFFFFFF' : 'AA'}\n`,
  );
  const plain = read('candump', text.join(''), 1000, { batchFrames: 4 });
  const seen = new Set<FrameBatch>();
  const lines: string[] = [];
  const reader = createLogReader('candump', { batchFrames: 4 });
  for (const part of text) {
    reader.push(new TextEncoder().encode(part), (batch) => {
      seen.add(batch);
      lines.push(...showFrames([batch]));
      for (let row = 0; row < batch.count; row++) {
        const end = (row + 1) * batch.stride;
        assert.ok(batch.data.subarray(row * batch.stride + batch.length[row], end).every((byte) => byte === 0));
      }
      reader.recycle(batch);
    });
  }
  reader.end((batch) => lines.push(...showFrames([batch])));
  assert.deepEqual(lines, showFrames(plain.batches));
  assert.ok(seen.size <= 3, `${seen.size} batches for ten`);
  // One of another size is not taken.
  reader.recycle(new FrameBatch(7));
});
