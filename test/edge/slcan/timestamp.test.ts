/** Wrapping millisecond stamps against the host's clock: distances kept, laps counted, nothing from the future. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { TimestampUnwrapper } from '../../../edge/slcan/timestamp.ts';

const wrapMs = 60_000;

test('the first frame carries the host time', () => {
  assert.equal(new TimestampUnwrapper(wrapMs * 1000).toHostUs(12_345_000, 5_000_000), 5_000_000);
});

test('frames read together keep their distances once the offset is known', () => {
  const stamps = new TimestampUnwrapper(wrapMs * 1000);
  stamps.toHostUs(1_000_000, 5_000_000);
  const later = [1010, 1015, 1020].map((stampMs) => stamps.toHostUs(stampMs * 1000, 5_030_000));
  assert.deepEqual(later, [5_010_006, 5_015_006, 5_020_006]);
});

test('a first frame that was read late is outdone by one that was not', () => {
  const stamps = new TimestampUnwrapper(wrapMs * 1000);
  assert.equal(stamps.toHostUs(1_000_000, 5_050_000), 5_050_000);
  assert.equal(stamps.toHostUs(1_100_000, 5_100_000), 5_100_000);
  assert.ok(Math.abs(stamps.toHostUs(1_200_000, 5_250_000) - 5_200_000) < 100);
});

test('the wrap goes on to the next lap', () => {
  const stamps = new TimestampUnwrapper(wrapMs * 1000);
  const before = stamps.toHostUs(59_999_000, 100_000_000);
  const after = stamps.toHostUs(1000, 100_003_000);
  assert.ok(Math.abs(after - before - 2000) < 2, `${after - before}`);
});

test('silence over several laps is bridged by the host clock', () => {
  const stamps = new TimestampUnwrapper(wrapMs * 1000);
  stamps.toHostUs(10_000_000, 1_000_000);
  const silenceMs = 3 * wrapMs + 5000;
  const time = stamps.toHostUs(15_000_000, 1_000_000 + silenceMs * 1000);
  assert.ok(Math.abs(time - (1_000_000 + silenceMs * 1000)) < 50_000);
});

test('no frame is later than the moment it was read, and a device clock 100 ppm slow or fast stays within 20 ms for ten hours', () => {
  for (const ppm of [-100, 0, 100]) {
    const stamps = new TimestampUnwrapper(wrapMs * 1000);
    for (let second = 0; second < 36_000; second += 7) {
      const nowUs = second * 1e6;
      const deviceMs = Math.floor(second * 1000 * (1 + ppm / 1e6)) + 123;
      const time = stamps.toHostUs((deviceMs % wrapMs) * 1000, nowUs);
      assert.ok(time <= nowUs, `${ppm} ppm, second ${second}`);
      assert.ok(nowUs - time < 20_000, `${ppm} ppm, second ${second}: ${nowUs - time} us behind`);
    }
  }
});

test('for any delays of up to 50 ms, times lie between true time and reading, in order', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.integer({ min: 1, max: 200_000 }), fc.integer({ min: 0, max: 50 })), { minLength: 1 }),
      (steps) => {
        const stamps = new TimestampUnwrapper(wrapMs * 1000);
        let trueMs = 0;
        let readMs = 0;
        let last = 0;
        for (const [stepMs, delayMs] of steps) {
          trueMs += stepMs;
          readMs = Math.max(readMs, trueMs + delayMs);
          const time = stamps.toHostUs((trueMs % wrapMs) * 1000, readMs * 1000);
          assert.ok(time >= trueMs * 1000 && time <= readMs * 1000 && time >= last);
          last = time;
        }
      },
    ),
    { numRuns: 200 },
  );
});

test('after a reset the next frame sets the offset anew', () => {
  const stamps = new TimestampUnwrapper(wrapMs * 1000);
  stamps.toHostUs(50_000_000, 1_000_000);
  stamps.reset();
  assert.equal(stamps.toHostUs(0, 2_000_000), 2_000_000);
});
