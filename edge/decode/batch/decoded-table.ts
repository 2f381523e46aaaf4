/** One table's results in the module's memory. */
import { j1939Indicator } from '../indicator.ts';
import { numberOf, readPattern } from '../interpret.ts';
import { bitPosition, bytesNeeded, canLeaveRange, isSigned } from '../layout.ts';
import { type PlanSignal, SignalStatus } from '../types.ts';
import { rowsPerTurn } from './kernels.ts';
import { cell, result } from './memory.ts';
import { type ColumnLayout, payloadBytesMax, type TableLayout } from './tables.ts';
import type { BatchTable, Column, ColumnType } from './types.ts';

/** The module's memory, which never grows once tables are made. */
export interface MemoryView {
  buffer: ArrayBuffer;
  cells: Uint32Array;
  words: Uint32Array;
  bytes: Uint8Array;
}

export class DecodedTable implements BatchTable {
  readonly message: BatchTable['message'];
  readonly branch: BatchTable['branch'];
  readonly signals: readonly PlanSignal[];
  readonly types: readonly ColumnType[];
  readonly #layout: TableLayout;
  readonly #memory: MemoryView;
  /** Index into `words` of this table's results. */
  readonly #results: number;
  /** Per column: whether some value lies outside its signal's range; worked out when first asked. */
  readonly #leavesRange: (boolean | undefined)[] = [];
  /** Per column that selects: the tables of its branches. */
  readonly #branches = new Map<number, DecodedTable[]>();

  constructor(layout: TableLayout, results: number, memory: MemoryView) {
    this.message = layout.message;
    this.branch = layout.branch;
    this.signals = layout.columns.map(({ signal }) => signal);
    this.types = layout.columns.map(({ type }) => type);
    this.#layout = layout;
    this.#memory = memory;
    this.#results = results / 4;
  }

  /** Finds the tables of its branches. */
  connect(all: readonly DecodedTable[]): void {
    for (const { signal, firstTable, branches } of this.#layout.selectors)
      this.#branches.set(this.signals.indexOf(signal), all.slice(firstTable, firstTable + branches.length));
  }

  #result(field: number): number {
    return this.#memory.words[this.#results + field / 4];
  }

  get count(): number {
    return this.#result(result.count);
  }

  get rows(): Uint32Array {
    const { count } = this;
    return new Uint32Array(this.#memory.buffer, count === 0 ? 0 : this.#result(result.rows), count);
  }

  get timeUs(): Float64Array {
    const count = this.#memory.cells[cell.times / 4] === 0 ? 0 : this.count;
    return new Float64Array(this.#memory.buffer, count === 0 ? 0 : this.#result(result.times), count);
  }

  column(k: number): Column {
    const { count } = this;
    const { type, offset, isUnsigned } = this.#layout.columns[k];
    const padded = Math.ceil(count / rowsPerTurn) * rowsPerTurn;
    const at = count === 0 ? 0 : this.#result(result.columns) + padded * offset;
    const { buffer } = this.#memory;
    if (type === 'f64') return new Float64Array(buffer, at, count);
    if (type === 'f32') return new Float32Array(buffer, at, count);
    if (type === 'i32') return new Int32Array(buffer, at, count);
    return isUnsigned ? new BigUint64Array(buffer, at, count) : new BigInt64Array(buffer, at, count);
  }

  status(k: number): Uint8Array | undefined {
    const { count } = this;
    if (count === 0) return undefined;
    const status = new Uint8Array(count);
    const { signal } = this.#layout.columns[k];
    // From what gives way to what prevails; see SignalStatus.
    const marked = [
      this.#canLeaveRange(k) && this.#markOutOfRange(k, status),
      this.#markIndicators(signal, status),
      this.#markUnknownMultiplexer(k, status),
      this.#markAbsent(signal, status),
    ];
    return marked.some(Boolean) ? status : undefined;
  }

  #canLeaveRange(k: number): boolean {
    this.#leavesRange[k] ??= canLeaveRange(this.signals[k]);
    return this.#leavesRange[k];
  }

  #markOutOfRange(k: number, status: Uint8Array): boolean {
    const layout = this.#layout.columns[k];
    const { minimum, maximum } = layout.signal;
    const values = this.#physical(layout, k);
    let isMarked = false;
    for (let row = 0; row < values.length; row++) {
      if (!(values[row] < minimum || values[row] > maximum)) continue;
      status[row] = SignalStatus.outOfRange;
      isMarked = true;
    }
    return isMarked;
  }

  /** The column as the doubles that ranges are compared with. */
  #physical({ signal, type }: ColumnLayout, k: number): ArrayLike<number> {
    const column = this.column(k);
    if (type === 'f64' || type === 'i32') return column as Float64Array | Int32Array;
    // Rounded once to a float, or not rounded at all, the value may be on the other side of a limit.
    return Float64Array.from({ length: column.length }, (_, row) => {
      const pattern = this.#patternAt(signal, row);
      if (pattern === undefined) return Number.NaN;
      const raw = isSigned(signal) ? BigInt.asIntN(signal.length, pattern) : pattern;
      return numberOf(signal, raw) * signal.scale + signal.offset;
    });
  }

  #markIndicators(signal: PlanSignal, status: Uint8Array): boolean {
    const indicator = j1939Indicator(this.message, signal);
    if (indicator === undefined || bytesNeeded(signal) > payloadBytesMax) return false;
    const readTop = topReader(signal, indicator.shift);
    let isMarked = false;
    this.#eachPayload((payload, row) => {
      const top = readTop(this.#memory.bytes, payload);
      if (top === indicator.notAvailable) status[row] = SignalStatus.notAvailable;
      else if (top === indicator.error) status[row] = SignalStatus.error;
      else return;
      isMarked = true;
    });
    return isMarked;
  }

  /** Rows that none of the selector's branches has. */
  #markUnknownMultiplexer(k: number, status: Uint8Array): boolean {
    const branches = this.#branches.get(k);
    if (branches === undefined) return false;
    const { rows } = this;
    const isSelected = new Uint8Array(status.length);
    let known = 0;
    for (const branch of branches) {
      let at = 0;
      for (const row of branch.rows) {
        while (rows[at] !== row) at++;
        if (isSelected[at] === 0) known++;
        isSelected[at] = 1;
      }
    }
    if (known === status.length) return false;
    for (let row = 0; row < status.length; row++)
      if (isSelected[row] === 0) status[row] = SignalStatus.unknownMultiplexer;
    return true;
  }

  #markAbsent(signal: PlanSignal, status: Uint8Array): boolean {
    const { cells, bytes } = this.#memory;
    const needed = bytesNeeded(signal);
    const isNever = needed > cells[cell.payloadSize / 4];
    const [lengths, stride] = [cells[cell.lengths / 4], cells[cell.lengthStride / 4]];
    const { rows } = this;
    let isMarked = false;
    for (let row = 0; row < status.length; row++) {
      if (!isNever && bytes[lengths + rows[row] * stride] >= needed) continue;
      status[row] = SignalStatus.absent;
      isMarked = true;
    }
    return isMarked;
  }

  /** Calls back with the address of each row's payload. */
  #eachPayload(visit: (address: number, row: number) => void): void {
    const { cells } = this.#memory;
    const [data, stride] = [cells[cell.data / 4], cells[cell.dataStride / 4]];
    const { rows } = this;
    for (let row = 0; row < rows.length; row++) visit(data + rows[row] * stride, row);
  }

  /** The raw bits, read one by one; undefined when no frame of this size holds them. */
  #patternAt(signal: PlanSignal, row: number): bigint | undefined {
    const { cells, bytes } = this.#memory;
    const address = cells[cell.data / 4] + this.rows[row] * cells[cell.dataStride / 4];
    return readPattern(signal, bytes.subarray(address, address + cells[cell.payloadSize / 4]));
  }
}

/** Reads the bits of a signal above the lowest `shift`, at most 8 of them, from the payload at an address. */
function topReader(signal: PlanSignal, shift: number): (bytes: Uint8Array, payload: number) => number {
  const width = signal.length - shift;
  const mask = 2 ** width - 1;
  const first = bitPosition(signal) + (signal.byteOrder === 'intel' ? shift : 0);
  const byte = first >>> 3;
  const bit = first & 7;
  if (signal.byteOrder === 'intel')
    return (bytes, payload) => ((bytes[payload + byte] | (bytes[payload + byte + 1] << 8)) >>> bit) & mask;
  const down = 16 - bit - width;
  return (bytes, payload) => (((bytes[payload + byte] << 8) | bytes[payload + byte + 1]) >>> down) & mask;
}
