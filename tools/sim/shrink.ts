/** Makes a failing plan short: fewer faults, then shorter and earlier ones, as long as the same invariant breaks. */
import type { Fault, Plan } from './plan.ts';

export interface ShrinkOptions {
  /** Whether this plan still fails in the way that is sought. */
  fails: (plan: Plan) => Promise<boolean>;
  /** Worlds run at most; 400 unless told. */
  runsMax?: number;
}

/**
 * @returns a plan that fails and of which no single fault can be left out, unless `runsMax` came first
 * @see Zeller and Hildebrandt, "Simplifying and isolating failure-inducing input"
 */
export async function shrinkPlan(plan: Plan, { fails, runsMax = 400 }: ShrinkOptions): Promise<Plan> {
  let best = plan;
  let runs = 0;
  const attempt = async (candidate: Plan): Promise<boolean> => {
    if (runs >= runsMax) return false;
    runs++;
    if (!(await fails(candidate))) return false;
    best = candidate;
    return true;
  };
  await removeFaults();
  await shorten();
  await removeFaults();
  return best;

  async function removeFaults(): Promise<void> {
    for (let size = Math.ceil(best.faults.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < best.faults.length; ) {
        const faults = best.faults.filter((_, i) => i < from || i >= from + size);
        if (!(await attempt({ ...best, faults }))) from += size;
      }
    }
  }

  async function shorten(): Promise<void> {
    const lastMs = best.faults.reduce((last, { atMs, durationMs = 0 }) => Math.max(last, atMs + durationMs), 0);
    await attempt({ ...best, durationMs: Math.min(best.durationMs, lastMs + 1_000) });
    if (best.settings.uptimeMs > 0) await attempt({ ...best, settings: { ...best.settings, uptimeMs: 0 } });
    for (let i = 0; i < best.faults.length; i++) {
      for (const field of ['durationMs', 'atMs', 'amount'] as const) await halve(i, field);
    }
  }

  /** To 0 if that fails too, else to half as long as that does. */
  async function halve(index: number, field: 'atMs' | 'durationMs' | 'amount'): Promise<void> {
    const value = best.faults[index][field];
    if (!value || (await attempt(withField(index, field, 0)))) return;
    for (let next = Math.trunc(value / 2); next !== 0; next = Math.trunc(next / 2)) {
      if (!(await attempt(withField(index, field, next)))) return;
    }
  }

  function withField(index: number, field: keyof Fault, value: number): Plan {
    return { ...best, faults: best.faults.map((fault, i) => (i === index ? { ...fault, [field]: value } : fault)) };
  }
}
