/** What the commands that write DIPs of applicants share. */
import { existsSync, writeFileSync } from 'node:fs';
import { toolError } from '../../../errors/index.ts';

/**
 * Refuses before anything is signed or written.
 * @throws {MinerError} OUTPUT_EXISTS
 */
export function expectFree(files: readonly string[], force: boolean | undefined): void {
  const taken = force ? undefined : files.find((file) => existsSync(file));
  if (taken !== undefined) throw toolError('OUTPUT_EXISTS', { path: taken, what: 'a file' });
}

/** @throws {MinerError} OUTPUT_UNWRITABLE */
export function writeFile(file: string, text: string): void {
  try {
    writeFileSync(file, text);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path: file, reason: String((cause as NodeJS.ErrnoException).code) }, cause);
  }
}

/** A moment of the chain as the day that a DIP file is dated with. */
export const dayOf = (seconds: number) => new Date(seconds * 1_000).toISOString().slice(0, 10);
