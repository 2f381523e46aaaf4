/**
 * Decides which decoded values become samples. A bus repeats every signal 10 to 100 times a second; what a
 * vehicle's data is worth lies in the changes. A value is kept when it changed, but not more often than every
 * `intervalMsMin`, and repeated after `intervalMsMax` so that silence and constancy can be told apart.
 */
export interface SamplingPolicy {
  intervalMsMin: number;
  intervalMsMax: number;
}

export class Sampler {
  /** May be changed at any time; what came last of each signal is still known. */
  policy: SamplingPolicy;
  readonly #lastMs: Float64Array;
  readonly #lastRaw: Float64Array;
  /** Last values past 2^53, where a double no longer tells neighbours apart. */
  readonly #lastWide = new Map<number, bigint>();

  /** @param signalCount signals of the plan; each keeps its own last value and time */
  constructor(signalCount: number, policy: SamplingPolicy) {
    this.policy = policy;
    this.#lastMs = new Float64Array(signalCount).fill(Number.NEGATIVE_INFINITY);
    this.#lastRaw = new Float64Array(signalCount);
  }

  /** Whether this value of signal `signalIndex` at `timeMs` is to be kept; if so it becomes the last one. */
  keep(signalIndex: number, timeMs: number, raw: number | bigint): boolean {
    const elapsedMs = timeMs - this.#lastMs[signalIndex];
    if (elapsedMs < this.policy.intervalMsMin) return false;
    if (elapsedMs < this.policy.intervalMsMax && !this.#changed(signalIndex, raw)) return false;
    this.#lastMs[signalIndex] = timeMs;
    if (typeof raw === 'bigint') this.#lastWide.set(signalIndex, raw);
    else {
      this.#lastRaw[signalIndex] = raw;
      if (this.#lastWide.size > 0) this.#lastWide.delete(signalIndex);
    }
    return true;
  }

  #changed(signalIndex: number, raw: number | bigint): boolean {
    if (typeof raw === 'bigint') return this.#lastWide.get(signalIndex) !== raw;
    return this.#lastRaw[signalIndex] !== raw || this.#lastWide.has(signalIndex);
  }
}
