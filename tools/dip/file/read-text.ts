/** Reads a DIP file's bytes. */
import { closeSync, openSync, readSync } from 'node:fs';
import { toolError } from '../../errors/index.ts';
import { reasonOf } from '../../files.ts';
import { fileSizeMax } from './front-matter.ts';

/**
 * The text of a DIP file, and no more of a file that is too large for one than shows that it is.
 * @throws {MinerError} FILE_UNREADABLE
 */
export function readDipText(path: string): string {
  const bytes = new Uint8Array(fileSizeMax + 1);
  try {
    const file = openSync(path, 'r');
    try {
      let size = 0;
      for (;;) {
        const got = readSync(file, bytes, size, bytes.length - size, null);
        if (got === 0) return new TextDecoder().decode(bytes.subarray(0, size));
        size += got;
      }
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw toolError('FILE_UNREADABLE', { path, reason: reasonOf(cause) }, cause);
  }
}
