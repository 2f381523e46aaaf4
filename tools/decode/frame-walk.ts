/** Decodes frame by frame, in order, for output that has a line per frame. */
import { type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { createFrameDecoder, type FrameDecoder, type Plan, type PlanMessage } from '../../edge/decode/index.ts';
import { isTransportFrame } from '../../edge/j1939/index.ts';
import { countUnknown, newTally } from './tally.ts';
import { createTransport } from './transport.ts';

/** Gets each decoded message: the values stand in the decoder until it returns. */
export type VisitFrame = (message: PlanMessage, timeUs: number, id: number, extended: boolean) => void;

export class FrameWalk {
  readonly tally = newTally();
  readonly decoder: FrameDecoder;
  readonly #transport: ReturnType<typeof createTransport>;

  constructor(plan: Plan) {
    this.decoder = createFrameDecoder(plan);
    this.#transport = createTransport(plan);
  }

  walk(frames: FrameBatch, visit: VisitFrame): void {
    const { decoder, tally } = this;
    const { count, stride, timeUs, id, flags, length, data } = frames;
    tally.frames += count;
    for (let i = 0; i < count; i++) {
      const message = decoder.decode(id[i], flags[i], data, i * stride, length[i]);
      if (message !== undefined) {
        tally.decoded++;
        visit(message, timeUs[i], id[i], (flags[i] & FrameFlag.extended) !== 0);
      } else this.#leaveOut(id[i], flags[i]);
      if (this.#transport !== undefined) this.#reassemble(frames, i, visit);
    }
  }

  end(): void {
    this.#transport?.end(this.tally);
  }

  #leaveOut(id: number, flags: number): void {
    const { tally } = this;
    if ((flags & FrameFlag.error) !== 0) tally.error++;
    else if ((flags & FrameFlag.remote) !== 0) tally.remote++;
    else if (this.#transport !== undefined && isTransportFrame(id, flags)) tally.transport++;
    else countUnknown(tally, id, (flags & FrameFlag.extended) !== 0);
  }

  #reassemble(frames: FrameBatch, index: number, visit: VisitFrame): void {
    const whole = this.#transport!.push(frames, index);
    if (whole === undefined) return;
    const message = this.decoder.decode(whole.id, whole.flags, whole.data, 0, whole.data.length);
    if (message === undefined) return;
    this.tally.reassembled++;
    visit(message, whole.timeUs, whole.id, true);
  }
}
