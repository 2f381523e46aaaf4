/** The DIPs that the demo carries, as a holder would write them. */
import { type Address, keccak256, parseEther, stringToHex } from 'viem';
import type { DecoderIdentity } from '../../decoder.ts';
import {
  type DecoderConsent,
  type DecoderListing,
  type Dip,
  grantLicence,
  listDecoder,
  setCheckpointSigners,
  suspendLicence,
  treasurySpend,
} from '../../dip/index.ts';
import type { ChainWorld } from './world.ts';

/** The first licence of a fresh chain, and its maker's only model. */
export const demoMaker = { manufacturerId: 1n, modelId: `0x${'00'.repeat(31)}01` } as const;

/** Two weeks of the first year's emission. */
const rewardFund = parseEther('2210000');

export function licenceDip({ deployment, actors }: ChainWorld): Dip {
  const licence = {
    owner: actors.maker.address,
    name: 'Demo Devices',
    bondRequired: 0n,
    deviceCap: 1000,
    attestationSigner: actors.maker.address,
  };
  return {
    title: 'License Demo Devices as a maker of Miners',
    text: 'Demo Devices may enrol up to 1,000 Miners. No bond is asked of this first maker.',
    actions: [grantLicence(deployment, licence)],
  };
}

/** A decoder as its author submits it: named, hashed, and with what it is for. */
export function decoderListing(
  world: ChainWorld,
  decoder: { name: string; bytes: Uint8Array; identity: DecoderIdentity },
): DecoderListing {
  const { identity, bytes, name } = decoder;
  return {
    contentHash: `0x${identity.contentHash}`,
    semanticHash: `0x${identity.semanticHash}`,
    moduleHash: `0x${identity.moduleHash}`,
    platform: keccak256(stringToHex(name)),
    version: 1,
    sizeBytes: bytes.length,
    author: world.actors.author.address,
    payee: world.actors.author.address,
    licence: 'Apache-2.0',
    id: name,
  };
}

export function decoderDip({ deployment }: ChainWorld, listing: DecoderListing, consent: DecoderConsent): Dip {
  return {
    title: `List the decoder ${listing.id}`,
    text: `Miners may decode with the file whose SHA-256 is ${listing.contentHash.slice(2)}.`,
    actions: [listDecoder(deployment, listing, consent)],
  };
}

/** Who vouches for the decoders towards Miners that are offline. */
export function checkpointSignersDip(
  { deployment }: ChainWorld,
  checkpoints: { signers: readonly Address[]; threshold: number },
): Dip {
  const { signers, threshold } = checkpoints;
  return {
    title: `Let ${threshold} of ${signers.length} sign checkpoints`,
    text: 'Miners that are offline decode with what these signers vouch for.',
    actions: [setCheckpointSigners(deployment, checkpoints)],
  };
}

export function fundRewardsDip({ deployment }: ChainWorld): Dip {
  return {
    title: 'Fund two weeks of rewards',
    text: 'The treasury pays 2,210,000 tokens to the reward pool.',
    actions: [treasurySpend(deployment, { to: deployment.addresses.RewardPool, amount: rewardFund })],
  };
}

export function suspensionDip({ deployment }: ChainWorld): Dip {
  return {
    title: 'Suspend the licence of Demo Devices',
    text: 'A fault was found in its Miners: until it is mended, their packs do not count.',
    actions: [suspendLicence(deployment, { id: demoMaker.manufacturerId, reason: 'fault found in the field' })],
  };
}
