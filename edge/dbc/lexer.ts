import type { DiagnosticCollector } from './diagnostics.ts';
import { keywords } from './keywords.ts';
import { limits } from './limits.ts';
import type { SourceText } from './source.ts';

/** The bytes that the grammar gives a meaning to. */
export const Byte = {
  tab: 0x09,
  newline: 0x0a,
  space: 0x20,
  quote: 0x22,
  openParen: 0x28,
  closeParen: 0x29,
  asterisk: 0x2a,
  plus: 0x2b,
  comma: 0x2c,
  minus: 0x2d,
  slash: 0x2f,
  zero: 0x30,
  colon: 0x3a,
  semicolon: 0x3b,
  at: 0x40,
  openBracket: 0x5b,
  backslash: 0x5c,
  closeBracket: 0x5d,
  underscore: 0x5f,
  bar: 0x7c,
} as const;

const ByteKind = { delimiter: 0, identifier: 1, otherWord: 2, slash: 3 } as const;

/** What each byte may be part of. Everything that is not blank or punctuation can stand in a name of a real file. */
const byteClass = (() => {
  const table = new Uint8Array(256).fill(ByteKind.otherWord);
  table.fill(ByteKind.delimiter, 0, 0x21);
  for (const char of '":;,|@()[]\\') table[char.charCodeAt(0)] = ByteKind.delimiter;
  for (const char of 'ABCDEFGHIJKLMNOPQRSTUVWXYZ_') {
    table[char.charCodeAt(0)] = ByteKind.identifier;
    table[char.toLowerCase().charCodeAt(0)] = ByteKind.identifier;
  }
  table.fill(ByteKind.identifier, 0x30, 0x3a);
  table[Byte.slash] = ByteKind.slash;
  return table;
})();

/** Bytes of the file. */
export interface Span {
  from: number;
  to: number;
}

/**
 * Reads tokens from bytes. Nothing here goes back over text it has read, except to cut an unclosed string;
 * such a cut never reaches past the next quote, so the whole file costs a bounded number of looks per byte.
 */
export class Lexer {
  readonly bytes: Uint8Array;
  readonly end: number;
  pos = 0;
  /** Where the last word began. */
  from = 0;
  /** Whether the last word is not a C identifier. */
  irregular = false;
  readonly #source: SourceText;
  readonly #diagnostics: DiagnosticCollector;
  /** The comments read and not yet taken. */
  readonly #comments: Span[] = [];
  #commentCount = 0;
  #commentsTo = 0;
  /** The line end that follows `#newlineSince`. */
  #newlineAt = -1;
  #newlineSince = 0;
  #noBlockCommentEnds = false;
  /** Whether the last search for a closing quote passed escaped quotes, and line ends. */
  #escaped = false;
  #spansLines = false;

  constructor(source: SourceText, diagnostics: DiagnosticCollector) {
    this.#source = source;
    this.#diagnostics = diagnostics;
    this.bytes = source.bytes;
    this.end = source.bytes.length;
  }

  /** Hands out the comments read since the last call, but for those that will be read again. */
  takeComments(): Span[] {
    if (this.#comments.length === 0) return [];
    this.#commentsTo = this.pos;
    return this.#comments.splice(0).filter(({ from }) => from < this.pos);
  }

  /** Skips blanks, line ends and comments. */
  skipBlanks(): void {
    const { bytes, end } = this;
    for (;;) {
      while (this.pos < end && bytes[this.pos] <= Byte.space) this.pos++;
      if (this.pos >= end || bytes[this.pos] !== Byte.slash || !this.#skipComment()) return;
    }
  }

  /** Skips blanks and comments up to the end of the line. */
  skipSpaces(): void {
    const { bytes, end } = this;
    for (;;) {
      while (this.pos < end && bytes[this.pos] <= Byte.space && bytes[this.pos] !== Byte.newline) this.pos++;
      if (this.pos >= end || bytes[this.pos] !== Byte.slash || !this.#skipComment()) return;
    }
  }

  /** The next byte that is not blank, or -1 at the end; it is not consumed. */
  peek(): number {
    if (this.pos < this.end && this.bytes[this.pos] > Byte.slash) return this.bytes[this.pos];
    this.skipBlanks();
    return this.pos < this.end ? this.bytes[this.pos] : -1;
  }

  /** Consumes the next byte that is not blank when it is `byte`. */
  accept(byte: number): boolean {
    if (this.peek() !== byte) return false;
    this.pos++;
    return true;
  }

  /** Reads a word: a name, a number, a keyword. Its text is `text()`. */
  word(): boolean {
    this.skipBlanks();
    const { bytes, end } = this;
    let at = this.pos;
    this.from = at;
    let seen = 0;
    for (; at < end; at++) {
      const kind = byteClass[bytes[at]];
      if (kind === ByteKind.delimiter) break;
      if (kind === ByteKind.slash && this.#commentInWord(at)) break;
      seen |= kind;
    }
    this.pos = at;
    this.irregular = (seen & 2) !== 0 || isDigit(bytes[this.from]);
    return at > this.from;
  }

  /** The last word. */
  text(): string {
    return this.#source.intern(this.from, this.pos);
  }

  slice(from: number, to: number): string {
    return this.#source.slice(from, to);
  }

  /** Moves behind what a sticky expression finds here; false where it finds nothing. */
  skip(usual: RegExp): boolean {
    const to = this.#source.matchEnd(usual, this.pos);
    if (to >= 0) this.pos = to;
    return to >= 0;
  }

  /** What a sticky expression finds here; `pos` moves behind it. */
  match(usual: RegExp): RegExpExecArray | null {
    const found = this.#source.match(usual, this.pos);
    if (found !== null) this.pos += found[0].length;
    return found;
  }

  /** Reads digits, 0 to 2^53; returns -1, with nothing consumed, when the next word is anything else. */
  unsigned(): number {
    this.skipBlanks();
    const { bytes, end } = this;
    let at = this.pos;
    let value = 0;
    while (at < end && isDigit(bytes[at])) value = value * 10 + bytes[at++] - Byte.zero;
    if (
      at === this.pos ||
      value > Number.MAX_SAFE_INTEGER ||
      (at < end && byteClass[bytes[at]] !== ByteKind.delimiter)
    ) {
      return -1;
    }
    this.from = this.pos;
    this.pos = at;
    return value;
  }

  /** The last word as a number, or NaN: `1`, `-0.5`, `1E-06`, and the forms `.25`, `1.`, `+0`. */
  number(): number {
    const { bytes, from, pos } = this;
    const negative = bytes[from] === Byte.minus;
    let at = negative ? from + 1 : from;
    let value = 0;
    // Up to 15 digits are exact in a double, and by far the most numbers of a file.
    for (const stop = Math.min(pos, at + 15); at < stop && isDigit(bytes[at]); at++) {
      value = value * 10 + bytes[at] - Byte.zero;
    }
    if (at === pos && isDigit(bytes[pos - 1])) return negative ? -value : value;
    return this.#unusualNumber();
  }

  #unusualNumber(): number {
    const { bytes, from, pos } = this;
    for (let at = from; at < pos; at++) {
      const byte = bytes[at];
      const sign = byte === Byte.plus || byte === Byte.minus;
      if (!isDigit(byte) && !sign && byte !== 0x2e && (byte | 0x20) !== 0x65) return Number.NaN;
    }
    const text = this.text();
    const value = Number(text);
    if (!Number.isFinite(value)) return Number.NaN;
    const unsigned = bytes[from] === Byte.minus ? text.slice(1) : text;
    if (unsigned[0] === '+' || unsigned[0] === '.' || unsigned.at(-1) === '.' || unsigned.includes('.e')) {
      this.#diagnostics.report('NUMBER_FORM', from, `${text} is not in the form of the grammar`);
    }
    return value;
  }

  /** True when `pos` stands at a keyword, after blanks. */
  atKeyword(): boolean {
    this.skipBlanks();
    return this.#keywordAt(this.pos);
  }

  /**
   * Reads a string, the next byte being its quote. It may span lines, unless one of them begins with a
   * keyword: then its quote is missing, and it ends with its line.
   */
  string(): string {
    const open = this.pos;
    const close = this.#closingQuote(open + 1);
    if (close >= 0 && (!this.#spansLines || this.#keywordLine(open + 1, close) < 0)) {
      this.pos = close + 1;
      return this.#unescaped(open + 1, close);
    }
    return this.#cutString(open, this.lineEnd(open));
  }

  /**
   * Reads the string that ends a CM_, the next byte being its quote. Comments are prose: they hold lines that
   * look like statements, and quotes that nobody escaped, so what follows the quote decides.
   */
  prose(): string {
    const open = this.pos;
    const close = this.#closingQuote(open + 1);
    if (close >= 0) {
      const spansLines = this.#spansLines;
      this.pos = close + 1;
      if (this.#statementEnds()) {
        if (spansLines) this.#reportStatements(open, close);
        return this.#unescaped(open + 1, close);
      }
    }
    const keywordLine = this.#keywordLine(open + 1, close < 0 ? this.end : close);
    if (keywordLine >= 0) return this.#cutString(open, keywordLine);
    if (close < 0) return this.#cutString(open, this.end);
    const later = this.#quoteBeforeSemicolon(close + 1);
    if (later < 0) {
      this.pos = close + 1;
      return this.#unescaped(open + 1, close);
    }
    this.#diagnostics.report('STRING_QUOTE', close, 'a quote stands inside a comment without a backslash');
    this.pos = later + 1;
    this.#escaped = true;
    return this.#unescaped(open + 1, later);
  }

  /** Offset of the first line end in from..to, or `to`. */
  lineEndWithin(from: number, to: number): number {
    let at = from;
    while (at < to && this.bytes[at] !== Byte.newline) at++;
    return at;
  }

  /** Offset of the end of the line that `at` stands in. */
  lineEnd(at: number): number {
    const newline = this.bytes.indexOf(Byte.newline, at);
    return newline < 0 ? this.end : newline;
  }

  /**
   * Offset where the statement that begins at `from` ends when it cannot be understood: after the first ; outside
   * a string, or before the first line that begins with a keyword, even inside a string.
   */
  statementEnd(from: number): number {
    const { bytes, end } = this;
    let quoted = false;
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === Byte.quote) quoted = !(quoted && bytes[at - 1] !== Byte.backslash);
      else if (byte === Byte.newline) {
        if (this.#keywordAt(this.afterSpaces(at + 1))) return at;
      } else if (byte === Byte.semicolon && !quoted) return at + 1;
    }
    return end;
  }

  /** The end of from..to without the blanks before it. */
  withoutBlanks(from: number, to: number): number {
    let end = to;
    while (end > from && this.bytes[end - 1] <= Byte.space) end--;
    return end;
  }

  /** As `statementEnd`, for text that no rule describes: an empty line ends it too. */
  sectionEnd(from: number): number {
    const { bytes } = this;
    const to = this.statementEnd(from);
    for (let at = from; at < to; at++) {
      if (bytes[at] === Byte.newline && bytes[this.afterSpaces(at + 1)] === Byte.newline) return at;
    }
    return to;
  }

  /** True when what follows is a ; (not consumed), the next statement or the end. */
  #statementEnds(): boolean {
    const next = this.peek();
    return next === Byte.semicolon || next === -1 || this.#keywordAt(this.pos);
  }

  #reportStatements(open: number, close: number): void {
    const line = this.#keywordLine(open + 1, close);
    if (line < 0) return;
    const what = 'a line of the comment that begins here looks like a statement';
    this.#diagnostics.report('COMMENT_STATEMENT', open, what);
  }

  #closingQuote(from: number): number {
    const { bytes, end } = this;
    this.#escaped = false;
    const first = this.#source.indexOf('"', from);
    if (first < 0 || bytes[first - 1] !== Byte.backslash || first === from) {
      this.#spansLines = this.#nextNewline(from) < (first < 0 ? end : first);
      return first;
    }
    this.#spansLines = false;
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte > Byte.quote) continue;
      if (byte === Byte.newline) this.#spansLines = true;
      else if (byte === Byte.quote) {
        if (bytes[at - 1] !== Byte.backslash || at === from || this.#closesAnyway(at)) return at;
        this.#escaped = true;
      }
    }
    return -1;
  }

  /** Offset of the next line end, or the end; it is sought once for all that stands on a line. */
  #nextNewline(from: number): number {
    if (from > this.#newlineAt || from < this.#newlineSince) {
      this.#newlineSince = from;
      this.#newlineAt = this.lineEnd(from);
    }
    return this.#newlineAt;
  }

  /** Whether a quote after a backslash closes its string all the same: `;`, a line end and a keyword follow. */
  #closesAnyway(quote: number): boolean {
    let at = this.afterSpaces(quote + 1);
    if (this.bytes[at] !== Byte.semicolon) return false;
    at = this.afterSpaces(at + 1);
    if (at >= this.end) return true;
    if (this.bytes[at] !== Byte.newline) return false;
    // Blank lines are not looked past, so that a file of nothing else is not looked at again and again.
    return this.#keywordAt(this.afterSpaces(at + 1));
  }

  #quoteBeforeSemicolon(from: number): number {
    const { bytes, end } = this;
    for (let at = from; at < end; at++) {
      const byte = bytes[at];
      if (byte === Byte.newline && this.#keywordAt(this.afterSpaces(at + 1))) return -1;
      if (byte === Byte.quote && bytes[this.afterSpaces(at + 1)] === Byte.semicolon) return at;
    }
    return -1;
  }

  #cutString(open: number, cut: number): string {
    let to = cut;
    this.pos = cut;
    for (; to > open + 1; to--) {
      const byte = this.bytes[to - 1];
      if (byte === Byte.semicolon) this.pos = to - 1;
      else if (byte > Byte.space) break;
    }
    if (to > open + 2 && this.bytes[to - 1] === Byte.quote) to--;
    while (to > open + 1 && this.bytes[to - 1] === Byte.backslash) to--;
    this.#diagnostics.report('STRING_UNCLOSED', open, 'the string that begins here has no closing quote');
    return this.#unescaped(open + 1, to);
  }

  #unescaped(from: number, to: number): string {
    if (!this.#escaped && to - from <= internedCharsMax) return this.#source.intern(from, to);
    const text = this.#source.slice(from, to);
    return this.#escaped ? text.replaceAll('\\"', '"') : text;
  }

  /** Offset of the first line end in from..to that a keyword follows, or -1. */
  #keywordLine(from: number, to: number): number {
    const { bytes } = this;
    for (let at = from; at < to; at++) {
      if (bytes[at] === Byte.newline && this.#keywordAt(this.afterSpaces(at + 1))) return at;
    }
    return -1;
  }

  #keywordAt(at: number): boolean {
    const { bytes, end } = this;
    const stop = Math.min(end, at + keywordCharsMax + 1);
    let to = at;
    while (to < stop && ((bytes[to] >= 0x41 && bytes[to] <= 0x5a) || bytes[to] === Byte.underscore)) to++;
    const length = to - at;
    if (length < 3 || length > keywordCharsMax) return false;
    if (to < end && byteClass[bytes[to]] !== ByteKind.delimiter) return false;
    return keywords.has(this.#source.slice(at, to));
  }

  /** The next offset that holds no blank, at most 256 on; line ends are not passed. */
  afterSpaces(from: number): number {
    const { bytes, end } = this;
    let at = from;
    // The bound keeps a search through lines of endless blanks from becoming quadratic.
    for (const stop = Math.min(end, from + 256); at < stop; at++) {
      if (bytes[at] > Byte.space || bytes[at] === Byte.newline) break;
    }
    return at;
  }

  #commentBegins(at: number): boolean {
    const next = this.bytes[at + 1];
    return next === Byte.slash || (next === Byte.asterisk && !this.#noBlockCommentEnds);
  }

  /** Whether a comment that interrupts a word begins here; of block comments only one that its line closes does. */
  #commentInWord(at: number): boolean {
    if (!this.#commentBegins(at) || this.bytes[at + 1] === Byte.slash) return this.#commentBegins(at);
    const stop = Math.min(this.end, at + 1024);
    for (let close = at + 2; close + 1 < stop && this.bytes[close] !== Byte.newline; close++) {
      if (this.bytes[close] === Byte.asterisk && this.bytes[close + 1] === Byte.slash) return true;
    }
    return false;
  }

  #skipComment(): boolean {
    const { bytes, pos } = this;
    if (this.#noBlockCommentEnds && bytes[pos + 1] === Byte.asterisk) {
      this.pos += 2;
      return true;
    }
    if (!this.#commentBegins(pos)) return false;
    if (bytes[pos + 1] === Byte.slash) {
      this.pos = this.lineEnd(pos);
    } else {
      let close = pos + 2;
      while (close < this.end && !(bytes[close] === Byte.asterisk && bytes[close + 1] === Byte.slash)) close++;
      if (close >= this.end) {
        this.#noBlockCommentEnds = true;
        this.#diagnostics.report('BLOCK_COMMENT_UNCLOSED', pos, 'the comment that begins here has no end');
        this.pos += 2;
        return true;
      }
      this.pos = close + 2;
    }
    // Some places are read twice.
    if (pos >= this.#commentsTo) {
      // One too many, so that the limit is reported.
      if (this.#commentCount++ <= limits.sourceComments) this.#comments.push({ from: pos, to: this.pos });
      this.#commentsTo = this.pos;
    }
    return true;
  }
}

/** Longer strings are comments, and seldom occur twice. */
const internedCharsMax = 32;

const keywordCharsMax = Math.max(...[...keywords].map((keyword) => keyword.length));

export function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
