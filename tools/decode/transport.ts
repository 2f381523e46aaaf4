/** Puts J1939 messages of more than one frame together, where the database has some. */
import type { FrameBatch } from '../../edge/can/index.ts';
import { needsJ1939Transport, type Plan } from '../../edge/decode/index.ts';
import { createJ1939Reassembler, type J1939Message } from '../../edge/j1939/index.ts';
import type { Tally } from './tally.ts';

/** Takes frames one by one; see `createTransport`. */
export interface Transport {
  /** @returns the message that this frame of the batch made whole; its data hold until the next call */
  push(frames: FrameBatch, index: number): J1939Message | undefined;
  /** Puts its counts into the tally. */
  end(tally: Tally): void;
}

/** @returns undefined when no message of the plan needs it, so that other databases don't pay for it */
export function createTransport(plan: Plan): Transport | undefined {
  if (!needsJ1939Transport(plan)) return undefined;
  const reassembler = createJ1939Reassembler();
  return {
    push(frames, i) {
      const { stride } = frames;
      return reassembler.push(
        frames.timeUs[i],
        frames.id[i],
        frames.flags[i],
        frames.data,
        i * stride,
        frames.length[i],
      );
    },
    end(tally) {
      reassembler.end();
      tally.transportLost = Object.values(reassembler.stats.lost).reduce((sum, count) => sum + count, 0);
    },
  };
}
