/** Lives by the thousand: every cut of the list, then random ones, until there were as many cuts as asked for. */
import { toolError } from '../errors/index.ts';
import { boards } from './flash-board.ts';
import type { FlashInvariant } from './flash-invariants.ts';
import { everyFlashCut, type FlashPlan, randomFlashCuts } from './flash-plan.ts';
import { type FlashOutcome, type FlashParts, FlashWorld } from './flash-world.ts';

/** One life, said in a word: `every:17`, or `cuts:17`. */
export interface FlashJob {
  kind: 'every' | 'cuts';
  /** The place in the list of every cut, or the seed. */
  index: number;
}

export interface FlashFinding {
  job: FlashJob;
  invariant: FlashInvariant;
  problem: string;
  /** As short as it could be made. */
  plan: FlashPlan;
}

export interface FlashCampaignResult {
  lives: number;
  cuts: number;
  boots: number;
  operations: number;
  /** How many of the lives went through the list of every cut, and how long that list is. */
  every: { done: number; count: number };
  findings: FlashFinding[];
  isWhole: boolean;
}

export interface FlashCampaignOptions {
  /** Power cuts, at least. */
  cuts: number;
  firstSeed: number;
  signal?: AbortSignal;
  onProgress?: (result: FlashCampaignResult) => void;
}

/** Findings after which no more lives are begun: they are one mistake, most likely. */
const findingsMax = 10;
/** Lives between two looks at the outside world. */
const livesAtOnce = 200;

let everyPlans: FlashPlan[] | undefined;

function everyPlan(): FlashPlan[] {
  everyPlans ??= [...everyFlashCut(boards, operationsAfterStart)];
  return everyPlans;
}

/** Operations of a life without cuts, from where cuts would begin. */
export function operationsAfterStart(plan: FlashPlan): number {
  const world = new FlashWorld(plan);
  const { violation } = world.run();
  if (violation) throw violation;
  return world.operationsWithCuts;
}

/** @throws {MinerError} OPTION_INVALID for a place past the end of the list */
export function flashPlanOf({ kind, index }: FlashJob): FlashPlan {
  if (kind === 'cuts') return randomFlashCuts(index);
  const plans = everyPlan();
  if (index < plans.length) return plans[index];
  const expected = `every:0 to every:${plans.length - 1}`;
  throw toolError('OPTION_INVALID', { option: '--replay', value: `every:${index}`, expected });
}

export async function runFlashCampaign(options: FlashCampaignOptions): Promise<FlashCampaignResult> {
  const { cuts, firstSeed, signal, onProgress } = options;
  const count = everyPlan().length;
  const result: FlashCampaignResult = {
    lives: 0,
    cuts: 0,
    boots: 0,
    operations: 0,
    every: { done: 0, count },
    findings: [],
    isWhole: true,
  };
  while (result.cuts < cuts && result.findings.length < findingsMax) {
    const { done } = result.every;
    const job: FlashJob =
      done < count ? { kind: 'every', index: done } : { kind: 'cuts', index: (firstSeed + result.lives - count) >>> 0 };
    if (job.kind === 'every') result.every.done++;
    addLife(result, job);
    if (result.lives % livesAtOnce > 0) continue;
    onProgress?.(result);
    await new Promise((resolve) => setImmediate(resolve));
    if (!signal?.aborted) continue;
    result.isWhole = false;
    break;
  }
  return result;
}

function addLife(result: FlashCampaignResult, job: FlashJob): void {
  const plan = flashPlanOf(job);
  const outcome = withoutStackTraces(() => new FlashWorld(plan).run());
  result.lives++;
  result.cuts += outcome.cuts;
  result.boots += outcome.boots;
  result.operations += outcome.operations;
  if (outcome.violation) result.findings.push({ job, ...shortestFlash(plan, outcome) });
}

/** Every cut and every refusal is an error that is caught; gathering their stacks would take a tenth of the time. */
function withoutStackTraces<Result>(action: () => Result): Result {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return action();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

/** The fewest cuts found that break the same invariant. */
export function shortestFlash(
  plan: FlashPlan,
  { violation }: FlashOutcome,
  parts?: Partial<FlashParts>,
): Omit<FlashFinding, 'job'> {
  let best = { plan, violation };
  for (let i = plan.cuts.length - 1; i >= 0; i--) {
    const shorter = { ...plan, cuts: best.plan.cuts.filter((_, k) => k !== i) };
    const { violation: again } = new FlashWorld(shorter, parts).run();
    if (again && again.invariant === violation?.invariant) best = { plan: shorter, violation: again };
  }
  const { invariant, message } = best.violation as NonNullable<FlashOutcome['violation']>;
  return { invariant, problem: message, plan: best.plan };
}
