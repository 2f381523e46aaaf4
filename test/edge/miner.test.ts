// The Miner from frames to signed packs: what is decoded, when a pack is closed, what it says, and what is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameFlag } from '../../edge/can/index.ts';
import type { MinerCounters } from '../../edge/miner.ts';
import { PackCounter, packHash, sampleCount, toHex } from '../../edge/pack/index.ts';
import { MemoryStorage, VirtualClock } from '../../edge/sim/index.ts';
import { batchOf, body, device, type FrameRow, hashOf, minerWorld, powertrain, valuesOf } from './miner-world.ts';

const { extended, remote, error, fd } = FrameFlag;
const engine: FrameRow = [0x100, '2c01320000000000'];

test('a decoder that is not listed is refused, and its frames are counted as not decoded', async () => {
  const { miner, packs, told } = minerWorld();
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  miner.flush();
  assert.deepEqual(told(), ['decoder-refused']);
  assert.deepEqual(miner.decoders, []);
  assert.equal(miner.counters.framesUndecoded, 1);
  assert.deepEqual(packs(), []);
});

test('a listed decoder is loaded, and the pack names it with its place in the registry', async () => {
  const { miner, packs, told } = minerWorld({ listed: [body, powertrain] });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  miner.flush();
  assert.deepEqual(told(), ['decoder-approved']);
  const [pack] = packs();
  assert.deepEqual(pack.kid, device.kid);
  assert.deepEqual(pack.body.decoders, [{ contentHash: hashOf(powertrain), registryIndex: 2 }]);
  const hash = toHex(hashOf(powertrain));
  assert.deepEqual(valuesOf([pack]), [
    [hash, 0, 300],
    [hash, 1, 50],
  ]);
});

test('a file one byte longer is another file', async () => {
  const { miner } = minerWorld({ listed: [powertrain] });
  await miner.start([{ name: 'longer', bytes: new Uint8Array([...powertrain.bytes, 0x0a]) }]);
  assert.deepEqual(miner.decoders, []);
});

test('without a first answer from the chain nothing starts', async () => {
  const { miner, trust, clock } = minerWorld({ listed: [powertrain] });
  trust.reachable = false;
  await assert.rejects(miner.start([powertrain]), { code: 'CHAIN_UNREACHABLE' });
  assert.deepEqual(miner.decoders, []);
  assert.equal(clock.pending, 0);
});

const accounted: [string, FrameRow[], Partial<MinerCounters>][] = [
  ['a known id', [engine], { framesDecoded: 1 }],
  ['an unknown id', [[0x7ff, '00']], { framesUndecoded: 1 }],
  ['a known id, but extended', [[0x100, '2c013200', extended]], { framesUndecoded: 1 }],
  ['a remote frame of a known id', [[0x100, '', remote]], { framesUndecoded: 1 }],
  ['an error frame', [[0x100, '0000000000000000', error]], { errorFrames: 1 }],
  ['an error frame that is also extended', [[0x20, '00', error | extended]], { errorFrames: 1 }],
  ['a frame too short for any signal', [[0x100, '']], { framesDecoded: 1 }],
  ['a frame of an id that two decoders have counts once', [engine, [0x200, '01']], { framesDecoded: 2 }],
  ['all of them', [engine, [0x7ff, '00'], [0x100, '', remote], [1, '', error], [0x200, '01', fd]], {}],
  ['nothing', [], {}],
];

for (const [name, rows, expected] of accounted) {
  test(`every frame is accounted for: ${name}`, async () => {
    const { miner } = minerWorld({ listed: [powertrain, body] });
    await miner.start([powertrain, body]);
    miner.receive(batchOf(...rows));
    const { framesReceived, framesDecoded, framesUndecoded, framesTransport, errorFrames } = miner.counters;
    assert.equal(framesReceived, rows.length);
    assert.equal(framesDecoded + framesUndecoded + framesTransport + errorFrames, framesReceived);
    assert.deepEqual({ ...miner.counters, ...expected }, { ...miner.counters });
  });
}

test('the pack timer closes a pack when there is something in it, and none otherwise', async () => {
  const { miner, packs, clock } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  clock.advance(5_000);
  assert.deepEqual(packs(), []);
  miner.receive(batchOf(engine));
  clock.advance(999);
  assert.equal(packs().length, 0);
  clock.advance(1);
  assert.equal(packs().length, 1);
  clock.advance(10_000);
  assert.equal(packs().length, 1);
});

test('a pack is closed early at packSamplesMax', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain], settings: { packSamplesMax: 4 } });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  assert.equal(packs().length, 0);
  miner.receive(batchOf(engine));
  assert.equal(sampleCount(packs()[0].body), 4);
});

test('one large batch does not make one large pack', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain], settings: { packSamplesMax: 8 } });
  await miner.start([powertrain]);
  miner.receive(batchOf(...Array.from({ length: 100 }, (): FrameRow => engine)));
  miner.flush();
  assert.equal(packs().length, 25);
  assert.ok(packs().every((pack) => sampleCount(pack.body) === 8));
});

test('a sign of life is a pack without samples', async () => {
  const { miner, packs, clock } = minerWorld({ listed: [powertrain], clock: new VirtualClock(1_700_000_000_000) });
  await miner.start([powertrain]);
  clock.advance(250);
  miner.signStatus();
  const [{ body: life }] = packs();
  assert.deepEqual([life.columns, life.decoders, life.startMs], [[], [], 250]);
  assert.equal(life.anchor?.unixMs, 1_700_000_000_250);
});

test('a pack begins at its first sample, and its anchor is the wall-clock time of that moment', async () => {
  const { miner, packs, clock } = minerWorld({ listed: [powertrain], clock: new VirtualClock(1_700_000_000_000) });
  await miner.start([powertrain]);
  clock.advance(700);
  miner.receive(batchOf([0x100, '2c013200', 0, 650.9], [0x100, '2d013200', 0, 690]));
  clock.advance(300);
  const [{ body: first }] = packs();
  assert.deepEqual([first.startMs, first.anchor?.unixMs], [650, 1_700_000_000_650]);
});

test('without a wall clock there is no anchor', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  miner.signStatus();
  assert.equal(packs()[0].body.anchor, undefined);
});

test('each pack carries half the hash of the one before', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  for (let i = 0; i < 3; i++) {
    miner.receive(batchOf(engine));
    miner.flush();
  }
  const [first, second, third] = packs();
  assert.equal(first.body.previousHash, undefined);
  assert.deepEqual(second.body.previousHash, first.hash.slice(0, 16));
  assert.deepEqual(third.body.previousHash, second.hash.slice(0, 16));
});

test('the counters field tells what was counted since boot, and leaves zeros out', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine, [0x7ff, ''], [0, '', error]));
  miner.noteLoss({ frames: 5, overruns: 2, busOffs: 1 });
  miner.flush();
  miner.receive(batchOf(engine));
  miner.flush();
  const [first, second] = packs().map((pack) => pack.body.counters);
  assert.deepEqual(
    first,
    new Map([
      [PackCounter.framesReceived, 3],
      [PackCounter.framesDropped, 5],
      [PackCounter.adapterOverruns, 2],
      [PackCounter.busOffs, 1],
      [PackCounter.framesUndecoded, 1],
      [PackCounter.errorFrames, 1],
    ]),
  );
  assert.equal(second?.get(PackCounter.framesReceived), 4);
});

test('boot count and seq go on after stop and start', async () => {
  const storage = new MemoryStorage();
  const seen: [number, number][] = [];
  for (let boot = 0; boot < 3; boot++) {
    const { miner, packs } = minerWorld({ storage, listed: [powertrain] });
    await miner.start([powertrain]);
    for (let i = 0; i < 2; i++) {
      miner.receive(batchOf(engine));
      if (i === 0) miner.flush();
    }
    miner.stop();
    storage.cutPower();
    storage.restart();
    seen.push(...packs().map((pack): [number, number] => [pack.body.bootCount, pack.body.seq]));
  }
  assert.deepEqual(
    seen.map(([boot]) => boot),
    [1, 1, 2, 2, 3, 3],
  );
  const seqs = seen.map(([, seq]) => seq);
  assert.deepEqual(
    seqs,
    [...seqs].sort((a, b) => a - b),
  );
  assert.equal(new Set(seqs).size, 6);
});

test('stop signs what is left, once, and leaves no timer', async () => {
  const { miner, packs, clock } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  miner.stop();
  miner.stop();
  assert.equal(packs().length, 1);
  assert.equal(clock.pending, 0);
});

test('stopping while the chain is still being asked starts nothing', async () => {
  const { miner, trust, clock } = minerWorld({ listed: [powertrain] });
  const { promise, resolve } = Promise.withResolvers<void>();
  trust.gate = promise;
  const started = miner.start([powertrain]);
  miner.stop();
  resolve();
  await started;
  assert.equal(clock.pending, 0);
});

test('values past 2^53 come back exactly', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  const payloads = ['0000000000000000', 'ffffffffffff1f00', '0100000000002000', 'ffffffffffffffff', '0500000000000000'];
  miner.receive(batchOf(...payloads.map((hex, i): FrameRow => [0x101, hex, 0, i])));
  miner.flush();
  assert.deepEqual(
    valuesOf(packs()).map(([, , raw]) => BigInt(raw)),
    [0n, 2n ** 53n - 1n, 2n ** 53n + 1n, 2n ** 64n - 1n, 5n],
  );
});

test('of two decoders a pack names only those whose values it has', async () => {
  const { miner, packs } = minerWorld({ listed: [powertrain, body] });
  await miner.start([powertrain, body]);
  const hashes = { powertrain: toHex(hashOf(powertrain)), body: toHex(hashOf(body)) };
  miner.receive(batchOf([0x200, '01']));
  miner.flush();
  miner.receive(batchOf([0x101, '0700000000000000']));
  miner.flush();
  miner.receive(batchOf([0x100, '2c01325000000000']));
  miner.flush();
  const names = packs().map((pack) => pack.body.decoders.map(({ contentHash }) => toHex(contentHash)));
  assert.deepEqual(names.slice(0, 2), [[hashes.body], [hashes.powertrain]]);
  assert.deepEqual(names[2].toSorted(), [hashes.body, hashes.powertrain].toSorted());
  assert.deepEqual(
    new Set(valuesOf(packs()).map((value) => value.join(' '))),
    new Set([
      `${hashes.body} 1 1`,
      `${hashes.powertrain} 2 7`,
      `${hashes.powertrain} 0 300`,
      `${hashes.powertrain} 1 50`,
      `${hashes.body} 0 80`,
    ]),
  );
});

test('one file given twice is one decoder', async () => {
  const { miner } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain, { name: 'a copy', bytes: powertrain.bytes }]);
  miner.receive(batchOf(engine));
  assert.equal(miner.decoders.length, 1);
  assert.equal(miner.counters.samples, 2);
});

test('what is signed is what is stored', async () => {
  const { miner, packs, log } = minerWorld({ listed: [powertrain] });
  await miner.start([powertrain]);
  miner.receive(batchOf(engine));
  miner.flush();
  const [pack] = packs();
  assert.deepEqual(packHash(log.read(pack.body.seq)!), pack.hash);
});
