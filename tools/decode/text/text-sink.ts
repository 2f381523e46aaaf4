/** Output of lines: one or several per frame, handed out as bytes. */
import type { FrameBatch } from '../../../edge/can/index.ts';
import type { FrameDecoder, Plan, PlanMessage } from '../../../edge/decode/index.ts';
import { FrameWalk } from '../frame-walk.ts';
import type { Sink } from '../sink.ts';
import { LineBuffer } from './line-buffer.ts';

/** Puts one format into words. */
export interface LineWriter {
  /** Goes before everything; '' for none. */
  readonly header: string;
  /** Writes the lines, each with its line end, of the message that the decoder decoded last. */
  write(out: LineBuffer, message: PlanMessage, timeUs: number, id: number, extended: boolean): void;
}

export class TextSink implements Sink {
  readonly #walk: FrameWalk;
  readonly #writer: LineWriter;
  readonly #out = new LineBuffer();

  constructor(plan: Plan, createWriter: (decoder: FrameDecoder) => LineWriter) {
    this.#walk = new FrameWalk(plan);
    this.#writer = createWriter(this.#walk.decoder);
    this.#out.ascii(this.#writer.header);
  }

  get tally() {
    return this.#walk.tally;
  }

  write(frames: FrameBatch): Uint8Array<ArrayBuffer> {
    this.#walk.walk(frames, (message, timeUs, id, extended) => {
      this.#writer.write(this.#out, message, timeUs, id, extended);
    });
    return this.#out.take();
  }

  end(): Uint8Array<ArrayBuffer> {
    this.#walk.end();
    return this.#out.take();
  }
}
