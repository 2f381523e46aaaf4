/** ECDSA with SHA-256 over the two curves that devices have, and the addresses that name their keys. */
import { p256 } from '@noble/curves/nist.js';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { keccak_256 } from '@noble/hashes/sha3.js';

/** IANA COSE algorithm numbers (RFC 9053, 2.1; RFC 8812, 3.2). */
export const CoseAlgorithm = { ES256: -7, ES256K: -47 } as const;
export type CoseAlgorithmName = keyof typeof CoseAlgorithm;

const curveOf = { ES256: p256, ES256K: secp256k1 } as const;

/** Bytes of an r || s signature on either curve. */
export const signatureLength = 64;

/** Whoever signs: a key in software, or a secure element. It hashes by itself; nobody hands it a digest. */
export interface Signer {
  readonly algorithm: CoseAlgorithmName;
  /** SEC1, uncompressed: 65 bytes. */
  readonly publicKey: Uint8Array;
  /** The 20-byte address of `publicKey`. */
  readonly kid: Uint8Array;
  /** @returns r || s, 64 bytes with s in the lower half, and which of the two candidate keys is ours. */
  sign(message: Uint8Array): { signature: Uint8Array; recovery: 0 | 1 };
}

/** The last 20 bytes of keccak-256 of an uncompressed public key without its 0x04: an Ethereum address. */
export function addressOf(publicKey: Uint8Array, algorithm: CoseAlgorithmName = 'ES256K'): Uint8Array {
  const point = publicKey.length === 65 ? publicKey : curveOf[algorithm].Point.fromBytes(publicKey).toBytes(false);
  return keccak_256(point.subarray(1)).subarray(12);
}

/**
 * A signer that holds its key in memory. Deterministic (RFC 6979): the same message gives the same signature.
 * @param privateKey 32 bytes
 */
export function softwareSigner(privateKey: Uint8Array, algorithm: CoseAlgorithmName = 'ES256K'): Signer {
  const curve = curveOf[algorithm];
  const secret = privateKey.slice();
  const publicKey: Uint8Array = curve.getPublicKey(secret, false);
  return {
    algorithm,
    publicKey,
    kid: addressOf(publicKey),
    sign(message) {
      // `recovered` puts the recovery byte before r || s.
      const signed = curve.sign(message, secret, { format: 'recovered', lowS: true });
      // 2 and 3 would mean r >= n, one signature in 2^127.
      return { signature: signed.slice(1), recovery: (signed[0] & 1) as 0 | 1 };
    },
  };
}

/**
 * Whether `signature` (r || s) is the key's over SHA-256 of `message`.
 * ES256K additionally asks for s in the lower half, as on-chain verifiers do: of the two signatures that the curve
 * allows, exactly one holds. ES256 takes both, as COSE and WebAuthn signers produce both.
 * @param publicKey SEC1, compressed or not; one that is not on the curve gives false
 */
export function verifySignature(
  algorithm: CoseAlgorithmName,
  publicKey: Uint8Array,
  message: Uint8Array,
  signature: Uint8Array,
): boolean {
  if (signature.length !== signatureLength) return false;
  try {
    return curveOf[algorithm].verify(signature, message, publicKey, { lowS: algorithm === 'ES256K' });
  } catch {
    return false;
  }
}

/** True when s lies in the upper half, which is refused wherever a signer is known by its address alone. */
export function hasHighS(algorithm: CoseAlgorithmName, signature: Uint8Array): boolean {
  try {
    return curveOf[algorithm].Signature.fromBytes(signature).hasHighS();
  } catch {
    return false;
  }
}

/**
 * The public key (65 bytes) that made `signature` over SHA-256 of `message`, or undefined where there is none.
 * @param recovery which of the two candidates
 */
export function recoverPublicKey(
  algorithm: CoseAlgorithmName,
  message: Uint8Array,
  signature: Uint8Array,
  recovery: 0 | 1,
): Uint8Array | undefined {
  try {
    const parsed = curveOf[algorithm].Signature.fromBytes(signature).addRecoveryBit(recovery);
    return parsed.recoverPublicKey(sha256(message)).toBytes(false);
  } catch {
    return undefined;
  }
}
