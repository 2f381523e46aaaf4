/** Pace, loops, and who waits for whom. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameBatch } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { type FrameSource, type PlayOptions, play } from '../../../tools/vehicle/index.ts';
import { advance } from '../../edge/slcan/clock.ts';

/** Frames at the given milliseconds, after an origin of an hour, in batches of two. */
function frames(...timesMs: number[]): FrameSource {
  return function* () {
    const batch = new FrameBatch(2);
    for (const timeMs of timesMs) {
      batch.push((3_600_000 + timeMs) * 1000, timeMs, 0, new Uint8Array(0));
      if (batch.full) {
        yield batch;
        batch.clear();
      }
    }
    if (batch.count > 0) yield batch;
  };
}

function record(source: FrameSource, options: Partial<PlayOptions> = {}) {
  const clock = new VirtualClock();
  const offered: [timeMs: number, id: number][] = [];
  const abort = new AbortController();
  const room = { waits: 0, free: Promise.resolve() };
  const sink = {
    offer: (batch: FrameBatch, from: number, to: number) => {
      for (let i = from; i < to; i++) offered.push([clock.nowMs(), batch.id[i]]);
    },
    whenRoom: () => {
      room.waits++;
      return room.free;
    },
  };
  const done = play(source, sink, { clock, speed: 1, loop: false, signal: abort.signal, ...options });
  return { clock, offered, abort, room, done };
}

test('at its own pace', async () => {
  const { clock, offered, done, room } = record(frames(0, 10, 10, 25, 200));
  await advance(clock, 300);
  assert.equal(await done, 5);
  assert.deepEqual(offered, [
    [0, 0],
    [10, 10],
    [10, 10],
    [25, 25],
    [200, 200],
  ]);
  assert.equal(room.waits, 0);
});

test('twice as fast, waiting for room', async () => {
  const { clock, offered, done, room } = record(frames(0, 100, 200), { speed: 2 });
  await advance(clock, 300);
  await done;
  assert.deepEqual(
    offered.map(([timeMs]) => timeMs),
    [0, 50, 100],
  );
  assert.ok(room.waits > 0);
});

test('as fast as the sink takes them', async () => {
  const { clock, offered, done, room } = record(frames(0, 1000, 2000), { speed: 0 });
  let release = () => {};
  room.free = new Promise((resolve) => {
    release = resolve;
  });
  await advance(clock, 10);
  assert.ok(offered.length < 3);
  release();
  await done;
  assert.equal(offered.length, 3);
  assert.equal(clock.nowMs(), 10);
});

test('over and over, until aborted', async () => {
  const { clock, offered, done, abort } = record(frames(0, 10), { loop: true });
  await advance(clock, 35);
  abort.abort();
  await advance(clock, 100);
  await done;
  assert.deepEqual(
    offered.map(([timeMs]) => timeMs),
    [0, 10, 10, 20, 20, 30, 30],
  );
});

test('an empty source ends, even when looped', async () => {
  const { done } = record(frames(), { loop: true });
  assert.equal(await done, 0);
});

test('a source that fails rejects', async () => {
  const { done } = record(() => {
    throw new Error('torn file');
  });
  await assert.rejects(done, /torn file/);
});
