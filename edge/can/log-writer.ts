import { ascRows } from './asc-writer.ts';
import { BlfLogWriter, type Deflate } from './blf-writer.ts';
import { candumpRows } from './candump-writer.ts';
import type { FrameBatch } from './frame-batch.ts';
import { gvretRows } from './gvret-writer.ts';
import type { LogFormat } from './log-format.ts';
import { TextLogWriter } from './text-log-writer.ts';
import { trcRows } from './trc-writer.ts';

export interface LogWriterStats {
  /** Written. */
  frames: number;
  /** Frames that the format cannot hold, by kind, in words: `{ 'remote frames': 3 }`. */
  dropped: Record<string, number>;
  /** Frames that were written without one of their properties, by property: `{ 'bit rate switch': 3 }`. */
  lost: Record<string, number>;
}

/** Turns batches into a log, piece by piece. What it returns is the caller's. */
export interface LogWriter {
  readonly format: LogFormat;
  readonly stats: LogWriterStats;
  /** The bytes to append for the frames from..to; before the first frame, the log's header. */
  write(batch: FrameBatch, from?: number, to?: number): Uint8Array;
  /** The last bytes. */
  end(): Uint8Array;
  /**
   * Bytes to be written over earlier ones once the log has ended: a BLF's header tells the size of the whole. A log
   * without them can be read all the same.
   */
  patches(): readonly LogPatch[];
}

export interface LogPatch {
  at: number;
  bytes: Uint8Array;
}

export interface LogWriterOptions {
  /** candump: the interfaces' names by bus number. Default `can0`, `can1`, ... */
  buses?: readonly string[];
  /** BLF: packs the containers; without it they are written unpacked. */
  deflate?: Deflate;
}

/**
 * @example
 * const writer = createLogWriter('asc');
 * for (const batch of batches) output(writer.write(batch));
 * output(writer.end());
 */
export function createLogWriter(format: LogFormat, options: LogWriterOptions = {}): LogWriter {
  switch (format) {
    case 'blf':
      return new BlfLogWriter(options.deflate);
    case 'candump':
      return new TextLogWriter(format, candumpRows(options.buses));
    case 'asc':
      return new TextLogWriter(format, ascRows());
    case 'trc':
      return new TextLogWriter(format, trcRows());
    case 'gvret':
      return new TextLogWriter(format, gvretRows());
  }
}
