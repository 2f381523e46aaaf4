/** The DIP by which a maker asks for a licence, with the report of its conformance attached by hash. */
import { readFileSync } from 'node:fs';
import { type Address, formatUnits, type Hex } from 'viem';
import { sha256Hex } from '../dbc/index.ts';
import type { DipFile } from '../dip/file/index.ts';
import { toolError } from '../errors/index.ts';
import { signerText } from './attestation-signer.ts';
import { inlineCode } from './inline-code.ts';

export interface LicenceDipParts {
  name: string;
  owner: Address;
  /** Base units; 0 makes the licence active at once. */
  bond: bigint;
  deviceCap: number;
  /** 20 bytes of an address, or an ERC-7913 signer. */
  attestationSigner: Hex;
  /** The conformance report: its file's name, and the SHA-256 of its bytes. */
  conformance: { fileName: string; sha256: string };
  /** `2026-03-01` */
  created: string;
  motivation?: string;
  discussion?: string;
}

export function licenceDip(parts: LicenceDipParts): DipFile {
  const { name, owner, bond, deviceCap, attestationSigner, conformance, created, motivation, discussion } = parts;
  const tokens = `${formatUnits(bond, 18)} DIMO`;
  const against = bond === 0n ? 'No bond is asked.' : `Its owner posts a bond of ${tokens} before the first device.`;
  const terms = { owner, name, bond: tokens, deviceCap: `${deviceCap}`, attestationSigner };
  const body = [
    '## Abstract',
    `${name} may enrol up to ${deviceCap} Miners. ${against}`,
    '## Motivation',
    motivation ?? `${name} makes Miners, and asks for packs of its devices to count.`,
    '## Specification',
    [
      `- owner of the licence: ${owner}`,
      `- bond: ${tokens}; it can be slashed by a DIP, and is returned 180 days after the licence ends`,
      `- at most ${deviceCap} devices at a time`,
      `- enrolments are signed by ${signerText(attestationSigner)}`,
    ].join('\n'),
    '## Implementation',
    `The conformance report of its Miner is attached by the SHA-256 of its bytes, \`${conformance.sha256}\` ` +
      `(${inlineCode(conformance.fileName)}).`,
    '## Copyright',
    'This text is in the public domain (CC0-1.0).',
  ].join('\n\n');
  return {
    title: `License ${name} as a maker of Miners`,
    authors: [owner],
    ...(discussion !== undefined && { discussion }),
    created,
    copyright: 'CC0-1.0',
    actions: [{ action: 'grant-licence', ...terms }],
    body,
  };
}

const reportBytesMax = 64 << 20;

/**
 * Reads a conformance report as far as to name it: any JSON object will do.
 * @throws {MinerError} CONFORMANCE_FILE
 */
export function readConformance(file: string): { sha256: string } {
  const fail = (problem: string, cause?: unknown): never => {
    throw toolError('CONFORMANCE_FILE', { path: file, problem }, cause);
  };
  let bytes: Buffer;
  try {
    bytes = readFileSync(file);
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    return fail(code === 'ENOENT' ? 'no such file' : `cannot be read (${code})`, cause);
  }
  if (bytes.length > reportBytesMax) fail(`${bytes.length} bytes, at most ${reportBytesMax} are read`);
  let json: unknown;
  try {
    json = JSON.parse(bytes.toString('utf8'));
  } catch (cause) {
    return fail(`is no JSON: ${(cause as Error).message.slice(0, 100)}`, cause);
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) fail('is no JSON object');
  return { sha256: sha256Hex(bytes) };
}
