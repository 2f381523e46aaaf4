/** Whether a proposal on the chain is what a file says: its text to the letter, its calls to the byte. */
import type { Deployment } from '../deploy/index.ts';
import { type Dip, description } from './proposal.ts';
import type { ProposedDip } from './proposed.ts';
import { explainAction } from './words.ts';

/**
 * The first thing in which they differ, in words; undefined when there is none.
 * @param dip the file's, for the same deployment
 */
export function firstDifference(deployment: Deployment, dip: Dip, proposed: ProposedDip): string | undefined {
  const ours = description(dip, proposed.proposer).split('\n');
  const theirs = proposed.description.split('\n');
  for (let line = 0; line < Math.max(ours.length, theirs.length); line++) {
    if (ours[line] === theirs[line]) continue;
    const said = (text: string | undefined) => (text === undefined ? 'nothing more' : JSON.stringify(text));
    return `line ${line + 1} of its text is ${said(theirs[line])}, the file's ${said(ours[line])}`;
  }
  if (dip.actions.length !== proposed.actions.length) {
    return `it makes ${proposed.actions.length} calls, the file's actions ${dip.actions.length}`;
  }
  for (const [index, action] of dip.actions.entries()) {
    const other = proposed.actions[index]!;
    const isSame =
      action.target.toLowerCase() === other.target.toLowerCase() &&
      action.value === other.value &&
      action.data.toLowerCase() === other.data.toLowerCase();
    if (isSame) continue;
    const [theirWords, ourWords] = [other, action].map((one) => explainAction(deployment, one).words);
    if (theirWords !== ourWords) return `call ${index + 1} will ${theirWords}; the file's would ${ourWords}`;
    return `call ${index + 1} has the data ${other.data}, the file's ${action.data}`;
  }
  return undefined;
}
