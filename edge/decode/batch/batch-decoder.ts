/** The batch module's host: lays its memory out, copies blocks in, and shows tables as typed arrays. */
import type { FrameBatch } from '../../can/index.ts';
import { messageBytesNeeded } from '../layout.ts';
import type { Plan } from '../types.ts';
import { type BatchModule, emitBatchModule } from './batch-module.ts';
import { DecodedTable, type MemoryView } from './decoded-table.ts';
import { rowsPerTurn } from './kernels.ts';
import { cell, resultBytes } from './memory.ts';
import { payloadBytesMax, type TableLayout } from './tables.ts';
import type { BatchDecoder, BatchOptions, BatchTable } from './types.ts';

const defaultCapacity = 8192;
/** A block shrinks until lists and columns of the worst case fit. */
const memoryBytesMax = 256 * 2 ** 20;
const capacityMin = 16;
/** Gathering reads whole words, up to so far behind the last payload. */
const slackBytes = payloadBytesMax + 16;
/** A record of a frame file with CAN FD. */
const recordBytesMax = 8 + payloadBytesMax;

/**
 * Makes a decoder of whole blocks: WebAssembly with vector instructions, emitted for the plan.
 * Bit-identical to `createInterpreter`, several times as fast as `createFrameDecoder`.
 * Browsers compile only small modules synchronously on their main thread; use a worker for a large plan.
 * @throws {MinerError} `MESSAGE_TOO_LARGE`, as `emitScalarModule` does; `COLUMN_NOT_INTEGER` when an integer column
 *   is asked for of a signal whose scale or offset is not an integer, or whose values do not fit
 * @example
 *   const decoder = createBatchDecoder(plan);
 *   decoder.decode(frames);
 *   for (const table of decoder.tables) console.log(table.message.name, table.count, table.column(0));
 */
export function createBatchDecoder(plan: Plan, options: BatchOptions = {}): BatchDecoder {
  return new WasmBatchDecoder(plan, emitBatchModule(plan, options.columnType), options);
}

interface BatchExports {
  memory: WebAssembly.Memory;
  heap_base: WebAssembly.Global;
  results: WebAssembly.Global;
  decode_arrays(count: number): void;
  decode_records(count: number): void;
}

/** Cells that are set once, or (the arena's) the same way for every block. */
type KeptCell = 'arena' | 'lists' | 'listStride' | 'words' | 'wordStride' | 'branches' | 'ids' | 'flags';

class WasmBatchDecoder implements BatchDecoder {
  readonly plan: Plan;
  readonly capacity: number;
  readonly payloadBytes: 8 | 64;
  readonly tables: readonly BatchTable[];
  readonly records: Uint8Array;
  readonly #exports: BatchExports;
  readonly #cells: Uint32Array;
  readonly #frames: Pick<FrameBatch, 'timeUs' | 'id' | 'flags' | 'length' | 'data'>;
  /** The payloads' memory, for copying the first eight bytes of each. */
  readonly #payloadWords: Uint32Array;
  readonly #headsStart: number;
  readonly #arenaStart: number;

  constructor(plan: Plan, { bytes, tables }: BatchModule, options: BatchOptions) {
    this.plan = plan;
    this.payloadBytes = plan.messages.some((message) => messageBytesNeeded(message) > 8) ? 64 : 8;
    const bytesPerFrame = widestFrame(tables) + plan.messages.length * 4;
    let capacity = Math.max(capacityMin, options.capacity ?? defaultCapacity);
    while (capacity > capacityMin && capacity * bytesPerFrame > memoryBytesMax) capacity = Math.ceil(capacity / 2);
    this.capacity = capacity;

    const instance = new WebAssembly.Instance(new WebAssembly.Module(bytes as BufferSource));
    this.#exports = instance.exports as unknown as BatchExports;
    const { memory, heap_base, results } = this.#exports;
    let top = Number(heap_base.value);
    const take = (size: number): number => {
      const at = top;
      top = Math.ceil((top + size) / 64) * 64;
      return at;
    };
    const room = capacity + 2 * rowsPerTurn;
    // An odd number of cache lines apart, so that the same rows of two runs do not compete for one place in the cache.
    const run = (bytes: number): number => Math.ceil(bytes / 128) * 128 + 64;
    const wordCount = tables.reduce((most, { words }) => Math.max(most, words.length), 0) + 1;
    const ids = take(capacity * 4);
    const flags = take(capacity);
    const lengths = take(capacity);
    const times = take(capacity * 8);
    const recordBytes = options.recordBytes ?? capacity * recordBytesMax;
    const data = take(Math.max(recordBytes, capacity * payloadBytesMax) + slackBytes);
    const lists = take(plan.messages.length * run(room * 4));
    const words = take(wordCount * run(room * 8));
    const branches = take(room * 4);
    const heads = take(capacity * 8);
    this.#arenaStart = top;
    const arenaBytes = capacity * widestFrame(tables) + tables.reduce((sum, table) => sum + paddingBytes(table), 0);
    const missing = top + arenaBytes - memory.buffer.byteLength;
    if (missing > 0) memory.grow(Math.ceil(missing / 65536));

    this.#headsStart = heads;
    const { buffer } = memory;
    this.#cells = new Uint32Array(buffer, 0, 16);
    this.records = new Uint8Array(buffer, data, recordBytes);
    this.#frames = {
      timeUs: new Float64Array(buffer, times, capacity),
      id: new Uint32Array(buffer, ids, capacity),
      flags: new Uint8Array(buffer, flags, capacity),
      length: new Uint8Array(buffer, lengths, capacity),
      data: new Uint8Array(buffer, data, capacity * payloadBytesMax),
    };
    this.#payloadWords = new Uint32Array(buffer, data, capacity * 2);
    const set = (address: number, value: number): void => {
      this.#cells[address / 4] = value;
    };
    set(cell.lists, lists);
    set(cell.listStride, run(room * 4));
    set(cell.words, words);
    set(cell.wordStride, run(room * 8));
    set(cell.branches, branches);
    set(cell.ids, ids);
    set(cell.flags, flags);
    const view: MemoryView = {
      buffer,
      cells: this.#cells,
      words: new Uint32Array(buffer),
      bytes: new Uint8Array(buffer),
    };
    const decoded = tables.map(
      (layout, index) => new DecodedTable(layout, Number(results.value) + index * resultBytes, view),
    );
    for (const table of decoded) table.connect(decoded);
    this.tables = decoded;
  }

  decode(frames: FrameBatch, from = 0, to = frames.count): void {
    const count = to - from;
    if (count > this.capacity) throw new RangeError(`${count} frames in a block of ${this.capacity}`);
    const own = this.#frames;
    own.timeUs.set(frames.timeUs.subarray(from, to));
    own.id.set(frames.id.subarray(from, to));
    own.flags.set(frames.flags.subarray(from, to));
    own.length.set(frames.length.subarray(from, to));
    const dataStride = this.#copyPayloads(frames, from, to);
    this.#point({
      dataStride,
      payloadSize: dataStride,
      heads: own.data.byteOffset,
      headStride: dataStride,
      data: own.data.byteOffset,
      lengths: own.length.byteOffset,
      lengthStride: 1,
      times: own.timeUs.byteOffset,
    });
    this.#exports.decode_arrays(count);
  }

  decodeRecords(payloadBytes: 8 | 64, from: number, to: number): void {
    const stride = payloadBytes + 8;
    if (to - from > this.capacity) throw new RangeError(`${to - from} records in a block of ${this.capacity}`);
    if (from < 0 || to * stride > this.records.length) throw new RangeError(`records ${from} to ${to} are not there`);
    const start = this.records.byteOffset + from * stride;
    this.#point({
      dataStride: stride,
      payloadSize: payloadBytes,
      heads: this.#headsStart,
      headStride: 8,
      data: start + 8,
      lengths: start + 4,
      lengthStride: stride,
      times: 0,
    });
    this.#exports.decode_records(to - from);
  }

  /** Tells the module where the frames of this block are, and that the arena is empty. */
  #point(input: Omit<Record<keyof typeof cell, number>, KeptCell>): void {
    this.#cells[cell.arena / 4] = this.#arenaStart;
    for (const name of Object.keys(input) as (keyof typeof input)[]) this.#cells[cell[name] / 4] = input[name];
  }

  /** @returns the bytes from one copied payload to the next */
  #copyPayloads(frames: FrameBatch, from: number, to: number): 8 | 64 {
    const { stride, data } = frames;
    if (stride === 8 || this.payloadBytes === 64 || data.byteOffset % 4 !== 0) {
      this.#frames.data.set(data.subarray(from * stride, to * stride));
      return stride;
    }
    // No signal lies past the first eight bytes: the other 56 stay behind.
    const source = new Uint32Array(data.buffer, data.byteOffset, data.length / 4);
    const target = this.#payloadWords;
    for (let i = from * 16, at = 0; i < to * 16; i += 16) {
      target[at++] = source[i];
      target[at++] = source[i + 1];
    }
    return 8;
  }
}

/** Bytes of columns, times and row numbers that one frame can cause at most. */
function widestFrame(tables: readonly TableLayout[]): number {
  const widths = new Array<number>(tables.length).fill(0);
  let widest = 0;
  // Branches stand behind their parents, so from the end all are known.
  for (let index = tables.length - 1; index >= 0; index--) {
    const { rowBytes, selectors, branch } = tables[index];
    widths[index] = rowBytes + 8 + (branch === undefined ? 0 : 4);
    for (const { firstTable, branches, overlaps } of selectors) {
      const children = widths.slice(firstTable, firstTable + branches.length);
      widths[index] += children.reduce((sum, width) => (overlaps ? sum + width : Math.max(sum, width)), 0);
    }
    widest = Math.max(widest, widths[index]);
  }
  return widest;
}

/** What rounding up and aligning one table and its list of rows may cost. */
const paddingBytes = ({ rowBytes }: TableLayout): number => rowsPerTurn * (rowBytes + 8 + 4) + 96;
