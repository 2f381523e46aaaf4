import { edgeError } from '../errors/index.ts';
import { compareBytes } from './bytes.ts';
import { CborFloat, CborTag, type CborValue, MajorType, Simple } from './cbor-value.ts';
import { float16ToNumber, numberToFloat16 } from './float16.ts';

export interface CborLimits {
  /** Arrays, maps and tags inside each other; 16 unless told. */
  depthMax?: number;
  /** Bytes of the whole item; 16 MiB unless told. */
  bytesMax?: number;
  /** Data items in all, of any kind; 2^20 unless told. A few megabytes of empty maps would take a gigabyte of memory. */
  itemsMax?: number;
}

/**
 * Reads exactly one deterministically encoded value. Whatever it accepts, encodeCbor gives back byte for byte.
 * Byte strings are views into `bytes`, not copies.
 * @throws {MinerError} CBOR_INVALID, with the offset: a longer form than needed, indefinite length, keys out of order or
 *   twice, text that is not UTF-8, an unassigned simple value, bytes missing or left over, a limit passed.
 * @see RFC 8949, 4.2.1
 */
export function decodeCbor(bytes: Uint8Array, limits: CborLimits = {}): CborValue {
  const { depthMax = 16, bytesMax = 1 << 24, itemsMax = 1 << 20 } = limits;
  if (bytes.length > bytesMax) {
    throw edgeError('CBOR_INVALID', { offset: 0, problem: `${bytes.length} bytes, at most ${bytesMax} are read` });
  }
  const reader = new Reader(bytes, itemsMax);
  const value = reader.item(depthMax);
  if (reader.at < bytes.length) reader.fail(`${bytes.length - reader.at} bytes left over`, reader.at);
  return value;
}

const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

class Reader {
  readonly bytes: Uint8Array;
  private readonly view: DataView;
  private readonly itemsMax: number;
  private itemCount = 0;
  at = 0;

  constructor(bytes: Uint8Array, itemsMax: number) {
    this.bytes = bytes;
    this.itemsMax = itemsMax;
    this.view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  fail(problem: string, offset: number): never {
    throw edgeError('CBOR_INVALID', { offset, problem });
  }

  item(depthLeft: number): CborValue {
    const start = this.at;
    if (++this.itemCount > this.itemsMax) this.fail(`more than ${this.itemsMax} data items`, start);
    this.need(1);
    const initial = this.bytes[this.at++];
    const major = initial >> 5;
    const info = initial & 31;
    if (major === MajorType.simple) return this.simple(info, start);
    const argument = this.argument(info, start);
    switch (major) {
      case MajorType.unsigned:
        return argument;
      case MajorType.negative:
        return negative(argument);
      case MajorType.bytes:
        return this.take(argument, start);
      case MajorType.text:
        return this.text(argument, start);
      case MajorType.array:
        return this.array(this.count(argument, 1, start), this.deeper(depthLeft, start));
      case MajorType.map:
        return this.map(this.count(argument, 2, start), this.deeper(depthLeft, start));
      default:
        return new CborTag(argument, this.item(this.deeper(depthLeft, start)));
    }
  }

  private need(count: number): void {
    const left = this.bytes.length - this.at;
    if (left < count) this.fail(`ends early: ${count} bytes expected, ${left} left`, this.at);
  }

  private deeper(depthLeft: number, start: number): number {
    if (depthLeft === 0) this.fail('nested too deep', start);
    return depthLeft - 1;
  }

  /** The number of a head, refused in any form but the shortest. */
  private argument(info: number, start: number): number | bigint {
    if (info < 24) return info;
    if (info > 27) this.fail(info === 31 ? 'indefinite length' : `reserved additional information ${info}`, start);
    const width = 1 << (info - 24);
    this.need(width);
    const value = this.unsigned(width);
    this.at += width;
    const least = width === 1 ? 24 : 2 ** (4 * width);
    if (value < least) this.fail(`${value} written in ${width} bytes, fewer would do`, start);
    return value;
  }

  private unsigned(width: number): number | bigint {
    if (width === 1) return this.view.getUint8(this.at);
    if (width === 2) return this.view.getUint16(this.at);
    if (width === 4) return this.view.getUint32(this.at);
    const value = this.view.getBigUint64(this.at);
    return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
  }

  private take(length: number | bigint, start: number): Uint8Array {
    const left = this.bytes.length - this.at;
    if (length > left) this.fail(`a string of ${length} bytes, only ${left} left`, start);
    const from = this.at;
    this.at += Number(length);
    return this.bytes.subarray(from, this.at);
  }

  private text(length: number | bigint, start: number): string {
    const encoded = this.take(length, start);
    try {
      return utf8.decode(encoded);
    } catch {
      return this.fail('text that is not UTF-8', start);
    }
  }

  /** Every item takes a byte at least, so a count past the bytes left is refused before anything is allocated. */
  private count(claimed: number | bigint, bytesEach: number, start: number): number {
    const left = this.bytes.length - this.at;
    if (BigInt(claimed) * BigInt(bytesEach) > left) this.fail(`${claimed} entries in the ${left} bytes left`, start);
    return Number(claimed);
  }

  private array(count: number, depthLeft: number): CborValue[] {
    const items: CborValue[] = [];
    for (let i = 0; i < count; i++) items.push(this.item(depthLeft));
    return items;
  }

  private map(count: number, depthLeft: number): Map<CborValue, CborValue> {
    const map = new Map<CborValue, CborValue>();
    let previous: Uint8Array | undefined;
    for (let i = 0; i < count; i++) {
      const start = this.at;
      const key = this.item(depthLeft);
      const encoded = this.bytes.subarray(start, this.at);
      if (previous) {
        const order = compareBytes(previous, encoded);
        if (order === 0) this.fail('the same map key twice', start);
        if (order > 0) this.fail('map keys out of order', start);
      }
      previous = encoded;
      map.set(key, this.item(depthLeft));
    }
    return map;
  }

  private simple(info: number, start: number): CborValue {
    if (info === Simple.false) return false;
    if (info === Simple.true) return true;
    if (info === Simple.null) return null;
    if (info < Simple.float16 || info > Simple.float64) this.fail(`simple value or break (${info})`, start);
    const width = 1 << (info - 24);
    this.need(width);
    const value = this.float(width);
    if (Number.isNaN(value) && (width > 2 || this.view.getUint16(this.at) !== 0x7e00)) {
      this.fail('NaN in another form than F9 7E00', start);
    }
    const shorter = numberToFloat16(value) !== undefined ? 2 : Math.fround(value) === value ? 4 : 8;
    if (shorter < width) this.fail(`float in ${width} bytes, ${shorter} would do`, start);
    this.at += width;
    // -0 is wrapped as well: as a map key it would turn into 0.
    return Number.isSafeInteger(value) ? new CborFloat(value) : value;
  }

  private float(width: number): number {
    if (width === 2) return float16ToNumber(this.view.getUint16(this.at));
    return width === 4 ? this.view.getFloat32(this.at) : this.view.getFloat64(this.at);
  }
}

function negative(argument: number | bigint): number | bigint {
  // -1 - (2^53 - 1) = -2^53 is no safe integer any more, hence bigint from there on.
  if (typeof argument === 'number' && argument < Number.MAX_SAFE_INTEGER) return -1 - argument;
  return -1n - BigInt(argument);
}
