/** Giving a Miner its identity on chain: the licence's signer and the device's own key sign the same message. */
import type { Account, Address, Hex } from 'viem';
import { type ChainClients, type Deployment, loadArtifact, send } from '../deploy/index.ts';
import { enrolmentMessage } from './typed-data.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

export interface EnrolmentRequest {
  device: TypedDataSigner;
  /** The licence's attestation signer. */
  licenceSigner: TypedDataSigner;
  manufacturerId: bigint;
  /** The maker's name for the model, 32 bytes. */
  modelId: Hex;
  owner: Address;
  /** Unix seconds; an hour from the chain's time when left out. */
  deadline?: bigint;
}

/**
 * Signs an enrolment with both keys and sends it; anyone may be the sender.
 * @throws {MinerError} CHAIN_REVERTED with the registry's reason
 */
export async function enrolDevice(
  clients: ChainClients,
  deployment: Deployment,
  request: EnrolmentRequest,
  sender?: Account,
): Promise<{ gasUsed: bigint }> {
  const { device, licenceSigner, manufacturerId, modelId, owner } = request;
  const { abi } = loadArtifact('MinerRegistry');
  const registry = deployment.addresses.MinerRegistry;
  const { publicClient } = clients;
  const nonce = (await publicClient.readContract({
    address: registry,
    abi,
    functionName: 'nonceOf',
    args: [manufacturerId],
  })) as bigint;
  const deadline = request.deadline ?? (await publicClient.getBlock()).timestamp + 3600n;
  const message = { device: device.address, manufacturerId, modelId, owner, nonce, deadline };
  const typedData = enrolmentMessage({ chainId: deployment.chainId, registry }, message);
  const [licenceSignature, deviceSignature] = await Promise.all([
    licenceSigner.signTypedData(typedData),
    device.signTypedData(typedData),
  ]);
  const args = [message, licenceSignature, deviceSignature];
  return send(clients, { to: registry, abi, name: 'enrol', args, ...(sender && { account: sender }) });
}
