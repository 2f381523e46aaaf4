/** The built-in car's drive, sped up until it fills a bus of 1 Mbit/s. */
import type { DecoderFile } from '../../edge/approved-decoder.ts';
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan } from '../../edge/decode/index.ts';
import { typicalFrameBits } from '../../edge/slcan/index.ts';
import { readInput } from '../../tools/files.ts';
import { driveFrames, electricCarDbc } from '../../tools/vehicle/index.ts';

/** bit/s */
export const bitRate = 1_000_000;

export const driveDecoder = (): DecoderFile => ({ name: 'electric-car.dbc', bytes: readInput(electricCarDbc) });

/**
 * Frames in the order of the bus; times are when the bus has carried each, stuff bits included.
 * @param only8 leave out all but 8 bytes under 11-bit ids
 */
export function saturatedDrive(count: number, only8 = false): FrameBatch {
  const plan = compilePlan(parseDbc(readInput(electricCarDbc)).database);
  const frames = new FrameBatch(count);
  let timeUs = 0;
  for (const { count: there, id, flags, length, data, stride } of driveFrames({ plan, seed: 1 })) {
    for (let i = 0; i < there; i++) {
      if (only8 && (length[i] !== 8 || (flags[i] & FrameFlag.extended) !== 0)) continue;
      timeUs += (typicalFrameBits(flags[i], length[i]) * 1e6) / bitRate;
      if (!frames.push(timeUs, id[i], flags[i], data, i * stride, length[i])) return frames;
    }
  }
  return frames;
}
