import { parseImage, securityCounterOf, verifyImage, versionText } from '../firmware/index.ts';
import type { ImageVerifier } from './types.ts';

/**
 * The verifier of a device that trusts one key.
 * @param publicKey as verifyImage takes it
 * @param alsoRequire throws for images that are signed but not wanted, such as those of another model
 */
export function imageVerifier(
  publicKey: Uint8Array,
  alsoRequire?: (image: ReturnType<typeof parseImage>) => void,
): ImageVerifier {
  return (bytes) => {
    const image = parseImage(bytes);
    const hash = verifyImage(image, publicKey);
    alsoRequire?.(image);
    const { version, length } = image;
    return { version: versionText(version), hash, lengthBytes: length, securityCounter: securityCounterOf(image) ?? 0 };
  };
}
