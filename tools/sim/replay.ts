/** One world again, told as it goes. */
import { shortest } from './campaign.ts';
import type { Plan } from './plan.ts';
import { type Outcome, World } from './world.ts';

export interface Replayed extends Outcome {
  /** The plan made short, when something was violated. */
  shrunk?: Plan;
}

/** @param tell hears everything that happens: step, world time, what */
export async function replay(plan: Plan, tell?: (line: string) => void): Promise<Replayed> {
  const world = new World(plan);
  if (tell) world.onNote = tell;
  const outcome = await world.run();
  const [violation] = outcome.violations;
  if (!violation) return outcome;
  return { ...outcome, shrunk: (await shortest(plan, violation)).plan };
}
