/** The scalar module itself: valid, deterministic, bounded, and right when called as a small runtime would. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { compilePlan, createInterpreter, emitScalarModule, moduleHash } from '../../../edge/decode/index.ts';
import { anyMessage } from './support/arbitraries.ts';
import { by, database, message, signal } from './support/build.ts';

const plan = compilePlan(
  database(
    message(0x100, [signal('A'), signal('B', { startBit: 7, length: 16, byteOrder: 'motorola', scale: 0.5 })]),
    message(0x0cf00400, [signal('Speed', { length: 16 })], { extended: true, j1939: true }),
    message(0x200, [signal('M', { isSelector: true }), signal('X', { startBit: 8, multiplexedBy: by('M', 1) })]),
  ),
);

/** An i32 as JavaScript's, and the exports by name. */
function instantiate() {
  const instance = new WebAssembly.Instance(new WebAssembly.Module(emitScalarModule(plan) as BufferSource));
  return instance.exports as unknown as {
    memory: WebAssembly.Memory;
    heap_base: WebAssembly.Global<'i32'>;
    slot_count: WebAssembly.Global<'i32'>;
    abi_version: WebAssembly.Global<'i32'>;
    find(key: number): number;
    decode(key: number, payload: number, length: number, physical: number, raw: number, status: number): number;
    decode_run: (...numbers: number[]) => void;
  };
}

describe('scalar module', () => {
  test('constants', () => {
    const { abi_version, slot_count, heap_base } = instantiate();
    assert.deepEqual([abi_version.value, slot_count.value, heap_base.value % 16], [1, 2, 0]);
  });
  test('find: id, PGN, nothing', () => {
    const { find } = instantiate();
    const keys = [0x100, 0x200, 0x8cf00400, 0x98f00433, 0x101, 0x80000100, 0xccf00400];
    assert.deepEqual(keys.map(find), [0, 1, 2, 2, -1, -1, -1]);
  });
  test('decode_run: consecutive rows, payloads a stride apart', () => {
    const { memory, heap_base, decode_run } = instantiate();
    const [payload, stride, count] = [heap_base.value + 1, 13, 3];
    const [physical, raw, status] = [heap_base.value + 64, heap_base.value + 192, heap_base.value + 320];
    const bytes = new Uint8Array(memory.buffer);
    for (let i = 0; i < count; i++) bytes.set([i, 2 * i], payload + i * stride);
    decode_run(0, payload, stride, count, 2, physical, raw, status);
    assert.deepEqual([...new Float64Array(memory.buffer, physical, 6)], [0, 0, 1, 129, 2, 258]);
    assert.deepEqual([...new BigInt64Array(memory.buffer, raw, 6)], [0n, 0n, 1n, 258n, 2n, 516n]);
    assert.deepEqual([...bytes.slice(status, status + 7)], [0, 0, 0, 0, 0, 0, 0]);
    decode_run(0, payload, stride, 2, 1, physical, raw, status);
    assert.deepEqual([...bytes.slice(status, status + 6)], [0, 2, 0, 2, 0, 0]);
  });
});

describe('the same plan gives the same bytes', () => {
  test('whatever the order of the file', () => {
    const [a, b] = [message(0x2, [signal('A'), signal('B', { startBit: 8 })]), message(0x1, [signal('C')])];
    const reordered = database(b, { ...a, signals: a.signals.toReversed() });
    assert.equal(moduleHash(compilePlan(database(a, b))), moduleHash(compilePlan(reordered)));
  });
  test('and on every machine', () =>
    assert.equal(moduleHash(plan), '186afa1a6e0d60f7f400dee97f44fe988552acd89cf283e7cf54df0d5c9dcf70'));
  test('another scale gives another hash', () => {
    const hashOf = (scale: number) => moduleHash(compilePlan(database(message(1, [signal('S', { scale })]))));
    assert.notEqual(hashOf(0.1), hashOf(0.1 + 2 ** -56));
  });
  test('names, labels and units do not count: they do not change what is decoded', () => {
    const hashOf = (facts: Parameters<typeof signal>[1]) =>
      moduleHash(compilePlan(database(message(1, [signal('S', facts)]))));
    assert.equal(hashOf({}), hashOf({ name: 'T', unit: 'km', labels: [{ raw: 1n, text: 'x' }] }));
  });
});

test('random plans give valid modules', () => {
  fc.assert(
    fc.property(fc.array(anyMessage(1), { minLength: 1, maxLength: 4 }), (messages) => {
      const random = compilePlan(database(...messages.map((one, i) => ({ ...one, id: i }))));
      assert.ok(WebAssembly.validate(emitScalarModule(random) as BufferSource));
    }),
    { numRuns: 100 },
  );
});

const wabt = spawnSync('wasm-validate', ['--version']).status === 0;

test('wabt finds the modules valid, without any feature past 1.0', {
  skip: !wabt && 'wasm-validate (wabt) is not installed',
}, () => {
  const folder = mkdtempSync(join(tmpdir(), 'scalar-module-'));
  try {
    const random = fc.sample(anyMessage(1), { numRuns: 40, seed: 3 });
    const path = join(folder, 'decoder.wasm');
    writeFileSync(path, emitScalarModule(compilePlan(database(...random.map((one, i) => ({ ...one, id: i }))))));
    const off = [
      'mutable-globals',
      'saturating-float-to-int',
      'sign-extension',
      'simd',
      'multi-value',
      'bulk-memory',
      'reference-types',
    ];
    const result = spawnSync('wasm-validate', [...off.map((feature) => `--disable-${feature}`), path], {
      encoding: 'utf8',
    });
    assert.equal(result.status, 0, result.stderr);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('a frame of a message with a thousand branches costs neither stack nor an oversized function', () => {
  const children = Array.from({ length: 1000 }, (_, i) => signal(`S${i}`, { startBit: 16, multiplexedBy: by('M', i) }));
  const wide = compilePlan(database(message(1, [signal('M', { length: 16, isSelector: true }), ...children])));
  assert.ok(WebAssembly.validate(emitScalarModule(wide) as BufferSource));
  assert.equal(createInterpreter(wide).decode(1, 0, Uint8Array.of(3, 0, 9), 0, 3)?.signals.length, 1001);
});
