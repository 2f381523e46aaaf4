/** Bytes put into the words that flash is written in. */
import type { FlashDevice } from './types.ts';

export function alignUp(value: number, alignBytes: number): number {
  return Math.ceil(value / alignBytes) * alignBytes;
}

export function alignDown(value: number, alignBytes: number): number {
  return Math.floor(value / alignBytes) * alignBytes;
}

/** The bytes, filled up with erased ones to whole words. */
export function padded(
  flash: FlashDevice,
  bytes: Uint8Array,
  length = alignUp(bytes.length, flash.writeAlignBytes),
): Uint8Array {
  if (length === bytes.length) return bytes;
  const words = new Uint8Array(length).fill(flash.erasedByte);
  words.set(bytes);
  return words;
}

export function isErased(flash: FlashDevice, bytes: Uint8Array): boolean {
  const { erasedByte } = flash;
  for (let i = 0; i < bytes.length; i++) if (bytes[i] !== erasedByte) return false;
  return true;
}
