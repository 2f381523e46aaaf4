/** Vector's BLF: objects with a time, most of them within containers that zlib has packed. */
import { compression, container, fileHeader, fileSignature, objectHeader, objectType } from './blf-format.ts';
import { isFrameObject, readFrameObject } from './blf-objects.ts';
import { ObjectScanner, objectBytesMax } from './blf-scanner.ts';
import type { FrameBatch } from './frame-batch.ts';
import { FrameSink } from './frame-sink.ts';
import { inflateZlib } from './inflate.ts';
import type { EmitBatch, LogReader, LogReaderOptions } from './log-reader.ts';
import { countMalformed, type LogStats } from './log-stats.ts';

/**
 * Unpacks a zlib stream.
 * @param bytesMax more than this the result may not have
 * @throws anything when the stream is broken or unpacks to more
 */
export type Inflate = (packed: Uint8Array, bytesMax: number) => Uint8Array;

export class BlfLogReader implements LogReader {
  /** Objects span containers. */
  readonly isDivisible = false;
  readonly #sink: FrameSink;
  readonly #inflate: Inflate;
  /** The file's header, until it is whole; undefined afterwards. */
  #header: Uint8Array | undefined = new Uint8Array(fileHeader.bytes);
  #headerBytes = 0;
  #startUs = 0;
  readonly #file = new ObjectScanner('the file', {
    wants: (type) => type === objectType.logContainer || isFrameObject(type),
    object: (type, bytes, from, to) => {
      if (type === objectType.logContainer) this.#unpack(bytes, from, to);
      else this.#readObject(type, bytes, from, to);
    },
    skipped: () => this.#ignore(),
    malformed: (place, reason) => this.#malformed(place, reason),
  });
  readonly #inner = new ObjectScanner('the unpacked objects', {
    wants: isFrameObject,
    object: (type, bytes, from, to) => this.#readObject(type, bytes, from, to),
    skipped: () => this.#ignore(),
    malformed: (place, reason) => this.#malformed(place, reason),
  });

  constructor({ batchFrames, inflate = inflateZlib }: LogReaderOptions = {}) {
    this.#sink = new FrameSink(batchFrames);
    this.#inflate = inflate;
  }

  get stats(): LogStats {
    return this.#sink.stats;
  }

  push(chunk: Uint8Array, emit: EmitBatch): void {
    this.#sink.emit = emit;
    let from = 0;
    if (this.#header !== undefined) {
      from = Math.min(chunk.length, this.#header.length - this.#headerBytes);
      this.#header.set(chunk.subarray(0, from), this.#headerBytes);
      this.#headerBytes += from;
      if (this.#headerBytes < this.#header.length) return;
      this.#readHeader(this.#header);
      this.#header = undefined;
    }
    this.#file.push(chunk.subarray(from));
  }

  end(emit: EmitBatch): void {
    this.#sink.emit = emit;
    if (this.#header !== undefined && this.#headerBytes > 0) this.#malformed('byte 0 of the file', 'the header is cut');
    this.#inner.end();
    this.#file.end();
    this.#sink.flush(this.#sink.batch.stride);
  }

  recycle(batch: FrameBatch): void {
    this.#sink.recycle(batch);
  }

  #readHeader(header: Uint8Array): void {
    const view = new DataView(header.buffer);
    if (view.getUint32(0, true) !== fileSignature) {
      this.#malformed('byte 0 of the file', 'expected LOGG');
      return;
    }
    this.#startUs = systemTimeAsUs(view, fileHeader.startTime);
    this.#file.skip(Math.max(0, view.getUint32(fileHeader.size, true) - header.length));
  }

  #unpack(bytes: Uint8Array, from: number, to: number): void {
    const unpacked = this.#contentOf(bytes.subarray(from + objectHeader.bytes, to));
    if (typeof unpacked === 'string') this.#malformed('a container', unpacked);
    else this.#inner.push(unpacked);
  }

  /** What a container holds, or why it cannot be had. */
  #contentOf(body: Uint8Array): Uint8Array | string {
    if (body.length < container.bytes) return 'expected a container of at least 32 bytes';
    const view = new DataView(body.buffer, body.byteOffset, container.bytes);
    const method = view.getUint16(container.method, true);
    const packed = body.subarray(container.bytes);
    if (method === compression.none) return packed;
    if (method !== compression.zlib) return `expected packing 0 or 2 (zlib), not ${method}`;
    const unpackedBytes = view.getUint32(container.unpackedBytes, true);
    if (unpackedBytes > objectBytesMax)
      return `expected at most ${objectBytesMax} bytes unpacked, not ${unpackedBytes}`;
    try {
      return this.#inflate(packed, unpackedBytes);
    } catch (error) {
      return `cannot be unpacked (${error instanceof Error ? error.message : String(error)})`;
    }
  }

  #readObject(type: number, bytes: Uint8Array, from: number, to: number): void {
    const { stats } = this.#sink;
    stats.linesTotal++;
    const reason = readFrameObject(type, bytes, from, to, this.#startUs, this.#sink);
    stats.lines++;
    if (reason !== undefined) countMalformed(stats, stats.linesTotal, reason, () => `an object of type ${type}`);
  }

  #ignore(): void {
    this.stats.linesTotal++;
    this.stats.ignored++;
  }

  #malformed(place: string, reason: string): void {
    this.stats.linesTotal++;
    this.stats.lines++;
    countMalformed(this.stats, this.stats.linesTotal, reason, () => place);
  }
}

/** Windows' SYSTEMTIME: eight u16 of which the third is the weekday. No zone is told, so it is taken as UTC. */
function systemTimeAsUs(view: DataView, at: number): number {
  const field = (index: number) => view.getUint16(at + index * 2, true);
  if (field(0) < 1970 || field(1) < 1 || field(1) > 12) return 0;
  return Date.UTC(field(0), field(1) - 1, field(3), field(4), field(5), field(6), field(7)) * 1000;
}
