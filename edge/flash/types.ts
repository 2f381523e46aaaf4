/**
 * Flash memory as a driver shows it. Synchronous, as the drivers of a device are; what a call wrote or erased is
 * durable when it returns.
 */

export interface FlashDevice {
  readonly sizeBytes: number;
  /** Erased as a whole; a divisor of the size. */
  readonly sectorBytes: number;
  /** A write begins and ends at a multiple of it: 1 to 32, a power of two. */
  readonly writeAlignBytes: number;
  /** What every byte of an erased sector reads as. */
  readonly erasedByte: 0x00 | 0xff;
  /**
   * A copy of `length` bytes.
   * @throws {MinerError} FLASH_RANGE
   */
  read(offset: number, length: number): Uint8Array;
  /**
   * @throws {MinerError} FLASH_RANGE; FLASH_ALIGNMENT off a word; FLASH_UNERASED where a word was written since its
   * sector was erased; FLASH_IO
   */
  write(offset: number, bytes: Uint8Array): void;
  /** @throws {MinerError} FLASH_RANGE; FLASH_ALIGNMENT off a sector; FLASH_IO */
  erase(offset: number, length: number): void;
}
