/** The latest that it can be proven to be, for devices whose clock may be absent, or set back. */
import type { Clock } from '../sim/index.ts';

/**
 * The wall clock, but never before what was known already: a clock set back does not make a checkpoint young again.
 * Without a wall clock, what was known last and the time since boot; how long the device was off stays unknown then.
 */
export class KnownTime {
  readonly #clock: Clock;
  #floorMs: number | undefined;
  #floorAtMs: number;

  /** @param knownUnixMs what was known when the device ran last */
  constructor(clock: Clock, knownUnixMs?: number) {
    this.#clock = clock;
    this.#floorMs = knownUnixMs;
    this.#floorAtMs = clock.nowMs();
  }

  /** Unix milliseconds that it is at least, or undefined while nothing is known. */
  nowMs(): number | undefined {
    const wallMs = this.#clock.unixMs();
    if (wallMs !== undefined) this.raise(wallMs);
    return this.#floor();
  }

  /** It is at least this late. */
  raise(unixMs: number): void {
    if (unixMs > (this.#floor() ?? Number.NEGATIVE_INFINITY)) this.correct(unixMs);
  }

  /** It is this late, whatever was thought before: a clock that once ran ahead must not count for ever. */
  correct(unixMs: number): void {
    this.#floorMs = unixMs;
    this.#floorAtMs = this.#clock.nowMs();
  }

  #floor(): number | undefined {
    return this.#floorMs === undefined ? undefined : this.#floorMs + this.#clock.nowMs() - this.#floorAtMs;
  }
}
