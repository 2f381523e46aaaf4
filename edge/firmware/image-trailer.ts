/**
 * The trailer of a slot, as far as an image file may bring it along: magic, which asks for an upgrade, and the flag
 * that confirms the image. From the slot's end: magic, image_ok, copy_done, swap_info, swap_size, status of the swap.
 */
import { edgeError } from '../errors/index.ts';
import { concatBytes, equalBytes } from '../pack/index.ts';
import { BootFlagSet, BootMagic, BootMagicAligned } from './image-format.ts';

/** The slot that an image is for. */
export interface SlotLayout {
  slotBytes: number;
  /** How many bytes the flash writes at a time: 1, 2, 4, 8, 16 or 32. */
  writeAlignBytes: number;
  /** Sectors that the boot loader can swap; 128 unless told. */
  sectorsMax?: number;
  /** The boot loader overwrites the primary slot: no status of a swap is kept. */
  overwriteOnly?: boolean;
  /** 0xff unless told. */
  erasedByte?: number;
}

/** Fields are no closer together than this, however few bytes the flash writes at a time. */
const alignBytesLeast = 8;
const statesPerSector = 3;
const alignments = [1, 2, 4, 8, 16, 32];

/** @throws {MinerError} IMAGE_CONTENT */
export function trailerLength(slot: SlotLayout): number {
  const { writeAlignBytes, sectorsMax = 128, overwriteOnly = false } = slot;
  if (!alignments.includes(writeAlignBytes))
    throw edgeError('IMAGE_CONTENT', { what: 'the write alignment', got: writeAlignBytes, minimum: 1, maximum: 32 });
  const align = Math.max(alignBytesLeast, writeAlignBytes);
  const magic = Math.max(align, BootMagic.length);
  if (overwriteOnly) return magic + 2 * align;
  return magic + 4 * align + statesPerSector * sectorsMax * writeAlignBytes;
}

/**
 * @throws {MinerError} IMAGE_OVER_SLOT when image and trailer do not fit the slot; IMAGE_CONTENT
 */
export function requireFitsSlot(imageLength: number, slot: SlotLayout): void {
  const trailerBytes = trailerLength(slot);
  const { slotBytes } = slot;
  if (imageLength + trailerBytes > slotBytes)
    throw edgeError('IMAGE_OVER_SLOT', { imageBytes: imageLength, trailerBytes, slotBytes });
}

/**
 * An image as the whole content of its slot, trailer included, which the boot loader takes for an upgrade.
 * @param isConfirmed for good, not on trial; said nowhere where the boot loader only overwrites
 * @throws {MinerError} IMAGE_OVER_SLOT, IMAGE_CONTENT
 */
export function padToSlot(image: Uint8Array, slot: SlotLayout, isConfirmed: boolean): Uint8Array {
  requireFitsSlot(image.length, slot);
  const { slotBytes, writeAlignBytes, overwriteOnly = false, erasedByte = 0xff } = slot;
  const bytes = new Uint8Array(slotBytes).fill(erasedByte);
  bytes.set(image);
  const align = Math.max(alignBytesLeast, writeAlignBytes);
  const magic = align === alignBytesLeast ? BootMagic : concatBytes(Uint8Array.of(align, 0), BootMagicAligned);
  bytes.set(magic, slotBytes - magic.length);
  if (isConfirmed && !overwriteOnly) bytes[slotBytes - Math.max(align, magic.length) - align] = BootFlagSet;
  return bytes;
}

/** What an image file has behind the image. */
export interface ImageTrailer {
  erasedByte: number;
  /** Distance of the fields. */
  alignBytes: number;
  isConfirmed: boolean;
}

/**
 * Reads what follows an image in its file: nothing, or padding and a trailer that no boot loader has written to yet.
 * @param length of the image
 * @throws {MinerError} IMAGE_INVALID for anything else
 */
export function readTrailer(bytes: Uint8Array, length: number): ImageTrailer | undefined {
  if (bytes.length === length) return undefined;
  const alignBytes = alignOfMagic(bytes.subarray(length));
  if (alignBytes === undefined) refuse(bytes.length - BootMagic.length, 'no trailer ends what follows the image');
  const magicLength = Math.max(alignBytes, BootMagic.length);
  const imageOk = bytes.length - magicLength - alignBytes;
  if (imageOk - 3 * alignBytes < length) refuse(length, 'no room for a trailer behind the image');
  const erasedByte = bytes[imageOk - 1];
  if (erasedByte !== 0xff && erasedByte !== 0x00) refuse(imageOk - 1, `${hexByte(erasedByte)} in place of padding`);
  const isConfirmed = bytes[imageOk] === BootFlagSet;
  const end = bytes.length - BootMagic.length;
  for (let at = length; at < end; at++) {
    if (bytes[at] === erasedByte || (at === imageOk && isConfirmed)) continue;
    refuse(at, `${hexByte(bytes[at])} in place of padding; the image itself ends at byte ${length}`);
  }
  return { erasedByte, alignBytes, isConfirmed };
}

function alignOfMagic(tail: Uint8Array): number | undefined {
  if (tail.length < BootMagic.length) return undefined;
  const last = tail.subarray(tail.length - BootMagic.length);
  if (equalBytes(last, BootMagic)) return alignBytesLeast;
  const align = last[0] | (last[1] << 8);
  const isAligned = equalBytes(last.subarray(2), BootMagicAligned) && align > alignBytesLeast;
  return isAligned && alignments.includes(align) ? align : undefined;
}

function hexByte(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}

function refuse(offset: number, problem: string): never {
  throw edgeError('IMAGE_INVALID', { offset, problem });
}
