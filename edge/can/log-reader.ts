import { readCandumpLine } from './candump.ts';
import { FrameFlag } from './frame.ts';
import { FrameBatch } from './frame-batch.ts';
import { GvretColumns } from './gvret.ts';

/** `candump`: can-utils, candump -L. `gvret`: SavvyCAN's and GVRET's CSV. */
export type LogFormat = 'candump' | 'gvret';

export interface MalformedLine {
  /** From 1. */
  line: number;
  /** The line, cut to 120 characters. */
  text: string;
  reason: string;
}

export interface LogStats {
  /** Lines that are not blank and not a header. */
  lines: number;
  frames: number;
  malformed: number;
  /** The first ten. */
  firstMalformed: MalformedLine[];
}

/** Takes a batch over: the reader never touches it again. */
export type EmitBatch = (batch: FrameBatch) => void;

/**
 * Reads a text log as it comes in, chunk by chunk, into batches of frames. Lines that cannot be read are counted and
 * located, and never stop it.
 */
export interface LogReader {
  push(chunk: Uint8Array, emit: EmitBatch): void;
  /** Reads what is left after the last line end, and emits the last batch. */
  end(emit: EmitBatch): void;
  readonly stats: LogStats;
}

/** Where a line parser puts its frame, at most 64 bytes of payload. */
export interface FrameSink {
  /** Scratch for one payload. */
  readonly payload: Uint8Array;
  add(timeUs: number, id: number, flags: number, length: number): void;
}

/**
 * Reads the line at `from`..`to`, without its line end.
 * @returns undefined when it gave a frame, '' when it is no frame by intent (a header), else why it is malformed
 */
export type ReadLine = (bytes: Uint8Array, from: number, to: number, sink: FrameSink) => string | undefined;

const firstMalformedMax = 10;
const malformedCharsMax = 120;
/** Longer lines are malformed: a CAN FD frame takes less than 200 bytes. */
const lineBytesMax = 4096;
const batchFrames = 8192;
const newline = 0x0a;

/**
 * @example
 * const reader = createLogReader('candump');
 * reader.push(bytes, (batch) => decodeAll(batch));
 * reader.end((batch) => decodeAll(batch));
 */
export function createLogReader(format: LogFormat): LogReader {
  if (format === 'candump') return new LineLogReader(readCandumpLine);
  const columns = new GvretColumns();
  return new LineLogReader((bytes, from, to, sink) => columns.readLine(bytes, from, to, sink));
}

class LineLogReader implements LogReader, FrameSink {
  readonly stats: LogStats = { lines: 0, frames: 0, malformed: 0, firstMalformed: [] };
  readonly payload = new Uint8Array(64);
  readonly #readLine: ReadLine;
  /** The part of a line that the last chunk ended with. */
  readonly #carry = new Uint8Array(lineBytesMax);
  #carried = 0;
  /** The current line is too long, and is skipped to its end. */
  #skipping = false;
  #line = 0;
  #batch = new FrameBatch(batchFrames);
  #emit: EmitBatch = () => {};

  constructor(readLine: ReadLine) {
    this.#readLine = readLine;
  }

  push(chunk: Uint8Array, emit: EmitBatch): void {
    this.#emit = emit;
    let from = 0;
    if (this.#carried > 0 || this.#skipping) {
      const end = chunk.indexOf(newline);
      const to = end < 0 ? chunk.length : end;
      this.#keep(chunk, 0, to);
      if (end < 0) return;
      this.#endCarriedLine();
      from = end + 1;
    }
    const { length } = chunk;
    for (let at = from; at < length; at++) {
      if (chunk[at] !== newline) continue;
      this.#readWhole(chunk, from, at);
      from = at + 1;
    }
    this.#keep(chunk, from, length);
  }

  end(emit: EmitBatch): void {
    this.#emit = emit;
    if (this.#carried > 0 || this.#skipping) this.#endCarriedLine();
    if (this.#batch.count > 0) this.#flush(this.#batch.stride);
  }

  add(timeUs: number, id: number, flags: number, length: number): void {
    if (this.#batch.full) this.#flush(this.#batch.stride);
    // Once a log has shown a long payload, more of them will come.
    if (length > this.#batch.stride) this.#flush(64);
    const batch = this.#batch;
    const index = batch.count++;
    batch.timeUs[index] = timeUs;
    batch.id[index] = id;
    batch.flags[index] = flags;
    batch.length[index] = length;
    this.stats.frames++;
    if ((flags & FrameFlag.remote) !== 0) return;
    // The batch is fresh, so its payloads are zero already, and push would clear them first.
    const { data } = batch;
    const at = index * batch.stride;
    for (let i = 0; i < length; i++) data[at + i] = this.payload[i];
  }

  #flush(stride: 8 | 64): void {
    const batch = this.#batch;
    this.#batch = new FrameBatch(batchFrames, stride);
    if (batch.count > 0) this.#emit(batch);
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
      this.#line++;
      this.stats.lines++;
      this.#malformed(this.#carry, 0, length, `longer than ${lineBytesMax} bytes`);
    } else this.#readWhole(this.#carry, 0, length);
  }

  #readWhole(bytes: Uint8Array, from: number, to: number): void {
    this.#line++;
    let start = from;
    let end = to;
    const byteOrderMark = this.#line === 1 && bytes[from] === 0xef && bytes[from + 1] === 0xbb;
    if (byteOrderMark) start += 3;
    while (end > start && bytes[end - 1] <= 0x20) end--;
    while (start < end && bytes[start] <= 0x20) start++;
    if (start >= end) return;
    this.stats.lines++;
    const reason =
      end - start > lineBytesMax ? `longer than ${lineBytesMax} bytes` : this.#readLine(bytes, start, end, this);
    if (reason === undefined) return;
    if (reason === '') this.stats.lines--;
    else this.#malformed(bytes, start, end, reason);
  }

  #malformed(bytes: Uint8Array, from: number, to: number, reason: string): void {
    this.stats.malformed++;
    if (this.stats.firstMalformed.length >= firstMalformedMax) return;
    const text = new TextDecoder().decode(bytes.subarray(from, Math.min(to, from + malformedCharsMax)));
    this.stats.firstMalformed.push({ line: this.#line, text, reason });
  }
}
