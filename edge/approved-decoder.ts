/** A decoder file that the registry lists, ready to decode; or why it is refused. */
import { contentHash, parseDbc } from './dbc/index.ts';
import { compilePlan, createFrameDecoder, type FrameDecoder, type Plan } from './decode/index.ts';
import { fromHex } from './pack/index.ts';
import type { DecoderStanding, TrustView } from './trust/index.ts';

/** A DBC file as it came: the registry knows it by the hash of exactly these bytes. */
export interface DecoderFile {
  name: string;
  bytes: Uint8Array;
}

export interface ApprovedDecoder {
  name: string;
  /** What it was read from. */
  file: DecoderFile;
  /** SHA-256 of the file, 32 bytes. */
  contentHash: Uint8Array;
  /** Its number in the registry, from 1. */
  registryIndex: number;
  plan: Plan;
  decoder: FrameDecoder;
  /** By signalIndex: 1 where a raw value may pass 2^53 and is read as a bigint. */
  wide: Uint8Array;
}

export interface RefusedDecoder {
  name: string;
  file: DecoderFile;
  contentHash: Uint8Array;
  standing: DecoderStanding;
}

/**
 * Asks first and parses after: a file that nobody approved is not even read.
 * @throws {MinerError} CHAIN_UNREACHABLE
 */
export async function approveDecoder(
  file: DecoderFile,
  trust: TrustView,
): Promise<{ approved: ApprovedDecoder } | { refused: RefusedDecoder }> {
  const hash = fromHex(contentHash(file.bytes));
  const standing = await trust.decoder(hash);
  if (!standing.active) return { refused: { name: file.name, file, contentHash: hash, standing } };
  const plan = compilePlan(parseDbc(file.bytes).database);
  const wide = Uint8Array.from(plan.signals, (signal) => (signal.length > 53 ? 1 : 0));
  const decoder = createFrameDecoder(plan);
  return {
    approved: { name: file.name, file, contentHash: hash, registryIndex: standing.index, plan, decoder, wide },
  };
}
