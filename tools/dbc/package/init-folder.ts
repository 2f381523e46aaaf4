/** The beginning of a package: files for its author to fill in. */
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan } from '../../../edge/decode/index.ts';
import { toolError } from '../../errors/index.ts';
import { readInput } from '../../files.ts';
import { fileNames } from './folder.ts';
import { goldenLine } from './golden-line.ts';
import { generateGolden } from './golden-make.ts';
import { manifestTemplate } from './manifest.ts';

/**
 * Writes a manifest and an empty mapping; with a DBC also a copy of it and generated golden frames.
 * @returns the paths written
 * @throws {MinerError} `PACKAGE_EXISTS` before anything is written, `FILE_UNREADABLE`, `DECODER_EMPTY`,
 *   `OUTPUT_UNWRITABLE`
 */
export function initFolder(folder: string, dbcPath?: string): string[] {
  const files: [string, string | Uint8Array][] = [
    [fileNames.manifest, `${JSON.stringify(manifestTemplate, null, 2)}\n`],
    [fileNames.vss, '[]\n'],
  ];
  if (dbcPath !== undefined) {
    const bytes = readInput(dbcPath);
    const { database } = parseDbc(bytes);
    if (database.messages.length === 0) throw toolError('DECODER_EMPTY', { path: dbcPath });
    const { frames } = generateGolden(compilePlan(database), { count: 1, seed: 1 });
    files.push([fileNames.dbc, bytes], [fileNames.golden, frames.map((frame) => `${goldenLine(frame)}\n`).join('')]);
  }
  const paths = files.map(([name, content]) => ({ path: join(folder, name), content }));
  for (const { path } of paths) if (existsSync(path)) throw toolError('PACKAGE_EXISTS', { path });
  for (const { path, content } of paths) {
    try {
      mkdirSync(folder, { recursive: true });
      writeFileSync(path, content, { flag: 'wx' });
    } catch (cause) {
      throw toolError('OUTPUT_UNWRITABLE', { path, reason: String((cause as NodeJS.ErrnoException).code) }, cause);
    }
  }
  return paths.map(({ path }) => path);
}
