// Whatever frames come: a pack holds exactly what the reference interpreter reads from them, and no frame is lost.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan, createInterpreter, SignalStatus } from '../../edge/decode/index.ts';
import { samplesOf } from '../../edge/pack/index.ts';
import { dbcFile, minerWorld } from './miner-world.ts';

/** Both byte orders, wide and narrow, signed, floats, a multiplexer, an extended id. */
const mixed = dbcFile(
  'mixed',
  `BO_ 1 Wide: 8 ECU
 SG_ Unsigned : 0|64@1+ (1,0) [0|0] "" ECU

BO_ 2 WideSigned: 8 ECU
 SG_ Signed : 7|64@0- (1,0) [0|0] "" ECU

BO_ 3 Double: 8 ECU
 SG_ Value : 0|64@1- (1,0) [0|0] "" ECU

BO_ 4 Modes: 8 ECU
 SG_ Mode M : 0|2@1+ (1,0) [0|0] "" ECU
 SG_ First m0 : 8|12@1- (0.5,1) [0|0] "" ECU
 SG_ Second m1 : 15|33@0+ (1,0) [0|0] "" ECU
 SG_ Third m2 : 8|54@1- (1,0) [0|0] "" ECU

BO_ 2147483653 Long: 8 ECU
 SG_ Low : 0|1@1+ (1,0) [0|1] "" ECU
 SG_ Ratio : 32|32@1- (1,0) [0|0] "" ECU

SIG_VALTYPE_ 3 Value : 2;
SIG_VALTYPE_ 2147483653 Ratio : 1;
`,
);

const anyFrame = fc.record({
  id: fc.integer({ min: 0, max: 6 }),
  flags: fc.constantFrom(0, 0, 0, FrameFlag.extended, FrameFlag.remote, FrameFlag.error, FrameFlag.transmitted),
  data: fc.oneof(
    fc.uint8Array({ minLength: 8, maxLength: 8 }),
    fc.uint8Array({ maxLength: 8 }),
    fc.constantFrom(new Uint8Array(8), new Uint8Array(8).fill(255)),
  ),
  stepUs: fc.integer({ min: 0, max: 3_000_000 }),
});

/** `signal@ms=raw` of every value in the frames, sorted. */
function expectedSamples(batches: readonly FrameBatch[]): string[] {
  const decoder = createInterpreter(compilePlan(parseDbc(mixed.bytes).database));
  const samples: string[] = [];
  for (const batch of batches) {
    for (let i = 0; i < batch.count; i++) {
      const { id, flags, data, timeUs } = batch.frame(i);
      const message = decoder.decode(id, flags, data, 0, data.length);
      message?.signals.forEach(({ signalIndex }, slot) => {
        const status = decoder.status[slot];
        if (status === SignalStatus.absent || status === SignalStatus.inactive) return;
        samples.push(`${signalIndex}@${Math.floor(timeUs / 1000)}=${decoder.rawAt(slot)}`);
      });
    }
  }
  return samples.sort();
}

test('packs decode back to what the interpreter reads, and every frame is accounted for', async () => {
  const property = fc.asyncProperty(
    fc.array(fc.array(anyFrame, { maxLength: 30 }), { minLength: 1, maxLength: 5 }),
    fc.constantFrom(3, 50, 1_000_000),
    async (groups, packSamplesMax) => {
      const { miner, packs } = minerWorld({ listed: [mixed], settings: { packSamplesMax } });
      await miner.start([mixed]);
      let timeUs = 0;
      const batches = groups.map((frames) => {
        const batch = new FrameBatch(30);
        for (const { id, flags, data, stepUs } of frames) {
          timeUs += stepUs;
          batch.push(timeUs, id, flags, data);
        }
        return batch;
      });
      for (const batch of batches) miner.receive(batch);
      miner.stop();
      const { framesReceived, framesDecoded, framesUndecoded, errorFrames } = miner.counters;
      assert.equal(framesDecoded + framesUndecoded + errorFrames, framesReceived);
      assert.equal(framesReceived, groups.flat().length);
      const signed = packs().flatMap(({ body }) => [...samplesOf(body)]);
      assert.deepEqual(
        signed.map(({ signalIndex, timeMs, raw }) => `${signalIndex}@${timeMs}=${raw}`).sort(),
        expectedSamples(batches),
      );
      assert.equal(miner.counters.samples, signed.length);
    },
  );
  await fc.assert(property, { numRuns: 150 });
});
