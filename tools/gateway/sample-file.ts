/** One table of samples as a Parquet file: Snappy pages, differences where numbers ascend, dictionaries where few differ. */
import type { Encoding, SchemaElement } from 'hyparquet';
import { ByteWriter, ParquetWriter } from 'hyparquet-writer';
import type { SampleTable } from './sample-rows.ts';

interface ColumnDefinition {
  name: string;
  type: 'INT64' | 'BYTE_ARRAY';
  nullable?: true;
  encoding?: Encoding;
  data: (table: SampleTable) => ArrayLike<unknown>;
}

/** Names are what docs/gateway.md tells; readers join the rest from the registry and the decoder. */
const columns: readonly ColumnDefinition[] = [
  { name: 'kid', type: 'BYTE_ARRAY', encoding: 'RLE_DICTIONARY', data: ({ kid }) => kid },
  { name: 'seq', type: 'INT64', encoding: 'DELTA_BINARY_PACKED', data: ({ seq }) => seq },
  { name: 'boot', type: 'INT64', encoding: 'DELTA_BINARY_PACKED', data: ({ boot }) => boot },
  { name: 'time_ms', type: 'INT64', encoding: 'DELTA_BINARY_PACKED', data: ({ timeMs }) => timeMs },
  { name: 'unix_ms', type: 'INT64', nullable: true, encoding: 'DELTA_BINARY_PACKED', data: ({ unixMs }) => unixMs },
  {
    name: 'decoder',
    type: 'BYTE_ARRAY',
    encoding: 'RLE_DICTIONARY',
    data: ({ decoder, rowCount }) => new Array(rowCount).fill(decoder),
  },
  { name: 'signal', type: 'INT64', encoding: 'DELTA_BINARY_PACKED', data: ({ signal }) => signal },
  { name: 'raw', type: 'INT64', nullable: true, encoding: 'DELTA_BINARY_PACKED', data: ({ raw }) => raw },
  { name: 'text', type: 'BYTE_ARRAY', nullable: true, data: ({ text }) => text },
];

export const sampleColumnNames: readonly string[] = columns.map(({ name }) => name);

/** Rows are found by time: a group has the bounds of its columns. */
const rowsPerGroup = 100_000;

const root: SchemaElement = { name: 'schema', num_children: columns.length };
const schema: SchemaElement[] = [root, ...columns.map(elementOf)];

function elementOf({ name, type, nullable }: ColumnDefinition): SchemaElement {
  const text = type === 'BYTE_ARRAY' ? ({ converted_type: 'UTF8', logical_type: { type: 'STRING' } } as const) : {};
  return { name, type, repetition_type: nullable ? 'OPTIONAL' : 'REQUIRED', ...text };
}

/** The bytes of the file. */
export function encodeSampleFile(table: SampleTable): Uint8Array {
  const writer = new ByteWriter(1 << 16);
  const parquet = new ParquetWriter({ writer, schema, createdBy: 'miner gateway' });
  const columnData = columns.map(({ name, encoding, data }) => ({
    name,
    data: data(table) as unknown[],
    ...(encoding && { encoding }),
  }));
  parquet.write({ columnData, rowGroupSize: rowsPerGroup });
  parquet.finish();
  return writer.getBytes();
}
