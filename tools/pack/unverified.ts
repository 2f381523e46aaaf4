/** A pack taken apart without checking its signature: for looking, not for believing. */
import {
  type CoseAlgorithmName,
  type CoseSign1,
  claimedIdentity,
  decodeBody,
  type PackBody,
  packHash,
  parseCose,
  toHex,
} from '../../edge/pack/index.ts';

export interface UnverifiedPack {
  name: string;
  bytes: Uint8Array;
  message: CoseSign1;
  algorithm: CoseAlgorithmName;
  /** Claimed: 0x and 40 hex digits. */
  device: string;
  /** SHA-256 of all the bytes, 64 hex digits. */
  hash: string;
  body: PackBody;
}

/** @throws {MinerError} CBOR_INVALID, COSE_*, PACK_* */
export function openUnverified(name: string, bytes: Uint8Array): UnverifiedPack {
  const message = parseCose(bytes);
  const { algorithm, kid } = claimedIdentity(message);
  const body = decodeBody(message.payload);
  return { name, bytes, message, algorithm, device: `0x${toHex(kid)}`, hash: toHex(packHash(bytes)), body };
}
