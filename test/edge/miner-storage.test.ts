// A storage that refuses and an uplink that comes and goes: samples wait, within bounds, and every loss is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { PackCounter, packHash, sampleCount, softwareSigner } from '../../edge/pack/index.ts';
import { MemoryStorage } from '../../edge/sim/index.ts';
import { MemoryUplink, receiptAad, signReceipt } from '../../edge/uplink/index.ts';
import { batchOf, device, minerWorld, powertrain, valuesOf } from './miner-world.ts';

const energy = (value: number) => batchOf([0x101, `${value.toString(16).padStart(2, '0')}00000000000000`]);

test('while no number can be reserved, samples wait and no pack is signed; then they go out', async () => {
  const { miner, storage, packs, clock } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  storage.failingSyncs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 5; i++) {
    miner.receive(energy(i));
    clock.advance(1_000);
  }
  assert.deepEqual(packs(), []);
  assert.equal(miner.counters.samplesDropped, 0);
  storage.failingSyncs = 0;
  clock.advance(1_000);
  assert.deepEqual(
    valuesOf(packs()).map(([, , raw]) => raw),
    [0, 1, 2, 3, 4],
  );
});

test('what waits is bounded, and what is given up is counted', async () => {
  const { miner, storage, packs } = minerWorld({ listed: [powertrain], settings: { packSamplesMax: 10 } });
  await miner.start([powertrain]);
  storage.failingSyncs = Number.POSITIVE_INFINITY;
  for (let i = 0; i < 95; i++) miner.receive(energy(i));
  assert.equal(miner.counters.samples, 95);
  assert.equal(miner.counters.samplesDropped, 80);
  storage.failingSyncs = 0;
  miner.flush();
  assert.equal(sampleCount(packs()[0].body), 15);
});

test('what still waits when the Miner stops is counted as given up', async () => {
  const { miner, storage } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  storage.failingSyncs = Number.POSITIVE_INFINITY;
  miner.receive(energy(1));
  miner.stop();
  assert.equal(miner.counters.samplesDropped, 1);
});

test('a pack that finds no room is counted with its samples, and declared as a gap later', async () => {
  const storage = new MemoryStorage();
  const { miner, packs, events } = minerWorld({ storage, listed: [powertrain] });
  await miner.start([powertrain]);
  miner.receive(energy(1));
  miner.flush();
  storage.capacity = storage.used;
  miner.receive(energy(2));
  miner.flush();
  assert.equal(miner.counters.samplesDropped, 1);
  storage.capacity = Number.POSITIVE_INFINITY;
  miner.receive(energy(3));
  miner.flush();
  assert.deepEqual(
    events.flatMap((event) => (event.kind === 'pack-signed' ? [event.stored] : [])),
    [true, false, true],
  );
  assert.deepEqual(
    packs()
      .at(-1)!
      .body.gaps?.map(({ from, to }) => [from, to]),
    [[2, 2]],
  );
  assert.equal(miner.counters.samples, 3);
});

test('evicted packs are told in the counters and as gaps', async () => {
  const logOptions = { segmentBytes: 1_000, bytesMax: 4_000 };
  const { miner, packs, log } = minerWorld({ logOptions, listed: [powertrain] });
  await miner.start([powertrain]);
  for (let i = 0; i < 40; i++) {
    miner.receive(energy(i));
    miner.flush();
  }
  assert.ok(log.status.evicted > 0);
  const { counters, gaps } = packs().at(-1)!.body;
  assert.equal(counters?.get(PackCounter.packsEvicted), log.status.evicted);
  assert.equal(gaps?.[0].from, 1);
});

test('packs go up the uplink, and a receipt lets the log forget them', async () => {
  const gateway = softwareSigner(new Uint8Array(32).fill(2));
  const sent: { seq: number; bytes: Uint8Array }[] = [];
  const take = (seq: number, bytes: Uint8Array) => sent.push({ seq, bytes: bytes.slice() });
  const uplink = new MemoryUplink(take, false);
  const { miner, log, events, trust } = minerWorld({ listed: [powertrain], uplink, gateways: [gateway.kid] });
  await miner.start([powertrain]);
  for (let i = 0; i < 3; i++) {
    miner.receive(energy(i));
    miner.flush();
  }
  assert.equal(sent.length, 0);
  uplink.setUp(true);
  assert.deepEqual(
    sent.map(({ seq }) => seq),
    [1, 2, 3],
  );
  const hash = packHash(sent[2].bytes);
  const aad = receiptAad(trust.chainId, trust.minerRegistry);
  const stranger = softwareSigner(new Uint8Array(32).fill(3));
  uplink.deliver({ kind: 'receipt', bytes: signReceipt(stranger, { device: device.kid, seq: 3, hash }, aad) });
  assert.equal(log.receipted, 0);
  uplink.deliver({ kind: 'receipt', bytes: signReceipt(gateway, { device: device.kid, seq: 3, hash }, aad) });
  assert.equal(log.receipted, 3);
  assert.equal(log.packAfter(0), undefined);
  assert.deepEqual(
    events.map(({ kind }) => kind).filter((kind) => kind.startsWith('receipt')),
    ['receipt-refused', 'receipted'],
  );
});
