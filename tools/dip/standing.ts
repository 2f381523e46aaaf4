/** Where an account stands: its tokens, whose its votes are, and what it can do with each live proposal. */
import { type Address, isAddressEqual, zeroAddress } from 'viem';
import { loadArtifact } from '../deploy/index.ts';
import { nextStep } from './explain.ts';
import { type ProposalState, type ProposalStatus, parseDescription, readState, readStatus } from './proposal.ts';
import { listProposed } from './proposed.ts';
import { type Context, guardianRole } from './steps/index.ts';
import { readVoter, type VoterStanding, votesNow } from './voting.ts';

/** From which something can still follow. */
const liveStates = new Set<ProposalState>(['pending', 'active', 'succeeded', 'queued']);

export interface LiveDip {
  number: number;
  id: bigint;
  title: string;
  status: ProposalStatus;
  voter: VoterStanding;
  /** What this account can do with it now, each as a command's beginning. */
  can: ('vote' | 'cancel' | 'queue' | 'execute')[];
  /** What happens next, and when. */
  next: string;
}

/** Amounts in token units. */
export interface AccountStanding {
  account: Address;
  balance: bigint;
  /** Undefined while its tokens vote for nobody. */
  delegate?: Address;
  /** Votes that count from now on, its own and others'. */
  votes: bigint;
  /** Votes that proposing takes. */
  threshold: bigint;
  isGuardian: boolean;
  live: LiveDip[];
}

export async function readStanding(context: Context, account: Address): Promise<AccountStanding> {
  const { clients, deployment } = context;
  const ask = (contract: 'DimoToken' | 'DimoGovernor', functionName: string, args: unknown[]) =>
    clients.publicClient.readContract({
      address: deployment.addresses[contract],
      abi: loadArtifact(contract).abi,
      functionName,
      args,
    });
  const [balance, delegate, votes, threshold, role, block] = await Promise.all([
    ask('DimoToken', 'balanceOf', [account]) as Promise<bigint>,
    ask('DimoToken', 'delegates', [account]) as Promise<Address>,
    votesNow(clients, deployment, account),
    ask('DimoGovernor', 'proposalThreshold', []) as Promise<bigint>,
    guardianRole(context, account),
    clients.publicClient.getBlock({ blockTag: 'latest' }),
  ]);
  const isGuardian = role !== 'none';
  const live: LiveDip[] = [];
  for (const [index, { id, description, proposer }] of (await listProposed(clients, deployment)).entries()) {
    if (!liveStates.has(await readState(clients, deployment, id))) continue;
    const status = await readStatus(clients, deployment, id);
    const voter = await readVoter(clients, deployment, status, account);
    const now = Number(block.timestamp);
    const mayCancel = isGuardian || (status.state === 'pending' && isAddressEqual(proposer, account));
    const can: LiveDip['can'] = [];
    if (status.state === 'active' && voter.left > 0n) can.push('vote');
    if (status.state === 'succeeded') can.push('queue');
    if (status.state === 'queued' && now >= status.eta) can.push('execute');
    if (mayCancel) can.push('cancel');
    const { title } = parseDescription(description);
    live.push({ number: index + 1, id, title, status, voter, can, next: nextStep(status, now).words });
  }
  const whose = isAddressEqual(delegate, zeroAddress) ? {} : { delegate };
  return { account, balance, ...whose, votes, threshold, isGuardian, live };
}
