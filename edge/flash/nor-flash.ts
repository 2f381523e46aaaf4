/** NOR flash as its data sheets describe it: erased by the sector, written once by the word, and strict about both. */
import { edgeError } from '../errors/index.ts';
import type { FlashDevice } from './types.ts';

export type FlashGeometry = Pick<FlashDevice, 'sizeBytes' | 'sectorBytes' | 'writeAlignBytes' | 'erasedByte'>;

const writeAlignBytesMax = 32;

/** What NOR refuses, for every device that keeps its cells in memory; where else they are kept, subclasses say. */
export abstract class NorFlash implements FlashDevice {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly writeAlignBytes: number;
  readonly erasedByte: 0x00 | 0xff;
  /** What reads give. */
  protected readonly cells: Uint8Array;

  /**
   * @param cells what the flash holds, `sizeBytes` of them, taken over; all erased when left out
   * @throws {MinerError} FLASH_GEOMETRY
   */
  constructor(geometry: FlashGeometry, cells?: Uint8Array) {
    requireGeometry(geometry);
    this.sizeBytes = geometry.sizeBytes;
    this.sectorBytes = geometry.sectorBytes;
    this.writeAlignBytes = geometry.writeAlignBytes;
    this.erasedByte = geometry.erasedByte;
    this.cells = cells ?? new Uint8Array(geometry.sizeBytes).fill(geometry.erasedByte);
  }

  /** Bytes go into erased words. */
  protected abstract program(offset: number, bytes: Uint8Array): void;
  /** Whole sectors. */
  protected abstract eraseSectors(offset: number, length: number): void;

  read(offset: number, length: number): Uint8Array {
    requireRange(this, 'read', offset, length);
    return this.cells.slice(offset, offset + length);
  }

  write(offset: number, bytes: Uint8Array): void {
    requireRange(this, 'write', offset, bytes.length);
    requireAligned('write', offset, bytes.length, this.writeAlignBytes);
    for (let at = offset; at < offset + bytes.length; at++) {
      if (this.cells[at] !== this.erasedByte) throw edgeError('FLASH_UNERASED', { offset: at, value: this.cells[at] });
    }
    if (bytes.length > 0) this.program(offset, bytes);
  }

  erase(offset: number, length: number): void {
    requireRange(this, 'erase', offset, length);
    requireAligned('erase', offset, length, this.sectorBytes);
    if (length > 0) this.eraseSectors(offset, length);
  }
}

/** @throws {MinerError} FLASH_RANGE */
export function requireRange(flash: FlashGeometry, operation: string, offset: number, length: number): void {
  const isWithin = isCount(offset) && isCount(length) && offset + length <= flash.sizeBytes;
  if (!isWithin) throw edgeError('FLASH_RANGE', { operation, offset, length, sizeBytes: flash.sizeBytes });
}

function requireAligned(operation: string, offset: number, length: number, alignBytes: number): void {
  if (offset % alignBytes === 0 && length % alignBytes === 0) return;
  throw edgeError('FLASH_ALIGNMENT', { operation, offset, length, alignBytes });
}

function requireGeometry({ sizeBytes, sectorBytes, writeAlignBytes, erasedByte }: FlashGeometry): void {
  const problem =
    !isPowerOfTwo(writeAlignBytes) || writeAlignBytes > writeAlignBytesMax
      ? `words of ${writeAlignBytes} bytes, expected a power of two up to ${writeAlignBytesMax}`
      : !isPowerOfTwo(sectorBytes) || sectorBytes < writeAlignBytes
        ? `sectors of ${sectorBytes} bytes, expected a power of two, a word or more`
        : !(sizeBytes > 0) || sizeBytes % sectorBytes !== 0
          ? `${sizeBytes} bytes, expected whole sectors of ${sectorBytes}`
          : erasedByte !== 0x00 && erasedByte !== 0xff
            ? `erased bytes of ${erasedByte}, expected 0 or 255`
            : undefined;
  if (problem !== undefined) throw edgeError('FLASH_GEOMETRY', { problem });
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function isPowerOfTwo(value: number): boolean {
  return Number.isSafeInteger(value) && value > 0 && Number.isInteger(Math.log2(value));
}
