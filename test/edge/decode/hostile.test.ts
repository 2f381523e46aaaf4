/** Databases built to hurt: size, depth and width cost bounded time, and frames are decoded all the same. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import type { Signal } from '../../../edge/dbc/model.ts';
import {
  createFrameDecoder,
  createInterpreter,
  createWasmDecoder,
  decodeToObject,
  emitScalarModule,
  type FrameDecoder,
} from '../../../edge/decode/index.ts';
import { by, planOf, signal } from './support/build.ts';

const many = (count: number, facts: (i: number) => Partial<Signal>): Signal[] =>
  Array.from({ length: count }, (_, i) => signal(`S${i}`, facts(i)));
const selector = signal('M', { length: 32, isSelector: true });

/** Each shape, for a number of signals and ranges. */
const shapes: Record<string, (size: number) => Signal[]> = {
  'plain signals': (size) => many(size, (i) => ({ startBit: i % 57 })),
  'one branch': (size) => [selector, ...many((size - 1) / 2, () => ({ multiplexedBy: by('M', 1) }))],
  'many branches': (size) => [selector, ...many((size - 1) / 2, (i) => ({ multiplexedBy: by('M', i) }))],
  'overlapping branches': (size) => [
    selector,
    ...many((size - 1) / 2, (i) => ({ multiplexedBy: by('M', [0n, BigInt(i)]) })),
  ],
  'many ranges': (size) => {
    const ranges = Array.from({ length: size - 2 }, (_, i): [bigint, bigint] => [BigInt(i * 3), BigInt(i * 3 + 1)]);
    return [selector, signal('X', { multiplexedBy: by('M', ...ranges) })];
  },
  'nested selectors': (size) =>
    many(size / 18, (i) => ({ isSelector: true, ...(i > 0 && { multiplexedBy: by(`S${i - 1}`, 0) }) })),
};

/** One line per signal: a difference between long objects would take minutes to print. */
function answer(decoder: FrameDecoder, length: number): string {
  const message = decoder.decode(0x100, 0, new Uint8Array(8), 0, length)!;
  const { physical, status } = decoder;
  return message.signals.map(({ slot }) => `${physical[slot]} ${decoder.rawAt(slot)} ${status[slot]}`).join('\n');
}

function object(decoder: FrameDecoder, length: number): string {
  const { signals, status } = decodeToObject(decoder, 0x100, 0, new Uint8Array(8), 0, length)!;
  return JSON.stringify([signals, status]);
}

describe('at the limit of generated code', () => {
  for (const [title, shape] of Object.entries(shapes)) {
    test(title, () => {
      const plan = planOf(shape(8100));
      for (const length of [8, 0]) {
        const wanted = answer(createInterpreter(plan), length);
        assert.ok(answer(createFrameDecoder(plan), length) === wanted);
        assert.ok(answer(createWasmDecoder(plan), length) === wanted);
        assert.ok(object(createFrameDecoder(plan), length) === object(createInterpreter(plan), length));
      }
    });
  }
});

describe('beyond it', () => {
  for (const [title, shape] of Object.entries(shapes)) {
    test(`${title}: the per-frame decoder interprets, the module is refused by name`, () => {
      const plan = planOf(shape(60_001), { name: 'Huge' });
      const decoder = createFrameDecoder(plan);
      assert.ok(answer(decoder, 8) === answer(createInterpreter(plan), 8));
      assert.ok(decodeToObject(decoder, 0x100, 0, new Uint8Array(8)));
      assert.throws(() => emitScalarModule(plan), { code: 'MESSAGE_TOO_LARGE', message: /^Huge is too large/ });
    });
  }
});
