/**
 * Output of tables: each message, and each branch of its multiplexers, becomes a file with a column per signal. Rows
 * wait in memory until a group of them is worth writing; all tables together keep within a bound.
 */
import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { FrameBatch } from '../../../edge/can/index.ts';
import {
  type BatchDecoder,
  type BatchTable,
  createBatchDecoder,
  createFrameDecoder,
  type FrameDecoder,
  type Plan,
  type PlanMessage,
} from '../../../edge/decode/index.ts';
import { toolError } from '../../errors/index.ts';
import { reasonOf } from '../reason.ts';
import type { Sink } from '../sink.ts';
import { FrameCounter } from './frame-counter.ts';
import { manifestName, manifestText } from './manifest.ts';
import { selectedTables } from './selected-tables.ts';
import type { TableFile, TableFormat } from './table-file.ts';
import { type BlockOrigin, TableRows } from './table-rows.ts';
import { chooseColumnType, tableSchemas } from './table-schema.ts';

/** Memory of all rows that wait. */
const waitingBytesMax = 128 * 2 ** 20;
/** A table that has memory for so many rows is written rather than given more, once memory is short. */
const groupRowsGood = 4096;

/** One table: its rows that wait, and its file, made when the first are written. */
interface OpenTable {
  rows: TableRows;
  path: string;
  file: TableFile | undefined;
  /** Rows in the file. */
  written: number;
  /** Whether a file of this name may be there: also one whose first bytes did not fit. */
  isBegun: boolean;
}

export class TableSink implements Sink {
  readonly #decoder: BatchDecoder;
  readonly #format: TableFormat;
  readonly #folder: string;
  readonly #tables: OpenTable[];
  readonly #counter: FrameCounter;
  /** Decodes messages that are too long for a batch. */
  readonly #long: FrameDecoder;
  #waitingBytes = 0;

  constructor(plan: Plan, format: TableFormat, folder: string) {
    this.#decoder = createBatchDecoder(plan, { columnType: chooseColumnType });
    this.#format = format;
    this.#folder = folder;
    this.#counter = new FrameCounter(plan);
    this.#long = createFrameDecoder(plan);
    this.#tables = tableSchemas(this.#decoder.tables).map((schema) => ({
      rows: new TableRows(schema),
      path: path.join(folder, `${schema.name}${format.extension}`),
      file: undefined,
      written: 0,
      isBegun: false,
    }));
  }

  static async create(plan: Plan, name: 'parquet' | 'arrow', folder: string): Promise<TableSink> {
    const format =
      name === 'parquet'
        ? (await import('../parquet/parquet-file.ts')).parquetFormat
        : (await import('../arrow/arrow-file.ts')).arrowFormat;
    return new TableSink(plan, format, folder);
  }

  get tally() {
    return this.#counter.tally;
  }

  get files(): number {
    return this.#tables.filter(({ file }) => file !== undefined).length;
  }

  write(frames: FrameBatch): undefined {
    const firstFrame = this.tally.frames;
    for (let from = 0; from < frames.count; from += this.#decoder.capacity) {
      const to = Math.min(frames.count, from + this.#decoder.capacity);
      this.#decoder.decode(frames, from, to);
      this.#decoder.tables.forEach((table, t) => {
        if (table.count > 0) this.#append(this.#tables[t], table, { frames, from, firstFrame: firstFrame + from });
      });
    }
    this.#counter.count(frames, (whole, index) => {
      const message = this.#long.decode(whole.id, whole.flags, whole.data, 0, whole.data.length);
      if (message !== undefined) this.#appendLong(message, whole.timeUs, firstFrame + index);
      return message !== undefined;
    });
  }

  end(): undefined {
    this.#counter.end();
    for (const table of this.#tables) {
      this.#flush(table, true);
      table.file?.end();
    }
    this.#writeManifest();
  }

  discard(): void {
    for (const { isBegun, path: at } of this.#tables) if (isBegun) rmSync(at, { force: true });
    rmSync(path.join(this.#folder, manifestName), { force: true });
  }

  #append(table: OpenTable, block: BatchTable, origin: BlockOrigin): void {
    this.#makeRoom(table, block.count);
    table.rows.append(block, origin);
  }

  #appendLong(message: PlanMessage, timeUs: number, frame: number): void {
    for (const t of selectedTables(this.#decoder.tables, message, this.#long)) {
      this.#makeRoom(this.#tables[t], 1);
      this.#tables[t].rows.appendDecoded(this.#long, timeUs, frame);
    }
  }

  /**
   * Writes the table's rows when its group is full. When memory is, tables stop growing and write smaller groups;
   * where there are too many for that, the one that holds most lets go of its memory.
   */
  #makeRoom(table: OpenTable, count: number): void {
    const { rows } = table;
    if (rows.room < count) this.#flush(table, false);
    const isShort = () => rows.growthFor(count) > 0 && this.#waitingBytes + rows.growthFor(count) > waitingBytesMax;
    if (isShort() && rows.capacity >= groupRowsGood) this.#flush(table, false);
    while (isShort() && this.#waitingBytes > 0) {
      this.#flush(
        this.#tables.reduce((most, each) => (each.rows.bytes > most.rows.bytes ? each : most)),
        true,
      );
    }
    this.#waitingBytes += rows.growthFor(count);
  }

  #flush(table: OpenTable, letGo: boolean): void {
    const { rows } = table;
    if (rows.count > 0) {
      table.isBegun = true;
      table.file ??= this.#format.create(table.path, rows.schema);
      table.file.writeGroup(rows.columns(), rows.count);
      table.written += rows.count;
    }
    if (letGo) this.#waitingBytes -= rows.bytes;
    rows.clear(letGo);
  }

  #writeManifest(): void {
    const written = this.#tables.filter(({ file }) => file !== undefined);
    const at = path.join(this.#folder, manifestName);
    const entries = written.map(({ path: file, rows, written: count }) => ({
      file: path.basename(file),
      rows: count,
      schema: rows.schema,
    }));
    try {
      writeFileSync(at, manifestText(entries));
    } catch (cause) {
      throw toolError('OUTPUT_UNWRITABLE', { path: at, reason: reasonOf(cause) }, cause);
    }
  }
}
