/** Reads an MCUboot image: header, body, protected and plain tag-length-values. */
import { edgeError } from '../errors/index.ts';
import { ImageHeaderLength, ImageMagic, TlvHeadLength, TlvInfoMagic, TlvType } from './image-format.ts';

export interface ImageVersion {
  major: number;
  minor: number;
  revision: number;
  build: number;
}

export interface Tlv {
  type: number;
  /** A view. */
  value: Uint8Array;
}

/** An image as it was written; nothing is verified yet. All byte strings are views. */
export interface FirmwareImage {
  version: ImageVersion;
  loadAddress: number;
  flags: number;
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
    version: {
      major: view.getUint8(20),
      minor: view.getUint8(21),
      revision: view.getUint16(22, true),
      build: view.getUint32(24, true),
    },
    loadAddress: view.getUint32(4, true),
    flags: view.getUint32(16, true),
    body: bytes.subarray(headerLength, bodyEnd),
    signed: bytes.subarray(0, signedEnd),
    protectedTlvs: protectedArea?.tlvs ?? [],
    tlvs: area.tlvs,
    length: signedEnd + area.length,
  };
}

/** As imgtool writes it: 1.2.3+7. */
export function versionText({ major, minor, revision, build }: ImageVersion): string {
  return `${major}.${minor}.${revision}${build > 0 ? `+${build}` : ''}`;
}

/** The image's rollback counter, from its protected entries; undefined when it has none. */
export function securityCounterOf(image: FirmwareImage): number | undefined {
  const entry = image.protectedTlvs.find(({ type }) => type === TlvType.securityCounter);
  if (!entry) return undefined;
  if (entry.value.length !== 4) refuse(image.signed.length, `a security counter of ${entry.value.length} bytes`);
  return new DataView(entry.value.buffer, entry.value.byteOffset, 4).getUint32(0, true);
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
