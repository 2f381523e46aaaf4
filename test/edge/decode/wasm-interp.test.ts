/** The scalar module in a runtime that is not V8: wabt's interpreter runs it, and says what the interpreter says. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import {
  compilePlan,
  createInterpreter,
  emitScalarModule,
  type FrameDecoder,
  type Plan,
} from '../../../edge/decode/index.ts';
import { skipWithoutProgram } from '../../programs.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { database } from './support/build.ts';

/** wast2json compiles assertions; spectest-interp runs them in the engine of wasm-interp. */
const skip = skipWithoutProgram('wast2json', 'wabt') || skipWithoutProgram('spectest-interp', 'wabt');

interface Frame {
  id: number;
  extended: boolean;
  payload: Uint8Array;
}

const hex = (bytes: Uint8Array): string => [...bytes].map((byte) => `\\${byte.toString(16).padStart(2, '0')}`).join('');
const bits = new DataView(new ArrayBuffer(8));

/** Bytes between the start of a payload and the next thing in memory; what lies past the payload is never zero. */
const payloadRoom = 80;

/**
 * The module under test, and one that shares its memory: it writes payloads, calls, and reads results. Two rows each
 * of physical, raw and status, then the payload.
 */
function modules(plan: Plan, slots: number): string {
  const [raw, status, payload] = [slots * 16, slots * 32, Math.ceil((slots * 34) / 8) * 8];
  const at = (offset: number): string => `(i32.add (global.get $heap) (i32.const ${offset}))`;
  const row = (offset: number, size: number): string =>
    `(i32.add ${at(offset)} (i32.mul (local.get 0) (i32.const ${size})))`;
  return `(module $decoder binary "${hex(emitScalarModule(plan))}")
(register "decoder" $decoder)
(module
  (import "decoder" "memory" (memory 1))
  (import "decoder" "heap_base" (global $heap i32))
  (import "decoder" "decode" (func $decode (param i32 i32 i32 i32 i32 i32) (result i32)))
  (import "decoder" "decode_run" (func $run (param i32 i32 i32 i32 i32 i32 i32 i32)))
  (func (export "grow") (param i32) (result i32) (i32.ge_s (memory.grow (local.get 0)) (i32.const 0)))
  (func (export "put") (param i32 i64) (i64.store ${row(payload, 1)} (local.get 1)))
  (func (export "decode") (param i32 i32) (result i32)
    (call $decode (local.get 0) ${at(payload)} (local.get 1) ${at(0)} ${at(raw)} ${at(status)}))
  (func (export "run") (param i32 i32)
    (call $run (local.get 0) ${at(payload)} (i32.const 1) (i32.const 2) (local.get 1) ${at(0)} ${at(raw)} ${at(status)}))
  (func (export "physical") (param i32) (result f64) (f64.load ${row(0, 8)}))
  (func (export "pattern") (param i32) (result i64) (i64.load ${row(0, 8)}))
  (func (export "raw") (param i32) (result i64) (i64.load ${row(raw, 8)}))
  (func (export "status") (param i32) (result i32) (i32.load8_u ${row(status, 1)})))
(assert_return (invoke "grow" (i32.const ${Math.ceil((payload + payloadRoom) / 65536)})) (i32.const 1))`;
}

const returns = (call: string, parameter: number, result: string): string =>
  `(assert_return (invoke "${call}" (i32.const ${parameter})) (${result}))`;

/** What the interpreter just said, asked of the row that begins at `first`. */
function assertRow(decoder: FrameDecoder, count: number, first: number): string[] {
  return Array.from({ length: count }, (_, slot) => {
    const physical = decoder.physical[slot];
    bits.setFloat64(0, physical);
    return [
      Number.isNaN(physical)
        ? returns('physical', first + slot, 'f64.const nan:arithmetic')
        : returns('pattern', first + slot, `i64.const ${bits.getBigUint64(0)}`),
      returns('raw', first + slot, `i64.const ${BigInt(decoder.rawAt(slot))}`),
      returns('status', first + slot, `i32.const ${decoder.status[slot]}`),
    ].join('\n');
  });
}

function assertions(plan: Plan, frames: readonly Frame[]): string[] {
  const interpreter = createInterpreter(plan);
  const memory = new Uint8Array(payloadRoom);
  return frames.flatMap(({ id, extended, payload }) => {
    const message = interpreter.decode(id, extended ? FrameFlag.extended : 0, payload, 0, payload.length);
    const index = message === undefined ? -1 : plan.messages.indexOf(message);
    memory.fill(0xa5).set(payload);
    const words = new BigInt64Array(memory.buffer);
    const key = (extended ? id + 0x80000000 : id) >>> 0;
    const lines = [
      ...Array.from(words, (word, i) => `(invoke "put" (i32.const ${i * 8}) (i64.const ${word}))`),
      `(assert_return (invoke "decode" (i32.const ${key}) (i32.const ${payload.length})) (i32.const ${index}))`,
    ];
    if (message === undefined) return lines;
    const count = message.signals.length;
    lines.push(...assertRow(interpreter, count, 0));
    // The run's second row begins one byte further on.
    const length = Math.max(0, payload.length - 1);
    lines.push(`(invoke "run" (i32.const ${index}) (i32.const ${length}))`);
    for (const row of [0, 1]) {
      interpreter.decode(id, extended ? FrameFlag.extended : 0, memory, row, length);
      lines.push(...assertRow(interpreter, count, row * count));
    }
    return lines;
  });
}

/** Runs every assertion in wabt's interpreter. */
function assertAgrees(cases: readonly { plan: Plan; frames: Frame[] }[]): void {
  const script = cases.flatMap(({ plan, frames }) => {
    const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
    return [modules(plan, slots), ...assertions(plan, frames)];
  });
  const folder = mkdtempSync(path.join(tmpdir(), 'wasm-interp-'));
  try {
    const run = (program: string, parameters: string[]): string => {
      const { status, stdout, stderr } = spawnSync(program, parameters, {
        cwd: folder,
        encoding: 'utf8',
        maxBuffer: 2 ** 28,
      });
      assert.equal(status, 0, `${program}: ${stdout.slice(0, 3000)}${stderr.slice(0, 3000)}`);
      return stdout;
    };
    writeFileSync(path.join(folder, 'decoder.wast'), script.join('\n'));
    run('wast2json', ['decoder.wast', '-o', 'decoder.json']);
    const asserted = script.join('\n').split('(assert_return').length - 1;
    const said = run('spectest-interp', ['decoder.json']).match(/^(\d+)\/(\d+) tests passed/m);
    assert.ok(said !== null && said[1] === said[2] && Number(said[1]) >= asserted, `${said?.[0]} of ${asserted}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test('random plans and frames', { skip }, () => {
  const anyCase = fc
    .tuple(
      fc.array(anyMessage(0), { minLength: 1, maxLength: 3 }),
      fc.array(fc.tuple(fc.nat(2), anyPayload), { minLength: 1, maxLength: 8 }),
    )
    .map(([drawn, payloads]) => {
      const messages = drawn.map((one, i) => ({ ...one, id: one.extended ? 0x0cf00400 + i : 0x100 + i }));
      const frames = payloads.map(([i, payload]) => ({ ...messages[i % messages.length], payload }));
      const group = { ...frames[0], id: 0x0cf004fe, extended: true };
      return {
        plan: compilePlan(database(...messages)),
        frames: [...frames, group, { ...group, extended: false, id: 0x7ff }],
      };
    });
  fc.assert(fc.property(fc.array(anyCase, { minLength: 40, maxLength: 40 }), assertAgrees), {
    numRuns: 1,
    endOnFailure: true,
  });
});

const real = 'corpus/opendbc/tesla_can.dbc';
test('a real database: every message, whole and short', { skip: skip || skipWithout(real) }, () => {
  const plan = compilePlan(parseDbc(readFileSync(sharedPath(real)!)).database);
  const frames = plan.messages.flatMap(({ id, extended, length }, i) =>
    [length, Math.min(length, 3)].map((size) => ({
      id,
      extended,
      payload: Uint8Array.from({ length: size }, (_, at) => Math.imul(at + 1, 0x9e3779b1 + i) >>> 24),
    })),
  );
  assertAgrees([{ plan, frames }]);
});
