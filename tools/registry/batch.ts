/** A production line's devices under one root: the maker signs once, and each device enrols when it is unpacked. */
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Account, type Address, type Hex, hashTypedData } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import { batchMessage, claimMessage, type EnrolmentBatch, type MessageDomain } from './typed-data.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

/** As EnrolmentTypes.leaf hashes it: chain, registry, licence, model, nonce, index, device. */
const leafTypes = ['uint256', 'address', 'uint256', 'bytes32', 'uint256', 'uint256', 'address'];

export interface BatchPlan {
  batch: EnrolmentBatch;
  /** Names the batch on chain: the hash that its licence signs. */
  batchId: Hex;
  devices: readonly Address[];
  /** Siblings of a device's leaf, from the leaf up. */
  proofOf(index: number): Hex[];
}

/**
 * Builds a batch over device addresses, in this order; nothing is signed or sent.
 * @example planBatch({ chainId, registry }, { manufacturerId: 1n, modelId, nonce: 0n, deadline }, devices)
 */
export function planBatch(
  at: MessageDomain,
  terms: Omit<EnrolmentBatch, 'root' | 'count'>,
  devices: readonly Address[],
): BatchPlan {
  const { manufacturerId, modelId, nonce } = terms;
  const tree = StandardMerkleTree.of(
    devices.map((device, index) => [at.chainId, at.registry, manufacturerId, modelId, nonce, index, device]),
    leafTypes,
  );
  const batch = { ...terms, root: tree.root as Hex, count: BigInt(devices.length) };
  const batchId = hashTypedData(batchMessage(at, batch));
  return { batch, batchId, devices, proofOf: (index) => tree.getProof(index) as Hex[] };
}

/**
 * The licence's attestation signer signs a batch, and it is posted; anyone may be the sender.
 * @throws {MinerError} CHAIN_REVERTED with the registry's reason
 */
export async function postBatch(
  clients: ChainClients,
  deployment: Deployment,
  { plan, licenceSigner }: { plan: BatchPlan; licenceSigner: TypedDataSigner },
  sender?: Account,
): Promise<{ gasUsed: bigint }> {
  const signature = await licenceSigner.signTypedData(batchMessage(minerDomainOf(deployment), plan.batch));
  return sendToRegistry(clients, deployment, 'postBatch', [plan.batch, signature], sender);
}

/**
 * A device of a posted batch names its owner and is enrolled; anyone may be the sender.
 * @throws {MinerError} CHAIN_REVERTED with the registry's reason
 */
export async function enrolFromBatch(
  clients: ChainClients,
  deployment: Deployment,
  request: { plan: BatchPlan; index: number; device: TypedDataSigner; owner: Address; deadline?: bigint },
  sender?: Account,
): Promise<{ gasUsed: bigint }> {
  const { plan, device, owner } = request;
  const deadline = request.deadline ?? (await clients.publicClient.getBlock()).timestamp + 3600n;
  const claim = { index: BigInt(request.index), device: device.address, owner, deadline };
  const { batch, batchId } = plan;
  const signature = await device.signTypedData(claimMessage(minerDomainOf(deployment), { ...claim, batchId }));
  const args = [batch, claim, plan.proofOf(request.index), signature];
  return sendToRegistry(clients, deployment, 'enrolFromBatch', args, sender);
}

/** Where messages to the MinerRegistry of a deployment count. */
export const minerDomainOf = ({ chainId, addresses }: Deployment): MessageDomain => ({
  chainId,
  registry: addresses.MinerRegistry,
});

function sendToRegistry(
  clients: ChainClients,
  deployment: Deployment,
  name: string,
  args: readonly unknown[],
  sender: Account | undefined,
) {
  const { abi } = loadArtifact('MinerRegistry');
  return send(clients, { to: deployment.addresses.MinerRegistry, abi, name, args, ...(sender && { account: sender }) });
}
