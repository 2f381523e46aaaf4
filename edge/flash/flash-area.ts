import { edgeError } from '../errors/index.ts';
import { requireRange } from './nor-flash.ts';
import type { FlashDevice } from './types.ts';

/** A part of a device that is used as a device of its own: offsets count from its beginning. */
export class FlashArea implements FlashDevice {
  readonly sizeBytes: number;
  readonly sectorBytes: number;
  readonly writeAlignBytes: number;
  readonly erasedByte: 0x00 | 0xff;
  readonly #device: FlashDevice;
  readonly #offset: number;

  /** @throws {MinerError} FLASH_GEOMETRY when it isn't whole sectors within the device */
  constructor(device: FlashDevice, { offset, sizeBytes }: { offset: number; sizeBytes: number }) {
    const { sectorBytes } = device;
    const isWhole = sizeBytes > 0 && sizeBytes % sectorBytes === 0 && offset % sectorBytes === 0;
    if (!isWhole || offset < 0 || offset + sizeBytes > device.sizeBytes) {
      const problem = `an area of ${sizeBytes} bytes at ${offset}, expected whole sectors of ${sectorBytes} within ${device.sizeBytes}`;
      throw edgeError('FLASH_GEOMETRY', { problem });
    }
    this.sizeBytes = sizeBytes;
    this.sectorBytes = sectorBytes;
    this.writeAlignBytes = device.writeAlignBytes;
    this.erasedByte = device.erasedByte;
    this.#device = device;
    this.#offset = offset;
  }

  read(offset: number, length: number): Uint8Array {
    requireRange(this, 'read', offset, length);
    return this.#device.read(this.#offset + offset, length);
  }

  write(offset: number, bytes: Uint8Array): void {
    requireRange(this, 'write', offset, bytes.length);
    this.#device.write(this.#offset + offset, bytes);
  }

  erase(offset: number, length: number): void {
    requireRange(this, 'erase', offset, length);
    this.#device.erase(this.#offset + offset, length);
  }
}
