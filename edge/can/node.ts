/** Log files on disk: opened, unpacked and recognised. */
import { createReadStream } from 'node:fs';
import { pipeline } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { edgeError } from '../errors/index.ts';
import { detectLogFormat } from './detect-log.ts';
import type { FrameBatch } from './frame-batch.ts';
import { createLogReader, type LogFormat, type LogStats } from './log-reader.ts';

/** An open log: its format, what was read of it so far, and its frames. */
export interface LogFile {
  readonly format: LogFormat;
  readonly stats: LogStats;
  /** Can be run through once; leaving the loop closes the file. */
  batches(): AsyncGenerator<FrameBatch>;
}

/** How much is looked at to recognise a format. */
const detectBytes = 16_384;

/**
 * Reads a log in any of the formats that `detectLogFormat` knows, gzip or not, in constant memory.
 * @param path a file, or `-` for stdin
 * @throws {MinerError} `LOG_NOT_FOUND`, `LOG_UNREADABLE`, `LOG_FORMAT_UNKNOWN`
 * @example for await (const batch of readLogFile('drive.log.gz')) frames += batch.count;
 */
export async function* readLogFile(path: string): AsyncGenerator<FrameBatch> {
  const log = await openLogFile(path);
  yield* log.batches();
}

/** As `readLogFile`, for callers that want to know the format and the malformed lines too. */
export async function openLogFile(path: string): Promise<LogFile> {
  const chunks = readChunks(path);
  const head: Uint8Array[] = [];
  let headBytes = 0;
  while (headBytes < detectBytes) {
    const next = await chunks.next();
    if (next.done === true) break;
    head.push(next.value);
    headBytes += next.value.length;
  }
  const first = Buffer.concat(head).subarray(0, detectBytes);
  const format = detectLogFormat(first);
  if (format === undefined) {
    await chunks.return(undefined);
    throw edgeError('LOG_FORMAT_UNKNOWN', { path, firstLine: firstLine(first) });
  }
  const reader = createLogReader(format);
  return {
    format,
    stats: reader.stats,
    async *batches() {
      const ready: FrameBatch[] = [];
      const emit = (batch: FrameBatch) => ready.push(batch);
      try {
        for (const chunk of head.splice(0)) reader.push(chunk, emit);
        yield* ready.splice(0);
        for await (const chunk of chunks) {
          reader.push(chunk, emit);
          if (ready.length > 0) yield* ready.splice(0);
        }
        reader.end(emit);
        yield* ready;
      } finally {
        await chunks.return(undefined);
      }
    },
  };
}

async function* readChunks(path: string): AsyncGenerator<Uint8Array, void, undefined> {
  const file = path === '-' ? process.stdin : createReadStream(path, { highWaterMark: 1 << 18 });
  try {
    let unpacked: AsyncIterable<Uint8Array> | undefined;
    const iterator: AsyncIterator<Buffer> = file[Symbol.asyncIterator]();
    const first = await iterator.next();
    if (first.done === true) return;
    const whole = resume(first.value, iterator);
    if (first.value[0] === 0x1f && first.value[1] === 0x8b) {
      // The pipeline destroys both ends on an error, which then reaches the loop below.
      unpacked = pipeline(whole, createGunzip({ chunkSize: 1 << 18 }), () => {});
    }
    yield* unpacked ?? whole;
  } catch (cause) {
    throw unreadable(path, cause);
  } finally {
    file.destroy();
  }
}

async function* resume(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
}

function unreadable(path: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'ENOENT') return edgeError('LOG_NOT_FOUND', { path }, cause);
  return edgeError('LOG_UNREADABLE', { path, reason: cause instanceof Error ? cause.message : String(cause) }, cause);
}

function firstLine(bytes: Uint8Array): string {
  const newline = bytes.indexOf(0x0a);
  return new TextDecoder().decode(bytes.subarray(0, Math.min(newline < 0 ? bytes.length : newline, 60)));
}
