/** Puts J1939 messages of more than one frame together, where the database has some. */
import { type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import type { Plan } from '../../edge/decode/index.ts';
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
  if (!plan.messages.some(({ j1939, length }) => j1939 && length > 8)) return undefined;
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

const connectionManagement = 0xec00;
const dataTransfer = 0xeb00;

/** Whether a frame is one of the transport protocol (SAE J1939-21: TP.CM or TP.DT). */
export function isTransportFrame(id: number, flags: number): boolean {
  const pgn = (id >>> 8) & 0x3ff00;
  return (flags & FrameFlag.extended) !== 0 && (pgn === connectionManagement || pgn === dataTransfer);
}
