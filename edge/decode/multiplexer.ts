/** The multiplexer tree: who selects whom, by raw value. Ranges stay ranges, however wide. */
import type { PlanMessage, PlanSelectorRange, PlanSignal } from './types.ts';

/** One step from the outermost selector down to a signal. */
export interface PathStep {
  selector: string;
  ranges: PlanSelectorRange[];
}

const compareBigint = (a: bigint, b: bigint): number => (a < b ? -1 : a > b ? 1 : 0);
/** By UTF-16 code unit, so that the order is the same in every locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

/**
 * Sorts ranges, joins those that touch or overlap, and cuts them to what the selector can hold, so that two
 * spellings of one meaning (`1-2, 3-3` and `1-3`) give one plan.
 * @returns possibly nothing: such a signal is never active.
 */
export function normalizeRanges(
  ranges: readonly PlanSelectorRange[],
  limits: { minimum: bigint; maximum: bigint },
): PlanSelectorRange[] {
  const joined: PlanSelectorRange[] = [];
  const cut = ranges.map(({ from, to }) => ({
    from: compareBigint(from, limits.minimum) < 0 ? limits.minimum : from,
    to: compareBigint(to, limits.maximum) > 0 ? limits.maximum : to,
  }));
  for (const range of cut.filter(({ from, to }) => from <= to).sort((a, b) => compareBigint(a.from, b.from))) {
    const last = joined.at(-1);
    if (last === undefined || range.from > last.to + 1n) joined.push(range);
    else if (range.to > last.to) last.to = range.to;
  }
  return joined;
}

function compareRanges(a: readonly PlanSelectorRange[], b: readonly PlanSelectorRange[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareBigint(a[i].from, b[i].from) || compareBigint(a[i].to, b[i].to);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** By selector name, then by ranges. */
export function compareSteps(a: PathStep, b: PathStep): number {
  return compareText(a.selector, b.selector) || compareRanges(a.ranges, b.ranges);
}

/** Equal for equal ranges. */
export function rangesKey(ranges: readonly PlanSelectorRange[]): string {
  return ranges.map(({ from, to }) => `${from}-${to}`).join();
}

/** Signals that one selector activates together: those with the same ranges. */
export interface Branch {
  ranges: PlanSelectorRange[];
  signals: PlanSignal[];
}

/**
 * The branches of each selector, by its slot, in the order of their first signal.
 * Selectors that select nothing are not in it: no value of theirs is unknown.
 */
export function branchesBySelector(message: PlanMessage): Map<number, Branch[]> {
  const branches = new Map<number, Branch[]>();
  const byRanges = new Map<string, Branch>();
  for (const signal of message.signals) {
    if (signal.selectorSlot < 0) continue;
    const key = `${signal.selectorSlot}:${rangesKey(signal.selectorRanges)}`;
    const known = byRanges.get(key);
    if (known !== undefined) {
      known.signals.push(signal);
      continue;
    }
    const branch = { ranges: signal.selectorRanges, signals: [signal] };
    byRanges.set(key, branch);
    const ofSelector = branches.get(signal.selectorSlot);
    if (ofSelector === undefined) branches.set(signal.selectorSlot, [branch]);
    else ofSelector.push(branch);
  }
  return branches;
}

/** True when some raw value activates two of the branches. */
export function branchesOverlap(branches: readonly Branch[]): boolean {
  const ranges = branches.flatMap((branch) => branch.ranges).sort((a, b) => compareBigint(a.from, b.from));
  return ranges.some((range, i) => i > 0 && range.from <= ranges[i - 1].to);
}

/** Whether a raw selector value lies in one of the ranges, which are sorted and disjoint. */
export function selects(ranges: readonly PlanSelectorRange[], raw: bigint): boolean {
  let low = 0;
  let high = ranges.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (ranges[middle].to < raw) low = middle + 1;
    else high = middle;
  }
  return low < ranges.length && ranges[low].from <= raw;
}
