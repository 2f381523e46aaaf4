/** How fast a decoder is, as a ratio between back ends on one machine: an absolute number would say more of the machine. */
import { FrameBatch } from '../../edge/can/index.ts';
import { createBatchDecoder, createFrameDecoder, createInterpreter, type Plan } from '../../edge/decode/index.ts';
import { flagsOf, type GoldenFrame } from '../dbc/package/index.ts';

export interface DecoderBenchmark {
  /** In one pass over the golden frames, again and again. */
  framesPerRound: number;
  rounds: number;
  /** Medians of the rounds, three digits. */
  framesPerSecond: { interpreter: number; perFrame: number; batch: number };
  /** Batch decoder over interpreter, of medians. */
  ratio: number;
}

const blockFrames = 2_048;
const roundMs = 30;
const rounds = 5;
/** Bytes of the largest frame on a bus. */
const frameBytesMax = 64;

/**
 * Decodes the golden frames again and again with three back ends by turns.
 * @param nowMs monotonic
 * @returns undefined where no golden frame fits a frame on the bus
 */
export function benchmarkDecoder(
  plan: Plan,
  golden: readonly GoldenFrame[],
  nowMs: () => number,
): DecoderBenchmark | undefined {
  const frames = golden.filter(({ data }) => data.length <= frameBytesMax);
  if (frames.length === 0) return undefined;
  const block = blockOf(frames);
  const interpreter = createInterpreter(plan);
  const perFrame = createFrameDecoder(plan);
  const batch = createBatchDecoder(plan, { capacity: blockFrames });
  const { id, flags, data, length, stride, count } = block;
  const each = (decoder: typeof perFrame) => () => {
    for (let i = 0; i < count; i++) decoder.decode(id[i]!, flags[i]!, data, i * stride, length[i]!);
  };
  const runs = { interpreter: each(interpreter), perFrame: each(perFrame), batch: () => batch.decode(block) };
  const speeds = { interpreter: [] as number[], perFrame: [] as number[], batch: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    for (const name of ['interpreter', 'perFrame', 'batch'] as const) {
      speeds[name].push((blockRate(runs[name], nowMs) * count) | 0);
    }
  }
  const median = (values: number[]) => values.sort((a, b) => a - b)[rounds >> 1]!;
  const framesPerSecond = {
    interpreter: median(speeds.interpreter),
    perFrame: median(speeds.perFrame),
    batch: median(speeds.batch),
  };
  const ratio = threeDigits(framesPerSecond.batch / Math.max(1, framesPerSecond.interpreter));
  for (const name of ['interpreter', 'perFrame', 'batch'] as const) {
    framesPerSecond[name] = threeDigits(framesPerSecond[name]);
  }
  return { framesPerRound: count, rounds, framesPerSecond, ratio };
}

/** A full block, the golden frames over and over. */
function blockOf(frames: readonly GoldenFrame[]): FrameBatch {
  const block = new FrameBatch(blockFrames, frameBytesMax);
  for (let i = 0; !block.full; i++) {
    const frame = frames[i % frames.length]!;
    block.push(0, frame.id, flagsOf(frame), frame.data);
  }
  return block;
}

/** Blocks per second, over some `roundMs`. */
function blockRate(run: () => void, nowMs: () => number): number {
  const start = nowMs();
  let blocks = 0;
  let elapsed = 0;
  do {
    run();
    blocks++;
    elapsed = nowMs() - start;
  } while (elapsed < roundMs);
  return (blocks * 1_000) / elapsed;
}

const threeDigits = (value: number) => Number(value.toPrecision(3));

/** The clock and the name of the machine that this runs on. */
export const thisMachine = () => ({
  nowMs: () => performance.now(),
  runtime: `Node.js ${process.versions.node}, ${process.arch}`,
});
