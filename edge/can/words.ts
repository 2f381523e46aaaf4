import { isWord, parseDecimal, parseHex } from './text-number.ts';

/** A line's words, one after the other: what stands between blanks. One cursor serves all lines of a log. */
export class Words {
  /** The current word is `bytes` from..to; they are equal past the last one. */
  bytes: Uint8Array = new Uint8Array(0);
  from = 0;
  to = 0;
  #begin = 0;
  #end = 0;

  /** Begins a line, before its first word. */
  start(bytes: Uint8Array, from: number, to: number): void {
    this.bytes = bytes;
    this.from = from;
    this.to = from;
    this.#begin = from;
    this.#end = to;
  }

  /** Goes on to the next word. @returns false when there is none */
  next(): boolean {
    const { bytes } = this;
    const end = this.#end;
    let at = this.to;
    while (at < end && bytes[at] <= 0x20) at++;
    this.from = at;
    while (at < end && bytes[at] > 0x20) at++;
    this.to = at;
    return at > this.from;
  }

  get length(): number {
    return this.to - this.from;
  }

  /** Whether the current word is this one, in lower-case letters here, in either case there. */
  is(word: string): boolean {
    return isWord(this.bytes, this.from, this.to, word);
  }

  hex(): number {
    return parseHex(this.bytes, this.from, this.to);
  }

  decimal(): number {
    return parseDecimal(this.bytes, this.from, this.to);
  }

  /** As text; for rare words only. */
  text(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.from, this.to));
  }

  /** The whole line. */
  lineText(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.#begin, this.#end));
  }

  /** The current word and all behind it. */
  restText(): string {
    return new TextDecoder().decode(this.bytes.subarray(this.from, this.#end));
  }
}
