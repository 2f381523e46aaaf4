import type { Clock } from '../sim/index.ts';
import type { SmpWallClock } from './types.ts';

/**
 * A clock whose wall time a client may set; until then it is that of the clock inside. Time since boot is not touched.
 * A simulated device has such a clock already: edge/sim's DeviceClock.
 */
export class SettableClock implements Clock, SmpWallClock {
  readonly #inner: Clock;
  #unixAtBootMs: number | undefined;

  constructor(inner: Clock) {
    this.#inner = inner;
  }

  nowMs(): number {
    return this.#inner.nowMs();
  }

  unixMs(): number | undefined {
    if (this.#unixAtBootMs === undefined) return this.#inner.unixMs();
    return Math.round(this.#unixAtBootMs + this.#inner.nowMs());
  }

  setUnixMs(unixMs: number): void {
    this.#unixAtBootMs = unixMs - this.#inner.nowMs();
  }

  schedule(delayMs: number, task: () => void): () => void {
    return this.#inner.schedule(delayMs, task);
  }
}
