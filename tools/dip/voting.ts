/** An account's votes: what weight it has, what it has cast, and how the rest is split. */
import { type Address, encodePacked, type Hex, hexToBigInt, pad, slice } from 'viem';
import { type ChainClients, type Deployment, loadArtifact } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { tokens } from './format.ts';
import { type ProposalStatus, type Support, supports } from './proposal.ts';
import { governorEvents } from './proposed.ts';

/** 255 is GovernorCountingFractional's own. */
export const supportCodes = { ...supports, split: 255 } as const;

/** Token units for each side. */
export type Tally = Record<Support, bigint>;

/** Percent of all the votes that an account had at the snapshot; together at most 100. */
export type Fractions = Partial<Record<Support, number>>;

/** Where an account stands in one vote; token units. */
export interface VoterStanding {
  /** Votes at the snapshot, or now while that lies ahead. */
  weight: bigint;
  cast: Tally;
  /** `weight` less all that was cast. */
  left: bigint;
  /** The split ballots among them. */
  splits: Tally[];
}

/** One ballot as the contract takes it. */
export interface BallotCall {
  support: (typeof supportCodes)[keyof typeof supportCodes];
  reason: string;
  /** Empty, or three 16-byte amounts: against, for, abstain. */
  params: Hex;
}

interface VoteCast {
  proposalId: bigint;
  support: number;
  weight: bigint;
  reason: string;
  params?: Hex;
}

/** What `voter` has and has cast in the vote on a proposal; from events, so every part of a split vote is seen. */
export async function readVoter(
  clients: ChainClients,
  deployment: Deployment,
  status: Pick<ProposalStatus, 'id' | 'snapshot'>,
  voter: Address,
): Promise<VoterStanding> {
  const { timestamp } = await clients.publicClient.getBlock({ blockTag: 'latest' });
  // What was had at a moment is known once it is past.
  const isPast = status.snapshot < Number(timestamp);
  const topics = [pad(voter, { size: 32 })];
  const [weight, whole, split] = await Promise.all([
    isPast ? votesAt(clients, deployment, voter, status.snapshot) : votesNow(clients, deployment, voter),
    governorEvents<VoteCast>(clients, deployment, 'VoteCast', topics),
    governorEvents<VoteCast>(clients, deployment, 'VoteCastWithParams', topics),
  ]);
  const cast: Tally = { for: 0n, against: 0n, abstain: 0n };
  const events = [...whole, ...split].filter(({ proposalId }) => proposalId === status.id);
  for (const event of events) {
    const part = event.params === undefined ? wholeOf(event) : splitOf(event.params);
    for (const side of ['for', 'against', 'abstain'] as const) cast[side] += part[side];
  }
  const left = weight - cast.for - cast.against - cast.abstain;
  const splits = events.flatMap(({ params }) => (params === undefined ? [] : [splitOf(params)]));
  return { weight, cast, left, splits };
}

function wholeOf({ support, weight }: VoteCast): Tally {
  const side = (['against', 'for', 'abstain'] as const)[support]!;
  return { for: 0n, against: 0n, abstain: 0n, [side]: weight };
}

/** The three amounts of a split ballot. */
export function splitOf(params: Hex): Tally {
  const amount = (index: number) => hexToBigInt(slice(params, 16 * index, 16 * index + 16));
  return { against: amount(0), for: amount(1), abstain: amount(2) };
}

function votesAt(clients: ChainClients, deployment: Deployment, account: Address, at: number): Promise<bigint> {
  return clients.publicClient.readContract({
    address: deployment.addresses.DimoGovernor,
    abi: loadArtifact('DimoGovernor').abi,
    functionName: 'getVotes',
    args: [account, BigInt(at)],
  }) as Promise<bigint>;
}

/** Votes that the next block will count, token units. */
export function votesNow(clients: ChainClients, deployment: Deployment, account: Address): Promise<bigint> {
  return clients.publicClient.readContract({
    address: deployment.addresses.DimoToken,
    abi: loadArtifact('DimoToken').abi,
    functionName: 'getVotes',
    args: [account],
  }) as Promise<bigint>;
}

const sides = ['against', 'for', 'abstain'] as const;

/**
 * A ballot that puts a percentage of all the account's votes on each side, to the hundredth of a percent, rounded down;
 * the sides together at 100 % use the last unit, which goes to the largest.
 * @throws {MinerError} `VOTE_SPLIT` when more is asked than is left
 */
export function splitBallot(standing: VoterStanding, fractions: Fractions, reason = ''): BallotCall {
  const { weight, left } = standing;
  const share = (side: Support) => (weight * BigInt(Math.round((fractions[side] ?? 0) * 100))) / 10_000n;
  const amounts: Tally = { against: share('against'), for: share('for'), abstain: share('abstain') };
  const sum = () => sides.reduce((total, side) => total + amounts[side], 0n);
  const percents = sides.reduce((total, side) => total + Math.round((fractions[side] ?? 0) * 100), 0);
  if (percents === 10_000) {
    const largest = sides.reduce((most, side) => (amounts[side] > amounts[most] ? side : most));
    amounts[largest] += weight - sum();
  }
  if (sum() > left) {
    throw toolError('VOTE_SPLIT', { asked: tokens(sum()), left: tokens(left), weight: tokens(weight) });
  }
  const params = encodePacked(['uint128', 'uint128', 'uint128'], [amounts.against, amounts.for, amounts.abstain]);
  return { support: supportCodes.split, reason, params };
}

/** A ballot of all the votes that are left. */
export function wholeBallot(support: Support, reason = ''): BallotCall {
  return { support: supportCodes[support], reason, params: '0x' };
}

/** What was cast, such as `60 for, 40 against`. */
export function tallyWords(tally: Tally): string {
  const parts = (['for', 'against', 'abstain'] as const).filter((side) => tally[side] > 0n);
  return parts.map((side) => `${tokens(tally[side])} ${side}`).join(', ') || 'none';
}

/** A ballot as a call of the governor; the cheapest that says it. */
export function ballotCall(id: bigint, { support, reason, params }: BallotCall): { name: string; args: unknown[] } {
  if (params !== '0x') return { name: 'castVoteWithReasonAndParams', args: [id, support, reason, params] };
  if (reason !== '') return { name: 'castVoteWithReason', args: [id, support, reason] };
  return { name: 'castVote', args: [id, support] };
}
