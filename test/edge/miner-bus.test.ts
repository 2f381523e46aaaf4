// What a Miner makes of the bus itself: messages of several frames, load, and the image it runs.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { BusMeter } from '../../edge/bus-meter.ts';
import { FrameBatch } from '../../edge/can/index.ts';
import { PackCounter } from '../../edge/pack/index.ts';
import { broadcast, counting, type Sent } from './j1939/support/sender.ts';
import { batchOf, dbcFile, minerWorld, powertrain, valuesOf } from './miner-world.ts';

/** 0x18FECAFE with bit 31; 0xFE stands for any source. */
const truck = dbcFile(
  'truck',
  `BO_ 2566834942 DM1: 22 Vector__XXX
 SG_ LastWord : 160|16@1+ (0.5,10) [0|0] "" Vector__XXX
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "J1939PG";
`,
);

function batchOfSent(frames: readonly Sent[]): FrameBatch {
  const batch = new FrameBatch(frames.length);
  for (const { timeUs, id, flags, data } of frames) batch.push(timeUs, id, flags, data);
  return batch;
}

const dm1 = broadcast({ pgn: 0xfeca, source: 3, payload: counting(22) });

test('a J1939 message of several frames becomes a sample, and its frames are accounted for', async () => {
  const { miner, packs } = minerWorld({ listed: [truck] });
  await miner.start([truck]);
  miner.receive(batchOfSent(dm1));
  miner.flush();
  const [last, before] = [counting(22)[21], counting(22)[20]];
  assert.deepEqual(
    valuesOf(packs()).map(([, , raw]) => raw),
    [last * 256 + before],
  );
  const { framesReceived, framesTransport, framesUndecoded, messagesReassembled } = miner.counters;
  assert.deepEqual([framesReceived, framesTransport, framesUndecoded], [dm1.length, dm1.length, 0]);
  assert.equal(messagesReassembled, 1);
});

test('a part of the message that never came makes no sample', async () => {
  const { miner, packs } = minerWorld({ listed: [truck] });
  await miner.start([truck]);
  miner.receive(batchOfSent(dm1.filter((_, i) => i !== 2)));
  miner.flush();
  assert.deepEqual(valuesOf(packs()), []);
  assert.equal(miner.counters.messagesReassembled, 0);
});

test('without such a decoder, frames of the transport protocol are undecoded ones', async () => {
  const { miner } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  miner.receive(batchOfSent(dm1));
  assert.equal(miner.counters.framesUndecoded, dm1.length);
});

test('packs tell how busy the bus was since the one before', async () => {
  const { miner, packs, clock } = minerWorld({ listed: [powertrain], bus: { bitRate: 100_000 } });
  await miner.start([powertrain]);
  // An empty standard frame with an id without stuff bits takes 47 bits: 10 of them are 4.7 ms of 100.
  clock.advance(100);
  miner.receive(batchOf(...Array.from({ length: 10 }, () => [0x555, ''] as [number, string])));
  miner.signStatus();
  clock.advance(100);
  miner.signStatus();
  const loads = packs().map(({ body }) => body.counters?.get(PackCounter.busLoad));
  assert.ok(loads[0]! >= 46 && loads[0]! <= 50, `${loads[0]}`);
  assert.equal(loads[1], undefined);
});

test('a load never passes 1000, and a moment without time has none', () => {
  const meter = new BusMeter({ bitRate: 10_000 }, 0);
  meter.add(batchOf(...Array.from({ length: 100 }, () => [0x555, ''] as [number, string])));
  assert.equal(meter.take(1), 1000);
  assert.equal(meter.take(1), 0);
});

test('every pack carries the hash of the running image', async () => {
  const imageHash = new Uint8Array(32).fill(7);
  const { miner, packs } = minerWorld({ imageHash });
  await miner.start([]);
  miner.signStatus();
  assert.deepEqual(packs()[0].body.imageHash, imageHash);
});
