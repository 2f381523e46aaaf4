/** Proposals that do the same. */
import { proposalId, readState } from '../../proposal.ts';
import type { Warning, WarningFacts } from './warning.ts';

/** The same calls in an earlier proposal: by another text it is another proposal, and does the same again. */
export async function duplicates({ clients, deployment, calls, proposed }: WarningFacts): Promise<Warning[]> {
  // Ids of the same calls under one text tell whether the calls are the same.
  const fingerprint = proposalId(calls, '');
  const same = proposed.filter((dip) => proposalId(dip.actions, '') === fingerprint);
  return Promise.all(
    same.map(async ({ id }): Promise<Warning> => {
      const state = await readState(clients, deployment, id);
      const what = state === 'executed' ? 'was executed already' : `is ${state}`;
      return { code: 'duplicate', text: `proposal ${id} makes the same calls, and ${what}` };
    }),
  );
}
