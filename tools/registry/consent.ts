/** A decoder author's signed consent to be listed. */
import { type ChainClients, type Deployment, loadArtifact } from '../deploy/index.ts';
import type { DecoderConsent, DecoderListing } from '../dip/index.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

/** Types of the message, as DecoderRegistry hashes it (EIP-712). */
const consentTypes = {
  ListingConsent: [
    { name: 'contentHash', type: 'bytes32' },
    { name: 'semanticHash', type: 'bytes32' },
    { name: 'moduleHash', type: 'bytes32' },
    { name: 'platform', type: 'bytes32' },
    { name: 'version', type: 'uint32' },
    { name: 'sizeBytes', type: 'uint32' },
    { name: 'author', type: 'address' },
    { name: 'payee', type: 'address' },
    { name: 'licence', type: 'string' },
    { name: 'id', type: 'string' },
    { name: 'nonce', type: 'uint256' },
    { name: 'deadline', type: 'uint256' },
  ],
} as const;

/** A DIP takes 13 days from proposal to execution; the consent has to hold that long, and the timelock's grace. */
const consentSeconds = 60n * 86_400n;

export async function signConsent(
  clients: ChainClients,
  deployment: Deployment,
  listing: DecoderListing,
  author: TypedDataSigner,
): Promise<DecoderConsent> {
  const registry = deployment.addresses.DecoderRegistry;
  const nonce = (await clients.publicClient.readContract({
    address: registry,
    abi: loadArtifact('DecoderRegistry').abi,
    functionName: 'nonceOf',
    args: [listing.author],
  })) as bigint;
  const deadline = (await clients.publicClient.getBlock()).timestamp + consentSeconds;
  const signature = await author.signTypedData({
    domain: { name: 'DIMO DecoderRegistry', version: '1', chainId: deployment.chainId, verifyingContract: registry },
    types: consentTypes,
    primaryType: 'ListingConsent',
    message: { ...listing, nonce, deadline },
  });
  return { nonce, deadline, signature };
}
