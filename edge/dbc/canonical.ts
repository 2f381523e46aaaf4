/**
 * Just enough deterministic CBOR (RFC 8949, 4.2.1) for `semanticBytes`: whole numbers, texts, booleans, null, doubles
 * and arrays. Numbers are written as integers where they are whole, else as the shortest float that keeps them.
 */
export type Canonical = bigint | number | string | boolean | null | readonly Canonical[];

const Major = { unsigned: 0, negative: 1, text: 3, array: 4, tag: 6 } as const;

/** @throws {RangeError} for an integer past 64 bits that needs more than 255 bytes, which no DBC can hold */
export function encodeCanonical(value: Canonical): Uint8Array {
  const writer = new CanonicalWriter();
  writer.value(value);
  return writer.bytes();
}

class CanonicalWriter {
  #buffer = new Uint8Array(65_536);
  #view = new DataView(this.#buffer.buffer);
  #length = 0;
  readonly #utf8 = new TextEncoder();

  bytes(): Uint8Array {
    return this.#buffer.slice(0, this.#length);
  }

  value(value: Canonical) {
    if (typeof value === 'string') return this.#text(value);
    if (typeof value === 'bigint') return this.#integer(value);
    if (typeof value === 'number') return this.#number(value);
    if (value === null) return this.#byte(0xf6);
    if (typeof value === 'boolean') return this.#byte(value ? 0xf5 : 0xf4);
    this.#head(Major.array, BigInt(value.length));
    for (const item of value) this.value(item);
  }

  #reserve(count: number): number {
    const at = this.#length;
    if (at + count > this.#buffer.length) {
      const larger = new Uint8Array(Math.max(this.#buffer.length * 2, at + count));
      larger.set(this.#buffer);
      this.#buffer = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.#length = at + count;
    return at;
  }

  #byte(byte: number) {
    const at = this.#reserve(1);
    this.#buffer[at] = byte;
  }

  #head(major: number, argument: bigint) {
    const type = major << 5;
    if (argument < 24n) return this.#byte(type | Number(argument));
    if (argument < 0x100n) {
      this.#byte(type | 24);
      return this.#byte(Number(argument));
    }
    const size = argument < 0x10000n ? 2 : argument < 0x100000000n ? 4 : 8;
    this.#byte(type | (size === 2 ? 25 : size === 4 ? 26 : 27));
    const at = this.#reserve(size);
    if (size === 2) this.#view.setUint16(at, Number(argument));
    else if (size === 4) this.#view.setUint32(at, Number(argument));
    else this.#view.setBigUint64(at, argument);
  }

  #integer(value: bigint) {
    const argument = value < 0n ? -1n - value : value;
    if (argument < 1n << 64n) return this.#head(value < 0n ? Major.negative : Major.unsigned, argument);
    // RFC 8949, 3.4.3: tag 2 for positive, 3 for negative bignums.
    this.#head(Major.tag, value < 0n ? 3n : 2n);
    const hex = argument.toString(16);
    const bytes = Math.ceil(hex.length / 2);
    this.#byte(0x40 | bytes);
    const padded = hex.padStart(bytes * 2, '0');
    for (let i = 0; i < bytes; i++) this.#byte(Number.parseInt(padded.slice(i * 2, i * 2 + 2), 16));
  }

  #number(value: number) {
    if (Number.isSafeInteger(value)) return this.#integer(BigInt(value));
    const half = halfBits(value);
    if (half !== undefined) {
      this.#byte(0xf9);
      const at = this.#reserve(2);
      this.#view.setUint16(at, half);
    } else if (Math.fround(value) === value) {
      this.#byte(0xfa);
      const at = this.#reserve(4);
      this.#view.setFloat32(at, value);
    } else {
      this.#byte(0xfb);
      const at = this.#reserve(8);
      this.#view.setFloat64(at, value);
    }
  }

  #text(text: string) {
    const encoded = this.#utf8.encode(text);
    this.#head(Major.text, BigInt(encoded.length));
    const at = this.#reserve(encoded.length);
    this.#buffer.set(encoded, at);
  }
}

/** The bits of a finite value as an IEEE half, or undefined when a half does not hold it exactly. */
function halfBits(value: number): number | undefined {
  const magnitude = Math.abs(value);
  if (!(magnitude <= 65504)) return undefined;
  const sign = value < 0 ? 0x8000 : 0;
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14);
  const scaled = magnitude * 2 ** (10 - exponent);
  if (scaled !== Math.trunc(scaled) || scaled >= 2048) return undefined;
  return scaled < 1024 ? sign | scaled : sign | ((exponent + 15) << 10) | (scaled - 1024);
}
