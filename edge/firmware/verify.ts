/** Whether an image is whole, and signed by the key a device trusts. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { p256 } from '@noble/curves/nist.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { equalBytes, toHex } from '../pack/index.ts';
import type { FirmwareImage } from './image.ts';
import { ImageFlag, TlvType } from './image-format.ts';
import { type ImageKeyType, imageKeyType, keyHashOf, subjectPublicKeyInfo } from './image-key.ts';

/** Everything else in the unsigned area could have been put there by anybody. MCUboot has such a list too. */
const unsignedTypes: ReadonlySet<number> = new Set([
  TlvType.keyHash,
  TlvType.publicKey,
  TlvType.sha256,
  TlvType.ecdsa,
  TlvType.ed25519,
]);

const notRun = ImageFlag.encryptedAes128 | ImageFlag.encryptedAes256 | ImageFlag.nonBootable;
const compressed = ImageFlag.compressedLzma1 | ImageFlag.compressedLzma2 | ImageFlag.compressedArmThumb;

/**
 * Checks hash, key and signature: ECDSA P-256 or Ed25519, each over the SHA-256 of what is signed.
 * @param publicKey SEC1 point of P-256, compressed or not, or the 32 bytes of an Ed25519 key
 * @returns the image's SHA-256, by which chain and packs name it
 * @throws {MinerError} IMAGE_UNVERIFIED, with what does not hold; IMAGE_KEY
 */
export function verifyImage(image: FirmwareImage, publicKey: Uint8Array): Uint8Array {
  const type = imageKeyType(publicKey);
  const stranger = image.tlvs.find((entry) => !unsignedTypes.has(entry.type));
  if (stranger) refuse(`it has an entry 0x${stranger.type.toString(16)} that nobody signed`);
  const digest = verifyHash(image);
  requireKey(image, publicKey);
  const signature =
    type === 'ed25519'
      ? onlyOne(image, TlvType.ed25519, 'Ed25519 signature')
      : unpadded(onlyOne(image, TlvType.ecdsa, 'ECDSA signature'));
  if (!signatureHolds(type, signature, digest, publicKey)) refuse('the signature is not that key over these bytes');
  if ((image.flags & (notRun | compressed)) !== 0)
    refuse(`its flags 0x${image.flags.toString(16)} say that it is encrypted, compressed or not bootable`);
  return digest;
}

/**
 * Checks only that nothing was damaged: anybody can write a hash that fits.
 * @returns the image's SHA-256
 * @throws {MinerError} IMAGE_UNVERIFIED
 */
export function verifyHash(image: FirmwareImage): Uint8Array {
  const digest = sha256(image.signed);
  const stated = onlyOne(image, TlvType.sha256, 'SHA-256');
  if (!equalBytes(stated, digest)) refuse(`its SHA-256 is ${toHex(digest)}, it says ${toHex(stated)}`);
  return digest;
}

/** An image names the key that signed it by its hash, or carries it whole. */
function requireKey(image: FirmwareImage, publicKey: Uint8Array): void {
  const isWhole = image.tlvs.some(({ type }) => type === TlvType.publicKey);
  if (isWhole && image.tlvs.some(({ type }) => type === TlvType.keyHash)) refuse('it names its key twice');
  const named = isWhole ? onlyOne(image, TlvType.publicKey, 'public key') : onlyOne(image, TlvType.keyHash, 'key hash');
  const expected = isWhole ? subjectPublicKeyInfo(publicKey) : keyHashOf(publicKey);
  if (!equalBytes(named, expected)) refuse(`it names key ${toHex(named)}, expected ${toHex(expected)}`);
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

function signatureHolds(type: ImageKeyType, signature: Uint8Array, digest: Uint8Array, key: Uint8Array): boolean {
  try {
    if (type === 'ed25519') return ed25519.verify(signature, digest, key, { zip215: false });
    return p256.verify(signature, digest, key, { prehash: false, format: 'der', lowS: false });
  } catch {
    return false;
  }
}

function refuse(problem: string): never {
  throw edgeError('IMAGE_UNVERIFIED', { problem });
}
