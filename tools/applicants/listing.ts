/** A decoder as it is listed: the package's facts, and what only the chain knows. */
import type { Address, Hex } from 'viem';
import type { Manifest } from '../dbc/package/index.ts';
import type { Context, DecoderListing } from '../dip/index.ts';
import { toolError } from '../errors/index.ts';
import { platformKey } from '../registry/platform-key.ts';
import { eventsOf, readFrom } from './contract.ts';
import type { GateReport } from './gate.ts';

/** IDecoderRegistry.DecoderStatus, in order. */
const decoderStatuses = ['not listed', 'listed', 'deprecated', 'retired', 'suspended', 'revoked'] as const;

export interface ListingTerms {
  /** Who is paid; the author when left out. */
  payee?: Address;
  /** Key of the vehicle platform; from the manifest when left out. */
  platform?: Hex;
  /** The next one of the package's id when left out. */
  version?: number;
}

/**
 * The name of a platform from a manifest, under which bounties for it are looked for: make, model and model years. The
 * bus is not in it: decoders of several buses are for one platform.
 * @example platformName({ make: 'Acme', model: 'Roadster', years: [2024, 2026], … })  // 'Acme Roadster 2024-2026'
 */
export function platformName({ make, model, years: [first, last] }: Manifest['platform']): string {
  return `${make} ${model} ${first === last ? first : `${first}-${last}`}`;
}

/**
 * Puts a listing together.
 * @throws {MinerError} DECODER_STATUS when the file was ever listed: that is for good
 */
export async function listingOf(
  context: Context,
  { decoder, package: packed }: GateReport,
  terms: ListingTerms,
): Promise<DecoderListing> {
  const contentHash: Hex = `0x${decoder.contentHash}`;
  await expectDecoder(context, contentHash, ['not listed']);
  const author = packed.author as Address;
  return {
    contentHash,
    semanticHash: `0x${decoder.semanticHash}`,
    moduleHash: `0x${decoder.moduleHash}`,
    platform: terms.platform ?? platformKey(platformName(packed.platform as Manifest['platform'])),
    version: terms.version ?? (await nextVersion(context, packed.id)),
    sizeBytes: decoder.sizeBytes,
    author,
    payee: terms.payee ?? author,
    licence: packed.license,
    id: packed.id,
  };
}

/** @throws {MinerError} DECODER_STATUS */
export async function expectDecoder(
  context: Context,
  contentHash: Hex,
  expected: (typeof decoderStatuses)[number][],
): Promise<{ semanticHash: Hex }> {
  const info = await readFrom<{ status: number; semanticHash: Hex }>(context, 'DecoderRegistry', 'decoderOf', [
    contentHash,
  ]);
  const status = decoderStatuses[info.status]!;
  if (expected.includes(status)) return info;
  throw toolError('DECODER_STATUS', { contentHash, status, expected: expected.join(' or ') });
}

/** Versions of an id count up, whoever lists them. */
async function nextVersion(context: Context, id: string): Promise<number> {
  const listed = await eventsOf<{ decoder: DecoderListing }>(context, 'DecoderRegistry', 'DecoderListed');
  const versions = listed.filter(({ args }) => args.decoder.id === id).map(({ args }) => Number(args.decoder.version));
  return Math.max(0, ...versions) + 1;
}
