/** Rows of one table that wait to be written: columns as typed arrays, which grow up to a group's size. */
import type { FrameBatch } from '../../../edge/can/index.ts';
import {
  type BatchTable,
  bytesNeeded,
  type FrameDecoder,
  physicalAt,
  SignalStatus,
} from '../../../edge/decode/index.ts';
import { canBeTold } from './signal-reach.ts';
import { type SignalStatuses, StatusTexts } from './status-column.ts';
import type { ColumnValues, Values } from './table-file.ts';
import { type ColumnKind, leadingColumns, type TableSchema } from './table-schema.ts';

/** Most rows of a group: its columns then take 1 MiB each at most, which is a page's usual size. */
export const groupRowsMax = 131_072;

const firstCapacity = 1024;

const arrays = {
  f64: Float64Array,
  f32: Float32Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
} as const;

interface SignalColumn {
  kind: Exclude<ColumnKind, 'text'>;
  slot: number;
  key: string;
  values: Values;
  valid: Uint8Array | undefined;
  /** Bytes a frame needs to hold it. */
  reach: number;
  /** See `canBeTold`. */
  isAsked: boolean;
}

/** Where a block of rows comes from: its frames begin at `from` of the batch, which is `firstFrame` of the log. */
export interface BlockOrigin {
  frames: FrameBatch;
  from: number;
  firstFrame: number;
}

export class TableRows {
  readonly schema: TableSchema;
  count = 0;
  #capacity = 0;
  #seconds = new Float64Array(0);
  #hasTimes = true;
  #frames = new BigInt64Array(0);
  readonly #columns: SignalColumn[];
  readonly #statusTexts = new StatusTexts();
  #statusIndexes: Uint32Array | undefined;
  /** Bytes of a row, all columns together. */
  readonly #rowBytes: number;

  constructor(schema: TableSchema) {
    this.schema = schema;
    const ofSignals = schema.columns.slice(leadingColumns, -1);
    this.#columns = ofSignals.map(({ kind, signal }) => ({
      kind: kind as SignalColumn['kind'],
      slot: signal!.slot,
      key: JSON.stringify(signal!.name),
      values: new arrays[kind as SignalColumn['kind']](0),
      valid: undefined,
      reach: bytesNeeded(signal!),
      isAsked: canBeTold(signal!, schema.message),
    }));
    this.#rowBytes = this.#columns.reduce((sum, { values }) => sum + values.BYTES_PER_ELEMENT + 1, 20);
  }

  /** Memory held. */
  get bytes(): number {
    return this.#capacity * this.#rowBytes;
  }

  /** Rows for which there is memory. */
  get capacity(): number {
    return this.#capacity;
  }

  /** How many more rows fit into this group. */
  get room(): number {
    return groupRowsMax - this.count;
  }

  /** Bytes that `bytes` will grow by when `rows` more are appended. */
  growthFor(rows: number): number {
    return (this.#capacityFor(this.count + rows) - this.#capacity) * this.#rowBytes;
  }

  /** Appends what the table holds. Its rows must fit. */
  append(table: BatchTable, { frames, from, firstFrame }: BlockOrigin): void {
    const { count, timeUs, rows } = table;
    this.#reserve(count);
    const first = this.count;
    for (let i = 0; i < count; i++) this.#seconds[first + i] = timeUs[i] / 1e6;
    if (Number.isNaN(timeUs[0])) this.#hasTimes = false;
    this.#numberFrames(first, rows, count, firstFrame);
    let shortest = 64;
    for (let i = 0; i < count; i++) shortest = Math.min(shortest, frames.length[from + rows[i]]);
    const told: SignalStatuses[] = [];
    for (let k = 0; k < this.#columns.length; k++) {
      const column = this.#columns[k];
      (column.values as Float64Array).set(table.column(k) as Float64Array, first);
      const status = column.isAsked || column.reach > shortest ? table.status(k) : undefined;
      if (status === undefined) column.valid?.fill(1, first, first + count);
      else if (this.#takeStatus(column, status, first, count)) told.push({ key: column.key, status });
    }
    if (told.length > 0) this.#takeTexts(told, first, count);
    this.count += count;
  }

  /** Appends one message that the decoder decoded last, for those that are too long for a batch. */
  appendDecoded(decoder: FrameDecoder, timeUs: number, frame: number): void {
    this.#reserve(1);
    const first = this.count;
    this.#seconds[first] = timeUs / 1e6;
    if (Number.isNaN(timeUs)) this.#hasTimes = false;
    this.#frames[first] = BigInt(frame);
    const told: SignalStatuses[] = [];
    this.#columns.forEach((column, k) => {
      const status = decoder.status.subarray(column.slot, column.slot + 1);
      const signal = this.schema.columns[leadingColumns + k].signal!;
      const value = status[0] === SignalStatus.absent ? 0 : physicalAt(decoder, signal);
      if (column.values instanceof BigInt64Array || column.values instanceof BigUint64Array)
        column.values[first] = BigInt(value);
      else column.values[first] = Number(value);
      if (this.#takeStatus(column, status, first, 1)) told.push({ key: column.key, status });
    });
    if (told.length > 0) this.#takeTexts(told, first, 1);
    this.count++;
  }

  /** The columns of the rows so far, in the schema's order: views, which hold until the next append. */
  columns(): ColumnValues[] {
    const { count } = this;
    return [
      { values: this.#seconds.subarray(0, count), valid: this.#hasTimes ? undefined : this.#timesKnown() },
      { values: this.#frames.subarray(0, count), valid: undefined },
      ...this.#columns.map(({ values, valid }) => ({
        values: values.subarray(0, count) as Values,
        valid: valid?.subarray(0, count),
      })),
      { texts: this.#statusTexts.texts, indexes: this.#statusIndexes?.subarray(0, count) },
    ];
  }

  /** Forgets the rows; keeps the memory for the next ones unless told to let go of it. */
  clear(letGo: boolean): void {
    this.count = 0;
    this.#hasTimes = true;
    this.#statusTexts.clear();
    this.#statusIndexes = undefined;
    for (const column of this.#columns) column.valid = undefined;
    if (letGo) this.#resize(0);
  }

  #timesKnown(): Uint8Array {
    return Uint8Array.from(this.#seconds.subarray(0, this.count), (time) => (Number.isNaN(time) ? 0 : 1));
  }

  /** Through halves of 32 bits: a bigint per row would be the dearest part of a row. */
  #numberFrames(first: number, rows: Uint32Array, count: number, firstFrame: number): void {
    const halves = new Int32Array(this.#frames.buffer, this.#frames.byteOffset, this.#frames.length * 2);
    for (let i = 0; i < count; i++) {
      const frame = firstFrame + rows[i];
      halves[(first + i) * 2] = frame | 0;
      halves[(first + i) * 2 + 1] = Math.floor(frame / 4294967296);
    }
  }

  /** Marks absent rows. @returns whether some row's status is neither ok nor absent */
  #takeStatus(column: SignalColumn, status: Uint8Array, first: number, count: number): boolean {
    let isTold = false;
    let isAbsent = false;
    for (let i = 0; i < count; i++) {
      if (status[i] === SignalStatus.absent) isAbsent = true;
      else if (status[i] !== SignalStatus.ok) isTold = true;
    }
    if (isAbsent) {
      if (column.valid === undefined) column.valid = new Uint8Array(this.#capacity).fill(1, 0, first);
      for (let i = 0; i < count; i++) column.valid[first + i] = status[i] === SignalStatus.absent ? 0 : 1;
    } else column.valid?.fill(1, first, first + count);
    return isTold;
  }

  #takeTexts(told: readonly SignalStatuses[], first: number, count: number): void {
    this.#statusIndexes ??= new Uint32Array(this.#capacity);
    this.#statusTexts.fill(told, count, this.#statusIndexes, first);
  }

  #capacityFor(rows: number): number {
    if (rows <= this.#capacity) return this.#capacity;
    return Math.min(groupRowsMax, Math.max(firstCapacity, 2 ** Math.ceil(Math.log2(rows))));
  }

  #reserve(rows: number): void {
    const wanted = this.#capacityFor(this.count + rows);
    if (wanted > this.#capacity) this.#resize(wanted);
  }

  #resize(capacity: number): void {
    this.#capacity = capacity;
    const kept = this.count;
    this.#seconds = grown(this.#seconds, new Float64Array(capacity), kept);
    this.#frames = grown(this.#frames, new BigInt64Array(capacity), kept);
    for (const column of this.#columns) {
      column.values = grown(column.values as Float64Array, new arrays[column.kind](capacity) as Float64Array, kept);
      if (column.valid !== undefined) column.valid = grown(column.valid, new Uint8Array(capacity), kept);
    }
    if (this.#statusIndexes !== undefined)
      this.#statusIndexes = grown(this.#statusIndexes, new Uint32Array(capacity), kept);
  }
}

type Growable = Float64Array | BigInt64Array | Uint8Array | Uint32Array;

function grown<Kind extends Growable>(from: Kind, to: Kind, kept: number): Kind {
  (to as Uint8Array).set(from.subarray(0, kept) as Uint8Array);
  return to;
}
