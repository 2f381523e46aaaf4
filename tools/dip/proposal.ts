/** The steps of a proposal's life, one function each, and what binds its text to its calls. */
import { type Account, encodeAbiParameters, type Hex, keccak256, parseEventLogs, stringToHex } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { type Action, contractCall } from './actions.ts';
import { asGuardian } from './guardian.ts';

/** The text of a DIP and what it does. */
export interface Dip {
  /** One line. */
  title: string;
  /** Markdown. */
  text: string;
  actions: readonly Action[];
}

/** IGovernor.ProposalState, in order. */
export const proposalStates = [
  'pending',
  'active',
  'canceled',
  'defeated',
  'succeeded',
  'queued',
  'expired',
  'executed',
] as const;
export type ProposalState = (typeof proposalStates)[number];

/** GovernorCountingSimple.VoteType */
export const supports = { against: 0, for: 1, abstain: 2 } as const;
export type Support = keyof typeof supports;

/** IGovernorLevels.LevelReason, in order. */
export const levelReasons = [
  'none',
  'listed',
  'spend-total',
  'spend-window',
  'foreign-token',
  'carries-ether',
  'no-selector',
  'undecodable',
  'nested',
  'unlisted',
] as const;
export type LevelReason = (typeof levelReasons)[number];

/** What the governor says about a proposal; votes and quorum in token units, times in unix seconds. */
export interface ProposalStatus {
  id: bigint;
  state: ProposalState;
  proposer: Hex;
  level: 1 | 2 | 3;
  reason: LevelReason;
  /** Index of the action that decided the level. */
  decidingAction: number;
  votesFor: bigint;
  votesAgainst: bigint;
  votesAbstain: bigint;
  /** For + abstain needed; an estimate while pending. */
  quorum: bigint;
  /** For, as hundredths of a percent of for + against; 5,000 means more than half. */
  majorityBps: number;
  snapshot: number;
  deadline: number;
  /** 0 until queued. */
  eta: number;
}

/**
 * The description that goes on chain: title and text, and who alone may propose it, so that nobody can take a proposal
 * from the mempool, propose it first, and cancel it.
 */
export function description(dip: Pick<Dip, 'title' | 'text'>, proposer: Hex): string {
  return `# ${dip.title}\n\n${dip.text.trim()}\n\n#proposer=${proposer}`;
}

/** The reverse of `description`: its parts. A text without a heading is all title. */
export function parseDescription(full: string): { title: string; text: string } {
  const body = full.replace(/\s*#proposer=0x[0-9a-fA-F]{40}$/, '');
  const [first = '', ...rest] = body.split('\n');
  return { title: first.replace(/^#\s*/, '').trim(), text: rest.join('\n').trim() };
}

/** The id that the governor gives these calls with this description: a change of either is another proposal. */
export function proposalId(actions: readonly Action[], fullDescription: string): bigint {
  const encoded = encodeAbiParameters(
    [{ type: 'address[]' }, { type: 'uint256[]' }, { type: 'bytes[]' }, { type: 'bytes32' }],
    [...columns(actions), keccak256(stringToHex(fullDescription))],
  );
  return BigInt(keccak256(encoded));
}

/** The level that these actions would have if they were proposed now. */
export async function levelOf(
  clients: ChainClients,
  deployment: Deployment,
  actions: readonly Action[],
): Promise<{ level: 1 | 2 | 3; reason: LevelReason; decidingAction: number }> {
  const [level, reason, index] = (await read(clients, deployment, 'levelOf', columns(actions))) as [
    1 | 2 | 3,
    number,
    bigint,
  ];
  return { level, reason: levelReasons[reason]!, decidingAction: Number(index) };
}

/**
 * Proposes a DIP.
 * @returns the id, and the full description that queueing and executing need again.
 * @throws {MinerError} `DIP_EMPTY`; `CHAIN_REVERTED`, for example with GovernorInsufficientProposerVotes.
 */
export async function propose(
  clients: ChainClients,
  deployment: Deployment,
  dip: Dip,
  proposer: Account,
): Promise<{ id: bigint; description: string; gasUsed: bigint }> {
  if (dip.actions.length === 0) throw toolError('DIP_EMPTY', { title: dip.title });
  const full = description(dip, proposer.address);
  const receipt = await governorSend(clients, deployment, 'propose', [...columns(dip.actions), full], proposer);
  const [event] = parseEventLogs({
    abi: loadArtifact('DimoGovernor').abi,
    logs: receipt.logs,
    eventName: 'ProposalCreated',
  });
  const { proposalId: id } = (event as unknown as { args: { proposalId: bigint } }).args;
  return { id, description: full, gasUsed: receipt.gasUsed };
}

/** Casts all of the voter's remaining votes. */
export async function vote(
  clients: ChainClients,
  deployment: Deployment,
  ballot: { id: bigint; voter: Account; support: Support; reason?: string },
): Promise<{ gasUsed: bigint }> {
  const { id, voter, support, reason } = ballot;
  const args = reason === undefined ? [id, supports[support]] : [id, supports[support], reason];
  return governorSend(clients, deployment, reason === undefined ? 'castVote' : 'castVoteWithReason', args, voter);
}

/** Puts a succeeded proposal into the timelock. Anyone may. */
export function queue(clients: ChainClients, deployment: Deployment, actions: readonly Action[], full: string) {
  return governorSend(clients, deployment, 'queue', [...columns(actions), keccak256(stringToHex(full))]);
}

/** Executes a queued proposal whose delay is over. Anyone may; ether that it sends comes from the timelock. */
export function execute(clients: ChainClients, deployment: Deployment, actions: readonly Action[], full: string) {
  return governorSend(clients, deployment, 'execute', [...columns(actions), keccak256(stringToHex(full))]);
}

/** Cancels as the proposer, while it is pending. */
export function cancel(
  clients: ChainClients,
  deployment: Deployment,
  actions: readonly Action[],
  full: string,
  sender: Account,
) {
  return governorSend(clients, deployment, 'cancel', [...columns(actions), keccak256(stringToHex(full))], sender);
}

/** Cancels as the holder of the guardian, before it is executed and while the guardian's term lasts. */
export function guardianCancel(
  clients: ChainClients,
  deployment: Deployment,
  actions: readonly Action[],
  full: string,
  holder: Account,
) {
  const args = [...columns(actions), keccak256(stringToHex(full))];
  return asGuardian(clients, deployment, contractCall(deployment, 'DimoGovernor', 'cancel', args), holder);
}

/** The state alone: one question instead of many. */
export async function readState(clients: ChainClients, deployment: Deployment, id: bigint): Promise<ProposalState> {
  return proposalStates[(await read(clients, deployment, 'state', [id])) as number]!;
}

/**
 * Reads where a proposal stands.
 * @throws {MinerError} `DIP_UNKNOWN` when the governor has no such proposal.
 */
export async function readStatus(clients: ChainClients, deployment: Deployment, id: bigint): Promise<ProposalStatus> {
  const get = (name: string) => read(clients, deployment, name, [id]);
  const snapshot = Number(await get('proposalSnapshot'));
  if (snapshot === 0) throw toolError('DIP_UNKNOWN', { id: id.toString() });
  const [state, proposer, terms, votes, quorum, deadline, eta] = await Promise.all([
    get('state') as Promise<number>,
    get('proposalProposer') as Promise<Hex>,
    get('proposalTerms') as Promise<{ level: 1 | 2 | 3; reason: number; actionIndex: number; majorityBps: number }>,
    get('proposalVotes') as Promise<[bigint, bigint, bigint]>,
    get('proposalQuorum') as Promise<bigint>,
    get('proposalDeadline'),
    get('proposalEta'),
  ]);
  const [votesAgainst, votesFor, votesAbstain] = votes;
  return {
    id,
    state: proposalStates[state]!,
    proposer,
    level: terms.level,
    reason: levelReasons[terms.reason]!,
    decidingAction: terms.actionIndex,
    votesFor,
    votesAgainst,
    votesAbstain,
    quorum,
    majorityBps: terms.majorityBps,
    snapshot,
    deadline: Number(deadline),
    eta: Number(eta),
  };
}

/** The three arrays that every call of the governor begins with. */
export function columns(actions: readonly Action[]): [Hex[], bigint[], Hex[]] {
  return [
    actions.map((action) => action.target),
    actions.map((action) => action.value),
    actions.map((action) => action.data),
  ];
}

function read(clients: ChainClients, deployment: Deployment, name: string, args: readonly unknown[]) {
  const { abi } = loadArtifact('DimoGovernor');
  return clients.publicClient.readContract({
    address: deployment.addresses.DimoGovernor,
    abi,
    functionName: name,
    args,
  });
}

function governorSend(
  clients: ChainClients,
  deployment: Deployment,
  name: string,
  args: readonly unknown[],
  account?: Account,
) {
  const { abi } = loadArtifact('DimoGovernor');
  return send(clients, {
    to: deployment.addresses.DimoGovernor,
    abi,
    name,
    args,
    ...(account && { account }),
  });
}
