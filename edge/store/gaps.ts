/** Numbers that will never come: kept until a receipt covers them, so that every pack can declare them. */
import type { SeqGap } from '../pack/index.ts';

export interface LogGap extends SeqGap {
  /** Every pack from this seq on declares it (docs/pack.md, "Gaps"). */
  declaredFrom: number;
}

/** Gaps that one pack declares at most: the lowest ones, as receipts need those first. */
export const gapsDeclaredMax = 64;

/**
 * Adds a gap, leaving the list ascending and apart; neighbours with one reason become one.
 * Where it overlaps others, they keep their part.
 */
export function addGap(gaps: LogGap[], gap: LogGap): void {
  for (const part of uncovered(gaps, gap.from, gap.to)) gaps.push({ ...gap, ...part });
  gaps.sort((a, b) => a.from - b.from);
  for (let i = gaps.length - 1; i > 0; i--) {
    const [before, after] = [gaps[i - 1], gaps[i]];
    if (before.to + 1 !== after.from || before.reason !== after.reason) continue;
    const declaredFrom = Math.max(before.declaredFrom, after.declaredFrom);
    gaps.splice(i - 1, 2, { from: before.from, to: after.to, reason: before.reason, declaredFrom });
  }
}

/** Parts of from..to that no gap covers. */
export function uncovered(gaps: readonly LogGap[], from: number, to: number): { from: number; to: number }[] {
  const parts: { from: number; to: number }[] = [];
  let next = from;
  for (const gap of gaps) {
    if (gap.to < next || gap.from > to) continue;
    if (gap.from > next) parts.push({ from: next, to: gap.from - 1 });
    next = gap.to + 1;
  }
  if (next <= to) parts.push({ from: next, to });
  return parts;
}

export function isInGap(gaps: readonly LogGap[], seq: number): boolean {
  return gaps.some((gap) => gap.from <= seq && seq <= gap.to);
}
