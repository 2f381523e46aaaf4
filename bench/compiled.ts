/** Compiled C among the contestants: each of its rounds is a process of its own, which times itself. */
import type { FrameBatch } from '../edge/can/index.ts';
import type { Plan } from '../edge/decode/index.ts';
import { MinerError } from '../edge/errors/index.ts';
import { compileWithGcc } from './gcc.ts';
import { type Outsider, quantile, type Timing } from './measure.ts';

/** Compiled C: `c` (values only) and `cFull` (with raw integers and statuses). */
export interface Compiled {
  /** SHA-256 as `checksum` of readings.ts has it. */
  checksum: string;
  checkedFrames: number;
  outsider: Outsider;
  /** Removes what was compiled. */
  dispose(): void;
}

/** A pass takes about so long: enough of them make a round as long as the others'. */
const usualFramesPerMs = 30_000;

/**
 * Compiles the plan's C.
 * @returns a reason when it can't take part
 */
export function compileContestant(plan: Plan, frames: FrameBatch, { roundMs }: Timing): Compiled | { reason: string } {
  const passes = Math.max(5, Math.ceil((roundMs * usualFramesPerMs) / frames.count));
  try {
    const gcc = compileWithGcc(plan, frames);
    if (gcc === undefined) return { reason: 'there is no gcc on the PATH' };
    const rate = (seconds: readonly number[]): number => frames.count / quantile(seconds, 0.5);
    const round = (): Record<string, number> => {
      const { lean, full } = gcc.time(passes);
      return { c: rate(lean), cFull: rate(full) };
    };
    return { ...gcc, outsider: { frameCount: frames.count, round } };
  } catch (error) {
    if (error instanceof MinerError) return { reason: error.message };
    throw error;
  }
}
