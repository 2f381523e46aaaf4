/** A decoder package as a folder: four files with fixed names, and nothing else is ever read or written. */
import { closeSync, constants, fstatSync, lstatSync, openSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { toolError } from '../../errors/index.ts';
import { readGolden } from './golden-line.ts';
import type { PackageParts } from './package.ts';
import { sizeMax } from './package-grammar.ts';
import type { Problems } from './problem.ts';

export const fileNames = {
  manifest: 'manifest.json',
  dbc: 'decoder.dbc',
  golden: 'golden.jsonl',
  vss: 'vss.json',
} as const;

/**
 * Reads the parts; what is missing or malformed is a problem.
 * @returns undefined when the DBC, without which nothing can be checked, is not there
 * @throws {MinerError} `FILE_UNREADABLE` when there is no such folder
 */
export function readFolder(folder: string, problems: Problems): PackageParts | undefined {
  noteStrangers(folder, problems);
  const manifest = readJson(folder, 'manifest', problems);
  const dbc = readPart(folder, 'dbc', problems);
  const vss = isThere(folder, fileNames.vss) ? readJson(folder, 'vss', problems) : [];
  const golden = readGoldenPart(folder, problems);
  if (dbc === undefined) return undefined;
  return { manifest, dbc, vss, golden: golden.frames, goldenPlace: (i) => `${fileNames.golden}:${golden.lines[i]}` };
}

function readGoldenPart(folder: string, problems: Problems) {
  const bytes = readPart(folder, 'golden', problems);
  const golden = readGolden(bytes === undefined ? '' : new TextDecoder().decode(bytes));
  for (const { line, problem } of golden.problems) problems.error(`${fileNames.golden}:${line}`, problem);
  return golden;
}

function readJson(folder: string, part: 'manifest' | 'vss', problems: Problems): unknown {
  const bytes = readPart(folder, part, problems);
  if (bytes === undefined) return undefined;
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    problems.error(fileNames[part], `not JSON: ${(error as Error).message}`);
    return undefined;
  }
}

/** A link could lead out of the folder, a device could never end: only regular files of a sane size are read. */
function readPart(folder: string, part: keyof typeof fileNames, problems: Problems): Uint8Array | undefined {
  const name = fileNames[part];
  let file: number;
  try {
    file = openSync(join(folder, name), constants.O_RDONLY | (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0));
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code;
    const reasons: Record<string, string> = { ENOENT: 'is missing', ELOOP: 'is a link; a package holds files only' };
    problems.error(name, reasons[code ?? ''] ?? `cannot be read (${code})`);
    return undefined;
  }
  try {
    const facts = fstatSync(file);
    if (!facts.isFile()) problems.error(name, 'is no regular file');
    else if (facts.size > sizeMax[part]) problems.error(name, `${facts.size} bytes, at most ${sizeMax[part]} are read`);
    else return readFileSync(file);
    return undefined;
  } finally {
    closeSync(file);
  }
}

function noteStrangers(folder: string, problems: Problems): void {
  const known: readonly string[] = Object.values(fileNames);
  const strangers = namesIn(folder).filter((name) => !known.includes(name));
  if (strangers.length > 0) problems.note(folder, `not part of the package: ${strangers.slice(0, 8).join(', ')}`);
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    const code = (cause as NodeJS.ErrnoException).code ?? '';
    const reasons: Record<string, string> = { ENOENT: 'no such folder', ENOTDIR: 'it is no folder' };
    throw toolError('FILE_UNREADABLE', { path: folder, reason: reasons[code] ?? code }, cause);
  }
}

function isThere(folder: string, name: string): boolean {
  return lstatSync(join(folder, name), { throwIfNoEntry: false }) !== undefined;
}
