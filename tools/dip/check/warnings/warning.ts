/** What a voter should look at twice before a DIP is proposed. */
import type { ChainClients, Deployment } from '../../../deploy/index.ts';
import type { ProposedDip } from '../../proposed.ts';
import type { ExplainedAction } from '../../words.ts';
import type { Timetable } from '../timetable.ts';

export interface Warning {
  /** For machines. */
  code:
    | 'look-alike-address'
    | 'look-alike-name'
    | 'unknown-target'
    | 'no-code'
    | 'stale-price'
    | 'treasury-short'
    | 'duplicate'
    | 'already-listed'
    | 'consent'
    | 'proposer';
  text: string;
  /** Index of the call that it is about. */
  call?: number;
}

/** What the questions are answered from. */
export interface WarningFacts {
  clients: ChainClients;
  deployment: Deployment;
  /** What people read of it. */
  text: string;
  /** What the DIP does, decoded. */
  calls: readonly ExplainedAction[];
  /** All proposals so far. */
  proposed: readonly ProposedDip[];
  timetable: Timetable;
}
