/** The folder that tables are written into: never one that holds anything else. */
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import { toolError } from '../../errors/index.ts';
import { reasonOf } from '../reason.ts';
import { manifestName } from './manifest.ts';

/**
 * Makes the folder, or empties it of what an earlier run left.
 * @param force allows a folder with something in it; only what its tables.json lists is removed
 * @throws {MinerError} `OUTPUT_EXISTS`, `OUTPUT_UNWRITABLE`
 */
export function prepareTables(folder: string, force: boolean): void {
  try {
    const found = statSync(folder, { throwIfNoEntry: false });
    if (found === undefined) mkdirSync(folder, { recursive: true });
    else if (!found.isDirectory())
      throw toolError('OUTPUT_EXISTS', { path: folder, what: 'something that is no folder' });
    else if (readdirSync(folder).length > 0) {
      if (!force) throw toolError('OUTPUT_EXISTS', { path: folder, what: 'a folder with something in it' });
      removeTables(folder);
    }
  } catch (cause) {
    if (!(cause instanceof Error) || !('code' in cause) || 'exitCode' in cause) throw cause;
    throw toolError('OUTPUT_UNWRITABLE', { path: folder, reason: reasonOf(cause) }, cause);
  }
}

function removeTables(folder: string): void {
  const manifest = path.join(folder, manifestName);
  for (const name of listed(manifest)) rmSync(path.join(folder, path.basename(name)), { force: true });
  rmSync(manifest, { force: true });
}

/** Names in a manifest; none when there is none, or it isn't ours. */
function listed(manifest: string): string[] {
  try {
    const entries: unknown = JSON.parse(readFileSync(manifest, 'utf8'));
    if (!Array.isArray(entries)) return [];
    return entries
      .map((entry) => entry?.file)
      .filter((file) => typeof file === 'string' && /\.(parquet|arrow)$/.test(file));
  } catch {
    return [];
  }
}
