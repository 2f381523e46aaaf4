/** Where a picture draws a signal is where the decoder reads it, in both byte orders. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, createInterpreter, type PlanMessage } from '../../../edge/decode/index.ts';
import { signalBits } from '../../../tools/dbc/index.ts';

function messageOf(signal: string): PlanMessage {
  const text = `VERSION ""\n\nBU_:\n\nBO_ 1 M: 8 Vector__XXX\n SG_ ${signal}\n`;
  return compilePlan(parseDbc(new TextEncoder().encode(text)).database).messages[0];
}

const rows: [string, Parameters<typeof signalBits>[0], number[]][] = [
  ['Intel in one byte', { startBit: 2, length: 3, byteOrder: 'intel' }, [4, 3, 2]],
  ['Intel across bytes', { startBit: 6, length: 4, byteOrder: 'intel' }, [9, 8, 7, 6]],
  ['Motorola in one byte', { startBit: 4, length: 3, byteOrder: 'motorola' }, [4, 3, 2]],
  ['Motorola across bytes', { startBit: 1, length: 4, byteOrder: 'motorola' }, [1, 0, 15, 14]],
  ['one bit', { startBit: 63, length: 1, byteOrder: 'motorola' }, [63]],
];
for (const [name, signal, bits] of rows) {
  test(`bits: ${name}`, () => assert.deepEqual(signalBits(signal), bits));
}

test('the bits drawn, read from most to least significant, are the raw value that the decoder gives', () => {
  const signal = fc.record({
    byteOrder: fc.constantFrom('intel' as const, 'motorola' as const),
    startBit: fc.integer({ min: 0, max: 63 }),
    length: fc.integer({ min: 1, max: 64 }),
  });
  const payload = fc.uint8Array({ minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(signal, payload, (drawn, data) => {
      const bits = signalBits(drawn);
      fc.pre(Math.max(...bits) < 64);
      const raw = bits.reduce((sum, bit) => sum * 2n + BigInt((data[bit >> 3] >> (bit & 7)) & 1), 0n);
      const order = drawn.byteOrder === 'intel' ? 1 : 0;
      const message = messageOf(`S : ${drawn.startBit}|${drawn.length}@${order}+ (1,0) [0|0] "" Vector__XXX`);
      const plan = { messages: [message], signals: message.signals, find: () => message };
      const decoder = createInterpreter(plan);
      decoder.decode(1, 0, data, 0, 8);
      assert.equal(BigInt(decoder.rawAt(0)), raw);
    }),
    { numRuns: 300 },
  );
});
