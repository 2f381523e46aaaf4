import type { FrameBatch } from './frame-batch.ts';
import type { LogFormat } from './log-format.ts';
import type { LogPatch, LogWriter, LogWriterStats } from './log-writer.ts';
import { TextBytes } from './text-bytes.ts';

/** The lines of one text format. */
export interface Rows {
  /** What stands above the first frame, whose time is given; undefined in a log without frames. */
  header(firstUs: number | undefined): string;
  /** What stands below the last. */
  footer: string;
  /** Puts a frame's line with its line end, for which 512 bytes are reserved. @returns whether the format can hold it */
  row(text: TextBytes, batch: FrameBatch, index: number, count: Count): boolean;
}

/** Tells what of a frame did not go into the log. */
export interface Count {
  /** The whole frame, which `row` then refuses. */
  dropped(kind: string): void;
  lost(property: string): void;
}

const rowBytesMax = 512;

/** Whole microseconds of a time from an origin; what lies before it, or is no time at all, is told and becomes 0. */
export function microsecondsSince(originUs: number, timeUs: number, count: Pick<Count, 'lost'>, kind: string): number {
  const us = Math.floor(timeUs) - originUs;
  if (us >= 0) return us;
  count.lost(kind);
  return 0;
}

/** The millisecond in which a log begins; 0 when its first frame has no time. */
export function startOfLogUs(firstUs: number | undefined): number {
  return firstUs !== undefined && firstUs >= 0 ? Math.floor(firstUs / 1000) * 1000 : 0;
}

export class TextLogWriter implements LogWriter, Count {
  readonly format: LogFormat;
  readonly stats: LogWriterStats = { frames: 0, dropped: {}, lost: {} };
  readonly #rows: Rows;
  readonly #text = new TextBytes();
  #hasHeader = false;

  constructor(format: LogFormat, rows: Rows) {
    this.format = format;
    this.#rows = rows;
  }

  write(batch: FrameBatch, from = 0, to = batch.count): Uint8Array {
    if (from >= to) return this.#text.take();
    this.#putHeader(batch.timeUs[from]);
    for (let index = from; index < to; index++) {
      this.#text.reserve(rowBytesMax);
      if (this.#rows.row(this.#text, batch, index, this)) this.stats.frames++;
    }
    return this.#text.take();
  }

  end(): Uint8Array {
    this.#putHeader(undefined);
    this.#putLong(this.#rows.footer);
    return this.#text.take();
  }

  patches(): readonly LogPatch[] {
    return [];
  }

  dropped(kind: string): void {
    this.stats.dropped[kind] = (this.stats.dropped[kind] ?? 0) + 1;
  }

  lost(property: string): void {
    this.stats.lost[property] = (this.stats.lost[property] ?? 0) + 1;
  }

  #putHeader(firstUs: number | undefined): void {
    if (this.#hasHeader) return;
    this.#hasHeader = true;
    this.#putLong(this.#rows.header(firstUs));
  }

  #putLong(text: string): void {
    this.#text.reserve(text.length);
    this.#text.text(text);
  }
}
