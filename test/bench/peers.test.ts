// Peers are judged fairly: right, wrong, clamped, missing and invented values told apart.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { loadPeer, type PeerVerdict } from '../../bench/peers.ts';
import { layoutReadings, readFrames } from '../../bench/readings.ts';
import { FrameBatch } from '../../edge/can/index.ts';
import { createInterpreter } from '../../edge/decode/index.ts';
import { dbc, planOf } from './databases.ts';

const text = dbc(
  [
    'BO_ 1 Plain: 8 X',
    ' SG_ Speed : 0|16@1+ (0.01,0) [0|655.35] "km/h" X',
    ' SG_ Limited : 16|8@1+ (1,0) [0|100] "" X',
  ].join('\n'),
  'BO_ 2 Multiplexed: 8 X\n SG_ S M : 0|8@1+ (1,0) [0|0] "" X\n SG_ A m1 : 8|8@1+ (1,0) [0|0] "" X\n SG_ B m2 : 8|8@1+ (1,0) [0|0] "" X',
);
const plan = planOf(text);

/** What candied is found to say of one frame. */
async function judge(id: number, ...payload: number[]): Promise<PeerVerdict | string> {
  const outcome = await loadPeer('candied', 'a.dbc', text);
  if ('reason' in outcome) return outcome.reason;
  const frames = new FrameBatch(1);
  frames.push(0, id, 0, Uint8Array.from(payload));
  return outcome.peer.check(readFrames(createInterpreter(plan), layoutReadings(plan, frames, 1)));
}

const none: PeerVerdict = { values: 0, wrong: 0, clamped: 0, missing: 0, invented: 0 };
const cases: [string, number, number[], PeerVerdict][] = [
  ['right values', 1, [0x10, 0x27, 50, 0, 0, 0, 0, 0], { ...none, values: 2 }],
  ['a value outside its range', 1, [0, 0, 200, 0, 0, 0, 0, 0], { ...none, values: 2, wrong: 1, clamped: 1 }],
  ['a frame shorter than its message', 1, [0, 0], { ...none, values: 1, missing: 1 }],
  ['another branch of a multiplexer', 2, [1, 5, 0, 0, 0, 0, 0, 0], { ...none, values: 2, invented: 1 }],
  ['no branch at all', 2, [9, 5, 0, 0, 0, 0, 0, 0], { ...none, values: 1, invented: 2 }],
];
for (const [name, id, payload, expected] of cases) {
  test(`candied 2.2.0 and ${name}`, async () => assert.deepEqual(await judge(id, ...payload), expected));
}

test('a package that is not installed is named as such', async () => {
  const outcome = await loadPeer('no-such-package-as-this', 'a.dbc', text);
  assert.match('reason' in outcome ? outcome.reason : '', /^not installed/);
});

test('a peer that finds nothing in a file is left out, with the reason', async () => {
  const outcome = await loadPeer('candied', 'a.dbc', 'nothing of the kind');
  assert.match('reason' in outcome ? outcome.reason : '', /2\.2\.0 (finds no message|refuses the file)/);
});
