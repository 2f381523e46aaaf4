/** Text put together as ASCII bytes, in one buffer that grows: no string per line is made. */

const hexDigits = new TextEncoder().encode('0123456789ABCDEF');
const space = 0x20;
const zero = 0x30;

export class TextBytes {
  bytes: Uint8Array;
  length = 0;

  constructor(capacity = 1 << 16) {
    this.bytes = new Uint8Array(capacity);
  }

  /** Makes room for so many more bytes: to be called before a line is put, with the most it can take. */
  reserve(count: number): void {
    if (this.length + count <= this.bytes.length) return;
    const grown = new Uint8Array(Math.max(this.bytes.length * 2, this.length + count));
    grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }

  /** A copy of what was put, after which it begins anew. */
  take(): Uint8Array {
    const taken = this.bytes.slice(0, this.length);
    this.length = 0;
    return taken;
  }

  byte(value: number): void {
    this.bytes[this.length++] = value;
  }

  /** ASCII only. */
  text(text: string): void {
    for (let i = 0; i < text.length; i++) this.bytes[this.length++] = text.charCodeAt(i);
  }

  put(text: Uint8Array): void {
    this.bytes.set(text, this.length);
    this.length += text.length;
  }

  /** A number below 2^32 as so many upper-case hex digits. */
  hex(value: number, digits: number): void {
    for (let shift = (digits - 1) * 4; shift >= 0; shift -= 4) {
      this.bytes[this.length++] = hexDigits[(value >>> shift) & 15];
    }
  }

  /** Upper-case hex without leading zeros. */
  shortHex(value: number): void {
    let digits = 1;
    while (digits < 8 && value >>> (digits * 4) !== 0) digits++;
    this.hex(value, digits);
  }

  /** Bytes as pairs of hex digits, with a separator before each unless it is 0. */
  hexBytes(data: Uint8Array, from: number, to: number, separator: number): void {
    const { bytes } = this;
    let at = this.length;
    for (let i = from; i < to; i++) {
      if (separator !== 0) bytes[at++] = separator;
      bytes[at++] = hexDigits[data[i] >> 4];
      bytes[at++] = hexDigits[data[i] & 15];
    }
    this.length = at;
  }

  /** A whole number of 0 to 2^53 as at least so many digits, with zeros before it. */
  decimal(value: number, digitsMin = 1): void {
    this.#digits(value, digitsMin, zero);
  }

  /** The same with blanks before it. */
  padded(value: number, width: number): void {
    this.#digits(value, width, space);
  }

  #digits(value: number, width: number, pad: number): void {
    let count = 1;
    for (let power = 10; power <= value; power *= 10) count++;
    for (let i = count; i < width; i++) this.bytes[this.length++] = pad;
    const from = this.length;
    let rest = value;
    for (let at = from + count - 1; at >= from; at--) {
      const next = Math.floor(rest / 10);
      this.bytes[at] = zero + (rest - next * 10);
      rest = next;
    }
    this.length = from + count;
  }
}
