/** Everything that a DIP file can name. One type for each thing that the contracts let a DIP do, and calls of anything. */
import type { ActionType } from './types/action-type.ts';
import { callTypes } from './types/calls.ts';
import { decoderTypes } from './types/decoders.ts';
import { governanceTypes } from './types/governance.ts';
import { licenceTypes } from './types/licences.ts';
import { moneyTypes } from './types/money.ts';
import { programTypes } from './types/programs.ts';

export const actionTopics: readonly { topic: string; types: readonly ActionType[] }[] = [
  { topic: 'licences and devices', types: licenceTypes },
  { topic: 'decoders and bounties', types: decoderTypes },
  { topic: 'treasury, supply and rewards', types: moneyTypes },
  { topic: 'grants, streams and referrals', types: programTypes },
  { topic: 'governance', types: governanceTypes },
  { topic: 'calls', types: callTypes },
];

export const actionTypes: readonly ActionType[] = actionTopics.flatMap(({ types }) => types);

export function findActionType(name: string): ActionType | undefined {
  return actionTypes.find((type) => type.name === name);
}

/** The example of a type as an action of a file; dates in it lie in the days after `nowMs`. */
export function exampleAction(type: ActionType, nowMs: number): { action: string; [argument: string]: unknown } {
  const day = (days: number) => new Date(nowMs + days * 86_400_000).toISOString().slice(0, 10);
  return { action: type.name, ...type.example({ day }) };
}
