/**
 * The body of an emulated image: 8 bytes "DIMO-MNF", the manifest's length (u32, little-endian), the manifest, and
 * filler in place of code, so that an image can have the size of a real one.
 */
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { concatBytes } from '../pack/index.ts';
import { decodeManifest, encodeManifest, type FirmwareManifest, manifestLimits } from './manifest.ts';

const magic = new TextEncoder().encode('DIMO-MNF');
const headLength = magic.length + 4;

/**
 * The same manifest and size give the same bytes.
 * @param sizeBytes of the whole body; as short as can be when left out
 * @throws {MinerError} MANIFEST_INVALID
 */
export function buildManifestBody(manifest: FirmwareManifest, sizeBytes = 0): Uint8Array {
  const encoded = encodeManifest(manifest);
  const used = headLength + encoded.length;
  const body = new Uint8Array(Math.max(used, sizeBytes));
  body.set(magic);
  new DataView(body.buffer).setUint32(magic.length, encoded.length, true);
  body.set(encoded, headLength);
  fill(body.subarray(used), encoded);
  return body;
}

/**
 * The manifest in an image's body.
 * @returns undefined for a body that doesn't begin as one: firmware for other hardware
 * @throws {MinerError} MANIFEST_INVALID, CBOR_INVALID
 */
export function manifestOfBody(body: Uint8Array): FirmwareManifest | undefined {
  if (!magic.every((byte, i) => body[i] === byte)) return undefined;
  const { bytesMax } = manifestLimits;
  const room = Math.min(Math.max(body.length - headLength, 0), bytesMax);
  const length =
    body.length < headLength ? -1 : new DataView(body.buffer, body.byteOffset).getUint32(magic.length, true);
  if (length < 0 || length > room) {
    const got = length < 0 ? 'cut short' : String(length);
    throw edgeError('MANIFEST_INVALID', { field: 'its length', got, expected: `at most ${room} bytes` });
  }
  return decodeManifest(body.subarray(headLength, headLength + length));
}

/** Bytes that no compression shrinks, as code hardly does: SHA-256 of a counter and the manifest. */
function fill(area: Uint8Array, seed: Uint8Array): void {
  const counter = new Uint8Array(4);
  for (let at = 0, block = 0; at < area.length; at += 32, block++) {
    new DataView(counter.buffer).setUint32(0, block);
    area.set(sha256(concatBytes(counter, seed)).subarray(0, area.length - at), at);
  }
}
