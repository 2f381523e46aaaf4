/** Counts what becomes of frames that are decoded in blocks, and puts messages of several frames together. */

import { type FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import type { Plan } from '../../../edge/decode/index.ts';
import type { J1939Message } from '../../../edge/j1939/index.ts';
import { isTransportFrame } from '../../../edge/j1939/index.ts';
import { countUnknown, newTally } from '../tally.ts';
import { createTransport } from '../transport.ts';

/** Gets each message that was put together, and the index of the frame that made it whole. @returns whether it is known */
export type TakeWhole = (whole: J1939Message, index: number) => boolean;

export class FrameCounter {
  readonly tally = newTally();
  readonly #plan: Plan;
  readonly #transport: ReturnType<typeof createTransport>;

  constructor(plan: Plan) {
    this.#plan = plan;
    this.#transport = createTransport(plan);
  }

  count(frames: FrameBatch, takeWhole: TakeWhole): void {
    const { tally } = this;
    const { count, id, flags } = frames;
    tally.frames += count;
    for (let i = 0; i < count; i++) {
      const extended = (flags[i] & FrameFlag.extended) !== 0;
      if ((flags[i] & FrameFlag.error) !== 0) tally.error++;
      else if ((flags[i] & FrameFlag.remote) !== 0) tally.remote++;
      else if (this.#plan.find(id[i], extended) !== undefined) tally.decoded++;
      else if (this.#transport !== undefined && isTransportFrame(id[i], flags[i])) tally.transport++;
      else countUnknown(tally, id[i], extended);
      const whole = this.#transport?.push(frames, i);
      if (whole !== undefined && takeWhole(whole, i)) tally.reassembled++;
    }
  }

  end(): void {
    this.#transport?.end(this.tally);
  }
}
