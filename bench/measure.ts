/** Timing: rounds of all contestants in turn, so that a machine that slows down slows them all. */

export interface Contestant {
  name: string;
  /** Frames in one block. */
  blockFrames: number;
  blocks: number;
  /** Runs block `index`; its result is kept so that nothing can be optimised away. */
  runBlock(index: number): number;
}

export interface Measurement {
  name: string;
  /** Median over rounds. */
  framesPerSecond: number;
  /** Slowest and fastest round. */
  framesPerSecondMin: number;
  framesPerSecondMax: number;
  /** Nanoseconds per frame that 99 % of blocks keep to. */
  nsPerFrameP99: number;
  rounds: number;
}

const sorted = (values: number[]): number[] => values.toSorted((a, b) => a - b);
/** The value that the given share of values does not exceed. */
const quantile = (values: number[], share: number): number =>
  sorted(values)[Math.min(values.length - 1, Math.floor(values.length * share))];

/** The optimising compiler reaches the last of many generated functions only after a few rounds. */
const warmUpRounds = 3;

/** Runs every contestant a few times to warm up, then `rounds` times each, in turn. */
export function measure(contestants: readonly Contestant[], rounds: number): Measurement[] {
  const rates = contestants.map((): number[] => []);
  const blockTimes = contestants.map((): number[] => []);
  for (let round = -warmUpRounds; round < rounds; round++) {
    contestants.forEach((contestant, i) => {
      const times = runOnce(contestant);
      if (round < 0) return;
      blockTimes[i].push(...times);
      const totalMs = times.reduce((sum, time) => sum + time, 0);
      rates[i].push((contestant.blockFrames * contestant.blocks * 1000) / totalMs);
    });
  }
  return contestants.map(({ name, blockFrames }, i) => ({
    name,
    framesPerSecond: quantile(rates[i], 0.5),
    framesPerSecondMin: Math.min(...rates[i]),
    framesPerSecondMax: Math.max(...rates[i]),
    nsPerFrameP99: (quantile(blockTimes[i], 0.99) * 1e6) / blockFrames,
    rounds,
  }));
}

let kept = 0;

function runOnce(contestant: Contestant): number[] {
  const times: number[] = [];
  for (let block = 0; block < contestant.blocks; block++) {
    const start = performance.now();
    kept += contestant.runBlock(block);
    times.push(performance.now() - start);
  }
  if (Number.isNaN(kept)) kept = 0;
  return times;
}
