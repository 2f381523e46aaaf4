/** Which raw integers lie within a signal's range: worked out by halving, held to trying them all. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createFrameDecoder } from '../../../edge/decode/index.ts';
import { rawLimits, rawsWithinRange } from '../../../edge/decode/layout.ts';
import { planOf, signal } from './support/build.ts';

const anyRangedSignal = fc
  .record({
    length: fc.integer({ min: 1, max: 9 }),
    signed: fc.boolean(),
    scale: fc.oneof(fc.constantFrom(1, -1, 0.1, -0.1, 0, 1e-9, 3), fc.double({ min: -10, max: 10, noNaN: true })),
    offset: fc.oneof(fc.constantFrom(0, -40, 0.1, 1e17), fc.double({ min: -100, max: 100, noNaN: true })),
    minimum: fc.double({ min: -300, max: 300, noNaN: true }),
    width: fc.double({ min: 0, max: 300, noNaN: true }),
  })
  .map(({ width, ...facts }) => planOf([signal('S', { ...facts, maximum: facts.minimum + width })]).signals[0]);

test('raw integers within the range: one run, the same as by trying each', () => {
  fc.assert(
    fc.property(anyRangedSignal, (drawn) => {
      const { minimum, maximum } = rawLimits(drawn);
      const raws = Array.from({ length: 2 ** drawn.length }, (_, i) => Number(minimum) + i);
      const inside = raws.filter((raw) => {
        const physical = raw * drawn.scale + drawn.offset;
        return physical >= drawn.minimum && physical <= drawn.maximum;
      });
      const { from, to } = rawsWithinRange(drawn);
      assert.deepEqual(
        raws.filter((raw) => raw >= from && raw <= to),
        inside,
      );
      assert.equal(raws.at(-1), Number(maximum));
    }),
    { numRuns: 2000 },
  );
});

const edges: [
  string,
  { length: number; signed?: boolean; scale?: number; minimum: number; maximum: number },
  number[],
][] = [
  ['both ends inside the raw range', { length: 8, minimum: 10, maximum: 20 }, [9, 10, 20, 21]],
  ['30 bits', { length: 30, minimum: 1, maximum: 2 ** 30 - 2 }, [0, 1, 2 ** 30 - 2, 2 ** 30 - 1]],
  ['31 bits', { length: 31, minimum: 1, maximum: 2 ** 31 - 2 }, [0, 1, 2 ** 31 - 2, 2 ** 31 - 1]],
  ['a falling scale', { length: 8, scale: -1, minimum: -20, maximum: -10 }, [21, 20, 10, 9]],
  ['nothing inside', { length: 8, minimum: 300, maximum: 400 }, [0, 255]],
];
for (const [name, facts, raws] of edges) {
  test(`status at the edges of a range: ${name}`, () => {
    const plan = planOf([signal('S', facts)]);
    const decoder = createFrameDecoder(plan);
    for (const raw of raws) {
      const payload = new Uint8Array(8);
      new DataView(payload.buffer).setUint32(0, raw, true);
      decoder.decode(0x100, 0, payload, 0, 8);
      const physical = raw * (facts.scale ?? 1);
      assert.equal(decoder.status[0], physical < facts.minimum || physical > facts.maximum ? 1 : 0, `raw ${raw}`);
    }
  });
}
