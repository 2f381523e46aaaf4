/** Takes a DIP through its whole life on a chain whose clock can be moved, telling each stage. */
import type { Account } from 'viem';
import type { ChainClients, Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { tokens } from './format.ts';
import {
  type Dip,
  execute,
  type LevelReason,
  type ProposalStatus,
  propose,
  queue,
  readStatus,
  type Support,
  vote,
} from './proposal.ts';

/** One account's whole vote. */
export interface Ballot {
  voter: Account;
  support: Support;
}

export type StageName = 'proposed' | 'voting' | 'voted' | 'queued' | 'executed';

/** What is told after each stage. */
export interface Stage {
  stage: StageName;
  title: string;
  id: bigint;
  level: 1 | 2 | 3;
  reason: LevelReason;
  /** Chain time that was skipped to get here, in seconds. */
  advancedSeconds: number;
  votesFor: bigint;
  votesAgainst: bigint;
  votesAbstain: bigint;
  quorum: bigint;
  /** Of the stage's transactions, the last one's. */
  gasUsed: bigint;
}

export interface CarriedDip {
  proposalId: bigint;
  title: string;
  level: 1 | 2 | 3;
  reason: LevelReason;
  votesFor: bigint;
  votesAgainst: bigint;
  votesAbstain: bigint;
  quorum: bigint;
  majorityBps: number;
  /** Chain time skipped in all, in seconds. */
  advancedSeconds: number;
}

export interface CarryOptions {
  /** Moves the chain's clock; `advanceTime` of tools/deploy on a local chain. */
  advanceTime: (seconds: number) => Promise<void>;
  onStage?: (stage: Stage) => void;
}

/**
 * Proposes (as the first voter), waits out the delay, votes, queues, waits out the timelock, and executes.
 * @throws {MinerError} `DIP_NOT_PASSED` with the tally when the voters didn't carry it; `CHAIN_REVERTED`.
 */
export async function carryDip(
  clients: ChainClients,
  deployment: Deployment,
  dip: Dip & { voters: readonly Ballot[] },
  options: CarryOptions,
): Promise<CarriedDip> {
  const [first] = dip.voters;
  if (!first) throw toolError('DIP_NO_VOTERS', { title: dip.title });

  let advancedSeconds = 0;
  const waitUntil = async (time: number) => {
    const { timestamp } = await clients.publicClient.getBlock({ blockTag: 'latest' });
    const seconds = Math.max(0, time - Number(timestamp));
    if (seconds > 0) await options.advanceTime(seconds);
    advancedSeconds += seconds;
    return seconds;
  };
  const tell = async (stage: StageName, advanced: number, gasUsed: bigint): Promise<ProposalStatus> => {
    const status = await readStatus(clients, deployment, id);
    const { level, reason, votesFor, votesAgainst, votesAbstain, quorum } = status;
    const tally = { level, reason, votesFor, votesAgainst, votesAbstain, quorum };
    options.onStage?.({ stage, title: dip.title, id, advancedSeconds: advanced, gasUsed, ...tally });
    return status;
  };

  const proposed = await propose(clients, deployment, dip, first.voter);
  const { id } = proposed;
  const { snapshot } = await tell('proposed', 0, proposed.gasUsed);

  const untilVoting = await waitUntil(snapshot + 1);
  await tell('voting', untilVoting, 0n);
  let gasUsed = 0n;
  for (const { voter, support } of dip.voters) {
    ({ gasUsed } = await vote(clients, deployment, { id, voter, support }));
  }
  // A late vote may have moved the deadline, so it is read after voting.
  const untilEnd = await waitUntil((await readStatus(clients, deployment, id)).deadline + 1);
  const voted = await tell('voted', untilEnd, gasUsed);
  if (voted.state !== 'succeeded') throw notPassed(dip.title, voted);

  const queued = await queue(clients, deployment, dip.actions, proposed.description);
  const { eta } = await tell('queued', 0, queued.gasUsed);

  const untilEta = await waitUntil(eta);
  const executed = await execute(clients, deployment, dip.actions, proposed.description);
  const status = await tell('executed', untilEta, executed.gasUsed);
  return {
    proposalId: id,
    title: dip.title,
    level: status.level,
    reason: status.reason,
    votesFor: status.votesFor,
    votesAgainst: status.votesAgainst,
    votesAbstain: status.votesAbstain,
    quorum: status.quorum,
    majorityBps: status.majorityBps,
    advancedSeconds,
  };
}

function notPassed(title: string, status: ProposalStatus) {
  return toolError('DIP_NOT_PASSED', {
    title,
    state: status.state,
    votesFor: tokens(status.votesFor),
    votesAgainst: tokens(status.votesAgainst),
    votesAbstain: tokens(status.votesAbstain),
    quorum: tokens(status.quorum),
    majorityPercent: status.majorityBps / 100,
  });
}
