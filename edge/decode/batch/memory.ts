/** What stands where in the batch module's memory: the cells that host and module talk through. */

/** Addresses of i32 cells at the beginning of memory, written by the host before each call. */
export const cell = {
  /** Where the next column goes; the module moves it on. */
  arena: 0,
  /** The first payload, and the bytes from one to the next. */
  data: 4,
  dataStride: 8,
  /** Bytes that a payload may have, 8 or 64; a greater length byte is not believed. */
  payloadSize: 12,
  /** The first length byte; the bytes from one to the next. */
  lengths: 16,
  lengthStride: 20,
  /** The first time (f64), or 0 when the frames have none. */
  times: 24,
  /** Lists of row numbers, one per message: the first, and the bytes from one to the next. */
  lists: 28,
  listStride: 32,
  /** Room for words: the first run, and the bytes from one to the next. */
  words: 36,
  wordStride: 40,
  /** Room for one number of a branch per row. */
  branches: 44,
  /** Struct-of-arrays input: ids (u32) and flags (u8). */
  ids: 48,
  flags: 52,
  /**
   * The first eight bytes of each payload, and the bytes from one to the next. Of records they are copied together while
   * their ids are looked up: gathered by message, they come from a fraction of the cache lines.
   */
  heads: 56,
  headStride: 60,
} as const;

/** Bytes taken by the cells. */
export const cellBytes = 64;

/** Results of one table, from `results + table * resultBytes` on: i32 each. */
export const result = {
  count: 0,
  /** Row numbers (u32). */
  rows: 4,
  /** Times (f64). */
  times: 8,
  /** Columns, each `(count rounded up to rowsPerTurn) * size` bytes after the last. */
  columns: 12,
} as const;
export const resultBytes = 16;
