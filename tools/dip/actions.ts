/**
 * The actions of a DIP by name. Each builder takes what a person would say and returns the call that the timelock will
 * make; the governor weighs the call, not the name.
 */
import { type Address, encodeFunctionData, type Hex } from 'viem';
import { type ContractName, type Deployment, loadArtifact, plan } from '../deploy/index.ts';

/** One call of a proposal. */
export interface Action {
  target: Address;
  /** Wei sent along; above 0 makes a proposal level 3. */
  value: bigint;
  data: Hex;
}

/** A decoder as it is listed; see IDecoderRegistry.Decoder. Hashes are 32 bytes. */
export interface DecoderListing {
  contentHash: Hex;
  semanticHash: Hex;
  moduleHash: Hex;
  platform: Hex;
  version: number;
  sizeBytes: number;
  author: Address;
  payee: Address;
  licence: string;
  id: string;
}

/** The author's signature over a listing; see IDecoderRegistry.Consent. */
export interface DecoderConsent {
  nonce: bigint;
  /** Unix seconds. */
  deadline: bigint;
  signature: Hex;
}

/** Any function of a known contract. An unknown function or wrong arguments are refused by viem. */
export function contractCall(
  deployment: Deployment,
  contract: ContractName,
  name: string,
  args: readonly unknown[],
): Action {
  const data = encodeFunctionData({ abi: loadArtifact(contract).abi, functionName: name, args });
  return { target: deployment.addresses[contract], value: 0n, data };
}

/** Any call of anything: level 3 unless the governor knows it. */
export function rawCall(target: Address, data: Hex, value = 0n): Action {
  return { target, value, data };
}

/** Licenses a maker of Miners. A bond of 0 makes the licence active at once; otherwise its owner posts it. */
export function grantLicence(
  deployment: Deployment,
  licence: {
    owner: Address;
    name: string;
    /** Token units of 18 decimals. */
    bondRequired: bigint;
    deviceCap: number;
    /** 20 bytes of an address, or an ERC-7913 signer. */
    attestationSigner: Hex;
  },
): Action {
  const { owner, name, bondRequired, deviceCap, attestationSigner } = licence;
  return contractCall(deployment, 'ManufacturerRegistry', 'grant', [
    owner,
    name,
    bondRequired,
    deviceCap,
    attestationSigner,
  ]);
}

/** Stops a licence's whole fleet until it is reinstated. */
export function suspendLicence(deployment: Deployment, licence: { id: bigint; reason: string }): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'suspend', [licence.id, licence.reason]);
}

/** Ends a suspension. */
export function reinstateLicence(deployment: Deployment, licence: { id: bigint }): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'reinstate', [licence.id]);
}

/** Ends a licence for good. */
export function revokeLicence(deployment: Deployment, licence: { id: bigint; reason: string }): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'revoke', [licence.id, licence.reason]);
}

/** Lists a decoder, with its author's signed consent. */
export function listDecoder(deployment: Deployment, decoder: DecoderListing, consent: DecoderConsent): Action {
  return contractCall(deployment, 'DecoderRegistry', 'list', [decoder, consent]);
}

/** Lets a decoder run out at `graceEnds` (unix seconds), naming the one that follows it, or 32 zero bytes. */
export function deprecateDecoder(
  deployment: Deployment,
  decoder: { contentHash: Hex; successor: Hex; graceEnds: number },
): Action {
  const { contentHash, successor, graceEnds } = decoder;
  return contractCall(deployment, 'DecoderRegistry', 'deprecate', [contentHash, successor, graceEnds]);
}

/** Withdraws a decoder for good. */
export function revokeDecoder(deployment: Deployment, decoder: { contentHash: Hex; reason: string }): Action {
  return contractCall(deployment, 'DecoderRegistry', 'revoke', [decoder.contentHash, decoder.reason]);
}

/** Pays a platform's bounty for a revealed decoder; with `amountMin`, not less than that (token units of 18 decimals). */
export function awardBounty(
  deployment: Deployment,
  bounty: { platform: Hex; contentHash: Hex; payee: Address; amountMin?: bigint },
): Action {
  const { platform, contentHash, payee, amountMin = 0n } = bounty;
  return contractCall(deployment, 'Bounties', 'award', [platform, contentHash, payee, amountMin]);
}

/** Pays tokens out of the treasury: of the platform's own token unless another is named. */
export function treasurySpend(
  deployment: Deployment,
  payment: { to: Address; amount: bigint; token?: Address },
): Action {
  const { to, amount, token = deployment.addresses.DimoToken } = payment;
  return contractCall(deployment, 'Treasury', 'spend', [token, to, amount]);
}

/** Funds a platform's decoder bounty from the treasury: three calls, because a bounty is paid by whoever funds it. */
export function fundBounty(deployment: Deployment, bounty: { platform: Hex; amount: bigint }): Action[] {
  const { TimelockController, Bounties } = deployment.addresses;
  return [
    treasurySpend(deployment, { to: TimelockController, amount: bounty.amount }),
    contractCall(deployment, 'DimoToken', 'approve', [Bounties, bounty.amount]),
    contractCall(deployment, 'Bounties', 'fund', [bounty.platform, bounty.amount]),
  ];
}

/** A last action that reverts the whole proposal if it would leave the holders without a working vote. */
export function assertGovernable(deployment: Deployment): Action {
  const { addresses: at } = deployment;
  const governed = plan.filter((entry) => entry.proxy).map((entry) => at[entry.name]);
  return contractCall(deployment, 'GovernanceCheck', 'assertGovernable', [at.DimoGovernor, at.AccessManager, governed]);
}
