/** One table as a Parquet file: uncompressed, small dictionaries where values are few, a page per column and group. */
import { appendFileSync, writeFileSync } from 'node:fs';
import type { SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import { toolError } from '../../errors/index.ts';
import { reasonOf } from '../reason.ts';
import { tableFacts } from '../tables/manifest.ts';
import type { ColumnValues, TableFile, TableFormat } from '../tables/table-file.ts';
import type { ColumnKind, ColumnSchema, TableSchema } from '../tables/table-schema.ts';
import { type PackedGroup, packGroup, unpackGroup } from './chunk-facts.ts';
import { writeColumnChunk } from './column-chunk.ts';

/** Both are shared by all files, one after the other: hundreds of tables would hold a megabyte each. */
const shared = { writer: new ByteWriter(1 << 20), scratch: new ByteWriter(1 << 20) };

const createdBy = 'miner dbc decode';

export const parquetFormat: TableFormat = {
  extension: '.parquet',
  create: (path, schema) => new ParquetFile(path, schema),
};

/** The file is opened anew for each group: there may be more tables than files that can be open. */
class ParquetFile implements TableFile {
  readonly #path: string;
  readonly #schema: TableSchema;
  readonly #elements: SchemaElement[];
  readonly #parquet: ParquetWriter;
  #groups: PackedGroup[] = [];
  #offset = 0;

  constructor(path: string, schema: TableSchema) {
    this.#path = path;
    this.#schema = schema;
    this.#elements = [{ name: 'schema', num_children: schema.columns.length }, ...schema.columns.map(elementOf)];
    const kvMetadata = [{ key: 'miner.table', value: JSON.stringify(tableFacts(schema)) }];
    const writer = this.#begin();
    this.#parquet = new ParquetWriter({
      writer,
      schema: this.#elements,
      codec: 'UNCOMPRESSED',
      kvMetadata,
      createdBy,
    });
    this.#save(writeFileSync);
  }

  writeGroup(columns: readonly ColumnValues[], rowCount: number): void {
    const writer = this.#begin();
    const [root, ...elements] = this.#elements;
    const chunks = columns.map((values, k) => {
      const column = this.#schema.columns[k];
      const context = {
        writer,
        scratch: shared.scratch,
        schemaPath: [root, elements[k]] as [SchemaElement, SchemaElement],
        column,
      };
      return writeColumnChunk(context, values, rowCount);
    });
    this.#groups.push(packGroup(rowCount, chunks));
    this.#save(appendFileSync);
  }

  end(): void {
    const [, ...elements] = this.#elements;
    for (const group of this.#groups) {
      this.#parquet.row_groups.push(unpackGroup(group, elements));
      this.#parquet.num_rows += BigInt(group.rowCount);
    }
    this.#parquet.writer = this.#begin();
    this.#parquet.finish();
    this.#save(appendFileSync);
    this.#parquet.row_groups = [];
    this.#groups = [];
  }

  #begin(): ByteWriter {
    shared.writer.index = 0;
    shared.writer.offset = this.#offset;
    return shared.writer;
  }

  #save(write: (path: string, bytes: Uint8Array) => void): void {
    const { writer } = shared;
    this.#offset = writer.offset;
    try {
      write(this.#path, writer.getBytes());
    } catch (cause) {
      throw toolError('OUTPUT_UNWRITABLE', { path: this.#path, reason: reasonOf(cause) }, cause);
    }
  }
}

const types: Record<ColumnKind, Pick<SchemaElement, 'type' | 'converted_type' | 'logical_type'>> = {
  f64: { type: 'DOUBLE' },
  f32: { type: 'FLOAT' },
  i32: { type: 'INT32' },
  i64: { type: 'INT64' },
  // Without its logical type: hyparquet-writer 0.17.0 writes that one's bit width as an i32 where the format has an i8,
  // and every strict reader (pyarrow, DuckDB) then refuses the file.
  u64: { type: 'INT64', converted_type: 'UINT_64' },
  text: { type: 'BYTE_ARRAY', converted_type: 'UTF8', logical_type: { type: 'STRING' } },
};

function elementOf({ name, kind, nullable }: ColumnSchema): SchemaElement {
  return { name, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...types[kind] };
}
