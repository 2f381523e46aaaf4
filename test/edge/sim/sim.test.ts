/** The deterministic world itself: time, randomness, and storage that loses power the way its documentation says. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  DeviceClock,
  FaultyLine,
  liveClock,
  liveRandom,
  MemoryStorage,
  PowerCut,
  SeededRandom,
  VirtualClock,
} from '../../../edge/sim/index.ts';

const bytes = (...values: number[]) => Uint8Array.from(values);

test('tasks run in order of time, then of scheduling, also those added on the way', () => {
  const clock = new VirtualClock(1_000_000);
  const ran: string[] = [];
  const note = (name: string) => () => ran.push(`${name}@${clock.nowMs()}`);
  clock.schedule(20, note('c'));
  clock.schedule(10, note('a'));
  clock.schedule(10, note('b'));
  clock.schedule(5, () => clock.schedule(7, note('nested')));
  const cancel = clock.schedule(15, note('cancelled'));
  cancel();
  cancel();
  clock.advance(19);
  assert.deepEqual(ran, ['a@10', 'b@10', 'nested@12']);
  assert.deepEqual([clock.nowMs(), clock.unixMs(), clock.pending], [19, 1_000_019, 1]);
  assert.equal(clock.runNext(), true);
  assert.equal(clock.runNext(), false);
  assert.equal(clock.nowMs(), 20);
  clock.reset();
  assert.equal(clock.nowMs(), 0);
  assert.equal(new VirtualClock().unixMs(), undefined);
});

test('a seed gives its numbers, always', () => {
  const random = new SeededRandom(42);
  const first = Array.from({ length: 4 }, () => random.nextUint32());
  const again = new SeededRandom(42);
  assert.deepEqual(
    Array.from({ length: 4 }, () => again.nextUint32()),
    first,
  );
  // Written down, so that a seed in an old report still replays.
  assert.deepEqual(first, [2837322924, 544945897, 479756282, 3500138142]);
  assert.notEqual(new SeededRandom(43).nextUint32(), first[0]);
});

test('the generator is uniform enough to pick with', () => {
  const random = new SeededRandom(1);
  const counts = new Uint32Array(10);
  for (let i = 0; i < 100_000; i++) counts[random.below(10)]++;
  for (const count of counts) assert.ok(Math.abs(count - 10_000) < 500, String(counts));
  const block = new Uint8Array(1000);
  random.fill(block);
  assert.ok(new Set(block).size > 240);
});

test('the live clock is monotonic and its timers fire; live randomness fills any length', async () => {
  const clock = liveClock();
  const before = clock.nowMs();
  const cancel = clock.schedule(1, () => assert.fail('cancelled'));
  cancel();
  await new Promise<void>((resolve) => clock.schedule(5, resolve));
  assert.ok(clock.nowMs() >= before + 4);
  assert.ok(Math.abs((clock.unixMs() as number) - Date.now()) < 1000);
  const block = new Uint8Array(70_000);
  liveRandom().fill(block);
  assert.ok(block.subarray(65_536).some((byte) => byte !== 0));
  assert.notEqual(liveRandom().nextUint32(), liveRandom().nextUint32());
});

test('without sync nothing survives a cut; with sync of file and directory all does', () => {
  const storage = new MemoryStorage();
  storage.append('a', bytes(1, 2));
  storage.sync('a');
  storage.syncDirectory();
  storage.append('a', bytes(3));
  storage.append('b', bytes(4));
  storage.sync('b');
  storage.cutPower();
  assert.throws(() => storage.list(), PowerCut);
  storage.restart();
  assert.deepEqual(storage.list(), ['a']);
  assert.deepEqual(storage.read('a', 0, 10), bytes(1, 2));
});

test('with randomness any prefix of what was not synced may survive, and only a prefix', () => {
  const seen = new Set<string>();
  for (let seed = 0; seed < 200; seed++) {
    const storage = new MemoryStorage({ random: new SeededRandom(seed) });
    storage.append('a', bytes(1));
    storage.sync('a');
    storage.syncDirectory();
    storage.append('a', bytes(2, 3));
    storage.append('b', bytes(9));
    storage.cutPower();
    storage.restart();
    const b = storage.list().includes('b') ? `b${storage.size('b')}` : '-';
    seen.add(`${storage.read('a', 0, 9)} ${b}`);
  }
  const want = ['1', '1,2', '1,2,3'].flatMap((a) => [`${a} -`, `${a} b0`, `${a} b1`]);
  assert.deepEqual([...seen].sort(), want.sort());
});

test('a removed file may come back unless the directory was synced', () => {
  const outcomes = new Set<number>();
  for (let seed = 0; seed < 20; seed++) {
    const storage = new MemoryStorage({ random: new SeededRandom(seed) });
    storage.append('a', bytes(1));
    storage.sync('a');
    storage.syncDirectory();
    storage.remove('a');
    storage.cutPower();
    storage.restart();
    outcomes.add(storage.list().length);
  }
  assert.deepEqual([...outcomes].sort(), [0, 1]);
});

test('a cut comes before, within or after the operation it is set to', () => {
  for (const [moment, sizes] of [
    ['before', [0]],
    ['within', [0, 1, 2, 3]],
    ['after', [3]],
  ] as const) {
    const seen = new Set<number>();
    for (let seed = 0; seed < 60; seed++) {
      const storage = new MemoryStorage({ random: new SeededRandom(seed) });
      storage.append('a', bytes());
      storage.cutPowerAt(1, moment);
      storage.sync('a');
      assert.throws(() => storage.append('a', bytes(1, 2, 3)), PowerCut);
      assert.throws(() => storage.append('a', bytes(1)), PowerCut);
      seen.add(storage.used);
    }
    assert.deepEqual([...seen].sort(), sizes);
  }
});

test('a full storage takes what fits and says so; a failing sync says so', () => {
  const storage = new MemoryStorage({ capacity: 4 });
  storage.append('a', bytes(1, 2, 3));
  assert.throws(() => storage.append('a', bytes(4, 5)), { code: 'STORAGE_FULL' });
  assert.equal(storage.size('a'), 4);
  storage.truncate('a', 1);
  storage.append('a', bytes(6));
  assert.deepEqual(storage.read('a', 0, 9), bytes(1, 6));
  storage.failingSyncs = 1;
  assert.throws(() => storage.sync('a'), { code: 'STORAGE_IO' });
  storage.sync('a');
  storage.flipBit('a', 9);
  assert.deepEqual(storage.read('a', 0, 9), bytes(1, 4));
  assert.throws(() => storage.read('none', 0, 1), { code: 'STORAGE_IO', message: /no such file/ });
});

test('a flipped bit stays flipped over restarts', () => {
  const storage = new MemoryStorage();
  storage.append('a', bytes(1, 2, 3));
  storage.sync('a');
  storage.syncDirectory();
  storage.cutPower();
  storage.restart();
  storage.flipBit('a', 0);
  storage.cutPower();
  storage.restart();
  assert.deepEqual(storage.read('a', 0, 9), bytes(0, 2, 3));
});

test('a bad block fails every read that touches it, until the file ends before it', () => {
  const storage = new MemoryStorage();
  storage.append('a', bytes(1, 2, 3, 4));
  storage.spoil('a', 2, 3);
  assert.deepEqual(storage.read('a', 0, 2), bytes(1, 2));
  assert.throws(() => storage.read('a', 0, 3), { code: 'STORAGE_IO', message: /bad block/ });
  assert.deepEqual(storage.read('a', 3, 1), bytes(4));
  storage.truncate('a', 2);
  storage.append('a', bytes(5));
  assert.deepEqual(storage.read('a', 0, 9), bytes(1, 2, 5));
});

test('reads and appends fail as often as they are told to, and are counted', () => {
  const storage = new MemoryStorage();
  storage.failingAppends = 1;
  assert.throws(() => storage.append('a', bytes(1, 2)), { code: 'STORAGE_IO' });
  storage.append('a', bytes(3));
  storage.failingReads = 1;
  assert.throws(() => storage.read('a', 0, 9), { code: 'STORAGE_IO' });
  assert.deepEqual(storage.read('a', 0, 9), bytes(1, 3));
  assert.equal(storage.failures, 2);
});

test('a device’s clock drifts, starts late in its life, and loses its timers with its power', () => {
  const world = new VirtualClock();
  world.advance(1_000);
  const clock = new DeviceClock(world, { startMs: 2 ** 32, driftPpm: 1_000, unixMs: 5_000_000 });
  const ran: number[] = [];
  clock.schedule(10_010, () => ran.push(clock.nowMs()));
  clock.schedule(20_000, () => assert.fail('no power'));
  assert.deepEqual([clock.nowMs(), clock.unixMs(), clock.pending], [2 ** 32, 5_000_000, 2]);
  world.advance(10_001);
  // Never early, and at most a millisecond of the world's late.
  assert.equal(ran.length, 1);
  assert.ok(ran[0] >= 2 ** 32 + 10_010 && ran[0] < 2 ** 32 + 10_012, String(ran[0]));
  assert.equal(clock.unixMs(), 5_010_011);
  clock.setUnixMs(undefined);
  assert.equal(clock.unixMs(), undefined);
  clock.powerOff();
  assert.equal(clock.pending, 0);
  world.advance(100_000);
});

test('a faulty line carries what its faults leave, holds back while it stalls, and hangs up', async () => {
  const quiet = () => new Promise((resolve) => setImmediate(resolve));
  const faults = { drop: 0, duplicate: 0, split: 0, flip: 0 };
  const line = new FaultyLine(new SeededRandom(1), faults);
  const received: number[] = [];
  line.a.onData((data) => received.push(...data));
  let lost = 0;
  line.a.onClose((fault) => {
    assert.equal(fault?.code, 'PORT_LOST');
    lost++;
  });
  await line.b.write(bytes(1, 2, 3));
  assert.deepEqual(received.splice(0), [1, 2, 3]);
  for (const kind of ['flip', 'drop', 'duplicate'] as const) {
    faults[kind] = 1000;
    await line.b.write(bytes(1, 2, 3));
    assert.notDeepEqual(received.splice(0), [1, 2, 3], kind);
    faults[kind] = 0;
  }
  faults.split = 1000;
  await line.b.write(bytes(1, 2, 3));
  assert.deepEqual(received.splice(0), [1, 2, 3]);
  assert.equal(line.harmed, 3);
  faults.split = 0;
  line.stall();
  const written = line.b.write(bytes(4));
  await quiet();
  assert.deepEqual(received, []);
  line.resume();
  await written;
  assert.deepEqual(received, [4]);
  line.hangUp();
  await quiet();
  assert.equal(lost, 1);
});
