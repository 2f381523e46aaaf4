/** Compiles emitted C with gcc into one program for many plans, and asks it to decode frames. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { inspect } from 'node:util';
import { FrameFlag } from '../../../../edge/can/index.ts';
import { createInterpreter, emitC, type Plan, type PlanSignal, SignalStatus } from '../../../../edge/decode/index.ts';
import { skipWithoutProgram } from '../../../programs.ts';

/** For a test's options. */
export const skipWithoutGcc = skipWithoutProgram('gcc');

/** What firmware builds with, at its strictest. */
export const strict = ['-std=c99', '-Wall', '-Wextra', '-Wpedantic', '-Werror'];

export interface Frame {
  id: number;
  extended: boolean;
  payload: Uint8Array;
}

export interface Case {
  plan: Plan;
  frames: Frame[];
}

/** Runs `use` with a new folder, which is removed afterwards. */
export function withFolder<T>(use: (folder: string) => T): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'emitted-c-'));
  try {
    return use(folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Compiles `main.c` of the folder and runs it. Any word of the compiler's is a failure. */
export function compileAndRun(
  folder: string,
  options: readonly string[],
  input: Uint8Array = new Uint8Array(),
): Buffer {
  const compiled = spawnSync('gcc', [...options, 'main.c', '-o', 'main'], { cwd: folder, encoding: 'utf8' });
  assert.equal(`${compiled.stderr}`.slice(0, 4000), '');
  assert.equal(compiled.status, 0);
  const run = spawnSync('./main', [], { cwd: folder, input, maxBuffer: 2 ** 30 });
  assert.equal(`${run.stderr}`.slice(0, 4000), '');
  assert.equal(run.status, 0);
  return run.stdout;
}

/** Values that no test frame decodes to, left where the C writes nothing. */
const untouched = -1.5e-300;

/**
 * Reads frames (plan, key, size, payload) and writes per frame: index, result of unpack, then per slot of the plan's
 * widest message physical, raw, physical by way of the struct, and status. Payloads stand in blocks of exactly their size.
 */
function mainSource(count: number): string {
  const plans = Array.from({ length: count }, (_, i) => i);
  const decoders = plans.map(
    (i) => `#include "d${i}.c"
static void run_d${i}(uint32_t key, const uint8_t *data, size_t size) {
    clear(D${i}_SLOT_COUNT);
    found = d${i}_decode(key, data, size, physical, raw, status);
    if (found != d${i}_find(key)) exit(4);
    switch (found) { D${i}_MESSAGES(UNPACK) default: break; }
    put(D${i}_SLOT_COUNT);
}`,
  );
  return `#include <stdint.h>
#include <stddef.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
static double physical[70000], direct[70000];
static uint64_t raw[70000];
static uint8_t status[70000];
static int32_t found, unpacked;
static void clear(size_t slots) {
    for (size_t slot = 0; slot < slots; slot++) { physical[slot] = direct[slot] = ${untouched}; raw[slot] = 99; status[slot] = 99; }
    unpacked = 99;
}
static void put(size_t slots) {
    fwrite(&found, 4, 1, stdout); fwrite(&unpacked, 4, 1, stdout);
    fwrite(physical, 8, slots, stdout); fwrite(raw, 8, slots, stdout); fwrite(direct, 8, slots, stdout);
    fwrite(status, 1, slots, stdout);
}
#define UNPACK(name, index) case index: { struct name##_t message; memset(&message, 0, sizeof message); \\
    unpacked = name##_unpack(&message, data, size); if (unpacked == 0) name##_physical(&message, direct); break; }
${decoders.join('\n')}
int main(void) {
    uint32_t head[3];
    while (fread(head, 4, 3, stdin) == 3) {
        uint8_t *data = malloc(head[2]);
        if (fread(data, 1, head[2], stdin) != head[2]) return 5;
        switch (head[0]) {
${plans.map((i) => `        case ${i}: run_d${i}(head[1], data, head[2]); break;`).join('\n')}
        default: return 6;
        }
        free(data);
    }
    return 0;
}
`;
}

const keyOf = ({ id, extended }: Frame): number => (extended ? id + 0x80000000 : id);

/** Holds the C of all plans, in one program, to the interpreter; value, raw and status bit for bit. */
export function assertAgrees(
  cases: readonly Case[],
  options: readonly string[],
  reads: 'words' | 'bytes' = 'words',
): void {
  const output = withFolder((folder) => {
    cases.forEach(({ plan }, i) => {
      const { headerName, header, source } = emitC(plan, { name: `d${i}`, reads });
      writeFileSync(path.join(folder, headerName), header);
      writeFileSync(path.join(folder, `d${i}.c`), source);
    });
    writeFileSync(path.join(folder, 'main.c'), mainSource(cases.length));
    const records = cases.flatMap(({ frames }, i) =>
      frames.map((frame) => {
        const head = new Uint32Array([i, keyOf(frame), frame.payload.length]);
        return Buffer.concat([new Uint8Array(head.buffer), frame.payload]);
      }),
    );
    return compileAndRun(folder, options, Buffer.concat(records));
  });
  let at = 0;
  for (const { plan, frames } of cases) {
    const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
    const interpreter = createInterpreter(plan);
    for (const frame of frames) {
      const size = 8 + slots * 25;
      compareFrame(plan, interpreter, frame, output.subarray(at, at + size), slots);
      at += size;
    }
  }
  assert.equal(at, output.length);
}

function compareFrame(
  plan: Plan,
  interpreter: ReturnType<typeof createInterpreter>,
  frame: Frame,
  result: Buffer,
  slots: number,
): void {
  const { id, extended, payload } = frame;
  const message = interpreter.decode(id, extended ? FrameFlag.extended : 0, payload, 0, payload.length);
  const where = `${id.toString(16)} ${Buffer.from(payload).toString('hex')}`;
  assert.equal(result.readInt32LE(0), message === undefined ? -1 : plan.messages.indexOf(message), where);
  if (message === undefined) {
    assert.equal(result[8 + slots * 24] ?? 99, 99, where);
    return;
  }
  const held = heldSlots(message.signals, message.length);
  const end = message.signals.reduce(
    (most, signal) => (held.has(signal.slot) ? Math.max(most, endByte(signal)) : most),
    0,
  );
  assert.equal(result.readInt32LE(4), payload.length >= end ? 0 : -1, where);
  for (const { name, slot } of message.signals) {
    const status = interpreter.status[slot];
    const isRead = status !== SignalStatus.absent && status !== SignalStatus.inactive;
    const place = `${name} of ${where}`;
    const physical = interpreter.physical[slot];
    assert.equal(result[8 + slots * 24 + slot], status, place);
    assertSame(result.readDoubleLE(8 + slot * 8), physical, `${place}: physical`);
    assert.equal(
      result.readBigUInt64LE(8 + (slots + slot) * 8),
      BigInt.asUintN(64, BigInt(interpreter.rawAt(slot))),
      place,
    );
    const wanted = payload.length >= end && held.has(slot) && isRead ? physical : untouched;
    assertSame(result.readDoubleLE(8 + (2 * slots + slot) * 8), wanted, `${place}: by way of the struct`);
  }
}

function endByte({ byteOrder, startBit, length }: PlanSignal): number {
  const first = byteOrder === 'intel' ? startBit : startBit - (startBit % 8) + 7 - (startBit % 8);
  return Math.ceil((first + length) / 8);
}

/** Slots of the signals that the struct has: those that end, with their selectors, within the message's length. */
function heldSlots(signals: readonly PlanSignal[], length: number): Set<number> {
  const held = new Set<number>();
  for (const signal of signals)
    if (endByte(signal) <= length && (signal.selectorSlot < 0 || held.has(signal.selectorSlot))) held.add(signal.slot);
  return held;
}

/** Any NaN is as good as another; -0 is not 0. */
function assertSame(found: number, wanted: number, place: string): void {
  if (!Object.is(found, wanted)) assert.fail(`${place}: ${inspect(found)}, not ${inspect(wanted)}`);
}
