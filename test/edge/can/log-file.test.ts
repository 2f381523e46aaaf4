/** Logs on disk: parts of one file, all formats by name and packed, errors in words. */
import assert from 'node:assert/strict';
import { appendFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { gunzipSync, gzipSync } from 'node:zlib';
import { type FrameBatch, FrameFlag, type LogFormat, logFormats } from '../../../edge/can/index.ts';
import { type OpenLogOptions, openLogFile, readLogFile } from '../../../edge/can/node.ts';
import { openLogWriter } from '../../../edge/can/node-writer.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { batchOf, read, showFrames, write } from './reading.ts';

const folder = mkdtempSync(join(tmpdir(), 'log-files-'));
after(() => rmSync(folder, { recursive: true }));

const startUs = 1436509052250000;
const frames = Array.from({ length: 3000 }, (_, i) => ({
  timeUs: startUs + i * 250,
  id: (i * 7) & 0x7ff,
  flags: i % 5 === 0 ? FrameFlag.transmitted : 0,
  bus: i & 1,
  length: i % 9,
  bytes: Uint8Array.from({ length: 8 }, (_, k) => (i * 31 + k) & 255),
}));
const batch = batchOf(frames);
const expected = showFrames([batch]);
const endings: Record<LogFormat, string> = { candump: 'log', asc: 'asc', blf: 'blf', trc: 'trc', gvret: 'csv' };

async function shown(path: string, options?: OpenLogOptions): Promise<string[]> {
  const lines: string[] = [];
  const log = await openLogFile(path, options);
  for await (const each of log.batches()) {
    lines.push(...showFrames([each]));
    log.recycle(each);
  }
  return lines;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
  } catch (error) {
    assert.ok(error instanceof MinerError, String(error));
    return error.code;
  }
  assert.fail('expected an error');
}

for (const format of logFormats) {
  for (const packed of ['', '.gz']) {
    test(`${format}${packed}: written by its name and read back`, async () => {
      const path = join(folder, `whole.${endings[format]}${packed}`);
      const log = await openLogWriter(path);
      await log.write(batch);
      await log.close();
      assert.deepEqual(await shown(path), expected);
      const bytes = readFileSync(path);
      const plain = packed === '' ? bytes : gunzipSync(bytes);
      if (format === 'blf' && packed === '') {
        assert.equal(plain.readUInt32LE(16), plain.length);
        assert.equal(plain.readUInt32LE(32), frames.length);
      }
      const opened = await openLogFile(path);
      assert.equal(opened.totalBytes, bytes.length);
      assert.equal(opened.isDivisible, packed === '' && format !== 'blf');
      await opened.close();
      await opened.close();
    });
  }
}

const textFormats = logFormats.filter((format) => format !== 'blf');

for (const format of textFormats) {
  test(`${format}: parts laid side by side give each line once`, async () => {
    const path = join(folder, `parts.${endings[format]}`);
    const bytes = write(format, [batch]).bytes;
    writeFileSync(path, bytes);
    for (const count of [2, 3, 17]) {
      const lines: string[] = [];
      for (let part = 0; part < count; part++) {
        const from = Math.floor((bytes.length * part) / count);
        const to = Math.floor((bytes.length * (part + 1)) / count);
        lines.push(...(await shown(path, { from, to })));
      }
      assert.deepEqual(lines, expected);
    }
    assert.deepEqual(await shown(path, { from: 0 }), expected);
    assert.deepEqual(await shown(path, { to: bytes.length }), expected);
    assert.deepEqual(await shown(path, { from: bytes.length }), []);
    assert.deepEqual(await shown(path, { from: 5, to: 5 }), []);
  });
}

test('parts cut at every byte of a few lines', async () => {
  const path = join(folder, 'bytes.log');
  const text = '(1436509052.000000) can0 001#\n\n(1436509052.000000) can0 002#AA\r\n(1436509052.000000) can0 003#';
  writeFileSync(path, text);
  const all = showFrames(read('candump', text).batches);
  for (let cut = 0; cut <= text.length; cut++) {
    const lines = [...(await shown(path, { to: cut })), ...(await shown(path, { from: cut }))];
    assert.deepEqual(lines, all, `cut at ${cut}`);
  }
});

test('a part of a file of many chunks, and lines longer than a chunk', async () => {
  const path = join(folder, 'many.log');
  const line = (i: number) => `(1436509052.${String(i % 1e6).padStart(6, '0')}) can0 123#1122334455667788\n`;
  const lines = Array.from({ length: 60_000 }, (_, i) => line(i));
  writeFileSync(path, lines.join(''));
  const from = line(0).length * 29_999 + 1;
  assert.equal((await shown(path, { from })).length, 30_000);
  appendFileSync(path, `${'x'.repeat(3_000_000)}\n${line(7)}`);
  const end = lines.join('').length;
  assert.equal((await shown(path, { from: end + 5 })).length, 1);
  assert.equal((await shown(path, { from: end + 5, to: end + 2_000_000 })).length, 0);
});

test('what cannot be read in parts says so', async () => {
  const make = (name: string, content: string | Uint8Array) => {
    const path = join(folder, name);
    writeFileSync(path, content);
    return path;
  };
  const relative = 'base hex  timestamps relative\n0.5 1 1 Rx d 0\n';
  const deltas = [0, 0.01, 0.002, 0.03, 0.004, 0.05, 0.006].map(
    (time) => `(${time.toFixed(6).padStart(10, '0')}) can0 123#\n`,
  );
  const paths = [
    make('a.log.gz', gzipSync('(1.0) can0 123#\n')),
    make('a.blf', write('blf', [batch]).bytes),
    make('relative.asc', relative),
    make('delta.log', deltas.join('')),
  ];
  for (const path of paths) {
    assert.equal((await openLogFile(path)).isDivisible, false);
    assert.equal(await codeOf(() => openLogFile(path, { from: 1 })), 'LOG_NOT_DIVISIBLE');
  }
});

test('what cannot be written says so', async () => {
  assert.equal(await codeOf(() => openLogWriter(join(folder, 'a.txt'))), 'LOG_FORMAT_UNNAMED');
  assert.equal(await codeOf(() => openLogWriter('-')), 'LOG_FORMAT_UNNAMED');
  assert.equal(await codeOf(() => openLogWriter(join(folder, 'none', 'a.log'))), 'LOG_UNWRITABLE');
  assert.equal(await codeOf(() => openLogWriter(join(folder, 'none', 'a.log.gz'))), 'LOG_UNWRITABLE');
  assert.equal(await codeOf(() => openLogWriter(folder, { format: 'asc' })), 'LOG_UNWRITABLE');
});

test('a full disk is told, not passed over', { skip: process.platform !== 'linux' && 'needs /dev/full' }, async () => {
  const log = await openLogWriter('/dev/full', { format: 'candump' });
  assert.equal(
    await codeOf(async () => {
      await log.write(batch);
      await log.close();
    }),
    'LOG_UNWRITABLE',
  );
});

test('a format that is said is not looked for', async () => {
  const path = join(folder, 'headless.txt');
  writeFileSync(path, '1) 1.5 0001 0\n');
  assert.equal(await codeOf(() => openLogFile(path)), 'LOG_FORMAT_UNKNOWN');
  assert.equal((await shown(path, { format: 'trc' })).length, 1);
});

test('several logs packed one after the other in one gzip file', async () => {
  const path = join(folder, 'two.log.gz');
  writeFileSync(path, Buffer.concat([gzipSync('(1.0) can0 001#\n'), gzipSync('(2.0) can0 002#\n')]));
  const batches: FrameBatch[] = [];
  for await (const each of readLogFile(path)) batches.push(each);
  assert.equal(showFrames(batches).length, 2);
});
