/** What `miner image` takes on the command line, in the forms that imgtool takes too. */
import { type ImageDependency, parseImageVersion, parseUuid, uuidV5 } from '../../edge/firmware/index.ts';
import { toolError } from '../errors/index.ts';

/**
 * Reads what imgtool's `--dependencies` takes.
 * @throws {MinerError} OPTION_INVALID, IMAGE_VERSION
 * @example parseDependencies('(1, 1.2.3+0), (2, 2.0)')
 */
export function parseDependencies(text: string): ImageDependency[] {
  const one = /\(\s*(\d{1,3})\s*,\s*([0-9.+]+)\s*\)/;
  const whole = new RegExp(`^\\s*${one.source}(\\s*,?\\s*${one.source})*\\s*$`);
  const found = whole.test(text) ? [...text.matchAll(new RegExp(one, 'g'))] : [];
  if (found.length === 0 || found.some(([, image]) => Number(image) > 0xff)) {
    const expected = 'images from 0 to 255 with versions, such as "(1, 1.2.3), (2, 1.0.0+4)"';
    throw toolError('OPTION_INVALID', { option: '--dependencies', value: JSON.stringify(text), expected });
  }
  return found.map(([, image, version]) => ({ image: Number(image), version: parseImageVersion(version) }));
}

const dnsNamespace = parseUuid('6ba7b810-9dad-11d1-80b4-00c04fd430c8');

/** A vendor: a UUID, or a domain that one is made of. */
export function vendorUuidOf(text: string): Uint8Array {
  return rawUuid(text) ?? uuidV5(dnsNamespace, text);
}

/** A class: a UUID, or a name within its vendor; undefined for a name without a vendor. */
export function classUuidOf(text: string, vendor: Uint8Array | undefined): Uint8Array | undefined {
  return rawUuid(text) ?? (vendor && uuidV5(vendor, text));
}

function rawUuid(text: string): Uint8Array | undefined {
  const isOne = /^[0-9a-fA-F]{8}(-?)([0-9a-fA-F]{4}\1){3}[0-9a-fA-F]{12}$/.test(text);
  return isOne ? parseUuid(text) : undefined;
}
