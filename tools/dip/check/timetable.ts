/** When a DIP that is proposed now could reach each stage, and what it needs of votes. */
import type { ChainClients, Deployment } from '../../deploy/index.ts';
import { loadArtifact } from '../../deploy/index.ts';
import type { Action } from '../actions.ts';
import { type LevelReason, levelOf, proposalStates } from '../proposal.ts';

/** Unix seconds. */
export interface Timetable {
  /** If it were proposed now. */
  proposed: number;
  votingOpens: number;
  votingEnds: number;
  /** With every extension that a late quorum and late swings can bring. */
  votingEndsLatest: number;
  queueUntil: number;
  /** If it is queued at once. */
  executeFrom: number;
  executeUntil: number;
}

export interface Needs {
  level: 1 | 2 | 3;
  reason: LevelReason;
  /** Index of the call that decides it. */
  decidingCall: number;
  /** Of for + against, in hundredths of a percent; 5,000 means more than half. */
  majorityBps: number;
  quorumBps: number;
  /** For + abstain, in units of 18 decimals, of the tokens that circulate now. */
  quorum: bigint;
  circulating: bigint;
}

export interface ProposerStanding {
  address: string;
  votes: bigint;
  threshold: bigint;
  /** An earlier proposal of the same proposer that is not yet over. */
  busyWith?: bigint;
}

const reader = (clients: ChainClients, deployment: Deployment) => {
  const { abi } = loadArtifact('DimoGovernor');
  return <T>(functionName: string, args: readonly unknown[] = []): Promise<T> =>
    clients.publicClient.readContract({
      address: deployment.addresses.DimoGovernor,
      abi,
      functionName,
      args,
    }) as Promise<T>;
};

export async function readTimetable(clients: ChainClients, deployment: Deployment, now: number): Promise<Timetable> {
  const governor = reader(clients, deployment);
  const [delay, period, lateQuorum, swing, swings, expiry, timelockDelay] = (
    await Promise.all([
      governor('votingDelay'),
      governor('votingPeriod'),
      governor('lateQuorumVoteExtension'),
      governor('SWING_EXTENSION'),
      governor('SWINGS_MAX'),
      governor('EXPIRY'),
      clients.publicClient.readContract({
        address: deployment.addresses.TimelockController,
        abi: loadArtifact('TimelockController').abi,
        functionName: 'getMinDelay',
      }),
    ])
  ).map(Number) as [number, number, number, number, number, number, number];
  const votingEnds = now + delay + period;
  const votingEndsLatest = votingEnds + lateQuorum + swings * swing;
  const executeFrom = votingEnds + 1 + timelockDelay;
  const queueUntil = votingEndsLatest + expiry;
  return {
    proposed: now,
    votingOpens: now + delay + 1,
    votingEnds,
    votingEndsLatest,
    queueUntil,
    executeFrom,
    executeUntil: queueUntil + timelockDelay + expiry,
  };
}

export async function readNeeds(
  clients: ChainClients,
  deployment: Deployment,
  actions: readonly Action[],
  now: number,
): Promise<Needs> {
  const governor = reader(clients, deployment);
  const { level, reason, decidingAction } = await levelOf(clients, deployment, actions);
  const [{ majorityBps, quorumBps }, circulating] = await Promise.all([
    governor<{ majorityBps: number; quorumBps: number }>('levelTerms', [level]),
    governor<bigint>('circulatingSupply', [now - 1]),
  ]);
  const quorum = (circulating * BigInt(quorumBps) + 9_999n) / 10_000n;
  return { level, reason, decidingCall: decidingAction, majorityBps, quorumBps, quorum, circulating };
}

export async function readProposer(
  clients: ChainClients,
  deployment: Deployment,
  address: `0x${string}`,
  now: number,
): Promise<ProposerStanding> {
  const governor = reader(clients, deployment);
  const [votes, threshold, latest] = await Promise.all([
    governor<bigint>('getVotes', [address, now - 1]),
    governor<bigint>('proposalThreshold'),
    governor<bigint>('latestProposal', [address]),
  ]);
  const state = latest === 0n ? undefined : proposalStates[await governor<number>('state', [latest])];
  const busy = state === 'pending' || state === 'active';
  return { address, votes, threshold, ...(busy && { busyWith: latest }) };
}
