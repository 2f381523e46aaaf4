/** Decoding whole blocks of frames into columns. */
import type { FrameBatch } from '../../can/index.ts';
import type { Plan, PlanMessage, PlanSelectorRange, PlanSignal } from '../types.ts';

/**
 * What a column holds: `f64` the physical value; `f32` the same, rounded to single precision; `i32` and `i64` the
 * exact physical integer, of signals whose scale and offset are integers and whose every value fits.
 */
export type ColumnType = 'f64' | 'f32' | 'i32' | 'i64';

export type Column = Float64Array | Float32Array | Int32Array | BigInt64Array | BigUint64Array;

export interface BatchOptions {
  /**
   * Most frames per block, 8192 unless told: a block and all it decodes to should stay in the second-level cache.
   * Made smaller where messages are so many or so wide that memory would grow past 256 MiB.
   */
  capacity?: number;
  /** Size of `records`; room for `capacity` of the longest unless told. */
  recordBytes?: number;
  /**
   * Type of each column, f64 unless told.
   * An `i64` column is a BigInt64Array, or a BigUint64Array where values go beyond 2^63 - 1.
   */
  columnType?: (signal: PlanSignal, message: PlanMessage) => ColumnType;
}

/** Decodes blocks of frames; see `createBatchDecoder`. */
export interface BatchDecoder {
  readonly plan: Plan;
  /** Most frames that one call takes. */
  readonly capacity: number;
  /** Bytes of payload that signals need: 8, or 64 when one lies beyond the first 8. */
  readonly payloadBytes: 8 | 64;
  /**
   * One for each message that decodes to something, and one for each branch of its multiplexers; a branch's parent
   * stands before it.
   */
  readonly tables: readonly BatchTable[];
  /**
   * Decodes the frames `from` to `to` (all, unless told; at most `capacity`). What the tables hold is overwritten by
   * the next call. Remote and error frames, and frames that no message of the plan answers to, are in no table.
   */
  decode(frames: FrameBatch, from?: number, to?: number): void;
  /**
   * Room for records of a frame file (u32le id with bit 31 for 29 bits, u8 length, 3 bytes of nothing, 8 or 64 bytes of
   * payload): those read into it are decoded where they lie.
   */
  readonly records: Uint8Array;
  /** Decodes records `from` to `to`, at most `capacity`. They carry no time, so the tables' `timeUs` is empty. */
  decodeRecords(payloadBytes: 8 | 64, from: number, to: number): void;
}

/** The frames of one message in the last block, or of one branch of its multiplexers, as columns. */
export interface BatchTable {
  readonly message: PlanMessage;
  /** Of a branch: which selector, and the raw values that select it. */
  readonly branch: { selector: PlanSignal; ranges: readonly PlanSelectorRange[] } | undefined;
  /** What the columns hold: signals that are not multiplexed, or those of the branch. */
  readonly signals: readonly PlanSignal[];
  readonly types: readonly ColumnType[];
  /** Rows in the last block. */
  readonly count: number;
  /** Per row: position of its frame in the block, ascending. The rows of a branch are among its parent's. */
  readonly rows: Uint32Array;
  /** Per row: microseconds, as the frames have them. */
  readonly timeUs: Float64Array;
  /** Values of `signals[k]`; where absent, NaN, and 0 in integer columns. A view: copy what is to stay. */
  column(k: number): Column;
  /** SignalStatus of `signals[k]` per row, worked out when asked for; undefined when every row is ok. */
  status(k: number): Uint8Array | undefined;
}
