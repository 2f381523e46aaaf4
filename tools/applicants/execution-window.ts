/** When a DIP that is proposed now can execute: what it carries with a date has to hold so long. */
import { readTimetable } from '../dip/check/index.ts';
import type { Context } from '../dip/index.ts';
import { chainTime } from './contract.ts';

export interface ExecutionWindow {
  /** Chain time, unix seconds. */
  now: number;
  /** Proposed at once, and every step taken as soon as it can be. */
  earliest: number;
  /** With a vote that is extended, and every step taken as late as it can be. */
  latest: number;
}

export async function executionWindow(context: Context): Promise<ExecutionWindow> {
  const now = await chainTime(context);
  const { executeFrom, executeUntil } = await readTimetable(context.clients, context.deployment, now);
  return { now, earliest: executeFrom, latest: executeUntil };
}
