/** The yardstick: our C, compiled with gcc -O2 and timed inside its own process on the same frames. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type FrameBatch, FrameFlag } from '../edge/can/index.ts';
import { emitC, type Plan } from '../edge/decode/index.ts';
import { packageRoot } from '../tools/package-root.ts';

/** Seconds of each pass over all frames. */
export interface PassTimes {
  /**
   * Look the id up, unpack the payload into the message's struct, turn every activated member into a double and store
   * it; no status, no 64-bit raw, and nothing of signals past the message's length. It is what firmware does, at its
   * strongest: 64-bit loads, a table for the ids, one translation unit that gcc may inline as it likes, results that
   * escape through an empty asm statement.
   */
  lean: number[];
  /** As the other back ends: value, raw and status of every signal. */
  full: number[];
}

/** Compiled C and its frames, ready to be timed. */
export interface GccBench {
  /**
   * SHA-256 over the checked frames that have a message: `${extended} ${id};`, a status byte per signal, a
   * little-endian double per signal (NaN as 7ff8000000000000). Taken of `full`, to which `lean` has been compared.
   */
  checksum: string;
  /** Frames from the beginning that the checksum covers. */
  checkedFrames: number;
  /** Decodes all frames over and over in a process of its own, after three passes that do not count. */
  time(passes: number): PassTimes;
  /** Removes what was compiled. */
  dispose(): void;
}

const checkedFramesMax = 20_000;
/** Caches, branch predictor and clock settle within the first passes. */
const warmUpPasses = 3;
/** A key that no frame has: bits 30 and 29 of an extended one are never set. */
const noKey = 0x60000000;

/**
 * Emits the C of a plan, compiles it and checks it on the first frames.
 * @returns undefined where there is no gcc
 * @throws {MinerError} `MESSAGE_TOO_LARGE` or `C_SOURCE_TOO_LARGE`, as `emitC` does
 */
export function compileWithGcc(plan: Plan, frames: FrameBatch): GccBench | undefined {
  if (spawnSync('gcc', ['--version']).status !== 0) return undefined;
  const { headerName, header, source } = emitC(plan, { name: 'dbc' });
  const folder = mkdtempSync(path.join(tmpdir(), 'bench-gcc-'));
  const dispose = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    writeFileSync(path.join(folder, headerName), header);
    writeFileSync(path.join(folder, 'dbc.c'), source);
    copyFileSync(path.join(packageRoot, 'bench/gcc/main.c'), path.join(folder, 'main.c'));
    writeFileSync(path.join(folder, 'frames'), frameRecords(frames));
    // Warnings are left out: inlined into one function, gcc takes members that no branch reads for uninitialised.
    run(folder, 'gcc', ['-std=c99', '-O2', '-w', `-DSTRIDE=${frames.stride}`, 'main.c', '-o', 'main']);
    const checkedFrames = Math.min(frames.count, checkedFramesMax);
    timePasses(folder, checkedFrames, 0);
    const checksum = resultsChecksum(plan, readFileSync(path.join(folder, 'results')));
    return { checksum, checkedFrames, time: (passes) => timePasses(folder, 0, passes), dispose };
  } catch (error) {
    dispose();
    throw error;
  }
}

function timePasses(folder: string, checkedFrames: number, passes: number): PassTimes {
  const output = run(folder, './main', ['frames', 'results', `${checkedFrames}`, `${warmUpPasses}`, `${passes}`]);
  const lines = output.trim().split('\n');
  assert.equal(lines.at(-1), 'mismatches 0', 'the lean and the full decoder disagree');
  const times = (kind: string): number[] =>
    lines.filter((line) => line.startsWith(`${kind} `)).map((line) => Number(line.slice(kind.length + 1)));
  return { lean: times('lean'), full: times('full') };
}

function run(folder: string, program: string, parameters: string[]): string {
  const { status, stdout, stderr } = spawnSync(program, parameters, { cwd: folder, encoding: 'utf8' });
  assert.equal(status, 0, `${program} ${parameters.join(' ')}: ${stderr}`);
  return stdout;
}

/** Records of key (u32), size (u8), three bytes of nothing, payload; little-endian. */
function frameRecords(frames: FrameBatch): Uint8Array {
  const { count, stride, id, flags, length, data } = frames;
  const size = 8 + stride;
  const bytes = new Uint8Array(count * size);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < count; i++) {
    const isData = (flags[i] & (FrameFlag.remote | FrameFlag.error)) === 0;
    const key = (flags[i] & FrameFlag.extended) === 0 ? id[i] : id[i] + 0x80000000;
    view.setUint32(i * size, isData ? key : noKey, true);
    bytes[i * size + 4] = length[i];
    bytes.set(data.subarray(i * stride, i * stride + length[i]), i * size + 8);
  }
  return bytes;
}

/** Results: index (i32, -1 without message), then for a message a double and a status per slot of the widest message. */
function resultsChecksum(plan: Plan, results: Uint8Array): string {
  const hash = createHash('sha256');
  const slots = Math.max(
    1,
    plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0),
  );
  const view = new DataView(results.buffer, results.byteOffset, results.byteLength);
  const physical = new Float64Array(slots);
  for (let at = 0; at < results.length; ) {
    const message = plan.messages[view.getInt32(at, true)];
    at += 4;
    if (message === undefined) continue;
    const count = message.signals.length;
    for (let slot = 0; slot < count; slot++) {
      const value = view.getFloat64(at + slot * 8, true);
      physical[slot] = Number.isNaN(value) ? Number.NaN : value;
    }
    hash.update(`${message.extended} ${message.id};`);
    hash.update(results.subarray(at + slots * 8, at + slots * 8 + count));
    hash.update(physical.subarray(0, count));
    at += slots * 9;
  }
  return hash.digest('hex');
}
