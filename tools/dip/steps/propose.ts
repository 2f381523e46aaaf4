/** Proposing a DIP, and the votes that it takes. */
import { type Address, isAddressEqual } from 'viem';
import { toolError } from '../../errors/index.ts';
import { levelWords } from '../explain.ts';
import { tokens, utc } from '../format.ts';
import { columns, type Dip, description, levelOf, proposalId, readStatus } from '../proposal.ts';
import { findProposed } from '../proposed.ts';
import { votesNow } from '../voting.ts';
import { explainAction } from '../words.ts';
import { ask, type Context, contractCallOf, governorCall, type Step } from './step.ts';

/** @throws {MinerError} DIP_EMPTY, DIP_VOTES_MISSING, DIP_BUSY */
export function proposeStep(context: Context, dip: Dip, proposer: Address): Step {
  const { clients, deployment } = context;
  const full = description(dip, proposer);
  const id = proposalId(dip.actions, full);
  return {
    name: 'propose',
    async done() {
      if (((await ask(context, 'DimoGovernor', 'proposalSnapshot', [id])) as bigint) === 0n) return undefined;
      const { number } = await findProposed(clients, deployment, id);
      const { state, level, snapshot, deadline } = await readStatus(clients, deployment, id);
      const facts = { number, id, state, level, voteFrom: snapshot + 1, voteUntil: deadline };
      const words = `proposed as DIP ${number}; it is ${state}, level ${level}, vote from ${utc(snapshot + 1)} to ${utc(deadline)}`;
      return { words, facts };
    },
    async call() {
      if (dip.actions.length === 0) throw toolError('DIP_EMPTY', { title: dip.title });
      await assertMayPropose(context, proposer);
      const { level, reason, decidingAction } = await levelOf(clients, deployment, dip.actions);
      const words = [
        `propose ${JSON.stringify(dip.title)}, which if it executes will`,
        ...dip.actions.map((action, i) => `  ${i + 1}. ${explainAction(deployment, action).words}`),
        `level ${level}: action ${decidingAction + 1} decides, ${levelWords[reason]}`,
      ];
      return { call: governorCall(deployment, 'propose', [...columns(dip.actions), full]), words };
    },
  };
}

async function assertMayPropose(context: Context, proposer: Address): Promise<void> {
  const { clients, deployment } = context;
  const [have, needed, latest] = await Promise.all([
    votesNow(clients, deployment, proposer),
    ask(context, 'DimoGovernor', 'proposalThreshold') as Promise<bigint>,
    ask(context, 'DimoGovernor', 'latestProposal', [proposer]) as Promise<bigint>,
  ]);
  if (have < needed) {
    const votes = { have: tokens(have), needed: tokens(needed), missing: tokens(needed - have) };
    throw toolError('DIP_VOTES_MISSING', { account: proposer, ...votes });
  }
  if (latest === 0n) return;
  const { state, deadline } = await readStatus(clients, deployment, latest);
  if (state === 'pending' || state === 'active') {
    const { number } = await findProposed(clients, deployment, latest);
    throw toolError('DIP_BUSY', { proposer, number, state, until: utc(deadline) });
  }
}

export function delegateStep(context: Context, account: Address, to: Address): Step {
  const { deployment } = context;
  return {
    name: 'delegate',
    async done() {
      const delegate = (await ask(context, 'DimoToken', 'delegates', [account])) as Address;
      if (!isAddressEqual(delegate, to)) return undefined;
      return { words: `the votes of ${account} are with ${delegate}`, facts: { account, delegate } };
    },
    async call() {
      const balance = (await ask(context, 'DimoToken', 'balanceOf', [account])) as bigint;
      const whom = isAddressEqual(account, to) ? 'yourself' : to;
      const words = `give the votes of your ${tokens(balance)} DIMO, and of what you get later, to ${whom}; the tokens stay yours`;
      return { call: contractCallOf(deployment, 'DimoToken', 'delegate', [to]), words: [words] };
    },
  };
}
