/** Golden frames from a log or from the database alone. */
import { createFrameDecoder, createInterpreter, type Plan, type PlanMessage } from '../../../edge/decode/index.ts';
import { type BareFrame, flagsOf, goldenOf } from './golden-expect.ts';
import { cornerFrames, randomFrames, reachableMessages } from './golden-generate.ts';
import { type GoldenFrame, payloadBytesMax } from './golden-line.ts';
import { GoldenPicker } from './golden-pick.ts';

export interface GoldenSet {
  frames: GoldenFrame[];
  /** Messages without a frame: never sent in the log. */
  unseen: PlanMessage[];
}

/**
 * The frames that cover the database (every message and branch, each signal's smallest and largest value, every status
 * that can be had), then random ones.
 * @param count frames in all; more when covering takes more
 * @param seed the same seed gives the same frames
 */
export function generateGolden(plan: Plan, { count, seed }: { count: number; seed: number }): GoldenSet {
  const picker = new GoldenPicker(createFrameDecoder(plan));
  for (const frame of cornerFrames(plan)) picker.offer(frame.id, flagsOf(frame), frame.data, 0, frame.data.length);
  const frames = picker.frames();
  const known = new Set(frames.map(identity));
  // Small messages run out of different frames: then fewer must do.
  let attemptsLeft = 2 * count + 100;
  for (const frame of randomFrames(plan, seed)) {
    if (frames.length >= count || attemptsLeft-- === 0) break;
    if (known.has(identity(frame))) continue;
    known.add(identity(frame));
    frames.push(frame);
  }
  return expectAll(plan, frames, picker);
}

/** Picks from frames as they come: `offer` each, then `finish`. */
export function goldenCollector(plan: Plan) {
  const picker = new GoldenPicker(createFrameDecoder(plan));
  return {
    offer(id: number, flags: number, data: Uint8Array, offset: number, length: number): void {
      if (length <= payloadBytesMax) picker.offer(id, flags, data, offset, length);
    },
    finish: (): GoldenSet => expectAll(plan, picker.frames(), picker),
  };
}

const identity = ({ id, extended, data }: BareFrame): string => `${id} ${extended} ${data.join()}`;

/** The interpreter alone says what is expected. Sorted by message, so that a file changes little from run to run. */
function expectAll(plan: Plan, frames: readonly BareFrame[], picker: GoldenPicker): GoldenSet {
  const interpreter = createInterpreter(plan);
  const golden = frames.map((frame) => goldenOf(interpreter, frame)).filter((frame) => frame !== undefined);
  golden.sort((a, b) => Number(a.extended) - Number(b.extended) || a.id - b.id);
  const reachable = new Set(reachableMessages(plan));
  return { frames: golden, unseen: picker.unseen(plan).filter((message) => reachable.has(message)) };
}
