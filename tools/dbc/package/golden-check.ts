/** Golden frames against every back end of the decoder. */
import {
  createFrameDecoder,
  createInterpreter,
  createWasmDecoder,
  type FrameDecoder,
  type Plan,
} from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { batchResults } from './golden-batch.ts';
import { cResults, hasGcc } from './golden-c.ts';
import { goldenOf } from './golden-expect.ts';
import { type GoldenFrame, valueText } from './golden-line.ts';

/** One thing that a back end says otherwise than the file. */
export interface Difference {
  /** Index of the golden frame. */
  frame: number;
  backEnd: string;
  /** Undefined: another message answers, or none. */
  signal: string | undefined;
  expected: string;
  got: string;
}

export interface GoldenReport {
  /** Those that ran. */
  backEnds: string[];
  /** Those that could not, and why. */
  skipped: { backEnd: string; reason: string }[];
  frameCount: number;
  /** Frames in which some back end differs. */
  differingFrames: number;
  /** The first of each signal and back end, up to `differencesMax`. */
  differences: Difference[];
  differenceCount: number;
}

const differencesMax = 100;

/** Results by index of the frame; a back end may leave out frames that it cannot take. */
type Results = Iterable<readonly [number, GoldenFrame | undefined]>;

const perFrame = (create: (plan: Plan) => FrameDecoder) =>
  function* (plan: Plan, frames: readonly GoldenFrame[]): Results {
    const decoder = create(plan);
    for (let i = 0; i < frames.length; i++) yield [i, goldenOf(decoder, frames[i])];
  };

const backEnds: readonly (readonly [string, (plan: Plan, frames: readonly GoldenFrame[]) => Results])[] = [
  ['interpreter', perFrame(createInterpreter)],
  ['per-frame', perFrame(createFrameDecoder)],
  ['wasm', perFrame(createWasmDecoder)],
  ['batch', batchResults],
];

/**
 * Decodes every frame with every back end. Never throws on what a file says.
 * @param withC also compile the emitted C with gcc and run it; without gcc it is listed as skipped
 */
export function checkGolden(plan: Plan, frames: readonly GoldenFrame[], { withC = false } = {}): GoldenReport {
  const report: GoldenReport = {
    backEnds: [],
    skipped: [],
    frameCount: frames.length,
    differingFrames: 0,
    differences: [],
    differenceCount: 0,
  };
  const differing = new Set<number>();
  const reported = new Set<string>();
  const canRunC = withC && hasGcc();
  if (withC && !canRunC) report.skipped.push({ backEnd: 'c', reason: 'gcc is not installed' });
  for (const [backEnd, decode] of canRunC ? [...backEnds, ['c', cResults] as const] : backEnds) {
    try {
      for (const [frame, got] of decode(plan, frames)) {
        for (const { signal, ...texts } of differencesOf(frames[frame], got)) {
          differing.add(frame);
          report.differenceCount++;
          const key = `${backEnd}\0${frames[frame].message}\0${signal}`;
          if (reported.has(key) || report.differences.length >= differencesMax) continue;
          reported.add(key);
          report.differences.push({ frame, backEnd, signal, ...texts });
        }
      }
      report.backEnds.push(backEnd);
    } catch (error) {
      // A message too large to be compiled, say: the others still decode it.
      if (!(error instanceof MinerError)) throw error;
      report.skipped.push({ backEnd, reason: error.message });
    }
  }
  report.differingFrames = differing.size;
  return report;
}

type Found = Omit<Difference, 'frame' | 'backEnd'>;

/** Value and status of every signal that either side knows. */
export function differencesOf(expected: GoldenFrame, got: GoldenFrame | undefined): Found[] {
  if (got?.message !== expected.message) {
    return [
      { signal: undefined, expected: `message ${expected.message}`, got: got ? `message ${got.message}` : 'none' },
    ];
  }
  const names = new Set([...expected.signals, ...expected.status, ...got.signals, ...got.status].map(([name]) => name));
  const found: Found[] = [];
  for (const signal of names) {
    const [wanted, is] = [outcome(expected, signal), outcome(got, signal)];
    if (wanted !== is) found.push({ signal, expected: wanted, got: is });
  }
  return found;
}

/** A value and a status as one text: equal texts are equal bits, NaN aside, whose bits mean nothing. */
function outcome({ signals, status }: GoldenFrame, name: string): string {
  const value = signals.get(name);
  const text = value === undefined ? 'no value' : valueText(value);
  return status.has(name) ? `${text}, ${status.get(name)}` : text;
}
