/** Bytes of lines that grow at the end. Strings cost three times as much: they are copied together, then encoded. */

const firstCapacity = 1 << 16;

export class LineBuffer {
  #bytes = new Uint8Array(firstCapacity);
  #at = 0;

  /** The memory; another after `reserve` and `take`. */
  get bytes(): Uint8Array {
    return this.#bytes;
  }

  /** Where the next byte goes. */
  get at(): number {
    return this.#at;
  }

  /** Makes sure that `count` more bytes fit; what follows relies on it. */
  reserve(count: number): void {
    if (this.#at + count <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#at + count));
    larger.set(this.#bytes.subarray(0, this.#at));
    this.#bytes = larger;
  }

  /** Copies a few bytes: for so few, a loop is faster than `set`. */
  copy(from: Uint8Array, start: number, end: number): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = start; i < end; i++) bytes[at++] = from[i];
    this.#at = at;
  }

  /** Writes again what stands from `start` to `end`. */
  repeat(start: number, end: number): void {
    this.#bytes.copyWithin(this.#at, start, end);
    this.#at += end - start;
  }

  piece(from: Uint8Array): void {
    this.copy(from, 0, from.length);
  }

  /** ASCII only, as all numbers are. */
  ascii(text: string): void {
    const bytes = this.#bytes;
    let at = this.#at;
    for (let i = 0; i < text.length; i++) bytes[at++] = text.charCodeAt(i);
    this.#at = at;
  }

  byte(code: number): void {
    this.#bytes[this.#at++] = code;
  }

  /** What was written; the memory goes with it. */
  take(): Uint8Array<ArrayBuffer> {
    const taken = this.#bytes.subarray(0, this.#at);
    this.#bytes = new Uint8Array(this.#bytes.length);
    this.#at = 0;
    return taken;
  }
}
