import { readFileSync } from 'node:fs';
import { toolError } from './errors/index.ts';

/** @throws {MinerError} FILE_UNREADABLE with the system's reason in words. */
export function readInput(path: string): Uint8Array {
  try {
    return readFileSync(path);
  } catch (cause) {
    throw toolError('FILE_UNREADABLE', { path, reason: reasonOf(cause) }, cause);
  }
}

const reasons: Record<string, string> = {
  ENOENT: 'no such file',
  EISDIR: 'it is a folder',
  EACCES: 'permission denied',
};

/** Why the system could not open or read a file, in words. */
export function reasonOf(cause: unknown): string {
  const code = (cause as NodeJS.ErrnoException).code ?? '';
  return reasons[code] ?? code;
}
