import { MinerError } from '../../../../edge/errors/index.ts';
import type { Failure } from './protocol.ts';

/** Cause and remedy in words; of our own mistakes, what we need to mend them. */
export function failureOf(problem: unknown): Failure {
  if (problem instanceof MinerError) return { message: problem.message, hint: problem.hint };
  // The browser's word for a file that was moved, changed or locked since it was chosen.
  if (problem instanceof DOMException) return { message: problem.message, hint: 'choose the file again' };
  const message = problem instanceof Error ? (problem.stack ?? problem.message) : String(problem);
  return { message, hint: 'this is a fault of the workbench itself: please report it' };
}
