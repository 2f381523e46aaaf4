/** How busy the bus was, counted from the bits of the frames that came. */
import { type FrameBatch, type FrameBits, frameBits } from './can/index.ts';

export interface BusRates {
  /** bit/s. */
  bitRate: number;
  /** bit/s of CAN FD's data phase; the same unless told. */
  dataBitRate?: number;
}

export class BusMeter {
  readonly #rates: Required<BusRates>;
  readonly #bits: FrameBits = { nominal: 0, data: 0 };
  /** Milliseconds in which a frame was on the bus, since the beginning. */
  busyMs = 0;
  #takenMs = 0;
  #sinceMs: number;

  /** @param nowMs when it begins to measure */
  constructor({ bitRate, dataBitRate = bitRate }: BusRates, nowMs: number) {
    this.#rates = { bitRate, dataBitRate };
    this.#sinceMs = nowMs;
  }

  add(batch: FrameBatch): void {
    const { bitRate, dataBitRate } = this.#rates;
    let seconds = 0;
    for (let i = 0; i < batch.count; i++) {
      const { nominal, data } = frameBits(batch, i, this.#bits);
      seconds += nominal / bitRate + data / dataBitRate;
    }
    this.busyMs += seconds * 1000;
  }

  /** The share of the time since it was last taken, in 1/1000; begins anew. */
  take(nowMs: number): number {
    const elapsedMs = nowMs - this.#sinceMs;
    // Frames are counted when they are read: what queued before may seem to fill more than the time there was.
    const load = elapsedMs > 0 ? Math.min(1000, Math.round((1000 * (this.busyMs - this.#takenMs)) / elapsedMs)) : 0;
    this.#takenMs = this.busyMs;
    this.#sinceMs = nowMs;
    return load;
  }
}
