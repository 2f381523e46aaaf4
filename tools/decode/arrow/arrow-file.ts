/** One table as an Arrow IPC file (Feather 2), a record batch per group of rows. */
import { appendFileSync, writeFileSync } from 'node:fs';
import {
  AsyncByteQueue,
  type Data,
  Field,
  Float32,
  Float64,
  Int32,
  Int64,
  makeData,
  RecordBatch,
  RecordBatchFileWriter,
  Schema,
  Struct,
  Uint64,
  Utf8,
} from 'apache-arrow';
import { toolError } from '../../errors/index.ts';
import { reasonOf } from '../reason.ts';
import { tableFacts } from '../tables/manifest.ts';
import type { ColumnValues, TableFile, TableFormat, Values } from '../tables/table-file.ts';
import type { ColumnKind, TableSchema } from '../tables/table-schema.ts';

export const arrowFormat: TableFormat = {
  extension: '.arrow',
  create: (path, schema) => new ArrowFile(path, schema),
};

/** Keeps what is written until it is fetched, at once and not in a later turn. */
class Pieces extends AsyncByteQueue {
  #pieces: Uint8Array[] = [];

  override write(value: Uint8Array): void {
    // Copied: a column's memory is filled anew before the file gets it.
    if (value.byteLength > 0) this.#pieces.push(Uint8Array.from(value));
  }

  fetch(): Uint8Array {
    const whole = Buffer.concat(this.#pieces);
    this.#pieces = [];
    return whole;
  }
}

class ArrowFile implements TableFile {
  readonly #path: string;
  readonly #schema: Schema;
  readonly #kinds: ColumnKind[];
  readonly #pieces = new Pieces();
  readonly #writer = new RecordBatchFileWriter({ autoDestroy: false });

  constructor(path: string, schema: TableSchema) {
    this.#path = path;
    this.#kinds = schema.columns.map(({ kind }) => kind);
    const fields = schema.columns.map(({ name, kind, nullable, signal }) => {
      return new Field(name, types[kind](), nullable, signal && new Map([['unit', signal.unit]]));
    });
    this.#schema = new Schema(fields, new Map([['miner.table', JSON.stringify(tableFacts(schema))]]));
    this.#writer.reset(this.#pieces, this.#schema);
    this.#save(writeFileSync);
  }

  writeGroup(columns: readonly ColumnValues[], rowCount: number): void {
    const children = columns.map((values, k) =>
      'values' in values
        ? numbers(this.#kinds[k], values.values, values.valid)
        : texts(values.texts, values.indexes ?? new Uint32Array(rowCount)),
    );
    const data = makeData({ type: new Struct(this.#schema.fields), length: rowCount, nullCount: 0, children });
    this.#writer.write(new RecordBatch(this.#schema, data));
    this.#save(appendFileSync);
  }

  end(): void {
    this.#writer.finish();
    this.#save(appendFileSync);
  }

  #save(write: (path: string, bytes: Uint8Array) => void): void {
    try {
      write(this.#path, this.#pieces.fetch());
    } catch (cause) {
      throw toolError('OUTPUT_UNWRITABLE', { path: this.#path, reason: reasonOf(cause) }, cause);
    }
  }
}

const types = {
  f64: () => new Float64(),
  f32: () => new Float32(),
  i32: () => new Int32(),
  i64: () => new Int64(),
  u64: () => new Uint64(),
  text: () => new Utf8(),
};

function numbers(kind: ColumnKind, values: Values, valid: Uint8Array | undefined): Data {
  const rows = { length: values.length, ...(valid === undefined ? { nullCount: 0 } : bitmap(valid)) };
  // One kind of array belongs to each type, which only we know.
  return makeData({ type: types[kind]() as Float64, data: values as Float64Array, ...rows });
}

function texts(known: readonly string[], indexes: Uint32Array): Data {
  const encoder = new TextEncoder();
  const encoded = known.map((text) => encoder.encode(text));
  const valueOffsets = new Int32Array(indexes.length + 1);
  indexes.forEach((index, i) => {
    valueOffsets[i + 1] = valueOffsets[i] + (index === 0 ? 0 : encoded[index - 1].length);
  });
  const data = new Uint8Array(valueOffsets[indexes.length]);
  indexes.forEach((index, i) => {
    if (index !== 0) data.set(encoded[index - 1], valueOffsets[i]);
  });
  const valid = Uint8Array.from(indexes, (index) => (index === 0 ? 0 : 1));
  return makeData({ type: new Utf8(), length: indexes.length, valueOffsets, data, ...bitmap(valid) });
}

/** One bit per row, the least significant first. */
function bitmap(valid: Uint8Array): { nullCount: number; nullBitmap: Uint8Array } {
  const nullBitmap = new Uint8Array(Math.ceil(valid.length / 64) * 8);
  let count = 0;
  for (let i = 0; i < valid.length; i++) {
    nullBitmap[i >> 3] |= valid[i] << (i & 7);
    count += valid[i];
  }
  return { nullCount: valid.length - count, nullBitmap };
}
