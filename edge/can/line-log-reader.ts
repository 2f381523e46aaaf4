import type { FrameBatch } from './frame-batch.ts';
import { FrameSink } from './frame-sink.ts';
import type { EmitBatch, LogReader, LogReaderOptions } from './log-reader.ts';
import { countMalformed, type LogStats } from './log-stats.ts';

/** What became of a line that is not malformed. */
export const LineOutcome = {
  /** It gave a frame. */
  frame: undefined,
  /** A header, a comment or another event: no frame by intent. */
  ignored: '',
  /** A CAN XL frame, which a batch cannot hold. */
  framesXl: 'CAN XL',
} as const;

/** The lines of one text format. */
export interface Lines {
  /**
   * Reads the line at `from`..`to`, without blanks around it and its line end.
   * @returns one of LineOutcome, or why the line is malformed
   */
  readLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined;
  /**
   * The quick way over lines of the commonest form: reads as many as it can into the sink's batch, which has room for
   * at least one. `to` stands behind a line end.
   * @returns where the first line begins that it did not read
   */
  readLines?(bytes: Uint8Array, from: number, to: number, sink: FrameSink): number;
  /**
   * Looks at the beginning of the log before the first line is read.
   * @param isWhole no more will be shown
   * @returns false to be asked again with more
   */
  look?(head: Uint8Array, isWhole: boolean): boolean;
  /** Times count from the line before. */
  readonly isRelative?: boolean;
}

const malformedCharsMax = 120;
/** Longer lines are malformed: a CAN FD frame takes less than 400 bytes in any format. */
const lineBytesMax = 4096;
const headBytesMax = 16_384;
const newline = 0x0a;
const carriageReturn = 0x0d;
const emptyBytes = new Uint8Array(0);

export class LineLogReader implements LogReader {
  readonly #lines: Lines;
  readonly #sink: FrameSink;
  /** The log's beginning, until enough of it is here to know how to read it. */
  #head: Uint8Array | undefined;
  #headHasLine = false;
  #lineEnd = newline;
  /** The part of a line that the last chunk ended with. */
  readonly #carry = new Uint8Array(lineBytesMax);
  #carried = 0;
  /** The current line is too long, and is skipped to its end. */
  #skipping = false;

  constructor(lines: Lines, { batchFrames, preamble }: LogReaderOptions = {}) {
    this.#lines = lines;
    this.#sink = new FrameSink(batchFrames);
    this.#head = emptyBytes;
    if (preamble) this.#readPreamble(preamble);
  }

  get stats(): LogStats {
    return this.#sink.stats;
  }

  get isDivisible(): boolean {
    return this.#lines.isRelative !== true && this.#lineEnd === newline;
  }

  push(chunk: Uint8Array, emit: EmitBatch): void {
    this.#sink.emit = emit;
    if (this.#head === undefined) {
      this.#read(chunk);
      return;
    }
    const head = this.#head.length === 0 ? chunk : joined(this.#head, chunk);
    const hadLine = this.#headHasLine;
    this.#headHasLine ||= chunk.includes(newline);
    const isWhole = head.length >= headBytesMax;
    // Asked at the first line end and when the head is full, lest tiny chunks be looked over and over.
    if (isWhole || (this.#headHasLine && !hadLine)) {
      if (this.#begin(head, isWhole)) {
        this.#read(head);
        return;
      }
    }
    // A chunk is the caller's again once push returns; a Buffer's own slice would not copy.
    this.#head = head === chunk ? new Uint8Array(chunk) : head;
  }

  end(emit: EmitBatch): void {
    this.#sink.emit = emit;
    if (this.#head !== undefined) {
      const head = this.#head;
      this.#begin(head, true);
      this.#read(head);
    }
    if (this.#carried > 0 || this.#skipping) this.#endCarriedLine();
    this.#sink.flush(this.#sink.batch.stride);
  }

  recycle(batch: FrameBatch): void {
    this.#sink.recycle(batch);
  }

  /** @returns false when the format wants to see more first */
  #begin(head: Uint8Array, isWhole: boolean): boolean {
    const start = head.subarray(0, headBytesMax);
    if (this.#lines.look?.(start, isWhole) === false && !isWhole) return false;
    // Some programs end lines as the first Macintosh did.
    if (!start.includes(newline) && start.includes(carriageReturn)) this.#lineEnd = carriageReturn;
    this.#head = undefined;
    return true;
  }

  /** Learns columns, base and start from the beginning of a log of which a later part is to be read. */
  #readPreamble(preamble: Uint8Array): void {
    this.#begin(preamble, true);
    const nowhere = new FrameSink(1);
    let from = startsWithMark(preamble, 0) ? byteOrderMarkBytes : 0;
    for (let at = 0; at < preamble.length; at++) {
      if (preamble[at] !== this.#lineEnd) continue;
      const line = trimmed(preamble, from, at);
      if (line.to > line.from) this.#lines.readLine(preamble, line.from, line.to, nowhere);
      if (nowhere.stats.frames > 0) return;
      from = at + 1;
    }
  }

  #read(chunk: Uint8Array): void {
    let from = 0;
    if (this.#carried > 0 || this.#skipping) {
      const end = chunk.indexOf(this.#lineEnd);
      const to = end < 0 ? chunk.length : end;
      this.#keep(chunk, 0, to);
      if (end < 0) return;
      this.#endCarriedLine();
      from = end + 1;
    }
    const to = chunk.lastIndexOf(this.#lineEnd) + 1;
    if (to > from) this.#readWhole(chunk, from, to);
    this.#keep(chunk, Math.max(from, to), chunk.length);
  }

  /** Reads whole lines; `to` stands behind a line end. */
  #readWhole(bytes: Uint8Array, from: number, to: number): void {
    const sink = this.#sink;
    const { stats } = sink;
    const isQuick = this.#lines.readLines !== undefined && this.#lineEnd === newline;
    let at = from;
    while (at < to) {
      if (isQuick) {
        if (sink.batch.full) sink.flush(sink.batch.stride);
        const before = sink.batch.count;
        at = this.#lines.readLines?.(bytes, at, to, sink) ?? at;
        const read = sink.batch.count - before;
        stats.frames += read;
        stats.lines += read;
        stats.linesTotal += read;
        if (sink.batch.full || at === to) continue;
      }
      const end = bytes.indexOf(this.#lineEnd, at);
      this.#readLine(bytes, at, end);
      at = end + 1;
    }
  }

  #keep(chunk: Uint8Array, from: number, to: number): void {
    if (this.#skipping) return;
    const count = to - from;
    if (this.#carried + count > lineBytesMax) {
      const room = chunk.subarray(from, from + lineBytesMax - this.#carried);
      this.#carry.set(room, this.#carried);
      this.#carried = lineBytesMax;
      this.#skipping = true;
      return;
    }
    this.#carry.set(chunk.subarray(from, to), this.#carried);
    this.#carried += count;
  }

  #endCarriedLine(): void {
    const length = this.#carried;
    this.#carried = 0;
    if (this.#skipping) {
      this.#skipping = false;
      this.stats.linesTotal++;
      this.#malformed(this.#carry, 0, length, `longer than ${lineBytesMax} bytes`);
    } else this.#readLine(this.#carry, 0, length);
  }

  #readLine(bytes: Uint8Array, from: number, to: number): void {
    const { stats } = this.#sink;
    stats.linesTotal++;
    const isMarked = stats.linesTotal === 1 && startsWithMark(bytes, from);
    const line = trimmed(bytes, isMarked ? from + byteOrderMarkBytes : from, to);
    if (line.from >= line.to) return;
    const reason =
      line.to - line.from > lineBytesMax
        ? `longer than ${lineBytesMax} bytes`
        : this.#lines.readLine(bytes, line.from, line.to, this.#sink);
    if (reason === LineOutcome.frame) stats.lines++;
    else if (reason === LineOutcome.ignored) stats.ignored++;
    else if (reason === LineOutcome.framesXl) stats.framesXl++;
    else this.#malformed(bytes, line.from, line.to, reason);
  }

  #malformed(bytes: Uint8Array, from: number, to: number, reason: string): void {
    this.stats.lines++;
    const text = () => new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + malformedCharsMax)));
    countMalformed(this.stats, this.stats.linesTotal, reason, text);
  }
}

const byteOrderMarkBytes = 3;

/** UTF-8's byte order mark, which editors of Windows leave at a file's beginning. */
function startsWithMark(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0xef && bytes[at + 1] === 0xbb && bytes[at + 2] === 0xbf;
}

/** The line without blanks and control characters around it. */
function trimmed(bytes: Uint8Array, from: number, to: number): { from: number; to: number } {
  let start = from;
  let end = to;
  while (end > start && bytes[end - 1] <= 0x20) end--;
  while (start < end && bytes[start] <= 0x20) start++;
  return { from: start, to: end };
}

function joined(first: Uint8Array, second: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(first.length + second.length);
  bytes.set(first);
  bytes.set(second, first.length);
  return bytes;
}
