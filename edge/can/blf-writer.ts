import {
  canErrorExtBytes,
  canFdMessageBytes,
  canMessageBytes,
  compression,
  container,
  extendedBit,
  fdFlag,
  fileHeader,
  fileSignature,
  messageFlag,
  objectHeader,
  objectSignature,
  objectType,
  timeUnit,
} from './blf-format.ts';
import { FrameFlag, lengthToDlc } from './frame.ts';
import type { FrameBatch } from './frame-batch.ts';
import type { LogPatch, LogWriter, LogWriterStats } from './log-writer.ts';
import { microsecondsSince, startOfLogUs } from './text-log-writer.ts';

/** Packs bytes as a zlib stream. */
export type Deflate = (bytes: Uint8Array) => Uint8Array;

/** Bytes of objects in a container, as Vector's programs write them. */
const containerBytesMax = 1 << 17;
const objectBytesMax = objectHeader.timedBytes + canFdMessageBytes;

/** Vector's BLF: nanoseconds from the millisecond in which the first frame came. */
export class BlfLogWriter implements LogWriter {
  readonly format = 'blf';
  readonly stats: LogWriterStats = { frames: 0, dropped: {}, lost: {} };
  readonly #deflate: Deflate | undefined;
  readonly #objects = new Uint8Array(containerBytesMax);
  readonly #view = new DataView(this.#objects.buffer);
  #filled = 0;
  #parts: Uint8Array[] = [];
  #hasHeader = false;
  #startUs = 0;
  #lastUs = 0;
  #fileBytes = 0;
  #unpackedBytes = 0;

  constructor(deflate?: Deflate) {
    this.#deflate = deflate;
  }

  write(batch: FrameBatch, from = 0, to = batch.count): Uint8Array {
    if (from < to) this.#putHeader(batch.timeUs[from]);
    for (let index = from; index < to; index++) {
      if (this.#filled + objectBytesMax > containerBytesMax) this.#putContainer();
      this.#putFrame(batch, index);
      this.stats.frames++;
    }
    return this.#take();
  }

  end(): Uint8Array {
    this.#putHeader(0);
    this.#putContainer();
    return this.#take();
  }

  patches(): readonly LogPatch[] {
    return [{ at: 0, bytes: this.#header() }];
  }

  #putFrame(batch: FrameBatch, index: number): void {
    const flags = batch.flags[index];
    const us = microsecondsSince(this.#startUs, batch.timeUs[index], this, 'times before the first frame');
    this.#lastUs = Math.max(this.#lastUs, us);
    if ((flags & FrameFlag.error) !== 0) this.#putError(batch, index, us);
    else if ((flags & FrameFlag.fd) !== 0) this.#putFdMessage(batch, index, us);
    else this.#putMessage(batch, index, us);
  }

  #putMessage(batch: FrameBatch, index: number, us: number): void {
    const view = this.#view;
    const body = this.#begin(objectType.canMessage, canMessageBytes, us);
    const flags = batch.flags[index];
    const isRemote = (flags & FrameFlag.remote) !== 0;
    const length = batch.length[index];
    view.setUint16(body, batch.bus[index] + 1, true);
    view.setUint8(body + 2, direction(flags) | (isRemote ? messageFlag.remote : 0));
    view.setUint8(body + 3, length);
    view.setUint32(body + 4, writtenId(batch, index), true);
    const at = index * batch.stride;
    if (!isRemote) this.#objects.set(batch.data.subarray(at, at + length), body + 8);
  }

  #putFdMessage(batch: FrameBatch, index: number, us: number): void {
    const view = this.#view;
    const body = this.#begin(objectType.canFdMessage, canFdMessageBytes, us);
    const flags = batch.flags[index];
    const length = batch.length[index];
    let fdFlags: number = fdFlag.fd;
    if ((flags & FrameFlag.bitRateSwitch) !== 0) fdFlags |= fdFlag.bitRateSwitch;
    if ((flags & FrameFlag.errorState) !== 0) fdFlags |= fdFlag.errorState;
    view.setUint16(body, batch.bus[index] + 1, true);
    view.setUint8(body + 2, direction(flags));
    view.setUint8(body + 3, lengthToDlc(length));
    view.setUint32(body + 4, writtenId(batch, index), true);
    view.setUint8(body + 13, fdFlags);
    view.setUint8(body + 14, length);
    const at = index * batch.stride;
    this.#objects.set(batch.data.subarray(at, at + length), body + 20);
  }

  #putError(batch: FrameBatch, index: number, us: number): void {
    this.lost('details of error frames');
    const body = this.#begin(objectType.canErrorExt, canErrorExtBytes, us);
    this.#view.setUint16(body, batch.bus[index] + 1, true);
  }

  /** Puts the headers of an object, all zero behind them. @returns where its body begins */
  #begin(type: number, bodyBytes: number, us: number): number {
    const view = this.#view;
    const at = this.#filled;
    const size = objectHeader.timedBytes + bodyBytes;
    this.#objects.fill(0, at, at + size);
    putObjectHeader(view, at, objectHeader.timedBytes, size, type);
    view.setUint32(at + objectHeader.timeUnit, timeUnit.nanosecond, true);
    const highUs = Math.floor(us / 2 ** 29);
    // Nanoseconds pass 2^53 after a hundred days: multiplied in two halves, they stay exact.
    const lowNs = (us - highUs * 2 ** 29) * 1000;
    const highNs = highUs * 125 + Math.floor(lowNs / 2 ** 32);
    view.setUint32(at + objectHeader.timestamp, lowNs % 2 ** 32, true);
    view.setUint32(at + objectHeader.timestamp + 4, highNs, true);
    this.#filled += size;
    return at + objectHeader.timedBytes;
  }

  #putContainer(): void {
    if (this.#filled === 0) return;
    const objects = this.#objects.subarray(0, this.#filled);
    const packed = this.#deflate?.(objects) ?? objects.slice();
    const head = new Uint8Array(objectHeader.bytes + container.bytes);
    const view = new DataView(head.buffer);
    const size = head.length + packed.length;
    putObjectHeader(view, 0, objectHeader.bytes, size, objectType.logContainer);
    view.setUint16(
      objectHeader.bytes + container.method,
      this.#deflate === undefined ? compression.none : compression.zlib,
      true,
    );
    view.setUint32(objectHeader.bytes + container.unpackedBytes, objects.length, true);
    // Padding is the size modulo 4, which is not what would align the next object: so Vector's programs do.
    this.#put(head, packed, new Uint8Array(size % 4));
    this.#unpackedBytes += head.length + objects.length;
    this.#filled = 0;
  }

  #putHeader(firstUs: number): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.#startUs = startOfLogUs(firstUs);
    this.#unpackedBytes = fileHeader.bytesWritten;
    this.#put(this.#header());
  }

  #header(): Uint8Array {
    const header = new Uint8Array(fileHeader.bytesWritten);
    const view = new DataView(header.buffer);
    view.setUint32(0, fileSignature, true);
    view.setUint32(fileHeader.size, header.length, true);
    putLong(view, fileHeader.fileBytes, this.#fileBytes);
    putLong(view, fileHeader.unpackedBytes, this.#unpackedBytes);
    view.setUint32(fileHeader.objectCount, this.stats.frames, true);
    putSystemTime(view, fileHeader.startTime, this.#startUs / 1000);
    putSystemTime(view, fileHeader.endTime, Math.floor((this.#startUs + this.#lastUs) / 1000));
    return header;
  }

  #put(...parts: Uint8Array[]): void {
    for (const part of parts) this.#fileBytes += part.length;
    this.#parts.push(...parts);
  }

  #take(): Uint8Array {
    const taken = new Uint8Array(this.#parts.reduce((sum, part) => sum + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      taken.set(part, at);
      at += part.length;
    }
    this.#parts = [];
    return taken;
  }

  lost(property: string): void {
    this.stats.lost[property] = (this.stats.lost[property] ?? 0) + 1;
  }
}

function putObjectHeader(view: DataView, at: number, headerSize: number, size: number, type: number): void {
  view.setUint32(at, objectSignature, true);
  view.setUint16(at + objectHeader.headerSize, headerSize, true);
  view.setUint16(at + objectHeader.headerVersion, 1, true);
  view.setUint32(at + objectHeader.objectSize, size, true);
  view.setUint32(at + objectHeader.objectType, type, true);
}

function direction(flags: number): number {
  return (flags & FrameFlag.transmitted) !== 0 ? messageFlag.transmitted : 0;
}

function writtenId(batch: FrameBatch, index: number): number {
  return (batch.flags[index] & FrameFlag.extended) !== 0 ? batch.id[index] + extendedBit : batch.id[index];
}

function putLong(view: DataView, at: number, value: number): void {
  view.setUint32(at, value % 2 ** 32, true);
  view.setUint32(at + 4, Math.floor(value / 2 ** 32), true);
}

/** Windows' SYSTEMTIME, in UTC. */
function putSystemTime(view: DataView, at: number, ms: number): void {
  const date = new Date(ms);
  const fields = [
    date.getUTCFullYear(),
    date.getUTCMonth() + 1,
    date.getUTCDay(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    date.getUTCSeconds(),
    date.getUTCMilliseconds(),
  ];
  for (const [i, field] of fields.entries()) view.setUint16(at + i * 2, field, true);
}
