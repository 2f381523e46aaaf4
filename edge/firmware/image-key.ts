/**
 * Keys that sign images. A public key is its bytes: 33 or 65 of a P-256 point (SEC1), or 32 of an Ed25519 key, so that
 * the length tells the algorithm.
 */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { compareBytes, concatBytes, fromHex } from '../pack/index.ts';

/** As imgtool names them. */
export type ImageKeyType = 'ecdsa-p256' | 'ed25519';

/** SubjectPublicKeyInfo up to the key: RFC 5480 with a 65-byte point, RFC 8410 with 32 bytes. */
const spkiPrefix = {
  'ecdsa-p256': fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200'),
  ed25519: fromHex('302a300506032b6570032100'),
} as const;
const spkiLength = { 'ecdsa-p256': 91, ed25519: 44 } as const;

export interface ImageSigner {
  type: ImageKeyType;
  publicKey: Uint8Array;
  /** Signs a SHA-256 as the image format wants it: ECDSA in DER, or the 64 bytes of Ed25519 over the hash. */
  sign: (digest: Uint8Array) => Uint8Array;
}

/**
 * Signs without chance: ECDSA after RFC 6979, so that the same image and key give the same bytes.
 * @param privateKey 32 bytes: the scalar of P-256, or the seed of Ed25519
 * @throws {MinerError} IMAGE_KEY
 */
export function imageSigner(type: ImageKeyType, privateKey: Uint8Array): ImageSigner {
  try {
    if (type === 'ed25519') {
      const publicKey = ed25519.getPublicKey(privateKey);
      return { type, publicKey, sign: (digest) => ed25519.sign(digest, privateKey) };
    }
    const publicKey = p256.getPublicKey(privateKey, false);
    // Either s is taken by boot loaders; RFC 6979 leaves it as it comes.
    const options = { prehash: false, format: 'der', lowS: false } as const;
    return { type, publicKey, sign: (digest) => p256.sign(digest, privateKey, options) };
  } catch (cause) {
    throw edgeError('IMAGE_KEY', { problem: `no private key of ${type}` }, cause);
  }
}

/** @throws {MinerError} IMAGE_KEY */
export function imageKeyType(publicKey: Uint8Array): ImageKeyType {
  if (publicKey.length === 32) return 'ed25519';
  if (publicKey.length === 33 || publicKey.length === 65) return 'ecdsa-p256';
  throw edgeError('IMAGE_KEY', {
    problem: `a public key of ${publicKey.length} bytes, expected 32 (Ed25519), or 33 or 65 (P-256)`,
  });
}

/**
 * The key as boot loaders hold it and images may carry it: SubjectPublicKeyInfo in DER, the point uncompressed.
 * @throws {MinerError} IMAGE_KEY
 */
export function subjectPublicKeyInfo(publicKey: Uint8Array): Uint8Array {
  const type = imageKeyType(publicKey);
  return concatBytes(spkiPrefix[type], type === 'ed25519' ? publicKey : uncompressed(publicKey));
}

/**
 * The key of a SubjectPublicKeyInfo.
 * @throws {MinerError} IMAGE_KEY for one of another kind
 */
export function publicKeyOfSpki(spki: Uint8Array): Uint8Array {
  for (const type of ['ecdsa-p256', 'ed25519'] as const) {
    const prefix = spkiPrefix[type];
    const isOne = spki.length === spkiLength[type] && compareBytes(spki.subarray(0, prefix.length), prefix) === 0;
    if (isOne) return type === 'ed25519' ? spki.slice(prefix.length) : uncompressed(spki.subarray(prefix.length));
  }
  throw edgeError('IMAGE_KEY', { problem: 'it is neither a P-256 nor an Ed25519 key' });
}

/** What MCUboot calls the key hash: SHA-256 of the key as SubjectPublicKeyInfo. */
export function keyHashOf(publicKey: Uint8Array): Uint8Array {
  return sha256(subjectPublicKeyInfo(publicKey));
}

function uncompressed(point: Uint8Array): Uint8Array {
  try {
    return p256.Point.fromBytes(point).toBytes(false);
  } catch (cause) {
    throw edgeError('IMAGE_KEY', { problem: 'it is no point on P-256' }, cause);
  }
}
