/**
 * The frame file: records of one size, for handing frames to a decoder without a log format in between. A record is
 * the id as a little-endian 32-bit integer (bit 31 set: 29-bit id), the payload's length as a byte, three zero bytes,
 * and the payload padded to 8 bytes, or to 64 where CAN FD frames may come. It carries no time.
 */
import { FrameFlag } from './frame.ts';
import { FrameBatch } from './frame-batch.ts';
import type { EmitBatch } from './log-reader.ts';
import { countMalformed, emptyStats, type LogStats } from './log-stats.ts';

/** Bytes before the payload. */
const headerBytes = 8;
const extendedBit = 0x80000000;
const batchFrames = 8192;

/** Bytes of a record whose payload has room for `stride` bytes. */
export const frameRecordBytes = (stride: 8 | 64): number => headerBytes + stride;

/** Reads frame records as they come in, at any boundaries. What is no record is counted and located. */
export interface FrameFileReader {
  push(chunk: Uint8Array, emit: EmitBatch): void;
  /** Emits the last batch; bytes left over, too few for a record, are counted as malformed. */
  end(emit: EmitBatch): void;
  /** As of a log: a line is a record, counted from 1. */
  readonly stats: LogStats;
}

/**
 * Makes a reader of frame records. Frames get NaN as their time.
 * @param stride payload bytes of a record
 * @example
 *   const reader = createFrameFileReader(8);
 *   reader.push(bytes, (batch) => decodeAll(batch));
 *   reader.end((batch) => decodeAll(batch));
 */
export function createFrameFileReader(stride: 8 | 64): FrameFileReader {
  return new RecordReader(stride);
}

class RecordReader implements FrameFileReader {
  readonly stats: LogStats = emptyStats();
  readonly #stride: 8 | 64;
  readonly #recordBytes: number;
  /** The part of a record that the last chunk ended with. */
  readonly #carry: Uint8Array;
  #carried = 0;
  #batch: FrameBatch;

  constructor(stride: 8 | 64) {
    this.#stride = stride;
    this.#recordBytes = frameRecordBytes(stride);
    this.#carry = new Uint8Array(this.#recordBytes);
    this.#batch = new FrameBatch(batchFrames, stride);
  }

  push(chunk: Uint8Array, emit: EmitBatch): void {
    let at = 0;
    if (this.#carried > 0) {
      at = Math.min(this.#recordBytes - this.#carried, chunk.length);
      this.#keep(chunk.subarray(0, at));
      if (this.#carried < this.#recordBytes) return;
      this.#carried = 0;
      this.#read(this.#carry, 0, emit);
    }
    for (; at + this.#recordBytes <= chunk.length; at += this.#recordBytes) this.#read(chunk, at, emit);
    this.#keep(chunk.subarray(at));
  }

  end(emit: EmitBatch): void {
    if (this.#carried > 0) {
      this.#countRecord();
      const reason = `${this.#carried} bytes are left, expected a record of ${this.#recordBytes}`;
      this.#malformed(this.#carry.subarray(0, this.#carried), reason);
      this.#carried = 0;
    }
    if (this.#batch.count > 0) emit(this.#batch);
    this.#batch = new FrameBatch(batchFrames, this.#stride);
  }

  #keep(rest: Uint8Array): void {
    this.#carry.set(rest, this.#carried);
    this.#carried += rest.length;
  }

  #countRecord(): void {
    this.stats.lines++;
    this.stats.linesTotal++;
  }

  #read(bytes: Uint8Array, at: number, emit: EmitBatch): void {
    this.#countRecord();
    const reason = this.#faultOf(bytes, at);
    if (reason !== undefined) {
      this.#malformed(bytes.subarray(at, at + this.#recordBytes), reason);
      return;
    }
    if (this.#batch.full) {
      emit(this.#batch);
      this.#batch = new FrameBatch(batchFrames, this.#stride);
    }
    const word = wordAt(bytes, at);
    const length = bytes[at + 4];
    const extended = word >= extendedBit ? FrameFlag.extended : 0;
    const flags = extended | (length > 8 ? FrameFlag.fd : 0);
    this.#batch.push(Number.NaN, word & 0x1fffffff, flags, bytes, at + headerBytes, length);
    this.stats.frames++;
  }

  /** Why the record at `at` is none, or undefined. */
  #faultOf(bytes: Uint8Array, at: number): string | undefined {
    const length = bytes[at + 4];
    if (length > this.#stride) return `length ${length}, expected at most ${this.#stride}`;
    if ((bytes[at + 5] | bytes[at + 6] | bytes[at + 7]) !== 0) return 'expected three zero bytes after the length';
    const word = wordAt(bytes, at);
    const id = word % extendedBit;
    const idMax = word >= extendedBit ? 0x1fffffff : 0x7ff;
    return id > idMax ? `id 0x${id.toString(16)}, expected at most 0x${idMax.toString(16)}` : undefined;
  }

  #malformed(record: Uint8Array, reason: string): void {
    const hex = () => Array.from(record.subarray(0, 16), (byte) => byte.toString(16).padStart(2, '0')).join('');
    countMalformed(this.stats, this.stats.lines, reason, hex);
  }
}

function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24)) >>> 0;
}

/**
 * Frames as records, the inverse of the reader but for times and flags.
 * @returns one record per frame; frames that a record can't hold (remote, error, longer than `stride`) are left out
 */
export function frameRecords(batch: FrameBatch, stride: 8 | 64): Uint8Array {
  const recordBytes = frameRecordBytes(stride);
  const records = new Uint8Array(batch.count * recordBytes);
  const view = new DataView(records.buffer);
  let at = 0;
  for (let i = 0; i < batch.count; i++) {
    const length = batch.length[i];
    const flags = batch.flags[i];
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0 || length > stride) continue;
    view.setUint32(at, batch.id[i] + ((flags & FrameFlag.extended) !== 0 ? extendedBit : 0), true);
    view.setUint8(at + 4, length);
    const from = i * batch.stride;
    records.set(batch.data.subarray(from, from + length), at + headerBytes);
    at += recordBytes;
  }
  return records.subarray(0, at);
}
