/** Checks a DIP before it is proposed: what it needs, when it could be carried out, what it would change, what is odd. */
import { type Address, type Hex, keccak256, stringToHex } from 'viem';
import type { ChainClients, Deployment } from '../../deploy/index.ts';
import { toolError } from '../../errors/index.ts';
import { assertGovernable } from '../actions.ts';
import type { FileDip } from '../file/index.ts';
import { description, proposalId } from '../proposal.ts';
import { type ExplainedAction, explainAction } from '../words.ts';
import { type Changes, readChanges } from './changes.ts';
import { decodeRevert } from './contracts.ts';
import { type Execution, executeOn } from './execute.ts';
import { isOfChain, reasonOf, type TrialChain } from './fork.ts';
import {
  type Needs,
  type ProposerStanding,
  readNeeds,
  readProposer,
  readTimetable,
  type Timetable,
} from './timetable.ts';
import { findWarnings, type Warning } from './warnings/index.ts';

/** What the trial on a copy of the chain came to. */
export interface Trial extends Changes {
  execution: Execution;
  /** Why the holders would be left without a working vote; undefined when they would not. */
  bricks?: string;
}

export interface DipCheck {
  title: string;
  /** The block that it was checked at. */
  block: bigint;
  calls: ExplainedAction[];
  /** For each call, the index of its action in the file. */
  origins: readonly number[];
  needs: Needs;
  timetable: Timetable;
  proposer?: ProposerStanding & { proposalId: bigint };
  trial?: Trial;
  warnings: Warning[];
  /** Whether it would execute, and leave a working vote. */
  good: boolean;
}

export interface CheckOptions {
  proposer?: Address;
  /** Gives the copy of the chain at this block to try the DIP on; without it there is no trial. */
  openTrial?: (block: bigint) => Promise<TrialChain>;
}

/**
 * Checks a DIP against a chain as it is now.
 * @throws {MinerError} `DIP_FORK`, and what reading the chain throws.
 */
export async function checkDip(
  clients: ChainClients,
  deployment: Deployment,
  dip: FileDip,
  options: CheckOptions = {},
): Promise<DipCheck> {
  const { actions, origins, title } = dip;
  const block = await clients.publicClient.getBlock();
  const now = Number(block.timestamp);
  const [timetable, needs] = await Promise.all([
    readTimetable(clients, deployment, now),
    readNeeds(clients, deployment, actions, now),
  ]);
  const calls = actions.map((action) => explainAction(deployment, action));
  const warnings = await findWarnings(clients, deployment, { text: dip.text, calls }, timetable);
  const proposer = options.proposer && {
    ...(await readProposer(clients, deployment, options.proposer, now)),
    proposalId: proposalId(actions, description(dip, options.proposer)),
  };
  if (proposer) warnings.push(...proposerWarnings(proposer));
  const chain = await options.openTrial?.(block.number);
  const trial = chain && (await tryOut(chain, deployment, dip));
  return {
    title,
    block: block.number,
    calls,
    origins,
    needs,
    timetable,
    ...(proposer && { proposer }),
    ...(trial && { trial }),
    warnings,
    good: !trial?.execution.failure && !trial?.bricks,
  };
}

function proposerWarnings({ address, votes, threshold, busyWith }: ProposerStanding): Warning[] {
  const found: Warning[] = [];
  if (votes < threshold) found.push({ code: 'proposer', text: `${address} has too few votes to propose` });
  if (busyWith) found.push({ code: 'proposer', text: `${address} has proposed ${busyWith}, which is not yet over` });
  return found;
}

async function tryOut(chain: TrialChain, deployment: Deployment, dip: FileDip): Promise<Trial> {
  try {
    const execution = await executeOn(chain, deployment, dip);
    if (execution.failure) return { execution, named: [], slots: [] };
    const changes = await readChanges(chain, deployment, execution);
    const bricks = await findBrick(chain, deployment, execution);
    return { execution, ...changes, ...(bricks && { bricks }) };
  } catch (cause) {
    if (!isOfChain(cause)) throw cause;
    throw toolError('DIP_FORK', { url: chain.origin, reason: reasonOf(cause) }, cause);
  }
}

/** Asks the contract that a DIP can end with, of the governor that is in charge afterwards. */
async function findBrick(
  chain: TrialChain,
  deployment: Deployment,
  { events }: Execution,
): Promise<string | undefined> {
  const proposerRole = keccak256(stringToHex('PROPOSER_ROLE'));
  const successors = events
    .filter(
      (event) =>
        event.contract === 'TimelockController' && event.name === 'RoleGranted' && event.args.role === proposerRole,
    )
    .map(({ args }) => args.account as Address);
  const reasons: string[] = [];
  for (const governor of [deployment.addresses.DimoGovernor, ...successors]) {
    const reason = await governanceFault(chain, {
      ...deployment,
      addresses: { ...deployment.addresses, DimoGovernor: governor },
    });
    if (reason === undefined) return undefined;
    reasons.push(reason);
  }
  return reasons.join('; ');
}

async function governanceFault(chain: TrialChain, deployment: Deployment): Promise<string | undefined> {
  const { target, data } = assertGovernable(deployment);
  try {
    await chain.request('eth_call', [{ to: target, data }, 'latest']);
    return undefined;
  } catch (error) {
    const said = revertData(error);
    if (said === undefined) throw error;
    return decodeRevert(said);
  }
}

/** Where nodes put what a contract said. */
function revertData(error: unknown): Hex | undefined {
  const { data } = error as { data?: Hex | { data?: Hex } };
  return typeof data === 'string' ? data : data?.data;
}
