/** An image that is looked at before a byte of it is sent. */
import { parseImage, verifyHash, verifyImage, versionText } from '../../edge/firmware/index.ts';
import { readImageFile, readImagePublicKey } from '../firmware/index.ts';

export interface CheckedImage {
  path: string;
  /** Header to the last tag-length-value: what is sent. */
  bytes: Uint8Array;
  version: string;
  /** By which the device names it. */
  hash: Uint8Array;
  /** Of the file behind the image: padding and trailer, which the device writes itself. */
  bytesLeftOut: number;
  isSignatureChecked: boolean;
}

/**
 * Reads an image, and checks that it is whole, and with a key that it is signed by it.
 * @throws {MinerError} FILE_UNREADABLE; IMAGE_INVALID; IMAGE_UNVERIFIED; those of readImagePublicKey
 */
export function readCheckedImage(path: string, keyPath?: string): CheckedImage {
  const file = readImageFile(path);
  const image = parseImage(file);
  const hash = keyPath === undefined ? verifyHash(image) : verifyImage(image, readImagePublicKey(keyPath));
  return {
    path,
    bytes: file.subarray(0, image.length),
    version: versionText(image.version),
    hash,
    bytesLeftOut: file.length - image.length,
    isSignatureChecked: keyPath !== undefined,
  };
}
