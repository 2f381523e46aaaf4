/** Whether an image is whole, and signed by the key a device trusts. */
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { concatBytes, equalBytes, fromHex, toHex } from '../pack/index.ts';
import type { FirmwareImage } from './image.ts';
import { TlvType } from './image-format.ts';

/** SubjectPublicKeyInfo of a P-256 key up to its 65-byte point. RFC 5480. */
const spkiPrefix = fromHex('3059301306072a8648ce3d020106082a8648ce3d030107034200');

/** What MCUboot calls the key hash: SHA-256 of the key as SubjectPublicKeyInfo. */
export function keyHashOf(publicKey: Uint8Array): Uint8Array {
  return sha256(concatBytes(spkiPrefix, p256.Point.fromBytes(publicKey).toBytes(false)));
}

/**
 * Checks hash, key and ECDSA P-256 signature.
 * @param publicKey SEC1, compressed or not
 * @returns the image's SHA-256, by which chain and packs name it
 * @throws {MinerError} IMAGE_UNVERIFIED, with what does not hold
 */
export function verifyImage(image: FirmwareImage, publicKey: Uint8Array): Uint8Array {
  const digest = sha256(image.signed);
  const stated = onlyOne(image, TlvType.sha256, 'SHA-256');
  if (!equalBytes(stated, digest)) refuse(`its SHA-256 is ${toHex(digest)}, it says ${toHex(stated)}`);
  const keyHash = onlyOne(image, TlvType.keyHash, 'key hash');
  const expected = keyHashOf(publicKey);
  if (!equalBytes(keyHash, expected)) refuse(`it names key ${toHex(keyHash)}, expected ${toHex(expected)}`);
  const signature = unpadded(onlyOne(image, TlvType.ecdsa, 'ECDSA signature'));
  if (!signatureHolds(signature, digest, publicKey)) refuse('the signature is not that key over these bytes');
  return digest;
}

/** A second entry could hide which one another boot loader would read. */
function onlyOne(image: FirmwareImage, type: number, name: string): Uint8Array {
  const found = image.tlvs.filter((entry) => entry.type === type);
  if (found.length !== 1) refuse(`it has ${found.length} entries for its ${name}, expected 1`);
  return found[0].value;
}

/** Older imgtool pads the DER signature with zeros to a fixed length. */
function unpadded(signature: Uint8Array): Uint8Array {
  const length = signature.length >= 2 ? 2 + signature[1] : 0;
  return signature.subarray(length).every((byte) => byte === 0) ? signature.subarray(0, length) : signature;
}

function signatureHolds(signature: Uint8Array, digest: Uint8Array, publicKey: Uint8Array): boolean {
  try {
    return p256.verify(signature, digest, publicKey, { prehash: false, format: 'der', lowS: false });
  } catch {
    return false;
  }
}

function refuse(problem: string): never {
  throw edgeError('IMAGE_UNVERIFIED', { problem });
}
