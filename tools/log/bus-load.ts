import { type FrameBatch, type FrameBits, frameBits } from '../../edge/can/index.ts';

const windowUs = 1e6;

/** How much of its time one bus was busy: over all, and in its busiest second. */
export class BusLoad {
  frames = 0;
  /** Microseconds in which a frame was on the bus. */
  busyUs = 0;
  /** The most of a second, 0 to 1, or beyond when the bit rate given is too low. */
  peak = 0;
  readonly #usPerBit: number;
  readonly #usPerDataBit: number;
  readonly #bits: FrameBits = { nominal: 0, data: 0 };
  #window = Number.NaN;
  #windowBusyUs = 0;

  constructor({ bitRate, dataBitRate }: { bitRate: number; dataBitRate: number }) {
    this.#usPerBit = 1e6 / bitRate;
    this.#usPerDataBit = 1e6 / dataBitRate;
  }

  add(batch: FrameBatch, index: number): void {
    const { nominal, data } = frameBits(batch, index, this.#bits);
    const us = nominal * this.#usPerBit + data * this.#usPerDataBit;
    this.frames++;
    this.busyUs += us;
    const window = Math.floor(batch.timeUs[index] / windowUs);
    if (window !== this.#window) {
      this.#window = window;
      this.#windowBusyUs = 0;
    }
    this.#windowBusyUs += us;
    this.peak = Math.max(this.peak, this.#windowBusyUs / windowUs);
  }
}
