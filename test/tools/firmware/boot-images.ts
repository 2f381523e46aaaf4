/** Firmware of emulated Miners, signed by one key; `version` is also the manifest's. */
import { type ImageVerifier, imageVerifier } from '../../../edge/boot/index.ts';
import {
  buildManifestBody,
  type FirmwareManifest,
  imageSigner,
  modelIdOf,
  parseImageVersion,
  signImage,
} from '../../../edge/firmware/index.ts';

const signer = imageSigner('ed25519', new Uint8Array(32).fill(3));

export const verify: ImageVerifier = imageVerifier(signer.publicKey);

export function firmware(version: string, change: Partial<FirmwareManifest> = {}, bodyBytes = 40_000): Uint8Array {
  const manifest = { version, model: modelIdOf('emulated'), decoders: [], settings: {}, ...change };
  return signImage({ body: buildManifestBody(manifest, bodyBytes), version: parseImageVersion(version) }, signer);
}
