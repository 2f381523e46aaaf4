// What a device must not forget about trust survives a power cut at every operation, and damage says so.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { fromHex } from '../../../edge/pack/index.ts';
import { type CutMoment, MemoryStorage, PowerCut, SeededRandom, VirtualClock } from '../../../edge/sim/index.ts';
import { type TrustEvent, TrustMemory, type TrustState, TrustStore } from '../../../edge/trust/index.ts';
import { alice, bob, issued, place, signerSetOf, twoOfThree } from './checkpoint-world.ts';

const stateOf = (epoch: number): TrustState => ({
  seen: { epoch, root: new Uint8Array(32).fill(epoch) },
  knownUnixMs: issued * 1000 + epoch,
  signerSet: twoOfThree,
  checkpoint: new Uint8Array(300).fill(epoch),
});

test('nothing stored: an empty state', () => {
  const { state, damaged } = TrustStore.open(new MemoryStorage(), place);
  assert.deepEqual([state, damaged], [{}, 0]);
});

test('the newest of many saves comes back, each time', () => {
  const storage = new MemoryStorage();
  for (let epoch = 1; epoch <= 9; epoch++) {
    TrustStore.open(storage, place).store.save(stateOf(epoch));
    assert.deepEqual(TrustStore.open(storage, place).state, stateOf(epoch));
  }
  assert.deepEqual(storage.list(), ['trust-a', 'trust-b']);
});

test('an empty state is kept as one', () => {
  const storage = new MemoryStorage();
  TrustStore.open(storage, place).store.save({});
  assert.deepEqual(TrustStore.open(storage, place), { ...TrustStore.open(storage, place), state: {}, damaged: 0 });
});

test('a state of another chain or registry says nothing here', () => {
  const storage = new MemoryStorage();
  TrustStore.open(storage, place).store.save(stateOf(3));
  assert.deepEqual(TrustStore.open(storage, { ...place, chainId: 1 }).state, {});
  assert.deepEqual(TrustStore.open(storage, { ...place, registry: fromHex('44'.repeat(20)) }).state, {});
  assert.deepEqual(TrustStore.open(storage, place).state, stateOf(3));
});

/** Operations of one save in a storage that has both files. */
const operations = (() => {
  const storage = new MemoryStorage();
  const { store } = TrustStore.open(storage, place);
  for (const epoch of [1, 2]) store.save(stateOf(epoch));
  const before = storage.operations;
  store.save(stateOf(3));
  return storage.operations - before;
})();

test('the power goes at every operation of a save: the state before or after it is there, never an older one', () => {
  let cuts = 0;
  for (const saved of [0, 1, 2, 3]) {
    for (const moment of ['before', 'within', 'after'] satisfies CutMoment[]) {
      for (let operation = 0; operation <= operations; operation++) {
        for (let seed = 0; seed < 8; seed++) {
          const storage = new MemoryStorage({ random: new SeededRandom(seed) });
          const { store } = TrustStore.open(storage, place);
          for (let epoch = 1; epoch <= saved; epoch++) store.save(stateOf(epoch));
          storage.cutPowerAt(operation, moment);
          try {
            store.save(stateOf(saved + 1));
            storage.cutPower();
          } catch (error) {
            assert.ok(error instanceof PowerCut);
            cuts++;
          }
          storage.restart();
          const where = `saved ${saved}, operation ${operation}, ${moment}, seed ${seed}`;
          const opened = TrustStore.open(storage, place);
          const epoch = opened.state.seen?.epoch ?? 0;
          assert.ok(epoch === saved || epoch === saved + 1, `${where}: epoch ${epoch}`);
          assert.deepEqual(opened.state, epoch === 0 ? {} : stateOf(epoch), where);
          assert.ok(opened.damaged <= 1, where);
          // And it goes on from there.
          opened.store.save(stateOf(epoch + 10));
          assert.deepEqual(TrustStore.open(storage, place).state, stateOf(epoch + 10), where);
        }
      }
    }
  }
  assert.ok(cuts > 300, `${cuts} cuts`);
});

test('any flipped bit in the newer file: the older one counts, and the damage is told', () => {
  const saved = new MemoryStorage();
  const { store } = TrustStore.open(saved, place);
  store.save({ seen: stateOf(1).seen });
  store.save({ seen: stateOf(2).seen });
  // The first save goes to trust-b, the second to trust-a.
  const newer = 'trust-a';
  const bits = saved.size(newer) * 8;
  for (let bit = 0; bit < bits; bit++) {
    saved.flipBit(newer, bit);
    const { state, damaged } = TrustStore.open(saved, place);
    assert.deepEqual([state.seen?.epoch, damaged], [1, 1], `bit ${bit}`);
    saved.flipBit(newer, bit);
  }
});

test('a file that the storage can not read counts as damaged', () => {
  const storage = new MemoryStorage();
  const { store } = TrustStore.open(storage, place);
  store.save(stateOf(1));
  store.save(stateOf(2));
  const read = storage.read.bind(storage);
  storage.read = (name, offset, length) => {
    if (name === 'trust-a') throw edgeError('STORAGE_IO', { name, operation: 'read', reason: 'EIO' });
    return read(name, offset, length);
  };
  const { state, damaged } = TrustStore.open(storage, place);
  assert.deepEqual([state, damaged], [stateOf(1), 1]);
});

test('both files damaged: an empty state, and two are told', () => {
  const storage = new MemoryStorage();
  const { store } = TrustStore.open(storage, place);
  store.save(stateOf(1));
  store.save(stateOf(2));
  for (const name of storage.list()) storage.flipBit(name, 99);
  const { state, damaged } = TrustStore.open(storage, place);
  assert.deepEqual([state, damaged], [{}, 2]);
});

test('a failing sync or a full disk is told, and what was known before stays stored', () => {
  const storage = new MemoryStorage();
  const clock = new VirtualClock(issued * 1000);
  const events: TrustEvent[] = [];
  const memory = new TrustMemory({ place, clock, storage, onEvent: (event) => events.push(event) });
  memory.keep({ seen: stateOf(1).seen });
  storage.failingSyncs = 1;
  memory.keep({ seen: stateOf(2).seen });
  storage.capacity = 0;
  memory.keep({ seen: stateOf(3).seen });
  const codes = events.map((event) => (event.kind === 'trust-store-failed' ? event.error.code : event.kind));
  assert.deepEqual(codes, ['STORAGE_IO', 'STORAGE_FULL']);
  assert.equal(memory.seen?.epoch, 3);
  assert.equal(TrustStore.open(storage, place).state.seen?.epoch, 1);
  storage.capacity = 1 << 20;
  memory.keep({});
  assert.equal(TrustStore.open(storage, place).state.seen?.epoch, 3);
});

test('of pinned and stored signers the ones of the later block count', () => {
  const storage = new MemoryStorage();
  const clock = new VirtualClock();
  const open = (blockNumber: number, keys = [alice]) =>
    new TrustMemory({ place, clock, storage, signerSet: signerSetOf(keys, 1, blockNumber) });
  open(100).keep({ signerSet: signerSetOf([bob], 1, 150) });
  assert.deepEqual(open(149).signerSet, signerSetOf([bob], 1, 150));
  assert.deepEqual(open(150).signerSet, signerSetOf([alice], 1, 150));
  assert.deepEqual(new TrustMemory({ place, clock }).signerSet, { signers: [], threshold: 0, blockNumber: 0 });
});

test('time that merely passes is written every ten minutes, not at every look', () => {
  const storage = new MemoryStorage();
  const clock = new VirtualClock(issued * 1000);
  const memory = new TrustMemory({ place, clock, storage });
  memory.keepTime();
  const { operations: first } = storage;
  for (let minute = 0; minute < 9; minute++) {
    clock.advance(60_000);
    memory.keepTime();
  }
  assert.equal(storage.operations, first);
  clock.advance(60_000);
  memory.keepTime();
  assert.ok(storage.operations > first);
  assert.equal(TrustStore.open(storage, place).state.knownUnixMs, issued * 1000 + 600_000);
});
