/**
 * Binds an image to what the registries know: its maker's licence and its model, as UUIDs in the protected entries that
 * MCUboot compares with the device's own.
 */
import { sha1 } from '@noble/hashes/legacy.js';
import { edgeError } from '../errors/index.ts';
import { concatBytes, equalBytes, fromHex, toHex } from '../pack/index.ts';
import { type FirmwareImage, type ImageUuids, uuidsOf } from './image.ts';
import { modelText } from './model-id.ts';

/** UUIDv5 of `dimo.org` in the DNS namespace: what licences are named in. */
const licenceNamespace = parseUuid('9713a917-1d10-5095-bc8e-a60fa168f668');

/** A maker's licence: a token of a registry on a chain. */
export interface LicenceName {
  /** EIP-155 id. */
  chainId: number;
  /** Address of the ManufacturerRegistry, 20 bytes. */
  registry: Uint8Array;
  licenceId: bigint;
}

/** @see CAIP-22, the asset of an ERC-721 token  @example eip155:31337/erc721:0x5fc8.../1 */
export function licenceText({ chainId, registry, licenceId }: LicenceName): string {
  return `eip155:${chainId}/erc721:0x${toHex(registry)}/${licenceId}`;
}

/**
 * What an image for a model of a licensed maker carries. The class is named within the vendor, as imgtool does for
 * `--cid`, so that two makers may give one name to their models.
 * @param model 32 bytes
 */
export function licenceUuids(licence: LicenceName, model: Uint8Array): Required<ImageUuids> {
  const vendor = uuidV5(licenceNamespace, licenceText(licence));
  return { vendor, class: uuidV5(vendor, modelText(model)) };
}

/**
 * Refuses an image that is for other devices, as a boot loader does that was built with these UUIDs.
 * @param device what is left out is not asked for
 * @throws {MinerError} IMAGE_UNVERIFIED, IMAGE_INVALID
 */
export function requireUuids(image: FirmwareImage, device: ImageUuids): void {
  const found = uuidsOf(image);
  for (const name of ['vendor', 'class'] as const) {
    const [own, its] = [device[name], found[name]];
    if (!own || (its && equalBytes(own, its))) continue;
    const problem = `it is for ${its ? `${name} ${uuidText(its)}` : `no ${name}`}, this device is of ${uuidText(own)}`;
    throw edgeError('IMAGE_UNVERIFIED', { problem });
  }
}

/**
 * The UUID of a name within a namespace: 16 bytes.
 * @see RFC 9562, 5.5
 */
export function uuidV5(namespace: Uint8Array, name: string): Uint8Array {
  const uuid = sha1(concatBytes(namespace, new TextEncoder().encode(name))).slice(0, 16);
  uuid[6] = (uuid[6] & 0x0f) | 0x50;
  uuid[8] = (uuid[8] & 0x3f) | 0x80;
  return uuid;
}

/** @example 886313e1-3b8a-5372-9b90-0c9aee199e5d */
export function uuidText(uuid: Uint8Array): string {
  const hex = toHex(uuid);
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

/** @throws {TypeError} on anything but 32 hex digits with or without dashes */
export function parseUuid(text: string): Uint8Array {
  const digits = text.replaceAll('-', '');
  if (digits.length !== 32) throw new TypeError(`not a UUID: ${text}`);
  return fromHex(digits);
}
