/** Puts a key file where nothing is; what is there is never written over. */
import { existsSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { toolError } from '../errors/index.ts';

/** Looked at before a password is asked for. @throws {MinerError} KEYSTORE_TAKEN, OUTPUT_UNWRITABLE */
export function assertFree(path: string): void {
  if (existsSync(path)) throw toolError('KEYSTORE_TAKEN', { path });
  if (!existsSync(dirname(path))) throw toolError('OUTPUT_UNWRITABLE', { path, reason: 'its folder is not there' });
}

/** Readable by its owner alone. @throws {MinerError} KEYSTORE_TAKEN, OUTPUT_UNWRITABLE */
export function writeKeystore(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (cause) {
    assertFree(path);
    const reason = (cause as NodeJS.ErrnoException).code ?? String(cause);
    throw toolError('OUTPUT_UNWRITABLE', { path, reason }, cause);
  }
}
