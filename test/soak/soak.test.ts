// Seconds of what run-soak.ts does for hours: unplugged, without a broker, and at last without anything. Counts have
// to add up, and queues stay bounded; memory and time are for the long form.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countsThatDisagree } from './checks.ts';
import { floors, slopePerMinute } from './slope.ts';
import { soak } from './soak.ts';

test('unplugged, replugged elsewhere, without a broker, stopped with nothing left: every count adds up', {
  skip: process.platform === 'win32',
}, async () => {
  const report = await soak({
    seconds: 3,
    times: 2,
    unplugEverySeconds: 1,
    restartEverySeconds: 1.5,
    scrapeEverySeconds: 0.25,
    endAlone: true,
  });
  assert.deepEqual(countsThatDisagree(report), []);
  assert.ok(report.unplugs >= 2 && report.restarts >= 2 && report.scrapes.length >= 4);
  assert.ok(Number(report.stopped.framesReceived) > 100 && report.accepted.samples > 0);
});

const line = (slope: number) => Array.from({ length: 11 }, (_, i) => ({ seconds: i * 60, value: 5 + slope * i }));

test('the slope of a line is its slope, and teeth of a saw have none', () => {
  for (const slope of [0, 3, -2]) assert.equal(slopePerMinute(line(slope)), slope);
  const teeth = Array.from({ length: 100 }, (_, i) => ({ seconds: i, value: 50 + (i % 10) }));
  assert.deepEqual(
    floors(teeth, 5).map(({ value }) => value),
    [50, 50, 50, 50, 50],
  );
  assert.equal(slopePerMinute(floors(teeth, 5)), 0);
  assert.equal(slopePerMinute([]), 0);
});
