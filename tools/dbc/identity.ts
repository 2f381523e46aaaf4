/** The three hashes of a decoder, as far as it has them. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { contentHash, parseDbc, semanticHash } from '../../edge/dbc/index.ts';
import { compilePlan, moduleHash } from '../../edge/decode/index.ts';
import { MinerError } from '../../edge/errors/index.ts';

export interface PartialIdentity {
  contentHash: string;
  semanticHash: string;
  /** Null when no module can be emitted; `reason` says why. */
  moduleHash: string | null;
  reason?: string;
}

/**
 * Hashes a DBC; each is 64 lower-case hex digits. A message too large to compile costs only the module's.
 * @example identityOf(readFileSync('car.dbc')).moduleHash
 */
export function identityOf(bytes: Uint8Array): PartialIdentity {
  const { database } = parseDbc(bytes);
  const hashes = { contentHash: contentHash(bytes), semanticHash: semanticHash(database) };
  try {
    return { ...hashes, moduleHash: moduleHash(compilePlan(database)) };
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    return { ...hashes, moduleHash: null, reason: error.message };
  }
}

/** SHA-256 of a file's content, 64 lower-case hex digits. */
export function sha256Hex(content: Uint8Array): string {
  return bytesToHex(sha256(content));
}
