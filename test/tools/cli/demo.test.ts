// The whole loop as a user runs it: one object under --json, every step held; and what Ctrl-C leaves behind.
import assert from 'node:assert/strict';
import { readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { test } from 'node:test';
import { sharedPath, skipWithout } from '../../shared.ts';
import { runMiner, startMiner } from './miner-process.ts';

const demoFolders = () => readdirSync(tmpdir()).filter((name) => name.startsWith('miner-demo-')).length;

test('the built-in car: every step holds, and the figures agree with each other', async () => {
  const { code, stdout, stderr } = await runMiner(['demo', '--json', '--duration', '3', '--seed', '7']);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(stdout);
  assert.equal(report.held, true);
  assert.deepEqual(
    report.steps.map((step: { held: boolean }) => step.held),
    report.steps.map(() => true),
  );
  const { frames, packs } = report;
  assert.ok(frames.sent > 1000);
  assert.deepEqual([frames.received, frames.lost, frames.notInDecoder], [frames.sent, 0, 0]);
  assert.equal(frames.decoded, frames.sent);
  assert.equal(packs.signed, packs.accepted + 1, 'the last one is refused');
  assert.deepEqual(
    report.refusals.map((refusal: { code: string }) => refusal.code),
    ['SIGNATURE_INVALID', 'SEQ_REPLAYED', 'LICENCE_NOT_ACTIVE'],
  );
  assert.deepEqual(
    report.dips.map((dip: { level: number; state: string }) => [dip.level, dip.state]),
    [2, 1, 1, 1].map((level) => [level, 'executed']),
  );
  assert.ok(report.samples > 100 && report.bytesPerSample < 20);
  assert.equal(report.reward.tokens, '1,105,000');
  assert.match(stderr, /refused: electric-car, with one byte more: none/);
});

const log = sharedPath('corpus/savvycan/candump.log') ?? '';
const dbc = sharedPath('corpus/savvycan/ThinkCity.dbc') ?? '';

test('a recorded drive and a real DBC: every frame accounted for, none lost', {
  skip: skipWithout('corpus/savvycan/candump.log'),
}, async () => {
  const { code, stdout, stderr } = await runMiner(['demo', '--json', '--log', log, '--dbc', dbc]);
  assert.equal(code, 0, stderr);
  const { held, frames } = JSON.parse(stdout);
  assert.equal(held, true);
  assert.deepEqual([frames.sent, frames.received, frames.lost], [12974, 12974, 0]);
  assert.equal(frames.decoded + frames.notInDecoder, 12974);
  assert.ok(frames.decoded > 0);
});

for (const [moment, pattern] of [
  ['while the contracts are deployed', / 1 Chain/],
  ['while the vehicle drives', / 7 Drive/],
] as const) {
  test(`Ctrl-C ${moment}: stops with 130, says so, leaves no process and no folder`, async () => {
    const before = demoFolders();
    const demo = startMiner(['demo', '--duration', '60']);
    await demo.seen(pattern);
    demo.child.kill('SIGINT');
    const { code, stderr } = await demo.ended;
    assert.equal(code, 130);
    assert.match(stderr, /miner: stopped before the end/);
    assert.doesNotMatch(stderr, /\n\s+at /);
    assert.equal(demoFolders(), before);
  });
}
