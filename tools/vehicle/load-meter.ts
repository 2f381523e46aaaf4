/** How much of a bus's time its frames take: the mean since the first frame, and the busiest second. */
export class LoadMeter {
  readonly #bitRate: number;
  #bits = 0;
  #firstMs = Number.NaN;
  #secondStartMs = 0;
  #secondBits = 0;
  #peakBits = 0;

  /** @param bitRate bit/s */
  constructor(bitRate: number) {
    this.#bitRate = bitRate;
  }

  add(bits: number, nowMs: number): void {
    if (Number.isNaN(this.#firstMs)) {
      this.#firstMs = nowMs;
      this.#secondStartMs = nowMs;
    }
    if (nowMs - this.#secondStartMs >= 1000) {
      this.#secondStartMs = nowMs;
      this.#secondBits = 0;
    }
    this.#bits += bits;
    this.#secondBits += bits;
    this.#peakBits = Math.max(this.#peakBits, this.#secondBits);
  }

  /** Shares of the bit rate; above 1 when frames are played faster than a bus could carry them. */
  load(nowMs: number): { mean: number; peak: number } {
    // In its first second a bus has no mean worth telling.
    const seconds = Math.max(1, (nowMs - this.#firstMs) / 1000);
    if (Number.isNaN(seconds)) return { mean: 0, peak: 0 };
    return { mean: this.#bits / seconds / this.#bitRate, peak: this.#peakBits / this.#bitRate };
  }
}
