// Which values become samples: changes, bounded in rate, with a heartbeat.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Sampler } from '../../edge/sampler.ts';

const policy = { intervalMsMin: 100, intervalMsMax: 1000 };

/** Offers [timeMs, raw] pairs of one signal and returns the times that were kept. */
function keptTimes(values: [number, number | bigint][]): number[] {
  const sampler = new Sampler(2, policy);
  return values.filter(([timeMs, raw]) => sampler.keep(1, timeMs, raw)).map(([timeMs]) => timeMs);
}

const rows: [string, [number, number | bigint][], number[]][] = [
  ['the first value is kept, even a zero', [[0, 0]], [0]],
  [
    'an unchanged value is not kept again',
    [
      [0, 5],
      [200, 5],
      [900, 5],
    ],
    [0],
  ],
  [
    'an unchanged value is repeated once the longest interval has passed',
    [
      [0, 5],
      [999, 5],
      [1000, 5],
    ],
    [0, 1000],
  ],
  [
    'a change within the shortest interval waits for the next frame that still shows it',
    [
      [0, 5],
      [99, 6],
      [100, 6],
    ],
    [0, 100],
  ],
  [
    'a change and back within the shortest interval is not a change',
    [
      [0, 5],
      [50, 6],
      [150, 5],
    ],
    [0],
  ],
  [
    'neighbours past 2^53 differ',
    [
      [0, 2n ** 53n],
      [200, 2n ** 53n + 1n],
    ],
    [0, 200],
  ],
  [
    'equal values past 2^53 are equal',
    [
      [0, 2n ** 63n],
      [200, 2n ** 63n],
    ],
    [0],
  ],
  [
    'a small value after a wide one is a change, even to the last small one',
    [
      [0, 0],
      [200, 2n ** 60n],
      [400, 0],
    ],
    [0, 200, 400],
  ],
];

for (const [name, values, expected] of rows) {
  test(name, () => assert.deepEqual(keptTimes(values), expected));
}

test('signals do not share their last value', () => {
  const sampler = new Sampler(2, policy);
  assert.equal(sampler.keep(0, 0, 7), true);
  assert.equal(sampler.keep(1, 1, 7), true);
});
