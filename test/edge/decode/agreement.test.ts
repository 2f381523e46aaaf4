/** Every back end agrees, bit for bit, with a reading of bit strings that shares no code with them. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan, createFrameDecoder } from '../../../edge/decode/index.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { backEnds } from './support/back-ends.ts';
import { database, message, outcomes, planOf, signal } from './support/build.ts';
import { expected } from './support/oracle.ts';

test('random messages and frames: value, raw and status of every signal', () => {
  const cases = fc.tuple(anyMessage(0x123), fc.array(anyPayload, { minLength: 1, maxLength: 6 }));
  fc.assert(
    fc.property(cases, ([message, payloads]) => {
      const plan = compilePlan(database(message));
      const decoders = backEnds.map(({ create }) => create(plan));
      const flags = message.extended ? FrameFlag.extended : 0;
      for (const payload of payloads) {
        const wanted = expected(message, payload);
        for (const decoder of decoders) {
          const found = decoder.decode(0x123, flags, payload, 0, payload.length)!;
          assert.deepEqual(outcomes(decoder, found.signals), wanted);
          for (const { slot } of found.signals) assert.equal(decoder.raw[slot], Number(decoder.rawAt(slot)));
        }
      }
    }),
    { numRuns: 700 },
  );
});

describe('wherever the payload lies', () => {
  const cases = fc.tuple(anyMessage(0x123), fc.array(anyPayload, { minLength: 1, maxLength: 8 }), fc.nat(9));
  /** Decodes each payload from what `place` makes of all of them, three times over. */
  const agree = (place: (payloads: Uint8Array[], gap: number) => { data: Uint8Array; offset: number }[]) =>
    fc.assert(
      fc.property(cases, ([message, payloads, gap]) => {
        const plan = compilePlan(database(message));
        const flags = message.extended ? FrameFlag.extended : 0;
        const decoder = createFrameDecoder(plan);
        const places = place(payloads, gap);
        for (let pass = 0; pass < 3; pass++) {
          payloads.forEach((payload, i) => {
            const { data, offset } = places[i];
            const found = decoder.decode(0x123, flags, data, offset, payload.length)!;
            assert.deepEqual(outcomes(decoder, found.signals), expected(message, payload));
          });
        }
      }),
      { numRuns: 150 },
    );
  /** All payloads in one array, which begins `gap` bytes into its buffer and ends with the last payload. */
  const inOneArray = (payloads: Uint8Array[], gap: number, buffer?: ArrayBuffer) => {
    const total = payloads.reduce((sum, { length }) => sum + length + gap, 0);
    const data = new Uint8Array(buffer ?? new ArrayBuffer(gap + total), gap, total).fill(0xa5);
    let end = 0;
    return payloads.map((payload) => {
      const offset = end + gap;
      data.set(payload, offset);
      end = offset + payload.length;
      return { data, offset };
    });
  };

  test('in one array, as in a batch', () => agree(inOneArray));
  test('each in an array of its own', () => agree((payloads) => payloads.map((data) => ({ data, offset: 0 }))));
  test('in two arrays by turns', () =>
    agree((payloads, gap) => {
      const both = [inOneArray(payloads, gap), inOneArray(payloads, gap + 1)];
      return payloads.map((_, i) => both[i % 2][i]);
    }));
  test('in a buffer that shrinks and grows between frames', () => {
    const plan = planOf([signal('A', { length: 16 }), signal('B', { startBit: 64 })]);
    const decoder = createFrameDecoder(plan);
    const buffer = new ArrayBuffer(64, { maxByteLength: 64 });
    const data = new Uint8Array(buffer);
    for (const size of [64, 64, 9, 64, 3, 0, 64, 12]) {
      buffer.resize(size);
      data.fill(7);
      decoder.decode(0x100, 0, data, 0, 9);
      const { A, B } = outcomes(decoder, plan.signals);
      assert.deepEqual([A.status, B.status], [size < 2 ? 2 : 0, size < 9 ? 2 : 0]);
      if (size >= 9) assert.deepEqual([A.physical, B.physical], [0x0707, 7]);
    }
  });
  test('in an array given away meanwhile', () => {
    const plan = planOf([signal('A')]);
    const decoder = createFrameDecoder(plan);
    const data = new Uint8Array(16).fill(5);
    for (const wanted of [0, 0, 2]) {
      if (wanted === 2) structuredClone(data.buffer, { transfer: [data.buffer] });
      decoder.decode(0x100, 0, data, 4, 8);
      assert.equal(decoder.status[0], wanted);
    }
  });
});

test('several decoders and messages of one layout: each result is its own', () => {
  const signals = [signal('A', { length: 16, scale: 0.5 }), signal('B', { startBit: 16, signed: true })];
  const renamed = signals.map((one) => ({ ...one, name: `${one.name}2` }));
  const plan = compilePlan(database(message(1, signals), message(2, renamed)));
  const decoders = [createFrameDecoder(plan), createFrameDecoder(plan)];
  for (let pass = 0; pass < 3; pass++) {
    const results = decoders.flatMap((decoder, i) =>
      [1, 2].map((id) => {
        const found = decoder.decode(id, 0, Uint8Array.of(id, i, 0xf0 + id), 0, 3)!;
        return found.signals.map(({ name, slot }) => [name, decoder.physical[slot]]);
      }),
    );
    assert.deepEqual(results, [
      [
        ['A', 0.5],
        ['B', -15],
      ],
      [
        ['A2', 1],
        ['B2', -14],
      ],
      [
        ['A', 128.5],
        ['B', -15],
      ],
      [
        ['A2', 129],
        ['B2', -14],
      ],
    ]);
    // An array read before stays the decoder's own.
    assert.deepEqual([...decoders[0].physical], [1, -14]);
  }
});

test('many messages in one plan: ids of both kinds lead to their own message', () => {
  const cases = fc.uniqueArray(fc.integer({ min: 0, max: 0x1fffffff }), { minLength: 1, maxLength: 300 });
  const one = fc.sample(anyMessage(0), { numRuns: 1, seed: 7 })[0];
  fc.assert(
    fc.property(cases, (ids) => {
      const messages = ids.map((id) => ({ ...one, j1939: false, id, name: `M${id}`, extended: id > 0x7ff }));
      const plan = compilePlan(database(...messages));
      for (const { create } of backEnds) {
        const decoder = create(plan);
        for (const { id, extended, name } of messages) {
          const flags = extended ? FrameFlag.extended : 0;
          assert.equal(decoder.decode(id, flags, new Uint8Array(8), 0, 8)?.name, name);
          const other = id ^ 0x400;
          const isKnown = ids.includes(other) && other > 0x7ff === extended;
          const found = decoder.decode(other, flags, new Uint8Array(8), 0, 8);
          assert.equal(found?.name, isKnown ? `M${other}` : undefined);
        }
      }
    }),
    { numRuns: 8 },
  );
});
