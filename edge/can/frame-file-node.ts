/** Frame files on disk, or from standard input. */
import { closeSync, createReadStream, fstatSync, openSync, type Stats } from 'node:fs';
import { edgeError } from '../errors/index.ts';
import type { FrameBatch } from './frame-batch.ts';
import { createFrameFileReader, frameRecordBytes } from './frame-file.ts';
import type { LogStats } from './log-stats.ts';

/** An open frame file. */
export interface FrameFile {
  /** What was read so far; a line is a record. */
  readonly stats: LogStats;
  /** Undefined when it is no regular file. */
  readonly totalBytes: number | undefined;
  readonly bytesRead: number;
  /** Can be run through once; leaving the loop closes the file. */
  batches(): AsyncGenerator<FrameBatch>;
  /** Closes a file whose batches are not wanted. */
  close(): void;
}

/**
 * Opens a file of frame records, see `createFrameFileReader`.
 * @param path a file, or `-` for stdin
 * @param stride payload bytes of a record
 * @throws {MinerError} `LOG_NOT_FOUND`, `LOG_UNREADABLE`, `FRAMES_SIZE` when a regular file is no whole number of records
 */
export function openFrameFile(path: string, stride: 8 | 64): FrameFile {
  const fd = path === '-' ? undefined : openFile(path);
  const totalBytes = fd === undefined ? undefined : sizeOf(path, fd, stride);
  const reader = createFrameFileReader(stride);
  let bytesRead = 0;
  let isBegun = false;
  return {
    stats: reader.stats,
    totalBytes,
    get bytesRead() {
      return bytesRead;
    },
    close() {
      if (fd !== undefined && !isBegun) closeSync(fd);
      isBegun = true;
    },
    async *batches() {
      isBegun = true;
      const chunks = fd === undefined ? process.stdin : createReadStream(path, { fd, highWaterMark: 1 << 20 });
      const ready: FrameBatch[] = [];
      const emit = (batch: FrameBatch) => ready.push(batch);
      try {
        for await (const chunk of chunks as AsyncIterable<Uint8Array>) {
          bytesRead += chunk.length;
          reader.push(chunk, emit);
          yield* ready.splice(0);
        }
      } catch (cause) {
        throw unreadable(path, cause);
      } finally {
        chunks.destroy();
      }
      reader.end(emit);
      yield* ready;
    },
  };
}

function openFile(path: string): number {
  try {
    return openSync(path, 'r');
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

function sizeOf(path: string, fd: number, stride: 8 | 64): number | undefined {
  const found: Stats = fstatSync(fd);
  const recordBytes = frameRecordBytes(stride);
  if (found.isFile() && found.size % recordBytes === 0) return found.size;
  if (!found.isFile() && !found.isDirectory()) return undefined;
  closeSync(fd);
  if (found.isDirectory()) throw edgeError('LOG_UNREADABLE', { path, reason: 'it is a folder' });
  const wholeBytes = found.size - (found.size % recordBytes);
  throw edgeError('FRAMES_SIZE', { path, size: found.size, recordBytes, wholeBytes });
}

function unreadable(path: string, cause: unknown): Error {
  const { code, message } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT') return edgeError('LOG_NOT_FOUND', { path }, cause);
  return edgeError('LOG_UNREADABLE', { path, reason: message }, cause);
}
