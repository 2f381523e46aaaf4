/** A package from disk, whichever form it has. */
import { statSync } from 'node:fs';
import { contentHash } from '../../../edge/dbc/index.ts';
import { readInput } from '../../files.ts';
import { readFolder } from './folder.ts';
import { type Inspected, inspectPackage, type PackageParts } from './package.ts';
import { decodePackage } from './package-decode.ts';
import { sizeMax } from './package-grammar.ts';
import { Problems } from './problem.ts';

export interface OpenedPackage {
  problems: Problems;
  /** Of a built file. */
  sha256: string | undefined;
  /** As they were read, checked or not; undefined when too little could be read to look further. */
  parts: PackageParts | undefined;
  /** Undefined like the parts. */
  inspected: Inspected | undefined;
}

/**
 * Reads and checks a folder or a built file.
 * @param sha256 what the file's must be, 64 lower-case hex digits
 * @throws {MinerError} `FILE_UNREADABLE` when there is nothing at the path; all else is a problem
 */
export function openPackage(path: string, sha256?: string): OpenedPackage {
  const problems = new Problems();
  const facts = statSync(path, { throwIfNoEntry: false });
  if (facts?.isDirectory()) {
    if (sha256 !== undefined) problems.error(path, 'a folder has no SHA-256: give the built file');
    const parts = readFolder(path, problems);
    return { problems, sha256: undefined, parts, inspected: parts && inspectPackage(parts, problems) };
  }
  if (facts !== undefined && (!facts.isFile() || facts.size > sizeMax.file)) {
    problems.error(path, `expected a file of at most ${sizeMax.file} bytes`);
    return { problems, sha256: undefined, parts: undefined, inspected: undefined };
  }
  const bytes = readInput(path);
  const found = contentHash(bytes);
  if (sha256 !== undefined && found !== sha256) problems.error(path, `its SHA-256 is ${found}, expected ${sha256}`);
  const parts = decodePackage(bytes, problems);
  return { problems, sha256: found, parts, inspected: parts && inspectPackage(parts, problems) };
}
