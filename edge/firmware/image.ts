/** Reads an MCUboot image: header, body, protected and plain tag-length-values. */
import { edgeError } from '../errors/index.ts';
import {
  DependencyLength,
  ImageHeaderLength,
  ImageMagic,
  TlvHeadLength,
  TlvInfoMagic,
  TlvType,
} from './image-format.ts';
import { type ImageVersion, readImageVersion } from './image-version.ts';

export interface Tlv {
  type: number;
  /** A view. */
  value: Uint8Array;
}

/** An image as it was written; nothing is verified yet. All byte strings are views. */
export interface FirmwareImage {
  version: ImageVersion;
  loadAddress: number;
  /** Bits of ImageFlag. */
  flags: number;
  /** Where the body begins. */
  headerLength: number;
  /** The firmware itself, without header. */
  body: Uint8Array;
  /** Header, body and protected entries: what is hashed and signed. */
  signed: Uint8Array;
  protectedTlvs: readonly Tlv[];
  tlvs: readonly Tlv[];
  /** All of it; a slot may hold more behind. */
  length: number;
}

/**
 * Takes an image apart. What follows it, such as a slot's padding and trailer, is left alone.
 * @throws {MinerError} IMAGE_INVALID, with the offset
 * @see MCUboot, "Bootloader", "Image format"
 */
export function parseImage(bytes: Uint8Array): FirmwareImage {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (bytes.length < ImageHeaderLength) refuse(0, `${bytes.length} bytes, the header alone has ${ImageHeaderLength}`);
  const magic = view.getUint32(0, true);
  if (magic !== ImageMagic) refuse(0, `magic ${hex(magic)}, expected ${hex(ImageMagic)}`);
  const headerLength = view.getUint16(8, true);
  const protectedLength = view.getUint16(10, true);
  const bodyLength = view.getUint32(12, true);
  if (headerLength < ImageHeaderLength)
    refuse(8, `a header of ${headerLength} bytes, expected ${ImageHeaderLength} or more`);
  const bodyEnd = headerLength + bodyLength;
  if (bodyEnd > bytes.length)
    refuse(12, `a body of ${bodyLength} bytes ends at ${bodyEnd}, the file at ${bytes.length}`);

  const protectedArea = protectedLength > 0 ? readArea(bytes, bodyEnd, TlvInfoMagic.protected) : undefined;
  if (protectedArea && protectedArea.length !== protectedLength) {
    refuse(bodyEnd, `protected entries of ${protectedArea.length} bytes, the header says ${protectedLength}`);
  }
  const signedEnd = bodyEnd + protectedLength;
  const area = readArea(bytes, signedEnd, TlvInfoMagic.unprotected);
  return {
    version: readImageVersion(view, 20),
    loadAddress: view.getUint32(4, true),
    flags: view.getUint32(16, true),
    headerLength,
    body: bytes.subarray(headerLength, bodyEnd),
    signed: bytes.subarray(0, signedEnd),
    protectedTlvs: protectedArea?.tlvs ?? [],
    tlvs: area.tlvs,
    length: signedEnd + area.length,
  };
}

/** On another image of the same device. */
export interface ImageDependency {
  /** Its number, from 0. */
  image: number;
  /** It must have this version or a later one. */
  version: ImageVersion;
}

/** The image's rollback counter, from its protected entries; undefined when it has none. */
export function securityCounterOf(image: FirmwareImage): number | undefined {
  const value = protectedValue(image, 'security counter', 4, TlvType.securityCounter);
  return value && new DataView(value.buffer, value.byteOffset, 4).getUint32(0, true);
}

/** @throws {MinerError} IMAGE_INVALID */
export function dependenciesOf(image: FirmwareImage): ImageDependency[] {
  const found = image.protectedTlvs.filter(({ type }) => type === TlvType.dependency);
  return found.map(({ value }) => {
    if (value.length !== DependencyLength) refuseProtected(image, `a dependency of ${value.length} bytes`);
    const view = new DataView(value.buffer, value.byteOffset, value.length);
    return { image: view.getUint8(0), version: readImageVersion(view, 4) };
  });
}

/** Whom an image says it is for: UUIDs of 16 bytes. */
export interface ImageUuids {
  vendor?: Uint8Array;
  class?: Uint8Array;
}

/** @throws {MinerError} IMAGE_INVALID */
export function uuidsOf(image: FirmwareImage): ImageUuids {
  const vendor = protectedValue(image, 'vendor UUID', 16, TlvType.uuidVendor, TlvType.uuidVendorOfDesignPage);
  const class_ = protectedValue(image, 'class UUID', 16, TlvType.uuidClass, TlvType.uuidClassOfDesignPage);
  return { ...(vendor && { vendor }), ...(class_ && { class: class_ }) };
}

/** Of entries that mean one thing, two could be read differently by two readers. */
function protectedValue(image: FirmwareImage, name: string, length: number, ...types: number[]) {
  const found = image.protectedTlvs.filter(({ type }) => types.includes(type));
  if (found.length > 1) refuseProtected(image, `${found.length} entries for its ${name}`);
  if (found.length === 1 && found[0].value.length !== length)
    refuseProtected(image, `a ${name} of ${found[0].value.length} bytes`);
  return found[0]?.value;
}

function refuseProtected(image: FirmwareImage, problem: string): never {
  refuse(image.headerLength + image.body.length, problem);
}

function readArea(bytes: Uint8Array, start: number, expected: number): { tlvs: Tlv[]; length: number } {
  if (start + TlvHeadLength > bytes.length) refuse(start, 'no tag-length-values; it was never signed');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const magic = view.getUint16(start, true);
  if (magic !== expected) refuse(start, `magic ${hex(magic)}, expected ${hex(expected)}`);
  const length = view.getUint16(start + 2, true);
  const end = start + length;
  if (length < TlvHeadLength || end > bytes.length)
    refuse(start + 2, `entries of ${length} bytes pass the end of the file`);
  const tlvs: Tlv[] = [];
  for (let at = start + TlvHeadLength; at < end; ) {
    if (at + TlvHeadLength > end) refuse(at, 'an entry cut short');
    const type = view.getUint16(at, true);
    const valueEnd = at + TlvHeadLength + view.getUint16(at + 2, true);
    if (valueEnd > end) refuse(at, `entry ${hex(type)} passes the end of its area`);
    tlvs.push({ type, value: bytes.subarray(at + TlvHeadLength, valueEnd) });
    at = valueEnd;
  }
  return { tlvs, length };
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}

function refuse(offset: number, problem: string): never {
  throw edgeError('IMAGE_INVALID', { offset, problem });
}
