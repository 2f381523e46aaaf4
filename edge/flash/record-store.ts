/**
 * One value that is replaced as a whole, on two halves of a flash area that are filled in turn: whenever the power
 * goes, the value before or the one after is there. A record is "DMFR", count u32, payload length u32, payload,
 * CRC-32C u32 over all before it, little-endian, filled up to whole words; the highest count is the newest.
 */
import { edgeError } from '../errors/index.ts';
import { crc32c } from '../store/index.ts';
import type { FlashDevice } from './types.ts';
import { alignUp, isErased, padded } from './words.ts';

const magic = 0x52464d44; // "DMFR"
const headLength = 12;
const crcLength = 4;

interface Half {
  offset: number;
  /** Where the next record goes; the half's end when there is no room, as behind a torn record. */
  end: number;
  newest?: { count: number; payload: Uint8Array };
}

export class RecordStore {
  readonly #flash: FlashDevice;
  readonly #halfBytes: number;
  #halves: [Half, Half];

  /**
   * Reads what is there; what is torn counts as not written.
   * @throws {MinerError} FLASH_GEOMETRY for an area of fewer than two sectors
   */
  constructor(flash: FlashDevice) {
    this.#flash = flash;
    this.#halfBytes = Math.floor(flash.sizeBytes / flash.sectorBytes / 2) * flash.sectorBytes;
    if (this.#halfBytes === 0) {
      throw edgeError('FLASH_GEOMETRY', {
        problem: `${flash.sizeBytes} bytes for records, expected two sectors or more`,
      });
    }
    this.#halves = [this.#readHalf(0), this.#readHalf(this.#halfBytes)];
  }

  /** Bytes that a payload may have. */
  get payloadBytesMax(): number {
    return this.#halfBytes - headLength - crcLength;
  }

  /** The last payload saved, undefined before the first. */
  get value(): Uint8Array | undefined {
    return this.#newestHalf?.newest?.payload.slice();
  }

  /**
   * Makes `payload` what `value` gives, now and after every reset.
   * @throws {MinerError} FLASH_RECORD_TOO_LARGE; FLASH_IO. The value before is then kept
   */
  save(payload: Uint8Array): void {
    const { payloadBytesMax } = this;
    if (payload.length > payloadBytesMax) {
      throw edgeError('FLASH_RECORD_TOO_LARGE', { bytes: payload.length, bytesMax: payloadBytesMax });
    }
    const newest = this.#newestHalf;
    const count = (newest?.newest?.count ?? 0) + 1;
    const record = padded(this.#flash, encodeRecord(count, payload));
    const half = newest && newest.end + record.length <= this.#halfBytes ? newest : this.#eraseOther(newest);
    const { end } = half;
    // Full until it is written: behind a write that failed nothing is found.
    half.end = this.#halfBytes;
    this.#flash.write(half.offset + end, record);
    half.end = end + record.length;
    half.newest = { count, payload: payload.slice() };
  }

  get #newestHalf(): Half | undefined {
    const [a, b] = this.#halves;
    if (!a.newest && !b.newest) return undefined;
    return (a.newest?.count ?? 0) > (b.newest?.count ?? 0) ? a : b;
  }

  /** The half that does not hold the newest value, empty. */
  #eraseOther(newest: Half | undefined): Half {
    const half = newest === this.#halves[0] ? this.#halves[1] : this.#halves[0];
    this.#flash.erase(half.offset, this.#halfBytes);
    half.end = 0;
    half.newest = undefined;
    return half;
  }

  #readHalf(offset: number): Half {
    const bytes = this.#flash.read(offset, this.#halfBytes);
    const half: Half = { offset, end: 0 };
    for (;;) {
      const record = decodeRecord(bytes, half.end);
      if (!record) break;
      half.end = alignUp(half.end + record.length, this.#flash.writeAlignBytes);
      half.newest = record;
    }
    if (!isErased(this.#flash, bytes.subarray(half.end))) half.end = bytes.length;
    return half;
  }
}

function encodeRecord(count: number, payload: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(headLength + payload.length + crcLength);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, magic, true);
  view.setUint32(4, count, true);
  view.setUint32(8, payload.length, true);
  bytes.set(payload, headLength);
  view.setUint32(headLength + payload.length, crc32c(bytes, 0, headLength + payload.length), true);
  return bytes;
}

function decodeRecord(
  bytes: Uint8Array,
  at: number,
): { count: number; payload: Uint8Array; length: number } | undefined {
  if (at + headLength + crcLength > bytes.length) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const crcAt = at + headLength + view.getUint32(at + 8, true);
  if (view.getUint32(at, true) !== magic || crcAt + crcLength > bytes.length) return undefined;
  if (view.getUint32(crcAt, true) !== crc32c(bytes, at, crcAt)) return undefined;
  const payload = bytes.slice(at + headLength, crcAt);
  return { count: view.getUint32(at + 4, true), payload, length: crcAt + crcLength - at };
}
