/** What every format of tables offers: a file that takes rows group by group. */
import type { TableSchema } from './table-schema.ts';

export type Values = Float64Array | Float32Array | Int32Array | BigInt64Array | BigUint64Array;

/** One column of a group of rows. */
export type ColumnValues =
  /** `valid`: 1 per row with a value, 0 without; undefined when every row has one. */
  | { values: Values; valid: Uint8Array | undefined }
  /** Per row 0 for none, or the number from 1 of its text; undefined when no row has one. */
  | { texts: readonly string[]; indexes: Uint32Array | undefined };

export interface TableFile {
  /** Appends a group of rows, whose arrays may change afterwards. */
  writeGroup(columns: readonly ColumnValues[], rowCount: number): void;
  /** Makes the file whole. */
  end(): void;
}

export interface TableFormat {
  readonly extension: string;
  /** @throws {MinerError} `OUTPUT_UNWRITABLE`, here and when rows are written */
  create(path: string, schema: TableSchema): TableFile;
}
