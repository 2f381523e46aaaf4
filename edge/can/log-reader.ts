import { AscLines } from './asc.ts';
import { BlfLogReader, type Inflate } from './blf.ts';
import { CandumpLines } from './candump.ts';
import type { FrameBatch } from './frame-batch.ts';
import { GvretColumns } from './gvret.ts';
import { LineLogReader } from './line-log-reader.ts';
import type { LogFormat } from './log-format.ts';
import type { LogStats } from './log-stats.ts';
import { TrcLines } from './trc.ts';

/** Takes a batch over: the reader never touches it again, unless it is handed back with `recycle`. */
export type EmitBatch = (batch: FrameBatch) => void;

/**
 * Reads a log as it comes in, chunk by chunk, into batches of frames. Lines that cannot be read are counted and
 * located, and never stop it.
 */
export interface LogReader {
  push(chunk: Uint8Array, emit: EmitBatch): void;
  /** Reads what is left after the last line end, and emits the last batch. */
  end(emit: EmitBatch): void;
  /** Hands a batch back that nobody looks at any more, to be filled again: it spares allocating a new one. */
  recycle(batch: FrameBatch): void;
  readonly stats: LogStats;
  /**
   * Whether parts of the log can be read apart, each with the log's beginning as `preamble`: a text whose times don't
   * count from the line before. Known once the beginning was read.
   */
  readonly isDivisible: boolean;
}

export interface LogReaderOptions {
  /**
   * How candump's short time stamps count: `delta` from the line before (`-t d`), `absolute` from one origin (`-t a`,
   * `-t z`). Default: recognised from the first 16 KiB, where stamps that keep falling back are deltas.
   */
  times?: 'absolute' | 'delta';
  /** Frames per batch. Default 8192. */
  batchFrames?: number;
  /** Unpacks BLF's zlib containers. Default: our own; node.ts gives Node's, which is several times as fast. */
  inflate?: Inflate;
  /** Text formats: the log's first bytes, when what is pushed begins further on. Only their settings are taken. */
  preamble?: Uint8Array;
}

/**
 * @example
 * const reader = createLogReader('candump');
 * reader.push(bytes, (batch) => decodeAll(batch));
 * reader.end((batch) => decodeAll(batch));
 */
export function createLogReader(format: LogFormat, options: LogReaderOptions = {}): LogReader {
  if (format === 'blf') return new BlfLogReader(options);
  return new LineLogReader(createLines(format, options), options);
}

function createLines(format: Exclude<LogFormat, 'blf'>, options: LogReaderOptions) {
  switch (format) {
    case 'candump':
      return new CandumpLines(options.times);
    case 'asc':
      return new AscLines();
    case 'trc':
      return new TrcLines();
    case 'gvret':
      return new GvretColumns();
  }
}
