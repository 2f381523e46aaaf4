// `miner bench` as a shell runs it.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import type { DecodeReport } from '../../bench/decode-report.ts';
import { runMiner } from '../tools/cli/miner-process.ts';
import { electricCarFile } from './databases.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'bench-command-'));
after(() => rmSync(folder, { recursive: true }));
const frames = path.join(folder, 'car.frames');
const quick = ['--round-ms', '1', '--warm-up-ms', '0'];

test('frames, then decode --frames --json: frames_per_second per back end, and nothing else on stdout', async () => {
  const drawn = await runMiner(['bench', 'frames', '--dbc', electricCarFile, '--count', '2000', '-o', frames]);
  assert.equal(drawn.code, 0);
  assert.equal(drawn.stdout, '');
  const { code, stdout, stderr } = await runMiner([
    ...['bench', 'decode', '--dbc', electricCarFile, '--frames', frames, '--json'],
    ...quick,
  ]);
  assert.equal(code, 0);
  assert.equal(stderr, '');
  const report = JSON.parse(stdout) as DecodeReport;
  assert.equal(report.options.count, 2000);
  for (const name of ['interpret', 'perFrame', 'perFrameObjects', 'wasmScalar', 'batch', 'batchRecords'])
    assert.ok(report.frames_per_second![name] > 0, name);
});

test('a number for --frames is wrong usage, and the right option is named', async () => {
  const { code, stderr } = await runMiner(['bench', 'decode', '--dbc', electricCarFile, '--frames', '5000']);
  assert.equal(code, 2);
  assert.match(stderr, /--frames 5000: expected a frame file; for 5000 generated frames give --count 5000/);
});

test('a database that is not there is named', async () => {
  const { code, stderr } = await runMiner(['bench', 'decode', '--dbc', 'nowhere.dbc', ...quick]);
  assert.equal(code, 3);
  assert.match(stderr, /nowhere\.dbc: cannot be read \(no such file\)/);
});
