/**
 * A step in the life of a DIP as a person takes it: whether it was done already, whether it can be done now (and if not,
 * when), and the call that does it. So a step that is taken twice is done once.
 */
import { type ChainClients, type ContractName, type Deployment, loadArtifact } from '../../deploy/index.ts';
import { toolError } from '../../errors/index.ts';
import { nextStep } from '../explain.ts';
import { type ProposalState, type ProposalStatus, readStatus } from '../proposal.ts';
import type { NumberedDip } from '../proposed.ts';
import type { Call } from '../transaction.ts';

export interface Context {
  clients: ChainClients;
  deployment: Deployment;
}

/** What came of a step. */
export interface Done {
  /** One line, such as `voted with 5 for`. */
  words: string;
  /** The same for machines. */
  facts: Record<string, unknown>;
}

export interface Step {
  name: 'propose' | 'vote' | 'submit' | 'queue' | 'execute' | 'cancel' | 'delegate';
  /** What was done, before or by this step; undefined when it is still to do. */
  done: () => Promise<Done | undefined>;
  /**
   * The call that does it, and what it means, line by line.
   * @throws {MinerError} when it cannot be done as the chain stands
   */
  call: () => Promise<{ call: Call; words: string[] }>;
}

/** @throws {MinerError} DIP_STATE with the state and when the step is possible */
export async function expectState(
  context: Context,
  dip: NumberedDip,
  states: readonly ProposalState[],
  step: string,
): Promise<ProposalStatus> {
  const status = await readStatus(context.clients, context.deployment, dip.id);
  if (states.includes(status.state)) return status;
  throw stateError(dip, status, step, await chainTime(context));
}

export function stateError({ number }: NumberedDip, status: ProposalStatus, step: string, now: number) {
  return toolError('DIP_STATE', { number, state: status.state, step, when: nextStep(status, now).words });
}

export async function chainTime({ clients }: Context): Promise<number> {
  return Number((await clients.publicClient.getBlock({ blockTag: 'latest' })).timestamp);
}

export function ask(
  { clients, deployment }: Context,
  contract: ContractName,
  name: string,
  args: readonly unknown[] = [],
) {
  const { abi } = loadArtifact(contract);
  return clients.publicClient.readContract({ address: deployment.addresses[contract], abi, functionName: name, args });
}

export function contractCallOf(
  deployment: Deployment,
  contract: ContractName,
  name: string,
  args: readonly unknown[],
): Call {
  return { to: deployment.addresses[contract], abi: loadArtifact(contract).abi, name, args };
}

export function governorCall(deployment: Deployment, name: string, args: readonly unknown[]): Call {
  return contractCallOf(deployment, 'DimoGovernor', name, args);
}
