/** `miner sim --flash`: what it prints, what it replays, what it refuses. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runMiner } from '../cli/miner-process.ts';

test('one JSON object with counts; nothing else on stdout', async () => {
  const { code, stdout, stderr } = await runMiner(['sim', '--flash', '--cuts', '400', '--seed', '7', '--json']);
  const told = JSON.parse(stdout);
  assert.deepEqual([code, told.violations, told.whole, told.firstSeed], [0, 0, true, 7], stderr);
  assert.ok(told.cuts >= 400 && told.boots > told.cuts && told.operations > told.boots, stdout);
  assert.match(stderr, /^cuts \d+\/400 {2}violations 0/m);
});

test('one life again, told as it goes', async () => {
  const { code, stdout } = await runMiner(['sim', '--flash', '--replay', 'every:500']);
  assert.equal(code, 0);
  assert.match(stdout, /^power cut at (write|erase)/m);
  assert.match(stdout, /^every promise held, with 1 cuts$/m);
});

test('a plan by hand is for whole Miners', async () => {
  const { code, stderr } = await runMiner(['sim', '--flash', '--plan', 'plan.json']);
  assert.equal(code, 2);
  assert.match(stderr, /--replay with --flash/);
});
