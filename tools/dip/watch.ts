/** Follows proposals as they change, through outages of the chain. */
import { type ProposalStatus, parseDescription, readStatus } from './proposal.ts';
import { listProposed, type ProposedDip } from './proposed.ts';
import type { Context } from './steps/index.ts';
import { isUnanswered } from './unanswered.ts';

export type WatchEvent =
  | { event: 'dip'; number: number; title: string; now: number; before?: ProposalStatus; status: ProposalStatus }
  /** No answer; asked again until there is one. */
  | { event: 'silent'; reason: string }
  | { event: 'answering' };

/** Blocks below the latest that are read once more: some of them may have been replaced by others. */
const settledBlocks = 64;

/** From which nothing leads on. */
const finalStates = new Set(['canceled', 'defeated', 'expired', 'executed']);

/**
 * Tells each proposal once, and again whenever its state, votes, deadline or eta is another.
 * @param options.id one alone; ends when it is final
 * @param options.pause waits until the next look; false ends the watch
 */
export async function* watchDips(
  context: Context,
  options: { id?: bigint; pause: () => Promise<boolean> },
): AsyncGenerator<WatchEvent> {
  const { clients, deployment } = context;
  const known = new Map<bigint, ProposalStatus>();
  const proposed = new Map<bigint, ProposedDip>();
  let fromBlock = deployment.block;
  let isSilent = false;
  do {
    const changes: WatchEvent[] = [];
    try {
      const { timestamp, number: latest } = await clients.publicClient.getBlock({ blockTag: 'latest' });
      for (const dip of await listProposed(clients, { ...deployment, block: fromBlock })) proposed.set(dip.id, dip);
      fromBlock = Math.max(deployment.block, Number(latest) - settledBlocks);
      for (const [index, { id, description }] of [...proposed.values()].entries()) {
        if (options.id !== undefined && options.id !== id) continue;
        const before = known.get(id);
        if (before && finalStates.has(before.state)) continue;
        const status = await readStatus(clients, deployment, id);
        if (before && isSame(before, status)) continue;
        known.set(id, status);
        const { title } = parseDescription(description);
        const facts = { number: index + 1, title, now: Number(timestamp), status };
        changes.push({ event: 'dip', ...facts, ...(before && { before }) });
      }
    } catch (error) {
      const reason = isUnanswered(error);
      if (!reason) throw error;
      if (!isSilent) yield { event: 'silent', reason };
      isSilent = true;
      continue;
    }
    if (isSilent) yield { event: 'answering' };
    isSilent = false;
    yield* changes;
    const watched = options.id === undefined ? undefined : known.get(options.id);
    if (watched && finalStates.has(watched.state)) return;
  } while (await options.pause());
}

function isSame(a: ProposalStatus, b: ProposalStatus): boolean {
  const keys = ['state', 'votesFor', 'votesAgainst', 'votesAbstain', 'deadline', 'eta'] as const;
  return keys.every((key) => a[key] === b[key]);
}
