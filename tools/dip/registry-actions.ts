/** Actions of a DIP on licences, devices and decoders, beyond those in actions.ts. */
import type { Address, Hex } from 'viem';
import type { Deployment } from '../deploy/index.ts';
import { type Action, contractCall } from './actions.ts';

/** One audited firmware image of a model. All are 32 bytes; the last two are SHA-256. */
export interface ModelCertificate {
  licenceId: bigint;
  modelId: Hex;
  imageHash: Hex;
  auditHash: Hex;
}

/** Takes a part of a licence's bond into the treasury. Below the requirement the licence is no longer active. */
export function slashLicence(
  deployment: Deployment,
  slash: {
    id: bigint;
    /** Token units of 18 decimals, at most the bond. */
    amount: bigint;
    reason: string;
  },
): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'slash', [slash.id, slash.amount, slash.reason]);
}

/** Lets a licence have up to `deviceCap` Miners at a time; those that it has already stay. */
export function setDeviceCap(deployment: Deployment, licence: { id: bigint; deviceCap: number }): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'setDeviceCap', [licence.id, licence.deviceCap]);
}

/** Records that an image of a model was audited. */
export function certifyModel(deployment: Deployment, certificate: ModelCertificate): Action {
  const { licenceId, modelId, imageHash, auditHash } = certificate;
  return contractCall(deployment, 'ManufacturerRegistry', 'certify', [licenceId, modelId, imageHash, auditHash]);
}

/** Takes such a record back. */
export function withdrawCertificate(deployment: Deployment, certificate: Omit<ModelCertificate, 'auditHash'>): Action {
  const { licenceId, modelId, imageHash } = certificate;
  return contractCall(deployment, 'ManufacturerRegistry', 'withdrawCertificate', [licenceId, modelId, imageHash]);
}

/** Lets licences use an ERC-7913 verifier contract for their attestation signers, or no longer. */
export function setVerifier(deployment: Deployment, verifier: { address: Address; listed: boolean }): Action {
  return contractCall(deployment, 'ManufacturerRegistry', 'setVerifier', [verifier.address, verifier.listed]);
}

/** Ends a device for good, without its owner. */
export function retireDevice(deployment: Deployment, device: { address: Address; reason: string }): Action {
  return contractCall(deployment, 'MinerRegistry', 'retire', [device.address, device.reason]);
}

/** Ends a deprecated decoder before its grace does. */
export function retireDecoder(deployment: Deployment, decoder: { contentHash: Hex }): Action {
  return contractCall(deployment, 'DecoderRegistry', 'retire', [decoder.contentHash]);
}

/** Takes a decoder out of use for a time: at most 14 days, and once. */
export function suspendDecoder(
  deployment: Deployment,
  decoder: { contentHash: Hex; durationSeconds: number; reason: string },
): Action {
  const { contentHash, durationSeconds, reason } = decoder;
  return contractCall(deployment, 'DecoderRegistry', 'suspend', [contentHash, durationSeconds, reason]);
}

/** Ends a decoder's suspension early. */
export function reinstateDecoder(deployment: Deployment, decoder: { contentHash: Hex }): Action {
  return contractCall(deployment, 'DecoderRegistry', 'reinstate', [decoder.contentHash]);
}

/** Says who signs checkpoints for offline Miners, and how many of them must. Puts them in the order that is asked. */
export function setCheckpointSigners(
  deployment: Deployment,
  checkpoints: { signers: readonly Address[]; threshold: number },
): Action {
  const signers = checkpoints.signers.toSorted((a, b) => (BigInt(a) < BigInt(b) ? -1 : 1));
  return contractCall(deployment, 'DecoderRegistry', 'setCheckpointSigners', [signers, checkpoints.threshold]);
}
