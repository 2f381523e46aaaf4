/**
 * Small images, signed as real ones are, and a verifier that checks each signature once: for bytes with the SHA-256 of
 * an image that verified, or did not, the answer is remembered. One ECDSA costs as much as several simulated lives.
 */
import { createHash } from 'node:crypto';
import { type ImageVerifier, imageVerifier, type VerifiedImage } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { imageSigner, parseImage, parseImageVersion, signImage } from '../../edge/firmware/index.ts';

const signer = imageSigner('ecdsa-p256', new Uint8Array(32).fill(7));

/** Of a life: the one that is there, the two that come, and two that must not run. */
const contents = {
  a: { version: '1.0.0', securityCounter: 2 },
  b: { version: '1.1.0', securityCounter: 3 },
  c: { version: '1.2.0', securityCounter: 4 },
  damaged: { version: '1.1.0', securityCounter: 3 },
  older: { version: '0.9.0', securityCounter: 1 },
} as const;
export type ImageName = keyof typeof contents;

/** Header, entries and the longest signature, with some to spare. */
const overheadBytes = 210;

export interface SimulatedImage {
  name: ImageName;
  bytes: Uint8Array;
  /** SHA-256 of what is signed. */
  hash: Uint8Array;
  /** SHA-256 of all bytes, as an upload announces it. */
  sha256: Uint8Array;
  securityCounter: number;
}

const images = new Map<string, SimulatedImage>();

/** The image with that name that just fits `spaceBytes`; the same bytes each time. */
export function simulatedImage(name: ImageName, spaceBytes: number): SimulatedImage {
  const key = `${name} ${spaceBytes}`;
  let image = images.get(key);
  if (!image) {
    image = makeImage(name, spaceBytes);
    images.set(key, image);
  }
  return image;
}

function makeImage(name: ImageName, spaceBytes: number): SimulatedImage {
  const { version, securityCounter } = contents[name];
  const body = new Uint8Array(spaceBytes - overheadBytes).map((_, i) => (i * 31 + name.charCodeAt(0)) & 255);
  const bytes = signImage({ body, version: parseImageVersion(version), securityCounter }, signer);
  if (name === 'damaged') bytes[32 + (body.length >> 1)] ^= 0x10;
  const digest = (part: Uint8Array) => new Uint8Array(createHash('sha256').update(part).digest());
  return { name, bytes, hash: digest(parseImage(bytes).signed), sha256: digest(bytes), securityCounter };
}

const verifyOnce = imageVerifier(signer.publicKey);
const verdicts = new Map<string, VerifiedImage | MinerError>();

export const verifySimulated: ImageVerifier = (bytes) => {
  const { length } = parseImage(bytes);
  const key = createHash('sha256').update(bytes.subarray(0, length)).digest('hex');
  let verdict = verdicts.get(key);
  if (!verdict) {
    verdict = verdictOn(bytes);
    verdicts.set(key, verdict);
  }
  if (verdict instanceof MinerError) throw verdict;
  return verdict;
};

function verdictOn(bytes: Uint8Array): VerifiedImage | MinerError {
  try {
    return verifyOnce(bytes);
  } catch (error) {
    if (error instanceof MinerError) return error;
    throw error;
  }
}
