/**
 * Actions of a DIP on the programs that pay people over time: streams, grants, referrals, and what a vehicle's week is
 * worth. Amounts are in units of 18 decimals, times in unix seconds.
 *
 * A program promises only what it holds: a DIP that opens a stream or a grant pays the program in the action before.
 */
import type { Address } from 'viem';
import type { Deployment } from '../deploy/index.ts';
import { type Action, contractCall, treasurySpend } from './actions.ts';

export interface StreamTerms {
  recipient: Address;
  /** Accrues evenly from `start` to `end`. */
  total: bigint;
  start: number;
  /** Nothing counts before it; `start` when left out. */
  cliff?: number;
  end: number;
  /** In words. */
  purpose: string;
}

/** Pays a stream's total into the program and opens the stream. */
export function openStream(deployment: Deployment, stream: StreamTerms): Action[] {
  const { recipient, total, start, cliff = start, end, purpose } = stream;
  return [
    treasurySpend(deployment, { to: deployment.addresses.Streams, amount: total }),
    contractCall(deployment, 'Streams', 'create', [recipient, total, start, cliff, end, purpose]),
  ];
}

/** Changes what a stream pays in all, and until when; `added` is paid into the program first. */
export function changeStream(
  deployment: Deployment,
  change: { id: bigint; total: bigint; end: number; added?: bigint },
): Action[] {
  const { id, total, end, added = 0n } = change;
  const payment = treasurySpend(deployment, { to: deployment.addresses.Streams, amount: added });
  return [...(added > 0n ? [payment] : []), contractCall(deployment, 'Streams', 'change', [id, total, end])];
}

/** Ends a stream: what has accrued stays its recipient's, the rest goes back to the treasury. */
export function cancelStream(deployment: Deployment, stream: { id: bigint }): Action {
  return contractCall(deployment, 'Streams', 'cancel', [stream.id]);
}

export interface GrantTerms {
  recipient: Address;
  milestones: readonly { title: string; amount: bigint }[];
  /** May release besides a DIP; 0 or left out: nobody. */
  committeeId?: bigint;
  deadline: number;
  /** In words. */
  purpose: string;
}

/** Pays all tranches of a grant into the program and opens the grant. */
export function openGrant(deployment: Deployment, grant: GrantTerms): Action[] {
  const { recipient, milestones, committeeId = 0n, deadline, purpose } = grant;
  const tranches = milestones.map(({ amount }) => amount);
  const titles = milestones.map(({ title }) => title);
  return [
    treasurySpend(deployment, {
      to: deployment.addresses.Grants,
      amount: tranches.reduce((sum, amount) => sum + amount, 0n),
    }),
    contractCall(deployment, 'Grants', 'create', [recipient, tranches, titles, committeeId, deadline, purpose]),
  ];
}

/** Releases one tranche (counted from 0) of a grant. */
export function releaseTranche(
  deployment: Deployment,
  release: { id: bigint; tranche: bigint; evidence: string },
): Action {
  return contractCall(deployment, 'Grants', 'release', [release.id, release.tranche, release.evidence]);
}

/** Moves a grant's deadline. */
export function extendGrant(deployment: Deployment, grant: { id: bigint; deadline: number }): Action {
  return contractCall(deployment, 'Grants', 'extend', [grant.id, grant.deadline]);
}

/** Ends a grant: what is not released goes back to the treasury. */
export function clawBackGrant(deployment: Deployment, grant: { id: bigint }): Action {
  return contractCall(deployment, 'Grants', 'clawBack', [grant.id]);
}

/** Lets an address release tranches of the grants that name this committee, up to a budget that refills evenly. */
export function setCommittee(
  deployment: Deployment,
  committee: { id: bigint; member: Address; budget: bigint; periodDays: number },
): Action {
  const { id, member, budget, periodDays } = committee;
  return contractCall(deployment, 'Grants', 'setCommittee', [id, member, budget, Math.round(periodDays * 86_400)]);
}

/** Takes a committee's power away at once. */
export function removeCommittee(deployment: Deployment, committee: { id: bigint }): Action {
  return contractCall(deployment, 'Grants', 'removeCommittee', [committee.id]);
}

/** Returns what a program holds and has promised to nobody to the treasury. */
export function sweepSurplus(deployment: Deployment, program: 'Streams' | 'Grants'): Action {
  return contractCall(deployment, program, 'sweepSurplus', []);
}

/** What a referral pays, and the most that all of them pay together. */
export interface ReferralTerms {
  referrerAmount: bigint;
  refereeAmount: bigint;
  paidMax: bigint;
}

/** Sets the terms of referrals to come. */
export function setReferralTerms(deployment: Deployment, terms: ReferralTerms): Action {
  return contractCall(deployment, 'ReferralProgram', 'setTerms', [terms]);
}

/** Pays tokens from the treasury into the pool that referrals are paid from. */
export function fundReferrals(deployment: Deployment, funding: { amount: bigint }): Action {
  return treasurySpend(deployment, { to: deployment.addresses.ReferralProgram, amount: funding.amount });
}

/** Ends referrals for good. */
export function closeReferrals(deployment: Deployment): Action {
  return contractCall(deployment, 'ReferralProgram', 'close', []);
}

/** The thresholds of points; see IRewardLevels.Table. */
export interface LevelTable {
  /** Levels 3 to 6. */
  data: readonly { packsMin: number; signalsMin: number }[];
  streak: { weeksMin1: number; weeksMin2: number; weeksMin3: number; missedWeeksMax: number };
  /** Levels 1 to 3. */
  locks: readonly { amount: bigint; durationSeconds: number }[];
}

/** Sets what a vehicle's week is worth from the next week on. */
export function setLevelTable(deployment: Deployment, table: LevelTable): Action {
  return contractCall(deployment, 'RewardLevels', 'setTable', [table]);
}
