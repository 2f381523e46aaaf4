/** Decodes the same frames with every back end: rates, ratios, and a hash of what each one said. */
import { createHash } from 'node:crypto';
import type { FrameBatch } from '../edge/can/index.ts';
import {
  createFrameDecoder,
  createInterpreter,
  createWasmDecoder,
  type FrameDecoder,
  type Plan,
  readObject,
} from '../edge/decode/index.ts';
import { drawFrames } from './frames.ts';
import { type Contestant, type Measurement, measure } from './measure.ts';

export interface DecodeBenchOptions {
  frameCount: number;
  seed: number;
  rounds: number;
}

export interface DecodeBenchRow extends Measurement {
  /** Against `baseline`. */
  ratio: number;
  /** SHA-256 over message, status and physical value of every signal of the checked frames. */
  checksum: string;
}

export interface DecodeBenchResult {
  messages: number;
  signals: number;
  frameCount: number;
  checkedFrames: number;
  baseline: string;
  rows: DecodeBenchRow[];
  /** Whether every back end gave the same checksum. */
  agree: boolean;
}

const blockFrames = 1000;
/** The oracle reads bit by bit; checksums and its own rate come from this many frames. */
const checkedFramesMax = 20_000;
const baseline = 'per-frame';

/** Benchmarks the back ends on frames drawn for the plan. */
export function benchDecode(plan: Plan, options: DecodeBenchOptions): DecodeBenchResult {
  const blocks = Math.max(1, Math.ceil(options.frameCount / blockFrames));
  const frames = drawFrames(plan, blocks * blockFrames, options.seed);
  const checkedBlocks = Math.min(blocks, checkedFramesMax / blockFrames);
  const decoders: [string, FrameDecoder][] = [
    ['interpreter', createInterpreter(plan)],
    [baseline, createFrameDecoder(plan)],
    ['wasm scalar', createWasmDecoder(plan)],
  ];
  const contestants = decoders.map(([name, decoder]) => {
    const isOracle = name === 'interpreter';
    return intoArrays(name, decoder, frames, isOracle ? Math.ceil(checkedBlocks / 4) : blocks);
  });
  contestants.push(intoObjects('per-frame, objects', createFrameDecoder(plan), frames, blocks));
  const measurements = measure(contestants, options.rounds);
  const checksums = new Map(
    decoders.map(([name, decoder]) => [name, checksum(decoder, frames, checkedBlocks * blockFrames)]),
  );
  const base = measurements.find(({ name }) => name === baseline)!.framesPerSecond;
  return {
    messages: plan.messages.length,
    signals: plan.signals.length,
    frameCount: frames.count,
    checkedFrames: checkedBlocks * blockFrames,
    baseline,
    rows: measurements.map((row) => ({
      ...row,
      ratio: row.framesPerSecond / base,
      checksum: checksums.get(row.name) ?? checksums.get(baseline)!,
    })),
    agree: new Set(checksums.values()).size === 1,
  };
}

function intoArrays(name: string, decoder: FrameDecoder, frames: FrameBatch, blocks: number): Contestant {
  const { id, flags, length, data, stride } = frames;
  const runBlock = (block: number): number => {
    let sum = 0;
    const end = (block + 1) * blockFrames;
    for (let i = block * blockFrames; i < end; i++) {
      decoder.decode(id[i], flags[i], data, i * stride, length[i]);
      sum += decoder.status[0];
    }
    return sum;
  };
  return { name, blockFrames, blocks, runBlock };
}

function intoObjects(name: string, decoder: FrameDecoder, frames: FrameBatch, blocks: number): Contestant {
  const { id, flags, length, data, stride } = frames;
  const runBlock = (block: number): number => {
    let sum = 0;
    const end = (block + 1) * blockFrames;
    for (let i = block * blockFrames; i < end; i++) {
      const message = decoder.decode(id[i], flags[i], data, i * stride, length[i])!;
      if (readObject(decoder, message).signals !== undefined) sum++;
    }
    return sum;
  };
  return { name, blockFrames, blocks, runBlock };
}

function checksum(decoder: FrameDecoder, frames: FrameBatch, count: number): string {
  const hash = createHash('sha256');
  const physical = new Float64Array(decoder.physical.length);
  for (let i = 0; i < count; i++) {
    const message = decoder.decode(frames.id[i], frames.flags[i], frames.data, i * frames.stride, frames.length[i]);
    if (message === undefined) continue;
    const slots = message.signals.length;
    // WebAssembly leaves open which bits a computed NaN has.
    for (let slot = 0; slot < slots; slot++)
      physical[slot] = Number.isNaN(decoder.physical[slot]) ? Number.NaN : decoder.physical[slot];
    hash.update(`${message.extended} ${message.id};`);
    hash.update(decoder.status.subarray(0, slots));
    hash.update(physical.subarray(0, slots));
  }
  return hash.digest('hex');
}
