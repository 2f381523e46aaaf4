/** Log files on disk: opened, unpacked and recognised. */
import { inflateSync } from 'node:zlib';
import { edgeError } from '../errors/index.ts';
import { detectLogFormat } from './detect-log.ts';
import type { FrameBatch } from './frame-batch.ts';
import type { LogFormat } from './log-format.ts';
import { createLogReader, type LogReader, type LogReaderOptions } from './log-reader.ts';
import type { LogStats } from './log-stats.ts';
import { type Chunks, openChunks } from './node-chunks.ts';

export interface OpenLogOptions extends Pick<LogReaderOptions, 'times' | 'batchFrames'> {
  /** Default: recognised from the log's first bytes. */
  format?: LogFormat;
  /**
   * With `to`: read only the lines that begin within these bytes of the file, so that several threads can share one
   * log. The first is the line that begins at or after `from`. Only for logs that are divisible.
   */
  from?: number;
  /** Default: the file's end. */
  to?: number;
}

/** An open log: its format, what was read of it so far, and its frames. */
export interface LogFile {
  readonly format: LogFormat;
  /** Line numbers of a part count from the part's first line. */
  readonly stats: LogStats;
  /** The file's size, packed as it may be; undefined for stdin and pipes. */
  readonly totalBytes: number | undefined;
  /** Of the file, packed as it may be. */
  readonly bytesRead: number;
  /** Whether it can be read in parts, see `from`: a regular file of text, not packed, without relative times. */
  readonly isDivisible: boolean;
  /** Can be run through once; leaving the loop closes the file. */
  batches(): AsyncGenerator<FrameBatch>;
  /** Hands a batch back that nobody looks at any more: it is filled again. */
  recycle(batch: FrameBatch): void;
  /** Closes a file whose batches are not wanted. */
  close(): Promise<void>;
}

/** How much is looked at to recognise a format. */
const detectBytes = 16_384;

/**
 * Reads a log in any of the formats that `detectLogFormat` knows, gzip or not, in constant memory.
 * @param path a file, or `-` for stdin
 * @throws {MinerError} `LOG_NOT_FOUND`, `LOG_UNREADABLE`, `LOG_FORMAT_UNKNOWN`, `LOG_NOT_DIVISIBLE`
 * @example for await (const batch of readLogFile('drive.log.gz')) frames += batch.count;
 */
export async function* readLogFile(path: string, options: OpenLogOptions = {}): AsyncGenerator<FrameBatch> {
  const log = await openLogFile(path, options);
  yield* log.batches();
}

/** As `readLogFile`, for callers that want to know the format and the malformed lines too. */
export async function openLogFile(path: string, options: OpenLogOptions = {}): Promise<LogFile> {
  const chunks = await openChunks(path);
  try {
    const head = await chunks.peek(detectBytes);
    const format = options.format ?? detectLogFormat(head);
    if (format === undefined) throw edgeError('LOG_FORMAT_UNKNOWN', { path, firstLine: firstLine(head) });
    const isPart = options.from !== undefined || options.to !== undefined;
    const isDivisible = chunks.isSeekable && !chunks.isPacked && readsApart(format, head, options);
    if (isPart) {
      if (!isDivisible) throw edgeError('LOG_NOT_DIVISIBLE', { path, reason: whyWhole(chunks, format) });
      await chunks.restrict(options.from ?? 0, options.to ?? Number.POSITIVE_INFINITY);
    }
    const isLater = (options.from ?? 0) > 0;
    const reader = createLogReader(format, {
      ...options,
      inflate: unpack,
      preamble: isLater ? new Uint8Array(head) : undefined,
    });
    return openLog(chunks, format, reader, isDivisible);
  } catch (error) {
    await chunks.close();
    throw error;
  }
}

function openLog(chunks: Chunks, format: LogFormat, reader: LogReader, isDivisible: boolean): LogFile {
  return {
    format,
    stats: reader.stats,
    totalBytes: chunks.totalBytes,
    isDivisible,
    get bytesRead() {
      return chunks.bytesRead;
    },
    async *batches() {
      const ready: FrameBatch[] = [];
      const emit = (batch: FrameBatch) => ready.push(batch);
      try {
        for (let chunk = await chunks.next(); chunk !== undefined; chunk = await chunks.next()) {
          reader.push(chunk, emit);
          if (ready.length > 0) yield* ready.splice(0);
        }
        reader.end(emit);
        yield* ready;
      } finally {
        await chunks.close();
      }
    },
    recycle: (batch) => reader.recycle(batch),
    close: () => chunks.close(),
  };
}

function unpack(packed: Uint8Array, bytesMax: number): Uint8Array {
  return inflateSync(packed, { maxOutputLength: Math.max(1, bytesMax) });
}

function readsApart(format: LogFormat, head: Uint8Array, { times }: OpenLogOptions): boolean {
  return createLogReader(format, { times, preamble: head }).isDivisible;
}

function whyWhole(chunks: Chunks, format: LogFormat): string {
  if (!chunks.isSeekable) return 'it is no regular file';
  if (chunks.isPacked) return 'it is packed with gzip';
  if (format === 'blf') return 'its objects span containers';
  return 'its times count from the line before';
}

function firstLine(bytes: Uint8Array): string {
  const newline = bytes.indexOf(0x0a);
  return new TextDecoder().decode(bytes.subarray(0, Math.min(newline < 0 ? bytes.length : newline, 60)));
}
