import type { DiagnosticCollector } from './diagnostics.ts';

export type Encoding = 'utf-8' | 'windows-1252';

/** A power of two. */
const internSlots = 8192;

export interface Position {
  /** From 1. */
  line: number;
  /** From 1, in characters. */
  column: number;
}

/** What windows-1252 has at 0x80 to 0x9F (WHATWG Encoding, index-windows-1252); the rest equals Latin-1. */
const windows1252Upper =
  '\u20AC\x81\u201A\u0192\u201E\u2026\u2020\u2021\u02C6\u2030\u0160\u2039\u0152\x8D\u017D\x8F' +
  '\x90\u2018\u2019\u201C\u201D\u2022\u2013\u2014\u02DC\u2122\u0161\u203A\u0153\x9D\u017E\u0178';

/**
 * The bytes of a file, and its strings. Files of pure ASCII, by far the most, are turned into one string in a
 * single native call, and every string of the model is a slice of it.
 */
export class SourceText {
  readonly bytes: Uint8Array;
  readonly encoding: Encoding;
  /** One char a byte. */
  readonly #text: string;
  /** True when a slice may hold bytes past ASCII, which have to be decoded. */
  readonly #mixed: boolean;
  readonly #decoder = new TextDecoder('utf-8', { ignoreBOM: true });
  /** Names seen lately, by hash: where each stood, how long it is, and its string. */
  readonly #seenAt = new Int32Array(internSlots);
  readonly #seenLength = new Int32Array(internSlots);
  readonly #seen: string[] = new Array(internSlots).fill('');

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
    const utf8 = decodeUtf8(bytes);
    this.encoding = utf8 === undefined ? 'windows-1252' : 'utf-8';
    const ascii = utf8?.length === bytes.length ? utf8 : undefined;
    this.#mixed = ascii === undefined;
    this.#text = ascii ?? new TextDecoder('windows-1252').decode(bytes);
  }

  /** The text from byte offset `from` to `to`. */
  slice(from: number, to: number): string {
    if (!this.#mixed) return this.#text.slice(from, to);
    let at = from;
    while (at < to && this.bytes[at] < 0x80) at++;
    if (at >= to) return this.#text.slice(from, to);
    if (this.encoding === 'utf-8') return this.#decoder.decode(this.bytes.subarray(from, to));
    // Some runtimes decode windows-1252 as Latin-1, so the C1 controls that are left are mapped here.
    return this.#text.slice(from, to).replace(/[\x80-\x9f]/g, (char) => windows1252Upper[char.charCodeAt(0) - 0x80]);
  }

  /**
   * What a sticky expression finds at a byte offset. Engines run expressions as machine code from the second time on,
   * long before they compile a loop over bytes: reading the usual form of a line so is what makes a cold start quick.
   * @param usual matches ASCII alone, since bytes past it are not decoded here
   */
  match(usual: RegExp, at: number): RegExpExecArray | null {
    usual.lastIndex = at;
    return usual.exec(this.#text);
  }

  /** As `match`, without a copy of what is found: the offset where it ends, or -1. */
  matchEnd(usual: RegExp, at: number): number {
    usual.lastIndex = at;
    return usual.test(this.#text) ? usual.lastIndex : -1;
  }

  /** Offset of an ASCII character from `from` on, or -1. */
  indexOf(char: string, from: number): number {
    return this.#text.indexOf(char, from);
  }

  /**
   * As `slice`, but mostly the same string object for the same text: a name stands in a file ten times over, and
   * one object for all spares the copies, and maps find it without comparing it.
   */
  intern(from: number, to: number): string {
    const { bytes } = this;
    const length = to - from;
    let hash = length;
    for (let at = from; at < to; at++) hash = (Math.imul(hash, 31) + bytes[at]) | 0;
    const slot = (hash ^ (hash >>> 13)) & (internSlots - 1);
    if (this.#seenLength[slot] === length) {
      const before = this.#seenAt[slot];
      let i = 0;
      while (i < length && bytes[before + i] === bytes[from + i]) i++;
      if (i === length) return this.#seen[slot];
    }
    const text = this.slice(from, to);
    this.#seenAt[slot] = from;
    this.#seenLength[slot] = length;
    this.#seen[slot] = text;
    return text;
  }

  /** Line and column of each of the offsets, which must ascend: one sweep over the file. */
  locate(offsets: readonly number[]): Position[] {
    const { bytes } = this;
    const multiByte = this.encoding === 'utf-8';
    let at = 0;
    let line = 1;
    let column = 1;
    return offsets.map((offset) => {
      const end = Math.min(offset, bytes.length);
      for (; at < end; at++) {
        const byte = bytes[at];
        if (byte === 0x0a) {
          line++;
          column = 1;
        } else if (!multiByte || (byte & 0xc0) !== 0x80) column++;
      }
      return { line, column };
    });
  }
}

function decodeUtf8(bytes: Uint8Array): string | undefined {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return undefined;
  }
}

/** Turns UTF-16, which some editors save, into UTF-8; passes everything else through. */
export function withoutUtf16(bytes: Uint8Array, diagnostics: DiagnosticCollector): Uint8Array {
  const [a, b, c, d] = bytes;
  // Without a mark the zeros tell: every DBC begins with ASCII.
  const bigEndian = (a === 0xfe && b === 0xff) || (a === 0 && b > 0 && c === 0 && d > 0);
  const littleEndian = (a === 0xff && b === 0xfe) || (a > 0 && b === 0 && c > 0 && d === 0);
  if (!bigEndian && !littleEndian) return bytes;
  const how = a === 0 || b === 0 ? 'every other byte is 0' : 'the file begins with its byte order mark';
  diagnostics.report('FILE_UTF16', 0, how);
  const text = new TextDecoder(bigEndian ? 'utf-16be' : 'utf-16le').decode(bytes);
  return new TextEncoder().encode(text);
}

/** Turns the CR that ends each line of old files into LF; passes through every file that has an LF. */
export function withLineFeeds(bytes: Uint8Array, diagnostics: DiagnosticCollector): Uint8Array {
  const first = bytes.indexOf(0x0d);
  if (first < 0 || bytes.includes(0x0a)) return bytes;
  diagnostics.report('FILE_LINE_ENDS', first, 'no line ends with LF');
  return bytes.map((byte) => (byte === 0x0d ? 0x0a : byte));
}
