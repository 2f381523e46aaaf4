/** Everything about a DIP that should be looked at twice. */
import type { ChainClients, Deployment } from '../../../deploy/index.ts';
import { listProposed } from '../../proposed.ts';
import type { ExplainedAction } from '../../words.ts';
import type { Timetable } from '../timetable.ts';
import { decoderFaults } from './decoders.ts';
import { duplicates } from './duplicates.ts';
import { lookAlikeAddresses, lookAlikeNames } from './look-alikes.ts';
import { oddTargets } from './targets.ts';
import { overspending, stalePrices } from './treasury.ts';
import type { Warning } from './warning.ts';

export type { Warning } from './warning.ts';

const questions = [
  lookAlikeAddresses,
  lookAlikeNames,
  oddTargets,
  stalePrices,
  overspending,
  duplicates,
  decoderFaults,
] as const;

/**
 * @param dip its text, and its calls decoded
 */
export async function findWarnings(
  clients: ChainClients,
  deployment: Deployment,
  dip: { text: string; calls: readonly ExplainedAction[] },
  timetable: Timetable,
): Promise<Warning[]> {
  const proposed = await listProposed(clients, deployment);
  const facts = { clients, deployment, ...dip, proposed, timetable };
  return (await Promise.all(questions.map((question) => question(facts)))).flat();
}
