/** From a DIP file to the proposal on a chain. */
import type { Deployment } from '../../deploy/index.ts';
import { toolError } from '../../errors/index.ts';
import type { Action } from '../actions.ts';
import type { Dip } from '../proposal.ts';
import type { DipFile } from './dip-file.ts';
import { chainText } from './format.ts';
import { readAction } from './read-action.ts';

/** A proposal, and which action of the file each of its calls comes from. */
export interface FileDip extends Dip {
  /** For each call, the index of its action. */
  origins: readonly number[];
}

/**
 * The calls of a file's actions on this deployment, and the text that is bound to them. The same file gives the same
 * calls at any time.
 * @throws {MinerError} `DIP_ACTION` for a file that was not read by `parseDipFile`.
 */
export function toDip(file: DipFile, deployment: Deployment): FileDip {
  const actions: Action[] = [];
  const origins: number[] = [];
  for (const [index, named] of file.actions.entries()) {
    const { calls, refusals } = readAction(named, deployment, () => {});
    const [refusal] = refusals;
    if (refusal) {
      const problem = [...refusal.path, refusal.message].join(': ');
      throw toolError('DIP_ACTION', { index: index + 1, action: String(named.action), problem });
    }
    for (const call of calls) {
      actions.push(call);
      origins.push(index);
    }
  }
  return { title: file.title, text: chainText(file), actions, origins };
}
