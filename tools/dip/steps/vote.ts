/** Casting votes: one's own, or with a ballot that another account signed. */
import type { Address } from 'viem';
import { toolError } from '../../errors/index.ts';
import { tokens, utc } from '../format.ts';
import { readStatus, type Support } from '../proposal.ts';
import { ballotNonce, checkBallot, type SignedBallot, submitCall } from '../signed-ballot.ts';
import {
  ballotCall,
  type Fractions,
  readVoter,
  splitBallot,
  splitOf,
  tallyWords,
  type VoterStanding,
  wholeBallot,
} from '../voting.ts';
import { type Context, expectState, governorCall, type Step } from './step.ts';

/** What a voter asks for: all votes that are left to one side, or a percentage to each. */
export interface Choice {
  support?: Support;
  fractions?: Fractions;
  reason?: string;
  /** Casts the same split once more. */
  again?: boolean;
}

/** @throws {MinerError} DIP_STATE, VOTE_NONE, VOTE_CAST, VOTE_SPLIT */
export function voteStep(context: Context, id: bigint, voter: Address, choice: Choice): Step {
  const { clients, deployment } = context;
  let castBefore = 0;
  let isFirstLook = true;
  return {
    name: 'vote',
    async done() {
      const status = await readStatus(clients, deployment, id);
      const standing = await readVoter(clients, deployment, status, voter);
      const same = sameSplits(standing, choice);
      if (isFirstLook && choice.again) castBefore = same;
      isFirstLook = false;
      const isDone = choice.fractions ? same > castBefore : isWholeCast(standing, choice.support!);
      if (!isDone) return undefined;
      const { cast, left } = standing;
      const rest = left > 0n ? `; ${tokens(left)} votes are left` : '';
      return { words: `voted on ${id}: ${tallyWords(cast)}${rest}`, facts: { id, voter, ...cast, left } };
    },
    async call() {
      const { ballot, words } = await chooseBallot(context, id, voter, choice);
      const { name, args } = ballotCall(id, ballot);
      return { call: governorCall(deployment, name, args), words: [words] };
    },
  };
}

/** The ballot that a choice comes to, once it is certain that it would count. */
export async function chooseBallot(context: Context, id: bigint, voter: Address, choice: Choice) {
  const { clients, deployment } = context;
  const status = await expectState(context, id, ['active'], 'voted on');
  const standing = await readVoter(clients, deployment, status, voter);
  const { weight, left, cast } = standing;
  if (weight === 0n) throw toolError('VOTE_NONE', { id: id.toString(), account: voter, at: utc(status.snapshot) });
  if (left === 0n) throw toolError('VOTE_CAST', { id: id.toString(), account: voter, cast: tallyWords(cast) });
  const ballot = choice.fractions
    ? splitBallot(standing, choice.fractions, choice.reason)
    : wholeBallot(choice.support!, choice.reason);
  const what = choice.fractions ? tallyWords(splitOf(ballot.params)) : `${tokens(left)} ${choice.support}`;
  const reason = choice.reason ? `, saying ${JSON.stringify(choice.reason)}` : '';
  return { ballot, words: `vote on ${id} with ${what}${reason}; a vote that is cast cannot be changed` };
}

function isWholeCast({ weight, cast, left }: VoterStanding, support: Support): boolean {
  return weight > 0n && left === 0n && cast[support] > 0n;
}

function sameSplits(standing: VoterStanding, { fractions }: Choice): number {
  if (!fractions) return 0;
  const { params } = splitBallot({ ...standing, left: standing.weight }, fractions);
  const wanted = tallyWords(splitOf(params));
  return standing.splits.filter((split) => tallyWords(split) === wanted).length;
}

/** Hands in a ballot that another account signed. @throws {MinerError} BALLOT_FILE, DIP_STATE, VOTE_NONE, VOTE_CAST */
export function submitStep(context: Context, ballot: SignedBallot, path: string): Step {
  const { clients, deployment } = context;
  const { proposalId: id, voter } = ballot;
  return {
    name: 'submit',
    async done() {
      const status = await readStatus(clients, deployment, id);
      const standing = await readVoter(clients, deployment, status, voter);
      const isIn = (await ballotNonce(clients, deployment, voter, id)) > ballot.nonce;
      if (!isIn) return undefined;
      const facts = { id, voter, ...standing.cast, left: standing.left };
      return { words: `${voter} voted on ${id}: ${tallyWords(standing.cast)}`, facts };
    },
    async call() {
      await checkBallot(clients, deployment, ballot, path);
      const status = await expectState(context, id, ['active'], 'voted on');
      const { weight, left, cast } = await readVoter(clients, deployment, status, voter);
      if (weight === 0n) throw toolError('VOTE_NONE', { id: id.toString(), account: voter, at: utc(status.snapshot) });
      if (left === 0n) throw toolError('VOTE_CAST', { id: id.toString(), account: voter, cast: tallyWords(cast) });
      const { name, args } = submitCall(ballot);
      const words = `hand in the ballot of ${voter} on ${id}`;
      return { call: governorCall(deployment, name, args), words: [words] };
    },
  };
}
