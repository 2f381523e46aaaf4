/** Timing: rounds of all contestants in turn, so that a machine that slows down slows them all. */

export interface Contestant {
  name: string;
  /** Frames that one pass decodes. */
  frameCount: number;
  /** Frames handed over at a time; the last block of a pass may be smaller. */
  blockFrames: number;
  /** Decodes the frames from..to; its result is kept so that nothing can be optimised away. */
  runBlock(from: number, to: number): number;
}

export interface Timing {
  /** Measured rounds. */
  rounds: number;
  /** A round makes whole passes until this time is over; a pass that takes four times as long is cut. */
  roundMs: number;
  /** The least time each contestant runs before anything counts. */
  warmUpMs: number;
}

/** What stands in docs/benchmarks.md. */
export const usualTiming: Timing = { rounds: 5, roundMs: 100, warmUpMs: 2000 };

export interface Measurement {
  name: string;
  /** Median over rounds. */
  framesPerSecond: number;
  /** Slowest and fastest round. */
  framesPerSecondMin: number;
  framesPerSecondMax: number;
  /** Nanoseconds per frame that 99 % of blocks keep to; undefined for one that is timed as a whole. */
  nsPerFrameP99: number | undefined;
  rounds: number;
  /** Different frames decoded, fewer than `frameCount` where a contestant is too slow for a whole pass. */
  framesSeen: number;
}

/** The value that the given share of values does not exceed. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
}

/** Runs once. @returns milliseconds, and what came out */
export function millisecondsOf<T>(run: () => T): [number, T] {
  const start = performance.now();
  const result = run();
  return [performance.now() - start, result];
}

const warmUpRoundsMin = 3;
/** Warm-up goes on until the last three rounds lie this close together, or for three times its least time. */
const stableSpread = 0.05;

/** Other programs that warm up and time themselves, in turn with the contestants. */
export interface Outsider {
  /** Frames that one pass decodes. */
  frameCount: number;
  /** Runs one round. @returns frames per second by name */
  round(): Record<string, number>;
}

/** Warms every contestant up, then runs all `rounds` times, in turn. */
export function measure(contestants: readonly Contestant[], timing: Timing, outsider?: Outsider): Measurement[] {
  const runs = contestants.map((contestant) => new Run(contestant, timing.roundMs));
  warmUp(runs, timing.warmUpMs);
  for (const run of runs) run.forget();
  const outside: Record<string, number>[] = [];
  for (let round = 0; round < timing.rounds; round++) {
    for (const run of runs) run.round();
    if (outsider !== undefined) outside.push(outsider.round());
  }
  const measured = runs.map((run) => run.result());
  return outsider === undefined ? measured : [...measured, ...outsideResults(outside, outsider.frameCount)];
}

function outsideResults(rounds: readonly Record<string, number>[], framesSeen: number): Measurement[] {
  return Object.keys(rounds[0] ?? {}).map((name) => {
    const rates = rounds.map((round) => round[name]);
    return {
      name,
      framesPerSecond: quantile(rates, 0.5),
      framesPerSecondMin: Math.min(...rates),
      framesPerSecondMax: Math.max(...rates),
      nsPerFrameP99: undefined,
      rounds: rates.length,
      framesSeen,
    };
  });
}

/** The engine optimises the last of many generated functions late: a time alone does not tell when it is done. */
function warmUp(runs: readonly Run[], leastMs: number): void {
  let cold = runs;
  while (cold.length > 0) {
    for (const run of cold) run.round();
    cold = cold.filter((run) => {
      if (run.rates.length < warmUpRoundsMin || run.totalMs < leastMs) return true;
      return run.spread(warmUpRoundsMin) > stableSpread && run.totalMs < 3 * leastMs;
    });
  }
}

let kept = 0;

class Run {
  readonly #contestant: Contestant;
  readonly #roundMs: number;
  readonly rates: number[] = [];
  totalMs = 0;
  #nsPerFrame: number[] = [];
  #next = 0;
  #seen = 0;

  constructor(contestant: Contestant, roundMs: number) {
    this.#contestant = contestant;
    this.#roundMs = roundMs;
  }

  round(): void {
    const { frameCount, blockFrames } = this.#contestant;
    let frames = 0;
    let ms = 0;
    do {
      const to = Math.min(this.#next + blockFrames, frameCount);
      const start = performance.now();
      kept += this.#contestant.runBlock(this.#next, to);
      const took = performance.now() - start;
      this.#nsPerFrame.push((took * 1e6) / (to - this.#next));
      frames += to - this.#next;
      ms += took;
      this.#seen = Math.max(this.#seen, to);
      this.#next = to === frameCount ? 0 : to;
    } while (ms < this.#roundMs || (this.#next !== 0 && ms < 4 * this.#roundMs));
    this.rates.push((frames * 1000) / ms);
    this.totalMs += ms;
    if (Number.isNaN(kept)) kept = 0;
  }

  /** How far the last `count` rounds lie apart, as a share of the fastest. */
  spread(count: number): number {
    const last = this.rates.slice(-count);
    return 1 - Math.min(...last) / Math.max(...last);
  }

  forget(): void {
    this.rates.length = 0;
    this.#nsPerFrame = [];
  }

  result(): Measurement {
    return {
      name: this.#contestant.name,
      framesPerSecond: quantile(this.rates, 0.5),
      framesPerSecondMin: Math.min(...this.rates),
      framesPerSecondMax: Math.max(...this.rates),
      nsPerFrameP99: quantile(this.#nsPerFrame, 0.99),
      rounds: this.rates.length,
      framesSeen: this.#seen,
    };
  }
}
