/** Plans: drawn from a seed, or each in its turn so that no operation is left out. */
import { type CutMoment, SeededRandom } from '../../edge/sim/index.ts';
import { type FaultKind, faultKinds } from './fault-kinds.ts';
import { faultSpecs } from './faults.ts';
import type { Fault, Plan, WorldSettings } from './plan.ts';
import { World } from './world.ts';

export const cutMoments: readonly CutMoment[] = ['before', 'within', 'after'];

/** One seed in so many runs with real signatures and the whole gateway, which takes some 100 times as long. */
const realEvery = 50;

/** Log segments so small that every world rotates, drops and reserves many times. */
const smallLog: WorldSettings = {
  segmentBytes: 700,
  reserveCount: 3,
  syncEvery: 1,
  packIntervalMs: 1_000,
  frameIntervalMs: 500,
  signatures: 'stand-in',
  uptimeMs: 0,
};

/** A life of a minute or so in which many things go wrong, some at once. */
export function mixedPlan(seed: number): Plan {
  const random = new SeededRandom(seed);
  const durationMs = 10_000 + random.below(20_000);
  const segmentBytes = 500 + random.below(3_000);
  const settings: WorldSettings = {
    segmentBytes,
    reserveCount: 1 + random.below(8),
    syncEvery: random.chance(3, 4) ? 1 : 2 + random.below(3),
    ...(random.chance(1, 4) && { bytesMax: segmentBytes * (3 + random.below(4)) + 2_000 }),
    packIntervalMs: 500 + random.below(2_500),
    frameIntervalMs: 300 + random.below(900),
    signatures: seed % realEvery === 0 ? 'real' : 'stand-in',
    // Once in a while past 2^32 ms, some seven weeks, in the middle of the run.
    uptimeMs: random.chance(1, 8) ? 2 ** 32 - random.below(durationMs) : 0,
  };
  const kinds = random.chance(1, 2) ? faultKinds : someOf(random);
  const faults = Array.from({ length: 4 + random.below(12) }, () => drawFault(random, random.pick(kinds), durationMs));
  return { seed, durationMs, settings, faults: inOrder(faults) };
}

/** Few kinds, so that each meets itself and the others often. */
function someOf(random: SeededRandom): FaultKind[] {
  return Array.from({ length: 1 + random.below(4) }, () => random.pick(faultKinds));
}

function drawFault(random: SeededRandom, kind: FaultKind, durationMs: number): Fault {
  return { kind, atMs: random.below(durationMs), ...faultSpecs[kind].draw(random) };
}

const inOrder = (faults: Fault[]) => faults.sort((a, b) => a.atMs - b.atMs);

/** Some forty power cuts, many in the recovery from the one before, on a network that loses. */
export function cutPlan(seed: number): Plan {
  const random = new SeededRandom(seed ^ 0x5bd1e995);
  const count = 40;
  const everyMs = 600 + random.below(1_400);
  const durationMs = count * everyMs;
  const settings = {
    ...smallLog,
    segmentBytes: 500 + random.below(1_500),
    reserveCount: 1 + random.below(6),
    syncEvery: random.chance(3, 4) ? 1 : 3,
    packIntervalMs: 300 + random.below(700),
    ...(random.chance(1, 5) && { bytesMax: 6_000 }),
  };
  const cuts = Array.from({ length: count }, (_, i) => {
    const kind: FaultKind = random.chance(1, 4) ? 'recovery-cut' : 'power-cut';
    return { kind, atMs: i * everyMs + random.below(everyMs), ...faultSpecs[kind].draw(random) };
  });
  const loss: Fault = { kind: 'loss', atMs: 0, durationMs, amount: random.below(60) };
  const delays: Fault = { kind: 'reordering', atMs: 0, durationMs, amount: random.below(3_000) };
  return { seed, durationMs, settings, faults: inOrder([loss, delays, ...cuts]) };
}

/** A quiet life of a dozen packs, for cuts at each of its storage operations. */
function quietPlan(faults: Fault[]): Plan {
  return {
    seed: 5,
    durationMs: 9_000,
    settings: { ...smallLog, frameIntervalMs: 1_000 },
    faults: [{ kind: 'loss', atMs: 0, durationMs: 9_000, amount: 10 }, ...faults],
  };
}

/** Operations of the second boot; the first is ended at once, so that a boot's own operations are among them. */
async function operationsOfQuietLife(): Promise<number> {
  const farAhead: Fault = { kind: 'recovery-cut', atMs: 0, amount: 1_000_000, moment: 'before' };
  const world = new World(quietPlan([farAhead]));
  await world.run();
  return world.storage.operations;
}

/**
 * Every storage operation of a quiet life, cut before, within and after it; then again with a second cut at each of
 * the first operations of the recovery.
 */
export async function everyCut(): Promise<Plan[]> {
  const operations = await operationsOfQuietLife();
  const plans: Plan[] = [];
  for (let operation = 0; operation < operations; operation++) {
    for (const moment of cutMoments)
      plans.push(quietPlan([{ kind: 'recovery-cut', atMs: 0, amount: operation, moment }]));
    for (let second = 0; second < recoveryOperations; second++) {
      plans.push(
        quietPlan([
          { kind: 'recovery-cut', atMs: 0, amount: operation, moment: cutMoments[(operation + second) % 3] },
          { kind: 'recovery-cut', atMs: 0, amount: second, moment: cutMoments[second % 3] },
        ]),
      );
    }
  }
  return plans;
}

/** A recovery truncates, writes its state, syncs file and directory, removes what is dead, and perhaps begins a segment. */
const recoveryOperations = 6;
