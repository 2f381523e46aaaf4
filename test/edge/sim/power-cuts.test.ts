/**
 * Power cut at every operation of the log, and within every write: no number is used twice, nothing a gateway lacks
 * is forgotten without a signed gap, the log always recovers. A failing run names its seed.
 */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type CutMoment, MemoryStorage, type SeededRandom } from '../../../edge/sim/index.ts';
import { World, type WorldOptions } from './world.ts';

const moments: CutMoment[] = ['before', 'within', 'after'];
/** Small enough that every scenario rotates, drops segments and reserves several times. */
const smallLog = { segmentBytes: 400, reserveCount: 3 };

/** Every world's storage operations with no cut at all. */
function operationsOf(options: WorldOptions, packs: number): number {
  const world = new World(options);
  world.run(packs);
  return world.storage.operations;
}

test('cut at each operation of a run, before, within and after it', () => {
  const options: WorldOptions = { seed: 5, log: smallLog, lossPercent: 10 };
  const operations = operationsOf(options, 16);
  assert.ok(operations > 60, String(operations));
  let cuts = 0;
  for (let operation = 0; operation < operations; operation++) {
    for (const moment of moments) {
      const world = new World(options);
      world.storage.cutPowerAt(operation, moment);
      world.run(16);
      world.settle();
      cuts += world.cuts;
      assert.deepEqual(world.violations, [], `operation ${operation}, ${moment}`);
      checkNothingStoredIsLost(world);
    }
  }
  assert.ok(cuts >= operations * moments.length);
});

test('cut again while recovering from a cut', () => {
  const options: WorldOptions = { seed: 6, log: smallLog, lossPercent: 10 };
  const operations = operationsOf(options, 10);
  for (let first = 0; first < operations; first++) {
    for (let second = 0; second < 6; second++) {
      const world = new World({ ...options, seed: 1000 * first + second });
      world.storage.cutPowerAt(first, moments[(first + second) % 3]);
      const cutsSeen = { count: 0 };
      world.run(10, () => {
        if (world.cuts === 1 && cutsSeen.count === 0) {
          cutsSeen.count = 1;
          world.storage.cutPowerAt(second, moments[second % 3]);
        }
      });
      world.settle();
      assert.deepEqual(world.violations, []);
      checkNothingStoredIsLost(world);
    }
  }
});

const mixes: [string, Partial<WorldOptions>][] = [
  ['synced at every pack', { log: smallLog, lossPercent: 50 }],
  ['synced at every third pack', { log: { ...smallLog, syncEvery: 3 }, lossPercent: 50 }],
  ['with a quota', { log: { ...smallLog, bytesMax: 1500 }, lossPercent: 60 }],
  ['on a disk that is full', { log: smallLog, capacity: 1500, lossPercent: 60 }],
];
for (const [what, options] of mixes) {
  test(`two hundred seeds with cuts at random, ${what}`, (t) => {
    let cuts = 0;
    let lost = 0;
    for (let seed = 1; seed <= 200; seed++) {
      const world = new World({ seed, ...options });
      world.run(40, () => {
        if (world.random.chance(1, 6)) world.storage.cutPowerAt(world.random.below(8), world.random.pick(moments));
        if (world.random.chance(1, 15)) world.storage.failingSyncs = 1 + world.random.below(4);
      });
      world.settle();
      assert.deepEqual(world.violations, [], `replay with seed ${seed}`);
      cuts += world.cuts;
      lost += [...world.stored.keys()].filter((seq) => !world.accepted.has(seq)).length;
    }
    assert.ok(cuts > 500, `${cuts} cuts`);
    t.diagnostic(`${cuts} cuts, ${lost} packs evicted or torn, each in a declared gap`);
  });
}

/** With room enough and a sync after each pack, not one that was stored may be missing. */
function checkNothingStoredIsLost(world: World): void {
  for (const [seq, hash] of world.stored) assert.equal(world.accepted.get(seq), hash, `pack ${seq}`);
}

/** Says that it synced, and did not. */
class LyingStorage extends MemoryStorage {
  override sync(): void {}
}

test('these checks bite: a storage that lies about syncing is found out', () => {
  const violations: string[] = [];
  for (let seed = 1; seed <= 20; seed++) {
    const storage = (random: SeededRandom) => new LyingStorage({ random });
    const world = new World({ seed, log: smallLog, storage });
    world.run(40, () => {
      if (world.random.chance(1, 5)) world.storage.cutPowerAt(world.random.below(8), 'before');
    });
    violations.push(...world.violations);
  }
  assert.ok(
    violations.some((text) => /handed out twice|reused/.test(text)),
    violations.join('\n'),
  );
});
