/** A decoder author's signed consent to be listed. */
import { type ChainClients, type Deployment, loadArtifact } from '../deploy/index.ts';
import type { DecoderConsent, DecoderListing } from '../dip/index.ts';
import { consentMessage } from './typed-data.ts';
import type { TypedDataSigner } from './typed-data-signer.ts';

/** A DIP takes 13 days from proposal to execution; the consent has to hold that long, and the timelock's grace. */
const consentSeconds = 60n * 86_400n;

/** @param until Unix seconds; 60 days from the chain's time when left out. */
export async function signConsent(
  clients: ChainClients,
  deployment: Deployment,
  listing: DecoderListing,
  author: TypedDataSigner,
  until?: bigint,
): Promise<DecoderConsent> {
  const registry = deployment.addresses.DecoderRegistry;
  const nonce = (await clients.publicClient.readContract({
    address: registry,
    abi: loadArtifact('DecoderRegistry').abi,
    functionName: 'nonceOf',
    args: [listing.author],
  })) as bigint;
  const deadline = until ?? (await clients.publicClient.getBlock()).timestamp + consentSeconds;
  const at = { chainId: deployment.chainId, registry };
  const signature = await author.signTypedData(consentMessage(at, { ...listing, nonce, deadline }));
  return { nonce, deadline, signature };
}
