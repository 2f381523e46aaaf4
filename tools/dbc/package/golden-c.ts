/** Golden frames through the emitted C, compiled with gcc. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { emitC, type FrameDecoder, type Plan, type PlanMessage, readObject } from '../../../edge/decode/index.ts';
import type { GoldenFrame } from './golden-line.ts';

/** Bytes of results that one run of the program may print. */
const outputBytesMax = 32 << 20;

export const hasGcc = (): boolean => spawnSync('gcc', ['--version']).status === 0;

/**
 * What the C makes of each frame.
 * @throws {MinerError} `MESSAGE_TOO_LARGE`, `C_SOURCE_TOO_LARGE`
 */
export function* cResults(plan: Plan, frames: readonly GoldenFrame[]): Generator<[number, GoldenFrame | undefined]> {
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-golden-'));
  try {
    compile(plan, folder);
    const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
    const results = new CResults(plan, slots);
    const framesPerRun = Math.max(1, Math.floor(outputBytesMax / results.bytesPerFrame));
    for (let from = 0; from < frames.length; from += framesPerRun) {
      const some = frames.slice(from, from + framesPerRun);
      const output = run(path.join(folder, 'main'), some);
      for (let i = 0; i < some.length; i++) yield [from + i, results.read(output, i, some[i])];
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function compile(plan: Plan, folder: string): void {
  const { headerName, header, source } = emitC(plan, { name: 'golden' });
  writeFileSync(path.join(folder, headerName), header);
  writeFileSync(path.join(folder, 'golden.c'), source);
  writeFileSync(path.join(folder, 'main.c'), mainSource);
  const { status, stderr } = spawnSync('gcc', ['-O1', 'main.c', '-o', 'main'], { cwd: folder, encoding: 'utf8' });
  if (status !== 0) throw new Error(`gcc does not take the emitted C:\n${stderr.slice(0, 4000)}`);
}

/** In: key, size, payload. Out: the message's index, then for every slot physical and raw, then for every slot status. */
const mainSource = `#include "golden.c"
#include <stdio.h>
#include <stdlib.h>
static double physical[GOLDEN_SLOT_COUNT + 1];
static uint64_t raw[GOLDEN_SLOT_COUNT + 1];
static uint8_t status[GOLDEN_SLOT_COUNT + 1];
int main(void) {
    uint32_t head[2];
    while (fread(head, 4, 2, stdin) == 2) {
        uint8_t *data = malloc(head[1] + 1);
        if (data == NULL || fread(data, 1, head[1], stdin) != head[1]) return 1;
        int32_t found = golden_decode(head[0], data, head[1], physical, raw, status);
        fwrite(&found, 4, 1, stdout);
        fwrite(physical, 8, GOLDEN_SLOT_COUNT, stdout);
        fwrite(raw, 8, GOLDEN_SLOT_COUNT, stdout);
        fwrite(status, 1, GOLDEN_SLOT_COUNT, stdout);
        free(data);
    }
    return 0;
}
`;

function run(program: string, frames: readonly GoldenFrame[]): Buffer {
  const records = frames.map(({ id, extended, data }) => {
    const head = new Uint32Array([id + (extended ? 2 ** 31 : 0), data.length]);
    return Buffer.concat([new Uint8Array(head.buffer), data]);
  });
  const { status, stdout } = spawnSync(program, [], { input: Buffer.concat(records), maxBuffer: 2 * outputBytesMax });
  if (status !== 0) throw new Error(`the compiled C ended with ${status}`);
  return stdout;
}

/** A decoder whose last result is what the program printed. */
class CResults implements FrameDecoder {
  readonly plan: Plan;
  readonly bytesPerFrame: number;
  readonly physical: Float64Array;
  readonly raw: Float64Array;
  readonly status: Uint8Array;
  readonly #raws: BigUint64Array;
  #message: PlanMessage | undefined;

  constructor(plan: Plan, slots: number) {
    this.plan = plan;
    this.bytesPerFrame = 4 + 17 * slots;
    this.physical = new Float64Array(slots);
    this.raw = new Float64Array(slots);
    this.status = new Uint8Array(slots);
    this.#raws = new BigUint64Array(slots);
  }

  read(output: Buffer, index: number, frame: GoldenFrame): GoldenFrame | undefined {
    const slots = this.status.length;
    const at = index * this.bytesPerFrame;
    for (let slot = 0; slot < slots; slot++) {
      this.physical[slot] = output.readDoubleLE(at + 4 + slot * 8);
      this.#raws[slot] = output.readBigUInt64LE(at + 4 + (slots + slot) * 8);
      this.status[slot] = output[at + 4 + slots * 16 + slot];
    }
    this.#message = this.plan.messages[output.readInt32LE(at)];
    if (this.#message === undefined) return undefined;
    const { signals, status } = readObject(this, this.#message);
    const { id, extended, data } = frame;
    const found = { message: this.#message.name, signals: new Map(Object.entries(signals)) };
    return { id, extended, data, ...found, status: new Map(Object.entries(status)) };
  }

  decode(): PlanMessage | undefined {
    return this.#message;
  }

  rawAt(slot: number): number | bigint {
    const { signed, valueType } = this.#message!.signals[slot];
    const raw = signed && valueType === 'integer' ? BigInt.asIntN(64, this.#raws[slot]) : this.#raws[slot];
    const rounded = Number(raw);
    return Number.isSafeInteger(rounded) ? rounded : raw;
  }
}
