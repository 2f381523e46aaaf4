/** Everything a voter needs to know of a proposal, from chain data alone. */
import type { Hex } from 'viem';
import type { ChainClients, Deployment } from '../deploy/index.ts';
import { duration, percent, tokens, utc } from './format.ts';
import { type LevelReason, type ProposalStatus, parseDescription, proposalId, readStatus } from './proposal.ts';
import type { ProposedDip } from './proposed.ts';
import { tallyWords } from './voting.ts';
import { type ExplainedAction, explainAction } from './words.ts';

/** A proposal in plain words. */
export interface ExplainedDip {
  id: bigint;
  title: string;
  text: string;
  proposer: Hex;
  status: ProposalStatus;
  actions: ExplainedAction[];
  /** Why the level is what it is. */
  levelWords: string;
  /** What was cast so far. */
  votesWords: string;
  quorum: { reached: boolean; votes: bigint; needed: bigint; words: string };
  majority: { reached: boolean; bps: number; neededBps: number; words: string };
  next: NextStep;
  /** Whether the text and calls hash to the id: false would mean that the node lies. */
  bound: boolean;
}

/** What can happen next; times in unix seconds. */
export interface NextStep {
  step: 'vote' | 'queue' | 'execute' | 'none';
  /** When it becomes possible. */
  from?: number;
  /** When it stops being possible. */
  until?: number;
  words: string;
}

/** GovernorExpiry.EXPIRY, in seconds. */
const expiry = 14 * 86_400;

export const levelWords: Record<LevelReason, string> = {
  none: 'it was not weighed',
  listed: 'the governor lists this action at this level',
  'spend-total': 'by the sum of tokens that it moves (from 5,000,000: level 2; above 15,000,000: level 3)',
  'spend-window': 'by the sum of tokens that it and the other proposals of the last 30 days move',
  'foreign-token': 'it pays in a token whose worth the governor does not know',
  'carries-ether': 'it sends ether',
  'no-selector': 'it calls without naming a function',
  undecodable: 'its arguments cannot be read',
  nested: 'it runs further calls, or code, that the governor does not look into',
  unlisted: 'the governor does not list this action, and what is not listed is level 3',
};

/** Explains one proposal. */
export async function explainDip(
  clients: ChainClients,
  deployment: Deployment,
  proposed: ProposedDip,
): Promise<ExplainedDip> {
  const [status, block] = await Promise.all([
    readStatus(clients, deployment, proposed.id),
    clients.publicClient.getBlock({ blockTag: 'latest' }),
  ]);
  return {
    id: proposed.id,
    ...parseDescription(proposed.description),
    proposer: proposed.proposer,
    status,
    actions: proposed.actions.map((action) => explainAction(deployment, action)),
    levelWords: `level ${status.level}: action ${status.decidingAction + 1} decides, ${levelWords[status.reason]}`,
    votesWords: tallyWords({ for: status.votesFor, against: status.votesAgainst, abstain: status.votesAbstain }),
    quorum: quorumOf(status),
    majority: majorityOf(status),
    next: nextStep(status, Number(block.timestamp)),
    bound: proposalId(proposed.actions, proposed.description) === proposed.id,
  };
}

function quorumOf(status: ProposalStatus): ExplainedDip['quorum'] {
  const votes = status.votesFor + status.votesAbstain;
  const reached = votes >= status.quorum;
  const about = status.state === 'pending' ? 'about ' : '';
  const words = `${tokens(votes)} of ${about}${tokens(status.quorum)} votes: ${reached ? 'reached' : 'not reached'}`;
  return { reached, votes, needed: status.quorum, words };
}

function majorityOf({ votesFor, votesAgainst, majorityBps }: ProposalStatus): ExplainedDip['majority'] {
  const decided = votesFor + votesAgainst;
  const reached = votesFor > votesAgainst && votesFor * 10_000n >= decided * BigInt(majorityBps);
  const bps = decided === 0n ? 0 : Number((votesFor * 10_000n) / decided);
  const needed = majorityBps === 5_000 ? 'more than 50 %' : `at least ${percent(majorityBps)}`;
  const words = `${percent(bps)} for, needs ${needed}: ${reached ? 'reached' : 'not reached'}`;
  return { reached, bps, neededBps: majorityBps, words };
}

/** What the state allows, given the chain's time. */
export function nextStep(status: ProposalStatus, now: number): NextStep {
  const { snapshot, deadline, eta } = status;
  switch (status.state) {
    case 'pending':
      return {
        step: 'vote',
        from: snapshot + 1,
        until: deadline,
        words: `voting opens in ${duration(snapshot + 1 - now)}, on ${utc(snapshot + 1)}`,
      };
    case 'active':
      return {
        step: 'vote',
        from: snapshot + 1,
        until: deadline,
        words: `vote until ${utc(deadline)}, ${duration(deadline - now)} from now`,
      };
    case 'succeeded':
      return {
        step: 'queue',
        from: deadline + 1,
        until: deadline + expiry,
        words: `anyone can queue it until ${utc(deadline + expiry)}`,
      };
    case 'queued':
      return {
        step: 'execute',
        from: eta,
        until: eta + expiry,
        words:
          now < eta
            ? `anyone can execute it in ${duration(eta - now)}, from ${utc(eta)} until ${utc(eta + expiry)}`
            : `anyone can execute it until ${utc(eta + expiry)}`,
      };
    case 'defeated': {
      const missed = [quorumOf(status), majorityOf(status)].filter(({ reached }) => !reached);
      const why = missed.map(({ words }) => words).join('; ');
      return { step: 'none', words: `it is defeated (${why}): nothing more can happen` };
    }
    default:
      return { step: 'none', words: `it is ${status.state}: nothing more can happen` };
  }
}
