/** Many worlds: which ones a campaign runs, and what they came to. */
import { toolError } from '../errors/index.ts';
import { cutPlan, everyCut, mixedPlan } from './draw.ts';
import type { FaultKind } from './fault-kinds.ts';
import type { Plan } from './plan.ts';
import { shrinkPlan } from './shrink.ts';
import { type Outcome, type Parts, type Violation, World } from './world.ts';

/** One world, said so that another thread can make its plan. */
export interface Job {
  kind: 'mixed' | 'every-cut' | 'random-cuts';
  /** The seed, or the place in the list of every cut. */
  index: number;
}

export interface Finding {
  job: Job;
  violation: Violation;
  /** As short as it could be made. */
  plan: Plan;
  faultsBefore: number;
}

/** Sums of many outcomes. */
export interface Tally {
  seeds: number;
  worlds: number;
  cuts: number;
  boots: number;
  steps: number;
  packs: number;
  accepted: number;
  frames: number;
  faults: Partial<Record<FaultKind, number>>;
}

export function newTally(): Tally {
  return { seeds: 0, worlds: 0, cuts: 0, boots: 0, steps: 0, packs: 0, accepted: 0, frames: 0, faults: {} };
}

export function addTally(sum: Tally, more: Tally): void {
  for (const key of ['seeds', 'worlds', 'cuts', 'boots', 'steps', 'packs', 'accepted', 'frames'] as const) {
    sum[key] += more[key];
  }
  for (const [kind, count] of Object.entries(more.faults) as [FaultKind, number][]) {
    sum.faults[kind] = (sum.faults[kind] ?? 0) + count;
  }
}

function tallyOf(job: Job, outcome: Outcome): Tally {
  const { cuts, boots, steps, packs, accepted, frames, faults } = outcome;
  return { seeds: job.kind === 'mixed' ? 1 : 0, worlds: 1, cuts, boots, steps, packs, accepted, frames, faults };
}

let everyCutPlans: Promise<Plan[]> | undefined;

/** @throws {MinerError} OPTION_INVALID for a place past the end of the list of every cut */
export async function planOf({ kind, index }: Job): Promise<Plan> {
  if (kind === 'mixed') return mixedPlan(index);
  if (kind === 'random-cuts') return cutPlan(index);
  everyCutPlans ??= everyCut();
  const plans = await everyCutPlans;
  if (index < plans.length) return plans[index];
  throw toolError('OPTION_INVALID', {
    option: '--replay',
    value: `every:${index}`,
    expected: `every:0 to every:${plans.length - 1}`,
  });
}

/** How many worlds it takes to cut at every operation. */
export async function everyCutCount(): Promise<number> {
  everyCutPlans ??= everyCut();
  return (await everyCutPlans).length;
}

/** Runs one world; a violation comes with a plan made short. */
export async function runJob(job: Job, parts?: Partial<Parts>): Promise<{ tally: Tally; finding?: Finding }> {
  const plan = await planOf(job);
  const outcome = await new World(plan, parts).run();
  const [violation] = outcome.violations;
  const tally = tallyOf(job, outcome);
  if (!violation) return { tally };
  return { tally, finding: { job, ...(await shortest(plan, violation, parts)), faultsBefore: plan.faults.length } };
}

/** The shortest plan found that breaks the same invariant, and how it breaks there. */
export async function shortest(
  plan: Plan,
  violation: Violation,
  parts?: Partial<Parts>,
): Promise<{ plan: Plan; violation: Violation }> {
  const short = await shrinkPlan(plan, {
    fails: async (candidate) => {
      const { violations } = await new World(candidate, parts).run();
      return violations[0]?.invariant === violation.invariant;
    },
  });
  const { violations } = await new World(short, parts).run();
  return { plan: short, violation: violations[0] ?? violation };
}
