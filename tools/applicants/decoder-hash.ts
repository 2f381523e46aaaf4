/** Which decoder is meant: a file, a package, or its hash. */
import { statSync } from 'node:fs';
import path from 'node:path';
import type { Hex } from 'viem';
import { contentHash } from '../../edge/dbc/index.ts';
import { fileNames, openPackage } from '../dbc/package/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';

/**
 * The hash by which the registry knows a decoder.
 * @param wanted a DBC; a package, as folder or file; or 64 hex digits
 * @throws {MinerError} as `decoderBytes`
 */
export function decoderHash(wanted: string): Hex {
  if (/^(0x)?[0-9a-f]{64}$/i.test(wanted)) return `0x${wanted.slice(-64).toLowerCase()}`;
  return `0x${contentHash(decoderBytes(wanted))}`;
}

/**
 * The DBC, byte for byte.
 * @param path a DBC; or a package, as folder or file
 * @throws {MinerError} FILE_UNREADABLE; GATE_PACKAGE for a package file that holds no decoder
 */
export function decoderBytes(file: string): Uint8Array {
  if (statSync(file, { throwIfNoEntry: false })?.isDirectory()) return readInput(path.join(file, fileNames.dbc));
  if (!file.endsWith('.dimopkg')) return readInput(file);
  const { parts, problems } = openPackage(file);
  if (parts) return parts.dbc;
  const { place, message } = problems.list.find(({ severity }) => severity === 'error')!;
  throw toolError('GATE_PACKAGE', { path: file, errors: problems.errorCount, place, problem: message });
}
