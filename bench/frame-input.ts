/** Frames from a file instead of the generator, and the generator's frames into a file. */
import { existsSync, writeFileSync } from 'node:fs';
import { openFrameFile } from '../edge/can/frame-file-node.ts';
import { FrameBatch, frameRecordBytes, frameRecords } from '../edge/can/index.ts';
import type { Plan } from '../edge/decode/index.ts';
import { toolError } from '../tools/errors/index.ts';
import { drawableMessages, drawFrames } from './frames.ts';

/**
 * Reads a whole frame file into one batch.
 * @param stride payload bytes of its records
 * @param say called with a sentence when records were left out
 * @throws {MinerError} OPTION_INVALID for a number instead of a file, BENCH_FRAMES_NONE; what `openFrameFile` throws
 */
export async function readFrameFile(path: string, stride: 8 | 64, say: (text: string) => void): Promise<FrameBatch> {
  if (/^[\d_,]+$/.test(path) && !existsSync(path))
    throw toolError('OPTION_INVALID', {
      option: '--frames',
      value: path,
      expected: `a frame file; for ${path} generated frames give --count ${path}`,
    });
  const file = openFrameFile(path, stride);
  const batches: FrameBatch[] = [];
  for await (const batch of file.batches()) batches.push(batch);
  const { malformed, lines, firstMalformed } = file.stats;
  if (malformed > 0) {
    const [first] = firstMalformed;
    say(`${path}: ${malformed} of ${lines} records left out, the first at record ${first.line}: ${first.reason}`);
  }
  if (file.stats.frames === 0)
    throw toolError('BENCH_FRAMES_NONE', { path, records: lines, recordBytes: frameRecordBytes(stride) });
  return join(batches, file.stats.frames, stride);
}

function join(batches: readonly FrameBatch[], count: number, stride: 8 | 64): FrameBatch {
  const joined = new FrameBatch(count, stride);
  for (const batch of batches) {
    for (const key of ['timeUs', 'id', 'flags', 'length'] as const)
      joined[key].set(batch[key].subarray(0, batch.count), joined.count);
    joined.data.set(batch.data.subarray(0, batch.count * stride), joined.count * stride);
    joined.count += batch.count;
  }
  return joined;
}

export interface FrameFileRequest {
  dbc: string;
  plan: Plan;
  output: string;
  count: number;
  seed: number;
  /** Records of 64 bytes of payload; without, messages that need CAN FD are left out. */
  fd: boolean;
}

/**
 * Draws frames and writes them as a frame file.
 * @returns frames written, and messages that were left out because they need CAN FD
 * @throws {MinerError} BENCH_NOTHING_TO_DECODE, BENCH_OUTPUT
 */
export function writeFrameFile(request: FrameFileRequest): { frames: number; messagesLeftOut: number } {
  const { dbc, plan, output, count, seed } = request;
  const stride = request.fd ? 64 : 8;
  const drawable = drawableMessages(plan, stride).length;
  if (drawable === 0) throw toolError('BENCH_NOTHING_TO_DECODE', { path: dbc });
  const frames = drawFrames(plan, count, seed, { payloadMax: stride });
  try {
    writeFileSync(output, frameRecords(frames, stride));
  } catch (cause) {
    throw toolError('BENCH_OUTPUT', { path: output, reason: (cause as Error).message }, cause);
  }
  return { frames: frames.count, messagesLeftOut: drawableMessages(plan).length - drawable };
}
