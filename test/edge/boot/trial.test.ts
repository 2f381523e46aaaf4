/** A trial ends with a confirmation or with a reset, however the self-test ends. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { runTrial, type SelfTestResult, Watchdog } from '../../../edge/boot/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';

function setUp() {
  const clock = new VirtualClock();
  const resets: number[] = [];
  const watchdog = new Watchdog({ clock, timeoutMs: 1000, reset: () => resets.push(clock.nowMs()) });
  let confirmations = 0;
  const images = { confirm: () => confirmations++ };
  const trial = (selfTest: () => Promise<SelfTestResult> | SelfTestResult) => runTrial({ images, watchdog, selfTest });
  return { clock, resets, watchdog, trial, confirmations: () => confirmations };
}

test('a self-test that passes confirms, and the watchdog rests', async () => {
  const { clock, resets, trial, confirmations } = setUp();
  assert.deepEqual(await trial(() => ({ passed: true })), { confirmed: true });
  clock.advance(5000);
  assert.deepEqual([confirmations(), resets], [1, []]);
});

const failures: [string, () => Promise<SelfTestResult> | SelfTestResult, string | undefined][] = [
  ['fails', () => ({ passed: false, reason: 'no frames' }), 'no frames'],
  ['fails later, without a reason', async () => ({ passed: false }), undefined],
  [
    'throws',
    () => {
      throw new Error('no port');
    },
    'no port',
  ],
  ['rejects', () => Promise.reject(new Error('no clock')), 'no clock'],
];
for (const [how, selfTest, reason] of failures) {
  test(`a self-test that ${how} confirms nothing`, async () => {
    const { trial, confirmations } = setUp();
    const result = await trial(selfTest);
    assert.deepEqual([result.confirmed, result.reason, confirmations()], [false, reason, 0]);
  });
}

test('a self-test that hangs is ended by the watchdog; what it says afterwards counts no more', async () => {
  const { clock, resets, trial, confirmations } = setUp();
  const { promise, resolve } = Promise.withResolvers<SelfTestResult>();
  const ended = trial(() => promise);
  clock.advance(999);
  assert.deepEqual(resets, []);
  clock.advance(1);
  assert.deepEqual(resets, [1000]);
  resolve({ passed: true });
  assert.equal((await ended).confirmed, false);
  assert.equal(confirmations(), 0);
});

test('a watchdog that is fed in time does not reset; one that is stopped neither', async () => {
  const { clock, resets, watchdog } = setUp();
  watchdog.feed();
  for (let i = 0; i < 5; i++) {
    clock.advance(900);
    watchdog.feed();
  }
  assert.deepEqual([resets, watchdog.hasReset], [[], false]);
  watchdog.stop();
  clock.advance(5000);
  assert.deepEqual(resets, []);
  watchdog.feed();
  clock.advance(1000);
  assert.deepEqual([resets.length, watchdog.hasReset], [1, true]);
});
