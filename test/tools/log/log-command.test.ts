/** `miner log`, run as a shell would. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test, { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync } from 'node:zlib';
import type { LogFacts } from '../../../tools/log/index.ts';

const main = fileURLToPath(new URL('../../../tools/cli/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'log-command-'));
after(() => rmSync(folder, { recursive: true }));

interface Ended {
  code: number | null;
  stdout: string;
  stderr: string;
}

function miner(args: string[], { input = '', linesMax = Number.POSITIVE_INFINITY } = {}): Promise<Ended> {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', main, 'log', ...args]);
  const ended: Ended = { code: null, stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    ended.stdout += text;
    if (ended.stdout.split('\n').length > linesMax) child.stdout.destroy();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    ended.stderr += text;
  });
  child.stdin.on('error', () => {});
  child.stdin.end(input);
  return new Promise((resolve) => child.once('close', (code) => resolve({ ...ended, code })));
}

const log = [
  '(1436509052.000000) can0 123#0011223344556677',
  '(1436509052.010000) can0 123#0011223344556677',
  '(1436509052.030000) can0 123#00112233',
  '(1436509052.040000) can1 18FEF100##1AA',
  '(1436509052.040000) can0 7FF#R4 T',
  'gar\u001bbage',
  '(1436509055.040000) can0 20000080#0000000000000000',
  '',
].join('\n');
const source = join(folder, 'drive.log');
writeFileSync(source, log);

test('stat tells what a log holds', async () => {
  const { code, stdout, stderr } = await miner(['stat', source]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(stdout.split('\n'), [
    'candump, 6 frames in 3.040 s',
    'from 2015-07-10T06:17:32.000Z',
    'error frames: 1',
    '',
    '              frames  load   busiest second',
    'bus 0 (can0)       5  0.0 %  0.1 %',
    'bus 1 (can1)       1  0.0 %  0.0 %',
    "at 500 kbit/s, CAN FD data at 2 Mbit/s; stuff bits counted from each frame's own bits",
    '',
    'bus  id        frames        1/s    mean ms     min ms     max ms  bytes',
    '  0  123            3      66.67     15.000     10.000     20.000  4 8',
    '  0  7FF            1          -          -          -          -  4      remote, Tx',
    '  1  18FEF100       1          -          -          -          -  1      FD',
    '',
    '1 gaps; the longest:',
    'at 1436509052.040000 s  3.000 s',
    '',
    'malformed lines: 1',
    'line 6: expected (seconds), an interface, an id, # and a payload, or a line as candump shows it',
    '    gar\u00b7bage',
    '',
  ]);
});

test('stat --json is one object', async () => {
  const { code, stdout } = await miner(['stat', '-', '--json', '--bit-rate', '250k', '--gap', '10'], { input: log });
  assert.equal(code, 0);
  const facts: LogFacts = JSON.parse(stdout);
  assert.equal(facts.frames, 6);
  assert.equal(facts.errorFrames, 1);
  assert.equal(facts.gaps.count, 0);
  assert.equal(facts.bitRate, 250_000);
  assert.deepEqual(facts.ids[0], {
    bus: 0,
    id: 0x123,
    extended: false,
    count: 3,
    rate: 2 / 0.03,
    interval: { mean: 0.015, min: 0.01, max: 0.02 },
    lengths: [4, 8],
    remote: 0,
    transmitted: 0,
    fd: 0,
  });
  assert.equal(facts.firstMalformed[0].line, 6);
});

test('a full bus is nearly full', async () => {
  // 8 bytes of 0x55 take 111 bits and a few stuff bits: 250 us apart is about nine tenths of 500 kbit/s.
  const rows = Array.from({ length: 8000 }, (_, i) => {
    const us = i * 250;
    return `(${1436509052 + Math.floor(us / 1e6)}.${String(us % 1e6).padStart(6, '0')}) can0 555#5555555555555555\n`;
  });
  const { stdout } = await miner(['stat', '-', '--json'], { input: rows.join('') });
  const { buses }: LogFacts = JSON.parse(stdout);
  assert.ok(buses[0].load > 0.88 && buses[0].load < 0.92, String(buses[0].load));
  assert.ok(Math.abs(buses[0].peakLoad - buses[0].load) < 0.001);
});

test('convert: by names, packed, and what the target cannot hold', async () => {
  const target = join(folder, 'drive.csv.gz');
  const { code, stdout, stderr } = await miner(['convert', source, target]);
  assert.deepEqual([code, stderr], [0, '']);
  assert.deepEqual(stdout.split('\n'), [
    `4 frames from candump to gvret: ${target}`,
    '  left out: 1 remote frames, which gvret cannot hold',
    '  left out: 1 error frames, which gvret cannot hold',
    '  lost: the FD format of frames up to 8 bytes, in 1 frames',
    '  lost: bit rate switch, in 1 frames',
    '  malformed: 1 lines, the first is line 6: expected (seconds), an interface, an id, # and a payload, or a line as candump shows it',
    '',
  ]);
  assert.equal(gunzipSync(readFileSync(target)).toString().split('\n').length, 6);
});

test('convert: through a pipe nothing but the log is on stdout', async () => {
  const { code, stdout, stderr } = await miner(['convert', '-', '-', '--to', 'candump'], { input: log });
  assert.equal(code, 0);
  assert.deepEqual(
    stdout.trim().split('\n'),
    log.split('\n').filter((line) => line.startsWith('(')),
  );
  assert.match(stderr, /^6 frames from candump to candump\n {2}malformed: 1 lines/);
});

test('convert --json', async () => {
  const { stdout } = await miner(['convert', source, join(folder, 'a.blf'), '--json']);
  const facts = JSON.parse(stdout);
  assert.deepEqual([facts.from, facts.to, facts.written.frames], ['candump', 'blf', 6]);
});

test('a reader that goes away ends it quietly', async () => {
  const input = log.repeat(20_000);
  const { code, stderr } = await miner(['convert', '-', '-', '--to', 'asc'], { input, linesMax: 20 });
  assert.deepEqual([code, stderr], [0, '']);
});

const refused: [args: string[], code: number, text: RegExp][] = [
  [['stat', join(folder, 'none.log')], 1, /no such log file/],
  [['stat', folder], 3, /it is a folder/],
  [['stat', source, '--bit-rate', 'fast'], 2, /such as 500k/],
  [['stat', source, '--from', 'mdf'], 2, /Allowed choices/],
  [['convert', source, join(folder, 'a.txt')], 2, /does not say in which log format/],
  [['convert', source, '-'], 2, /does not say in which log format/],
  [['convert', source, source], 2, /another file than the source/],
  [['convert', source, join(folder, 'none', 'a.log')], 3, /no such folder/],
  [['convert', source], 2, /missing required argument/],
];

for (const [args, code, text] of refused) {
  test(`exit ${code}: log ${args.join(' ').replaceAll(folder, '')}`, async () => {
    const ended = await miner(args);
    assert.equal(ended.code, code);
    assert.match(ended.stderr, text);
  });
}

test('both show an example', async () => {
  for (const name of ['convert', 'stat']) {
    const { code, stdout } = await miner([name, '--help']);
    assert.equal(code, 0);
    assert.match(stdout, /Example\n {2}\$ miner log/);
  }
});
