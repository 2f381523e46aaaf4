/** What makers, devices and authors sign, as the contracts hash it (EIP-712): the one place that spells the types out. */
import type { Address, Hex } from 'viem';
import type { DecoderListing } from '../dip/index.ts';

/** Where a message counts: nowhere else. */
export interface MessageDomain {
  chainId: number;
  /** MinerRegistry's, or DecoderRegistry's. */
  registry: Address;
}

export interface Enrolment {
  device: Address;
  manufacturerId: bigint;
  /** The maker's name for the model, 32 bytes. */
  modelId: Hex;
  owner: Address;
  nonce: bigint;
  /** Unix seconds, as all deadlines here. */
  deadline: bigint;
}

export interface Rotation {
  device: Address;
  newDevice: Address;
  nonce: bigint;
  deadline: bigint;
}

export interface EnrolmentBatch {
  manufacturerId: bigint;
  modelId: Hex;
  root: Hex;
  count: bigint;
  nonce: bigint;
  deadline: bigint;
}

export interface BatchClaim {
  index: bigint;
  device: Address;
  owner: Address;
  deadline: bigint;
}

const minerDomain = ({ chainId, registry }: MessageDomain) =>
  ({ name: 'DIMO MinerRegistry', version: '1', chainId, verifyingContract: registry }) as const;

/** Signed by the licence's signer and by the device. */
export const enrolmentMessage = (at: MessageDomain, message: Enrolment) =>
  ({
    domain: minerDomain(at),
    types: {
      Enrolment: [
        { name: 'device', type: 'address' },
        { name: 'manufacturerId', type: 'uint256' },
        { name: 'modelId', type: 'bytes32' },
        { name: 'owner', type: 'address' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Enrolment',
    message,
  }) as const;

/** Signed by the licence's signer and by the new key. */
export const rotationMessage = (at: MessageDomain, message: Rotation) =>
  ({
    domain: minerDomain(at),
    types: {
      Rotation: [
        { name: 'device', type: 'address' },
        { name: 'newDevice', type: 'address' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'Rotation',
    message,
  }) as const;

/** Signed by the licence's signer; its hash is the batch's id. */
export const batchMessage = (at: MessageDomain, message: EnrolmentBatch) =>
  ({
    domain: minerDomain(at),
    types: {
      EnrolmentBatch: [
        { name: 'manufacturerId', type: 'uint256' },
        { name: 'modelId', type: 'bytes32' },
        { name: 'root', type: 'bytes32' },
        { name: 'count', type: 'uint256' },
        { name: 'nonce', type: 'uint256' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'EnrolmentBatch',
    message,
  }) as const;

/** Signed by the device. */
export const claimMessage = (at: MessageDomain, message: BatchClaim & { batchId: Hex }) =>
  ({
    domain: minerDomain(at),
    types: {
      BatchClaim: [
        { name: 'batchId', type: 'bytes32' },
        { name: 'index', type: 'uint256' },
        { name: 'device', type: 'address' },
        { name: 'owner', type: 'address' },
        { name: 'deadline', type: 'uint256' },
      ],
    },
    primaryType: 'BatchClaim',
    message,
  }) as const;

/** Signed by a decoder's author. */
export const consentMessage = (
  { chainId, registry }: MessageDomain,
  message: DecoderListing & { nonce: bigint; deadline: bigint },
) =>
  ({
    domain: { name: 'DIMO DecoderRegistry', version: '1', chainId, verifyingContract: registry },
    types: {
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
    },
    primaryType: 'ListingConsent',
    message,
  }) as const;
