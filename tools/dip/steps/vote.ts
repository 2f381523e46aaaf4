/** Casting votes: one's own, or with a ballot that another account signed. */
import type { Address } from 'viem';
import { toolError } from '../../errors/index.ts';
import { tokens, utc } from '../format.ts';
import { readStatus, type Support } from '../proposal.ts';
import type { NumberedDip } from '../proposed.ts';
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
export function voteStep(context: Context, dip: NumberedDip, voter: Address, choice: Choice): Step {
  const { clients, deployment } = context;
  const { id, number } = dip;
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
      return {
        words: `voted on DIP ${number}: ${tallyWords(cast)}${rest}`,
        facts: { number, id, voter, ...cast, left },
      };
    },
    async call() {
      const { ballot, words } = await chooseBallot(context, dip, voter, choice);
      const { name, args } = ballotCall(id, ballot);
      return { call: governorCall(deployment, name, args), words: [words] };
    },
  };
}

/** The ballot that a choice comes to, once it is certain that it would count. */
export async function chooseBallot(context: Context, dip: NumberedDip, voter: Address, choice: Choice) {
  const standing = await expectVotes(context, dip, voter);
  const { left } = standing;
  const ballot = choice.fractions
    ? splitBallot(standing, choice.fractions, choice.reason)
    : wholeBallot(choice.support!, choice.reason);
  const what = choice.fractions ? tallyWords(splitOf(ballot.params)) : `${tokens(left)} ${choice.support}`;
  const reason = choice.reason ? `, saying ${JSON.stringify(choice.reason)}` : '';
  return { ballot, words: `vote on DIP ${dip.number} with ${what}${reason}; a vote that is cast cannot be changed` };
}

async function expectVotes(context: Context, dip: NumberedDip, voter: Address): Promise<VoterStanding> {
  const { number } = dip;
  const status = await expectState(context, dip, ['active'], 'voted on');
  const standing = await readVoter(context.clients, context.deployment, status, voter);
  const { weight, left, cast } = standing;
  if (weight === 0n) throw toolError('VOTE_NONE', { number, account: voter, at: utc(status.snapshot) });
  if (left === 0n) throw toolError('VOTE_CAST', { number, account: voter, cast: tallyWords(cast) });
  return standing;
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
export function submitStep(context: Context, dip: NumberedDip, ballot: SignedBallot, path: string): Step {
  const { clients, deployment } = context;
  const { id, number } = dip;
  const { voter } = ballot;
  return {
    name: 'submit',
    async done() {
      const status = await readStatus(clients, deployment, id);
      const standing = await readVoter(clients, deployment, status, voter);
      const isUsed = (await ballotNonce(clients, deployment, voter, id)) > ballot.nonce;
      if (!isUsed || standing.left === standing.weight) return undefined;
      const facts = { number, id, voter, ...standing.cast, left: standing.left };
      return { words: `${voter} voted on DIP ${number}: ${tallyWords(standing.cast)}`, facts };
    },
    async call() {
      await checkBallot(clients, deployment, ballot, path);
      await expectVotes(context, dip, voter);
      const { name, args } = submitCall(ballot);
      const words = `hand in the ballot of ${voter} on DIP ${number}`;
      return { call: governorCall(deployment, name, args), words: [words] };
    },
  };
}
