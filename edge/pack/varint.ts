/** LEB128 with zigzag: how columns write integers of any sign, seven bits a byte, least significant first. */
import type { ByteWriter } from './byte-writer.ts';

/** Zigzag of at most this magnitude stays exact as a `number`; columns past it are computed with bigint. */
export const narrowMax = 2 ** 51;

/** Bytes of the longest number written: a zigzagged difference of two 64-bit integers has 66 bits. */
const bytesMax = 10;

/** @param value an integer, exact up to 2^52 either way */
export function writeSigned(writer: ByteWriter, value: number): void {
  writeUnsigned(writer, value < 0 ? -2 * value - 1 : 2 * value);
}

/** @param value 0 to 2^53 */
export function writeUnsigned(writer: ByteWriter, value: number): void {
  let rest = value;
  while (rest >= 128) {
    writer.uint8((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  writer.uint8(rest);
}

export function writeSignedBig(writer: ByteWriter, value: bigint): void {
  let rest = value < 0n ? -2n * value - 1n : 2n * value;
  while (rest >= 128n) {
    writer.uint8(Number(rest & 127n) | 128);
    rest >>= 7n;
  }
  writer.uint8(Number(rest));
}

/** Bytes that writeSigned takes. */
export function signedLength(value: number): number {
  let rest = value < 0 ? -2 * value - 1 : 2 * value;
  let length = 1;
  while (rest >= 128) {
    rest = Math.floor(rest / 128);
    length++;
  }
  return length;
}

/** Reads what the writers above wrote. Every problem goes to `fail`, which knows whose bytes these are. */
export class VarintReader {
  readonly bytes: Uint8Array;
  private readonly fail: (problem: string) => never;
  at = 0;

  constructor(bytes: Uint8Array, fail: (problem: string) => never) {
    this.bytes = bytes;
    this.fail = fail;
  }

  get left(): number {
    return this.bytes.length - this.at;
  }

  byte(): number {
    if (this.at === this.bytes.length) this.fail(`ends early, after ${this.at} bytes`);
    return this.bytes[this.at++];
  }

  /** A bigint only where a number would not be exact. */
  unsigned(): number | bigint {
    const start = this.at;
    let value = 0;
    let scale = 1;
    for (let count = 1; ; count++) {
      const byte = this.byte();
      if (count === 8) {
        this.at = start;
        return this.unsignedBig();
      }
      value += (byte & 127) * scale;
      if (byte < 128) {
        if (byte === 0 && count > 1) this.fail(`a number in more bytes than it needs, at byte ${start}`);
        return value;
      }
      scale *= 128;
    }
  }

  private unsignedBig(): number | bigint {
    const start = this.at;
    let value = 0n;
    for (let count = 0; count < bytesMax; count++) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << BigInt(7 * count);
      if (byte >= 128) continue;
      if (byte === 0) this.fail(`a number in more bytes than it needs, at byte ${start}`);
      return value <= Number.MAX_SAFE_INTEGER ? Number(value) : value;
    }
    return this.fail(`a number of more than ${bytesMax} bytes, at byte ${start}`);
  }

  signed(): number | bigint {
    const zigzag = this.unsigned();
    if (typeof zigzag === 'number') return zigzag % 2 === 0 ? zigzag / 2 : -(zigzag + 1) / 2;
    return zigzag & 1n ? -((zigzag + 1n) >> 1n) : zigzag >> 1n;
  }

  /** @param what names the number for the message */
  small(what: string, max: number): number {
    const value = this.unsigned();
    if (value > max) this.fail(`${what} is ${value}, at most ${max} is possible`);
    return Number(value);
  }

  /** A signed number of at most `narrowMax` either way. */
  signedSmall(what: string): number {
    const value = this.signed();
    if (value > narrowMax || value < -narrowMax) this.fail(`${what} is ${value}, past 2^51`);
    return Number(value);
  }

  problem(problem: string): never {
    return this.fail(problem);
  }

  end(): void {
    if (this.left > 0) this.fail(`${this.left} bytes left over`);
  }
}
