/** Proposals as they were made, read from the governor's events: the chain keeps the text and the calls nowhere else. */
import { decodeEventLog, type Hex, keccak256, numberToHex, stringToHex } from 'viem';
import { toEventSelector } from 'viem/utils';
import { type ChainClients, type Deployment, loadArtifact, readLogs } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import type { Action } from './actions.ts';

/** A proposal as it was made, read from its event. */
export interface ProposedDip {
  id: bigint;
  proposer: Hex;
  /** The full text on chain, as queueing and executing need it. */
  description: string;
  descriptionHash: Hex;
  actions: Action[];
}

/** With its number in the list of all, from 1: what people call it by. */
export interface NumberedDip extends ProposedDip {
  number: number;
}

/** The governor's events of one name, decoded, in order. */
export async function governorEvents<Arguments>(
  clients: Pick<ChainClients, 'publicClient'>,
  deployment: Deployment,
  eventName: string,
  /** Indexed arguments that must be so, as words of 32 bytes. */
  topics: readonly Hex[] = [],
): Promise<Arguments[]> {
  const { abi } = loadArtifact('DimoGovernor');
  const event = abi.find((item) => item.type === 'event' && item.name === eventName);
  const logs = await readLogs(clients.publicClient, {
    address: deployment.addresses.DimoGovernor,
    topics: [toEventSelector(event as Parameters<typeof toEventSelector>[0]), ...topics],
    from: BigInt(deployment.block),
    to: await clients.publicClient.getBlockNumber(),
  });
  return logs.map(({ topics, data }) => decodeEventLog({ abi, topics, data }).args as Arguments);
}

/** All proposals, oldest first. */
export async function listProposed(clients: ChainClients, deployment: Deployment): Promise<ProposedDip[]> {
  const created = await governorEvents<{
    proposalId: bigint;
    proposer: Hex;
    targets: Hex[];
    values: bigint[];
    calldatas: Hex[];
    description: string;
  }>(clients, deployment, 'ProposalCreated');
  return created.map(({ proposalId: id, proposer, description, targets, values, calldatas }) => ({
    id,
    proposer,
    description,
    descriptionHash: keccak256(stringToHex(description)),
    actions: targets.map((target, index) => ({ target, value: values[index]!, data: calldatas[index]! })),
  }));
}

/**
 * One proposal as it was made.
 * @param which its id; or as text the id in digits or hex, or its number in the list
 * @throws {MinerError} `DIP_UNKNOWN`
 */
export async function findProposed(
  clients: ChainClients,
  deployment: Deployment,
  which: bigint | string,
): Promise<NumberedDip> {
  const all = await listProposed(clients, deployment);
  const isMeant = ({ id }: ProposedDip, index: number) =>
    // Ids are hashes: none is as small as a number in the list.
    typeof which === 'bigint' ? id === which : [`${id}`, numberToHex(id), `${index + 1}`].includes(which);
  const index = all.findIndex(isMeant);
  if (index < 0) throw toolError('DIP_UNKNOWN', { id: which.toString() });
  return { ...all[index]!, number: index + 1 };
}
