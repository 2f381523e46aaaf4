/** Log files written to disk or to standard output. */
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip, deflateSync } from 'node:zlib';
import { edgeError } from '../errors/index.ts';
import type { FrameBatch } from './frame-batch.ts';
import { type LogFormat, logFormatOfName } from './log-format.ts';
import { createLogWriter, type LogWriter, type LogWriterStats } from './log-writer.ts';

export interface OpenLogWriterOptions {
  /** Default: as the name's ending says. Must be given for stdout. */
  format?: LogFormat;
  /** candump: names of the interfaces by bus number. */
  buses?: readonly string[];
}

export interface LogFileWriter {
  readonly format: LogFormat;
  readonly stats: LogWriterStats;
  /** Resolves once the system has taken the bytes; the batch may then be re-used. */
  write(batch: FrameBatch): Promise<void>;
  /** Writes the end, and closes the file. */
  close(): Promise<void>;
}

/** Where a log's bytes go. */
interface Output {
  write(bytes: Uint8Array): Promise<void>;
  /** Writes over what stands there; undefined where that cannot be done. */
  patch?(at: number, bytes: Uint8Array): Promise<void>;
  close(): Promise<void>;
}

/**
 * Begins a log file. A name that ends with `.gz` is packed with gzip.
 * @param path a file, which is written over, or `-` for stdout
 * @throws {MinerError} `LOG_FORMAT_UNNAMED`, `LOG_UNWRITABLE`; so do write and close
 * @example
 * const log = await openLogWriter('drive.asc.gz');
 * for await (const batch of readLogFile('drive.log')) await log.write(batch);
 * await log.close();
 */
export async function openLogWriter(path: string, options: OpenLogWriterOptions = {}): Promise<LogFileWriter> {
  const format = options.format ?? logFormatOfName(path);
  if (format === undefined) throw edgeError('LOG_FORMAT_UNNAMED', { path });
  const writer = createLogWriter(format, { buses: options.buses, deflate: (bytes) => deflateSync(bytes) });
  try {
    return writerTo(path, writer, await openOutput(path));
  } catch (cause) {
    throw unwritable(path, cause);
  }
}

function writerTo(path: string, writer: LogWriter, output: Output): LogFileWriter {
  const guarded = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
    } catch (cause) {
      throw unwritable(path, cause);
    }
  };
  return {
    format: writer.format,
    stats: writer.stats,
    write: (batch) => guarded(() => output.write(writer.write(batch))),
    close: () =>
      guarded(async () => {
        await output.write(writer.end());
        for (const { at, bytes } of writer.patches()) await output.patch?.(at, bytes);
        await output.close();
      }),
  };
}

async function openOutput(path: string): Promise<Output> {
  if (path === '-') return streamOutput(process.stdout, async () => {});
  if (/\.gz$/i.test(path)) return gzipOutput(path);
  return fileOutput(await open(path, 'w'));
}

function fileOutput(file: FileHandle): Output {
  return {
    async write(bytes) {
      // `appendFile` and `writeFile` go on where the handle stands, and write all of it.
      if (bytes.length > 0) await file.writeFile(bytes);
    },
    async patch(at, bytes) {
      const { isFile } = await file.stat().then((found) => ({ isFile: found.isFile() }));
      if (isFile) await file.write(bytes, 0, bytes.length, at);
    },
    close: () => file.close(),
  };
}

async function gzipOutput(path: string): Promise<Output> {
  const file = createWriteStream(path);
  await once(file, 'open');
  const gzip = createGzip();
  const finished = pipeline(gzip, file);
  // Whoever writes or closes learns of it.
  finished.catch(() => {});
  return streamOutput(gzip, async () => {
    gzip.end();
    await finished;
  });
}

function streamOutput(stream: Writable, close: () => Promise<void>): Output {
  return {
    write: (bytes) =>
      new Promise((resolve, reject) => {
        if (bytes.length === 0) resolve();
        else stream.write(bytes, (error) => (error ? reject(error) : resolve()));
      }),
    close,
  };
}

function unwritable(path: string, cause: unknown): Error {
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  if (code === 'EPIPE') return cause as Error;
  const reasons: Record<string, string> = {
    EACCES: 'permission denied',
    EISDIR: 'it is a folder',
    ENOENT: 'there is no such folder',
    ENOSPC: 'no space is left',
  };
  const reason = reasons[String(code)] ?? (cause instanceof Error ? cause.message : String(cause));
  return edgeError('LOG_UNWRITABLE', { path, reason }, cause);
}
