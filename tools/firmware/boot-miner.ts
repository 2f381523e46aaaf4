/** An emulated Miner between its reset and its firmware: boot loader, booted image, and the manifest in it. */
import { type BootOutcome, bootOnce, ImageSlots, type ImageVerifier } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { type FirmwareManifest, manifestOfBody, parseImage } from '../../edge/firmware/index.ts';
import { toHex } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import type { MinerFlash } from './boot-flash.ts';

export interface BootedMiner {
  outcome: BootOutcome;
  /** Of the image's header: what boot loader and image management go by. */
  version: string;
  /** SHA-256 by which chain, certificates and packs name the image; `MinerOptions` and pack body take it. */
  imageHash: Uint8Array;
  /** What the firmware does: decoders, model, intervals. */
  manifest: FirmwareManifest;
  /** It is to be confirmed, or the next boot reverts it. */
  isTrial: boolean;
  /** Image management of this boot, as the SMP server takes it. */
  images: ImageSlots;
}

/**
 * Boots the image in a flash.
 * @throws {MinerError} BOOT_NO_IMAGE; FIRMWARE_FOREIGN when the image is not for emulated Miners: `isTrial` among the
 * facts says whether the next boot takes it back
 * @example
 * const flash = openMinerFlash('.miner/flash.bin');
 * const { version, manifest, imageHash } = bootMiner(flash, imageVerifier(readImagePublicKey('key.pem')));
 */
export function bootMiner({ layout }: MinerFlash, verify: ImageVerifier): BootedMiner {
  const outcome = bootOnce(layout, { verify });
  const { image, isTrial } = outcome;
  const manifest = manifestOf(layout.primary.read(0, image.lengthBytes), outcome);
  const images = new ImageSlots({ ...layout, verify });
  return { outcome, version: image.version, imageHash: image.hash, manifest, isTrial, images };
}

function manifestOf(bytes: Uint8Array, { image, isTrial }: BootOutcome): FirmwareManifest {
  const refuse = (problem: string, cause?: unknown) =>
    toolError('FIRMWARE_FOREIGN', { version: image.version, hash: toHex(image.hash), problem, isTrial }, cause);
  try {
    const manifest = manifestOfBody(parseImage(bytes).body);
    if (manifest) return manifest;
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    throw refuse(error.message, error);
  }
  throw refuse('its body holds no manifest');
}
