/**
 * How much the adapter's clock may run behind ours before its offset follows: 200 ppm, twice what a cheap
 * crystal does. Without it a slow device clock would lag further every hour, and one day by a whole lap.
 */
const driftAllowed = 200e-6;

/**
 * Turns an adapter's wrapping stamps into the host's time. The stamps keep the distances between
 * frames; the host's clock says which lap they belong to, also after silence, and bounds them: no frame comes
 * from the future, so the smallest delay seen decides the offset.
 */
export class TimestampUnwrapper {
  readonly #wrapUs: number;
  /** Host time of the adapter's stamp 0; NaN before the first frame. */
  #originUs = Number.NaN;
  #lastNowUs = 0;

  constructor(wrapUs: number) {
    this.#wrapUs = wrapUs;
  }

  /** Forgets the offset: the adapter's stamps start anew when its channel is opened. */
  reset(): void {
    this.#originUs = Number.NaN;
  }

  /**
   * @param stampUs as the line gives it, in microseconds, 0 up to the wrap
   * @param nowUs host time at which the line was read
   * @returns host time of the frame, at most `nowUs`
   */
  toHostUs(stampUs: number, nowUs: number): number {
    if (Number.isNaN(this.#originUs)) this.#originUs = nowUs - stampUs;
    else this.#originUs += Math.max(0, nowUs - this.#lastNowUs) * driftAllowed;
    this.#lastNowUs = nowUs;
    const laps = Math.round((nowUs - this.#originUs - stampUs) / this.#wrapUs);
    const timeUs = this.#originUs + stampUs + laps * this.#wrapUs;
    if (timeUs <= nowUs) return Math.round(timeUs);
    this.#originUs -= timeUs - nowUs;
    return nowUs;
  }
}
