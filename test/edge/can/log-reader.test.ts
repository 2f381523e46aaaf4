/** Log readers as streams, the recognition of formats, and logs on disk. */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'node:test';
import { gzipSync } from 'node:zlib';
import { detectLogFormat, type FrameBatch } from '../../../edge/can/index.ts';
import { openLogFile, readLogFile } from '../../../edge/can/node.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { sharedPath } from '../../shared.ts';
import { framesOf, read } from './reading.ts';

const encode = (text: string) => new TextEncoder().encode(text);

function line(n: number): string {
  return `(${n}.000000) can0 123#${(n % 256).toString(16).padStart(2, '0')}\n`;
}

test('batches are full but for the last, and belong to whoever took them', () => {
  const { batches } = read('candump', Array.from({ length: 20_000 }, (_, n) => line(n)).join(''));
  assert.deepEqual(
    batches.map((batch) => [batch.count, batch.stride]),
    [
      [8192, 8],
      [8192, 8],
      [3616, 8],
    ],
  );
  const frames = framesOf(batches);
  assert.ok(
    frames.every(({ timeUs, data }, n) => timeUs === n * 1e6 && data === (n % 256).toString(16).padStart(2, '0')),
  );
});

test('the first long payload begins a batch with room for it', () => {
  const { batches, frames } = read('candump', `(1.0) c 001#11\n(2.0) c 002##0${'22'.repeat(12)}\n(3.0) c 003#33\n`);
  assert.deepEqual(
    batches.map((batch) => [batch.count, batch.stride]),
    [
      [1, 8],
      [2, 64],
    ],
  );
  assert.deepEqual(
    frames.map(({ data }) => data),
    ['11', '22'.repeat(12), '33'],
  );
});

test('the last line needs no line end, and blank lines are none', () => {
  const { frames, stats } = read('candump', '\n\r\n(1.0) c 001#\n\n(2.0) c 002#');
  assert.equal(frames.length, 2);
  assert.equal(stats.lines, 2);
});

test('only the first ten malformed lines are kept, with their numbers', () => {
  const { stats } = read('candump', 'x\n'.repeat(25));
  assert.equal(stats.malformed, 25);
  assert.deepEqual(
    stats.firstMalformed.map((each) => each.line),
    [1, 2, 3, 4, 5, 6, 7, 8, 9, 10],
  );
});

for (const chunkBytes of [1000, 1 << 20]) {
  test(`an endless line costs no memory, and the next is read, in chunks of ${chunkBytes}`, () => {
    const { frames, stats } = read('candump', `${'x'.repeat(100_000)}\n(1.0) c 001#\n`, chunkBytes);
    assert.equal(frames.length, 1);
    assert.match(stats.firstMalformed[0].reason, /longer than 4096/);
    assert.equal(stats.firstMalformed[0].text.length, 120);
  });
}

const detections: [text: string, format: string | undefined][] = [
  ['(1.0) can0 123#AA\n', 'candump'],
  ['# a comment\n(1.0) can0 123#AA\n', 'candump'],
  ['Time Stamp,ID,Extended,Bus,LEN,D1\n', 'gvret'],
  ['\uFEFFTime Stamp,ID,Extended,Dir,Bus,LEN,D1\r\n', 'gvret'],
  ['', undefined],
  ['BO_ 1 A: 8 N\n', undefined],
  ['date Mon Jan 1\nhello\n', undefined],
  ['date Mon Jan 1 10:00:00 2014\nbase hex timestamps absolute\n', 'asc'],
  ['base dec  timestamps relative\n', 'asc'],
  ['0.5 1 123 Rx d 0\n', 'asc'],
  ['  can0  123   [1]  AA\n', 'candump'],
  [';$FILEVERSION=1.1\r\n', 'trc'],
  [';##########################################################################\r\n;   C:\\TRACEFILE.TRC\r\n', 'trc'],
  ['@ TEXT @ 2 @ 64 @', 'trc'],
  ['LOGG', 'blf'],
  ['time,id\n1,2\n', undefined],
];

for (const [text, format] of detections) {
  test(`${JSON.stringify(text.slice(0, 40))} is ${format ?? 'no log'}`, () => {
    assert.equal(detectLogFormat(encode(text)), format);
  });
}

async function collect(path: string): Promise<FrameBatch[]> {
  const batches: FrameBatch[] = [];
  for await (const batch of readLogFile(path)) batches.push(batch);
  return batches;
}

async function rejection(path: string): Promise<MinerError> {
  try {
    await collect(path);
  } catch (error) {
    assert.ok(error instanceof MinerError);
    return error;
  }
  assert.fail('expected an error');
}

test('log files: plain, gzip, missing, unknown, broken, empty, a folder', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const file = (name: string, content: string | Uint8Array) => {
    writeFileSync(join(folder, name), content);
    return join(folder, name);
  };
  const text = Array.from({ length: 10_000 }, (_, n) => line(n)).join('');
  const expected = read('candump', text).frames;
  assert.deepEqual(framesOf(await collect(file('a.log', text))), expected);
  assert.deepEqual(framesOf(await collect(file('a.log.gz', gzipSync(text)))), expected);

  assert.equal((await rejection(join(folder, 'none.log'))).code, 'LOG_NOT_FOUND');
  const unknown = await rejection(file('a.txt', 'hello\nworld\n'));
  assert.equal(unknown.code, 'LOG_FORMAT_UNKNOWN');
  assert.equal(unknown.facts.firstLine, 'hello');
  assert.equal((await rejection(file('empty.log', ''))).code, 'LOG_FORMAT_UNKNOWN');
  assert.equal((await rejection(folder)).code, 'LOG_UNREADABLE');
  const cut = gzipSync(text).subarray(0, 5000);
  assert.equal((await rejection(file('cut.gz', cut))).code, 'LOG_UNREADABLE');
});

test('leaving the loop early closes the file', async (context) => {
  const folder = mkdtempSync(join(tmpdir(), 'logs-'));
  context.after(() => rmSync(folder, { recursive: true }));
  const path = join(folder, 'a.log.gz');
  writeFileSync(path, gzipSync(Array.from({ length: 100_000 }, (_, n) => line(n)).join('')));
  const log = await openLogFile(path);
  for await (const batch of log.batches()) {
    assert.equal(batch.count, 8192);
    break;
  }
  assert.ok(log.stats.frames < 100_000);
});

const candump = sharedPath('corpus/savvycan/candump.log');
const csv = sharedPath('corpus/savvycan/GVRET_Log.csv');
const skip = (candump === undefined || csv === undefined) && 'needs ../shared/corpus/savvycan';

test('one drive in two formats gives the same frames', { skip }, () => {
  const dump = read('candump', readFileSync(candump ?? ''));
  const table = read('gvret', readFileSync(csv ?? ''), 1000);
  assert.deepEqual([dump.stats.malformed, table.stats.malformed], [0, 0]);
  assert.equal(dump.frames.length, 12_974);
  const withoutTime = ({ id, flags, data }: { id: number; flags: number; data: string }) => ({ id, flags, data });
  assert.deepEqual(dump.frames.map(withoutTime), table.frames.map(withoutTime));
  // The candump file was written with whole seconds only.
  for (const [i, { timeUs }] of dump.frames.entries()) {
    assert.equal(Math.floor(table.frames[i].timeUs / 1e6) * 1e6, Math.floor(timeUs / 1e6) * 1e6);
  }
});
