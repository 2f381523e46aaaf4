/** Makes an image that boot loaders take: header, body, entries, signature, in the order in which imgtool writes them. */
import { sha256 } from '@noble/hashes/sha2.js';
import { edgeError } from '../errors/index.ts';
import { concatBytes } from '../pack/index.ts';
import type { ImageDependency, ImageUuids } from './image.ts';
import {
  DependencyLength,
  ImageFlag,
  ImageHeaderLength,
  ImageMagic,
  TlvHeadLength,
  TlvInfoMagic,
  TlvType,
} from './image-format.ts';
import { type ImageSigner, keyHashOf, subjectPublicKeyInfo } from './image-key.ts';
import { type ImageVersion, writeImageVersion } from './image-version.ts';

export interface ImageContent {
  /** The firmware, without header. */
  body: Uint8Array;
  version: ImageVersion;
  /** Where the body begins in its slot; 32, the least, unless told. Zephyr's usual one is 0x200. */
  headerLength?: number;
  /** What stands between the header's 32 bytes and the body: as erased, 0xff, unless told. */
  headerFill?: number;
  /** Where it is copied to before it runs, which sets the flag for that; not copied unless told. */
  loadAddress?: number;
  /** u32: not booted any more once an image with a higher one was. */
  securityCounter?: number;
  dependencies?: readonly ImageDependency[];
  uuids?: ImageUuids;
  /** Whether the key is named by its hash, or carried whole for boot loaders that keep only a hash. `hash` unless told. */
  keyFormat?: 'hash' | 'full';
}

/**
 * Signs an image. The same content and key give the same bytes.
 * @throws {MinerError} IMAGE_CONTENT, when a part does not fit its field
 * @see MCUboot, "Bootloader", "Image format"
 * @example signImage({ body, version: parseImageVersion('1.2.3+4') }, imageSigner('ed25519', key))
 */
export function signImage(content: ImageContent, signer: ImageSigner): Uint8Array {
  const shield = tlvArea(TlvInfoMagic.protected, protectedEntries(content));
  const signed = concatBytes(header(content, shield.length), content.body, shield);
  const digest = sha256(signed);
  const { type, publicKey } = signer;
  const entries: Entry[] = [
    [TlvType.sha256, digest],
    content.keyFormat === 'full'
      ? [TlvType.publicKey, subjectPublicKeyInfo(publicKey)]
      : [TlvType.keyHash, keyHashOf(publicKey)],
    [type === 'ed25519' ? TlvType.ed25519 : TlvType.ecdsa, signer.sign(digest)],
  ];
  return concatBytes(signed, tlvArea(TlvInfoMagic.unprotected, entries));
}

type Entry = [type: number, value: Uint8Array];

function header(content: ImageContent, protectedLength: number): Uint8Array {
  const { body, version, headerLength = ImageHeaderLength, headerFill = 0xff, loadAddress = 0 } = content;
  requireFits('the header', headerLength, ImageHeaderLength, 0xffff);
  requireFits('the body', body.length, 1, 0xffffffff - headerLength);
  requireFits('the load address', loadAddress, 0, 0xffffffff);
  const bytes = new Uint8Array(headerLength).fill(headerFill, ImageHeaderLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, ImageMagic, true);
  view.setUint32(4, loadAddress, true);
  view.setUint16(8, headerLength, true);
  view.setUint16(10, protectedLength, true);
  view.setUint32(12, body.length, true);
  view.setUint32(16, loadAddress > 0 ? ImageFlag.ramLoad : 0, true);
  writeImageVersion(view, 20, version);
  return bytes;
}

function protectedEntries({ securityCounter, dependencies = [], uuids = {} }: ImageContent): Entry[] {
  const entries: Entry[] = [];
  if (securityCounter !== undefined) {
    requireFits('the security counter', securityCounter, 0, 0xffffffff);
    const value = new Uint8Array(4);
    new DataView(value.buffer).setUint32(0, securityCounter, true);
    entries.push([TlvType.securityCounter, value]);
  }
  for (const { image, version } of dependencies) {
    requireFits('the number of an image depended on', image, 0, 0xff);
    const value = new Uint8Array(DependencyLength);
    value[0] = image;
    writeImageVersion(new DataView(value.buffer), 4, version);
    entries.push([TlvType.dependency, value]);
  }
  for (const [type, uuid] of [
    [TlvType.uuidVendor, uuids.vendor],
    [TlvType.uuidClass, uuids.class],
  ] as const) {
    if (!uuid) continue;
    requireFits('bytes of a UUID', uuid.length, 16, 16);
    entries.push([type, uuid]);
  }
  return entries;
}

/** Nothing at all when it has no entries. */
function tlvArea(magic: number, entries: readonly Entry[]): Uint8Array {
  if (entries.length === 0) return new Uint8Array();
  const length = entries.reduce((sum, [, value]) => sum + TlvHeadLength + value.length, TlvHeadLength);
  requireFits('an area of entries', length, 0, 0xffff);
  const parts = entries.flatMap(([type, value]) => [head(type, value.length), value]);
  return concatBytes(head(magic, length), ...parts);
}

function head(first: number, length: number): Uint8Array {
  const bytes = new Uint8Array(TlvHeadLength);
  const view = new DataView(bytes.buffer);
  view.setUint16(0, first, true);
  view.setUint16(2, length, true);
  return bytes;
}

function requireFits(what: string, value: number, minimum: number, maximum: number): void {
  if (Number.isInteger(value) && value >= minimum && value <= maximum) return;
  throw edgeError('IMAGE_CONTENT', { what, got: value, minimum, maximum });
}
