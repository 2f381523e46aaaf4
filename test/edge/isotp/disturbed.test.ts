/** A bus that loses, repeats and reorders: a message arrives as it was sent, or somebody is told; never wrong bytes. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameFlag } from '../../../edge/can/index.ts';
import { settled } from '../slcan/clock.ts';
import { counting, type Disturb, pair } from './support/pair.ts';

/** What becomes of one frame: how often it arrives, and how late, in milliseconds. */
type Fate = readonly number[];

// Up to 7 ms at one frame a millisecond: sequence numbers repeat after 16, which no receiver could tell apart.
const lateMs = fc.integer({ min: 0, max: 7 });
const fate = fc.oneof(
  { weight: 12, arbitrary: fc.constant<Fate>([0]) },
  { weight: 1, arbitrary: fc.constant<Fate>([]) },
  { weight: 1, arbitrary: lateMs.map((late): Fate => [late]) },
  { weight: 1, arbitrary: fc.tuple(lateMs, lateMs) },
);

const disturbed =
  (fates: readonly Fate[]): Disturb =>
  (frame, index) =>
    (fates[index] ?? [0]).map((delayMs) => ({ frame, delayMs }));

const message = fc
  .integer({ min: 8, max: 400 })
  .chain((length) => fc.uint8Array({ minLength: length, maxLength: length }));

test('property: whatever happens to its frames, a long message arrives whole or a fault is told', async () => {
  let delivered = 0;
  let told = 0;
  await fc.assert(
    fc.asyncProperty(
      message,
      fc.array(fate, { maxLength: 80 }),
      fc.integer({ min: 0, max: 20 }),
      fc.integer({ min: 1, max: 4 }),
      async (bytes, fates, blockSize, separationMs) => {
        const bus = pair({ ecu: { blockSize, separationMs }, disturb: disturbed(fates) });
        let fault: unknown;
        bus.tester.channel.send(bytes).catch((problem) => {
          fault = problem;
        });
        while (bus.clock.runNext());
        await settled();
        for (const got of bus.ecu.messages) assert.deepEqual(got, bytes);
        const isTold = fault !== undefined || bus.ecu.faults.length > 0;
        assert.ok(bus.ecu.messages.length > 0 || isTold, 'lost without a word');
        assert.ok(bus.tester.channel.isIdle && bus.ecu.channel.isIdle, 'still waiting');
        if (bus.ecu.messages.length > 0) delivered++;
        if (isTold) told++;
      },
    ),
    { numRuns: 800 },
  );
  // The disturbance neither spares nor kills everything.
  assert.ok(delivered > 100 && told > 100, `${delivered} delivered, ${told} told`);
});

test('property: both directions at once do not disturb each other', async () => {
  await fc.assert(
    fc.asyncProperty(message, message, fc.nat(10), async (question, answer, blockSize) => {
      const bus = pair({ ecu: { blockSize, separationMs: 1 }, tester: { separationMs: 2, blockSize: 3 } });
      const both = [bus.tester.channel.send(question), bus.ecu.channel.send(answer)];
      while (bus.clock.runNext());
      await Promise.all(both);
      assert.deepEqual([bus.ecu.messages, bus.tester.messages], [[question], [answer]]);
    }),
    { numRuns: 100 },
  );
});

test('property: noise on the id neither throws nor outgrows the bound', () => {
  const frame = fc.record({
    flags: fc.constantFrom(0, 0, 0, FrameFlag.fd, FrameFlag.remote),
    data: fc.oneof(fc.uint8Array({ maxLength: 8 }), fc.uint8Array({ maxLength: 64 })),
  });
  fc.assert(
    fc.property(fc.array(frame, { maxLength: 60 }), (frames) => {
      const bus = pair({ ecu: { receiveBytesMax: 300 } });
      for (const { flags, data } of frames) bus.ecu.channel.receive(0x7e0, flags, data, 0, data.length);
      for (const got of bus.ecu.messages) assert.ok(got.length >= 1 && got.length <= 300);
      while (bus.clock.runNext());
      assert.ok(bus.ecu.channel.isIdle);
    }),
    { numRuns: 500 },
  );
});

test('sixteen lost frames in a row have the right sequence number after them: the length tells', async () => {
  const bus = pair({ disturb: (frame, i) => (i >= 2 && i < 18 ? [] : [{ frame, delayMs: 0 }]) });
  await Promise.all([bus.tester.channel.send(counting(300)), Promise.resolve(bus.clock.advance(3000))]);
  assert.deepEqual(bus.ecu.messages, []);
  assert.equal(bus.ecu.faults[0].code, 'ISOTP_TIMEOUT');
});
