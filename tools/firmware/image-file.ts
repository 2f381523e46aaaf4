/** Firmware and images in files. */
import { statSync } from 'node:fs';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

/** No slot of a microcontroller is larger. */
const fileBytesMax = 64 << 20;

/** @throws {MinerError} FILE_UNREADABLE */
export function readImageFile(path: string): Uint8Array {
  const bytes = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (bytes > fileBytesMax)
    throw toolError('FILE_UNREADABLE', { path, reason: `it has ${bytes} bytes, an image at most ${fileBytesMax}` });
  return readInput(path);
}
