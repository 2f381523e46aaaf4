/** When a DIP that is proposed now can execute: what it carries with a date has to hold so long. */
import { type ChainContext, chainTime, readFrom } from './contract.ts';

export interface ExecutionWindow {
  /** Chain time, unix seconds. */
  now: number;
  /** Proposed at once, and every step taken as soon as it can be. */
  earliest: number;
  /** With a vote that is extended, and every step taken as late as it can be. */
  latest: number;
}

/** GovernorExpiry: so long a vote that passed may wait to be queued, and once queued and due, to be executed. */
const expirySeconds = 14 * 86_400;

export async function executionWindow(context: ChainContext): Promise<ExecutionWindow> {
  const governor = (name: string) => readFrom<bigint | number>(context, 'DimoGovernor', name).then(Number);
  const [now, votingDelay, votingPeriod, extension, timelockDelay] = await Promise.all([
    chainTime(context),
    governor('votingDelay'),
    governor('votingPeriod'),
    governor('lateQuorumVoteExtension'),
    readFrom<bigint>(context, 'TimelockController', 'getMinDelay').then(Number),
  ]);
  const earliest = now + votingDelay + votingPeriod + timelockDelay;
  return { now, earliest, latest: earliest + extension + 2 * expirySeconds };
}
