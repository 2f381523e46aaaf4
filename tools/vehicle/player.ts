/** Plays frames at the pace of their times. */
import type { FrameBatch } from '../../edge/can/index.ts';
import type { Clock } from '../../edge/sim/index.ts';
import { PlayControl } from './play-control.ts';

/** Frames in order of time; asked anew for each round. A batch is valid until the next one is asked for. */
export type FrameSource = () => AsyncIterable<FrameBatch> | Iterable<FrameBatch>;

/** Where frames go. */
export interface FrameSink {
  /** Takes or counts frames `from` up to `to`. */
  offer(batch: FrameBatch, from: number, to: number): void;
  /** Resolves once that many can be taken without an overrun. */
  whenRoom(frames: number): Promise<void>;
}

export interface PlayOptions {
  clock: Clock;
  /** 1 for the frames' own pace, 2 for twice as fast, 0 for as fast as the sink takes them. */
  speed: number;
  /** Start again at the end. */
  loop: boolean;
  signal: AbortSignal;
  /** Pauses it, and lets single frames pass. */
  control?: PlayControl;
}

/** Offered at most at once. */
const chunkFrames = 512;
/** Longest sleep, so that an abort is noticed soon. */
const sleepMsMax = 50;

/**
 * Plays the source into the sink until it ends or the signal aborts. At its own pace it never waits for the sink: a
 * bus does not either, and what the sink cannot take it counts. At any other speed it waits for room.
 * @returns frames offered
 */
export async function play(source: FrameSource, sink: FrameSink, options: PlayOptions): Promise<number> {
  let frames = 0;
  let before: number;
  do {
    before = frames;
    frames += await playOnce(source, sink, options);
    // An empty source would loop without ever giving way.
  } while (options.loop && !options.signal.aborted && frames > before);
  return frames;
}

async function playOnce(source: FrameSource, sink: FrameSink, options: PlayOptions): Promise<number> {
  const { clock, speed, signal, control = new PlayControl() } = options;
  let startMs = clock.nowMs();
  let wasPaused = false;
  let originUs: number | undefined;
  let frames = 0;
  for await (const batch of source()) {
    originUs ??= batch.timeUs[0];
    for (let from = 0; from < batch.count && !signal.aborted; ) {
      if (control.isPaused) {
        wasPaused = true;
        const to = Math.min(batch.count, from + Math.min(control.granted, chunkFrames));
        if (to === from) {
          await control.whenAllowed(signal);
          continue;
        }
        control.spend(to - from);
        await sink.whenRoom(to - from);
        sink.offer(batch, from, to);
        frames += to - from;
        from = to;
        continue;
      }
      if (wasPaused) {
        // Goes on from this frame: what a pause took is not caught up.
        wasPaused = false;
        startMs = clock.nowMs() - (speed === 0 ? 0 : (batch.timeUs[from] - originUs) / 1000 / speed);
      }
      const playedUs = speed === 0 ? Number.POSITIVE_INFINITY : originUs + (clock.nowMs() - startMs) * 1000 * speed;
      const to = dueBefore(batch, from, playedUs);
      if (to === from) {
        await sleep(clock, Math.min((batch.timeUs[from] - playedUs) / 1000 / speed, sleepMsMax));
        continue;
      }
      if (speed !== 1) await sink.whenRoom(to - from);
      sink.offer(batch, from, to);
      frames += to - from;
      from = to;
    }
    if (signal.aborted) break;
  }
  return frames;
}

/** End of the frames from `from` on that are due at `timeUs`, a chunk at most. */
function dueBefore(batch: FrameBatch, from: number, timeUs: number): number {
  const end = Math.min(batch.count, from + chunkFrames);
  let to = from;
  while (to < end && batch.timeUs[to] <= timeUs) to++;
  return to;
}

function sleep(clock: Clock, delayMs: number): Promise<void> {
  return new Promise((resolve) => clock.schedule(Math.max(1, delayMs), resolve));
}
