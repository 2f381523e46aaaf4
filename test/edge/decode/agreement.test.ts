/** Every back end agrees, bit for bit, with a reading of bit strings that shares no code with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { compilePlan } from '../../../edge/decode/index.ts';
import { anyMessage, anyPayload } from './support/arbitraries.ts';
import { backEnds } from './support/back-ends.ts';
import { database, outcomes } from './support/build.ts';
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
