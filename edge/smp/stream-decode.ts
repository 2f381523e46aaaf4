/** Messages in a stream without lines: TCP, and a serial port that nobody types on. The header says how long each is. */
import type { Clock } from '../sim/index.ts';
import { decodeSmpHeader, smpHeaderBytes } from './header.ts';
import { SmpOp } from './protocol.ts';

export interface StreamDecoderOptions {
  /** Longest message, header included. */
  messageBytesMax: number;
  /** The view is only valid during the call. */
  onMessage: (message: Uint8Array) => void;
  /** What came is no message: what is left of this delivery was dropped. Where a stream cannot lose bytes, hang up. */
  onFault?: () => void;
  /**
   * On a line that loses bytes: a message that has not come whole after so long is given up. The time is taken from
   * its last byte.
   */
  timeout?: { clock: Pick<Clock, 'schedule'>; ms: number };
}

export class StreamDecoder {
  readonly #options: StreamDecoderOptions;
  readonly #buffer: Uint8Array;
  #length = 0;
  #cancel: (() => void) | undefined;
  /** Deliveries of which bytes were dropped, and messages given up. */
  faults = 0;

  constructor(options: StreamDecoderOptions) {
    this.#options = options;
    this.#buffer = new Uint8Array(options.messageBytesMax);
  }

  push(bytes: Uint8Array): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (let at = 0; at < bytes.length; ) {
      const wanted = this.#wanted();
      if (wanted === undefined) {
        this.#fault();
        return;
      }
      const taken = Math.min(wanted - this.#length, bytes.length - at);
      this.#buffer.set(bytes.subarray(at, at + taken), this.#length);
      this.#length += taken;
      at += taken;
      this.#deliverWhole();
    }
    if (this.#length > 0 && this.#wanted() === undefined) this.#fault();
    else if (this.#length > 0) this.#expire();
  }

  /** No timer runs on. */
  close(): void {
    this.#cancel?.();
  }

  /** @returns how many bytes the message so far needs in all; undefined when it is none */
  #wanted(): number | undefined {
    if (this.#length < smpHeaderBytes) return smpHeaderBytes;
    const header = decodeSmpHeader(this.#buffer)!;
    const total = smpHeaderBytes + header.bodyBytes;
    return total > this.#buffer.length || header.op > SmpOp.writeResponse ? undefined : total;
  }

  #deliverWhole(): void {
    if (this.#length < smpHeaderBytes || this.#wanted() !== this.#length) return;
    const message = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    this.#options.onMessage(message);
  }

  #expire(): void {
    const { timeout } = this.#options;
    this.#cancel = timeout?.clock.schedule(timeout.ms, () => this.#fault());
  }

  #fault(): void {
    this.#length = 0;
    this.faults++;
    this.#options.onFault?.();
  }
}
