/** A production line's devices under one root: the maker signs once, and each device enrols when it is unpacked. */
import { type Account, type Address, type Hex, hashTypedData, hexToBytes } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import { keccakInto, merkleTree } from '../merkle/index.ts';
import { batchMessage, claimMessage, type EnrolmentBatch, type MessageDomain } from './typed-data.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

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
  const tree = merkleTree(batchLeaves(at, terms, devices));
  const batch = { ...terms, root: tree.root, count: BigInt(devices.length) };
  const batchId = hashTypedData(batchMessage(at, batch));
  return { batch, batchId, devices, proofOf: (index) => tree.proof(index) };
}

const wordBytes = 32;

/**
 * The leaves of a batch, 32 bytes each, in the order of the devices: as EnrolmentTypes.leaf hashes them, twice over the
 * words chain, registry, licence, model, nonce, index, device.
 */
export function batchLeaves(
  at: MessageDomain,
  terms: Pick<EnrolmentBatch, 'manufacturerId' | 'modelId' | 'nonce'>,
  devices: readonly Address[],
  firstIndex = 0,
): Uint8Array {
  const constants = [BigInt(at.chainId), BigInt(at.registry), terms.manufacturerId, BigInt(terms.modelId), terms.nonce];
  const words = new Uint8Array((constants.length + 2) * wordBytes);
  for (const [word, value] of constants.entries()) {
    words.set(hexToBytes(`0x${value.toString(16).padStart(2 * wordBytes, '0')}`), word * wordBytes);
  }
  const [indexWord, deviceWord] = [constants.length, constants.length + 1];
  const message = new DataView(words.buffer);
  const leaves = new Uint8Array(devices.length * wordBytes);
  const output = new DataView(leaves.buffer);
  for (const [number, device] of devices.entries()) {
    message.setUint32((indexWord + 1) * wordBytes - 4, firstIndex + number);
    words.set(hexToBytes(device), (deviceWord + 1) * wordBytes - 20);
    keccakInto(message, 0, words.length, output, number * wordBytes);
    keccakInto(output, number * wordBytes, wordBytes, output, number * wordBytes);
  }
  return leaves;
}

/**
 * The licence's attestation signer signs a batch, and it is posted; anyone may be the sender.
 * @throws {MinerError} CHAIN_REVERTED with the registry's reason
 */
export async function postBatch(
  clients: ChainClients,
  deployment: Deployment,
  { plan, licenceSigner }: { plan: Pick<BatchPlan, 'batch'>; licenceSigner: TypedDataSigner },
  sender?: Account,
): Promise<{ gasUsed: bigint }> {
  const signature = await licenceSigner.signTypedData(batchMessage(minerDomainOf(deployment), plan.batch));
  return postSignedBatch(clients, deployment, { batch: plan.batch, signature }, sender);
}

/** Posts a batch with a signature that was made elsewhere: over its id, which is the EIP-712 digest. */
export function postSignedBatch(
  clients: ChainClients,
  deployment: Deployment,
  { batch, signature }: { batch: EnrolmentBatch; signature: Hex },
  sender?: Account,
): Promise<{ gasUsed: bigint }> {
  return sendToRegistry(clients, deployment, 'postBatch', [batch, signature], sender);
}

/**
 * A device of a posted batch names its owner and is enrolled; anyone may be the sender.
 * @throws {MinerError} CHAIN_REVERTED with the registry's reason
 */
export async function enrolFromBatch(
  clients: ChainClients,
  deployment: Deployment,
  request: {
    plan: Pick<BatchPlan, 'batch' | 'batchId' | 'proofOf'>;
    index: number;
    device: TypedDataSigner;
    owner: Address;
    deadline?: bigint;
  },
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
