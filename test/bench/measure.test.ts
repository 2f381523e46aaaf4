// Rounds: every contestant sees the same frames, in whole passes while it is fast enough.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Contestant, measure, quantile } from '../../bench/measure.ts';

function recording(name: string, spinMs = 0): Contestant & { blocks: [number, number][] } {
  const blocks: [number, number][] = [];
  return {
    name,
    frameCount: 10,
    blockFrames: 4,
    blocks,
    runBlock(from, to) {
      blocks.push([from, to]);
      const end = performance.now() + spinMs;
      while (performance.now() < end);
      return to;
    },
  };
}

test('blocks join without a gap, pass after pass, round after round', () => {
  const fast = recording('fast');
  const [result] = measure([fast, recording('other')], { rounds: 5, roundMs: 0, warmUpMs: 0 });
  fast.blocks.forEach((block, i) => {
    assert.deepEqual(
      block,
      [
        [0, 4],
        [4, 8],
        [8, 10],
      ][i % 3],
    );
  });
  assert.equal(result.rounds, 5);
  assert.equal(result.framesSeen, 10);
  assert.ok(result.framesPerSecondMin <= result.framesPerSecond);
  assert.ok(result.framesPerSecond <= result.framesPerSecondMax);
});

test('who is too slow for a pass is cut off, and it is told how far it came', () => {
  const slow = recording('slow', 8);
  slow.frameCount = 4000;
  const [result] = measure([slow], { rounds: 5, roundMs: 1, warmUpMs: 0 });
  assert.ok(result.framesSeen < 4000);
  assert.equal(result.framesSeen % 4, 0);
});

test('at least three rounds warm up before anything counts', () => {
  const contestant = recording('one', 1);
  contestant.blockFrames = 10;
  measure([contestant], { rounds: 5, roundMs: 0, warmUpMs: 0 });
  assert.ok(contestant.blocks.length >= 8);
});

const quantiles: [number[], number, number][] = [
  [[3, 1, 2], 0.5, 2],
  [[1], 0.99, 1],
  [[1, 2, 3, 4], 0.5, 3],
  [[1, 2, 3, 4], 1, 4],
  [[4, 1], 0, 1],
];
for (const [values, share, expected] of quantiles) {
  test(`quantile ${share} of ${values} is ${expected}`, () => assert.equal(quantile(values, share), expected));
}
