/**
 * One column of a row group. Schema, page headers, dictionary pages and the footer are hyparquet-writer's; values go
 * into their pages from here, as the bytes they already are, because the library takes them one by one: 20 to 40 ns
 * for each, which for a log of 10 million frames is longer than reading and decoding it together.
 */
import type { Encoding, SchemaElement } from 'hyparquet';
import type { ByteWriter } from 'hyparquet-writer';
import { writePageHeader } from 'hyparquet-writer/src/datapage.js';
import { writeDictionaryPage } from 'hyparquet-writer/src/dictionary.js';
import { writeRleBitPackedHybrid } from 'hyparquet-writer/src/encoding.js';
import type { ColumnValues, Values } from '../tables/table-file.ts';
import type { ColumnSchema } from '../tables/table-schema.ts';
import type { Bounds, ChunkFacts } from './chunk-facts.ts';
import { writePacked, writeRepeated } from './index-packing.ts';
import { entriesMax, findDictionary, positionsScratch } from './small-dictionary.ts';

/** What a chunk is written with. */
export interface ChunkContext {
  /** Where it goes in the file. */
  writer: ByteWriter;
  /** For a page's parts, before its header is known; emptied by whoever uses it. */
  scratch: ByteWriter;
  /** Root and column. */
  schemaPath: [SchemaElement, SchemaElement];
  column: ColumnSchema;
}

/** Writes the pages of a column. @returns what the footer will say of it */
export function writeColumnChunk(context: ChunkContext, values: ColumnValues, rowCount: number): ChunkFacts {
  return 'values' in values
    ? writeNumbers(context, values.values, values.valid, rowCount)
    : writeTexts(context, values.texts, values.indexes, rowCount);
}

function writeNumbers(context: ChunkContext, all: Values, valid: Uint8Array | undefined, rowCount: number) {
  const values = valid === undefined ? all : compact(all, valid);
  const dictionary = findDictionary(values, context.column.signal);
  const bounds = context.column.signal === undefined ? boundsOf(values) : {};
  const page = { rowCount, valid, nullCount: rowCount - values.length, bounds };
  if (dictionary === undefined) {
    const bytes = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    return writePages(context, page, undefined, (body) => body.appendBytes(bytes));
  }
  const { entries, positions, largest } = dictionary;
  return writePages(context, page, entries, (body) => {
    if (largest > 0) return writePacked(body, positions, largest);
    body.appendUint8(1);
    writeRepeated(body, 0, positions.length);
  });
}

function writeTexts(
  context: ChunkContext,
  texts: readonly string[],
  indexes: Uint32Array | undefined,
  rowCount: number,
) {
  if (indexes === undefined) {
    const page = { rowCount, valid: new Uint8Array(rowCount), nullCount: rowCount, bounds: {} };
    return writePages(context, page, undefined, () => {});
  }
  const valid = new Uint8Array(rowCount);
  const positions = new Uint32Array(rowCount);
  let count = 0;
  for (let row = 0; row < rowCount; row++) {
    if (indexes[row] === 0) continue;
    valid[row] = 1;
    positions[count++] = indexes[row] - 1;
  }
  const page = { rowCount, valid, nullCount: rowCount - count, bounds: {} };
  const encoder = new TextEncoder();
  const entries = texts.map((text) => encoder.encode(text));
  return writePages(context, page, entries, (body) => {
    if (texts.length <= entriesMax) {
      const few = positionsScratch(count);
      few.set(positions.subarray(0, count));
      writePacked(body, few, texts.length - 1);
      return;
    }
    const width = 32 - Math.clz32(texts.length - 1);
    body.appendUint8(width);
    writeRleBitPackedHybrid(body, positions.subarray(0, count), width);
  });
}

interface PageFacts {
  rowCount: number;
  valid: Uint8Array | undefined;
  nullCount: number;
  bounds: Bounds;
}

/** A dictionary page where there are entries, and one data page. */
function writePages(
  context: ChunkContext,
  { rowCount, valid, nullCount, bounds }: PageFacts,
  entries: Values | Uint8Array[] | undefined,
  writeBody: (body: ByteWriter) => void,
): ChunkFacts {
  const { writer } = context;
  const start = writer.offset;
  const encoding: Encoding = entries === undefined ? 'PLAIN' : 'RLE_DICTIONARY';
  if (entries !== undefined) writeDictionaryPage(writer, columnEncoder(context), entries);
  const pageStart = writer.offset;
  writeDataPage(context, { rowCount, valid, nullCount, encoding }, writeBody);
  const hasDictionary = entries !== undefined;
  return { start, pageStart, size: writer.offset - start, nullCount, hasDictionary, ...bounds };
}

function writeDataPage(
  { writer, scratch, schemaPath }: ChunkContext,
  page: { rowCount: number; valid: Uint8Array | undefined; nullCount: number; encoding: Encoding },
  writeBody: (body: ByteWriter) => void,
): void {
  scratch.index = 0;
  if (schemaPath[1].repetition_type === 'OPTIONAL') {
    if (page.nullCount === 0 || page.nullCount === page.rowCount)
      writeRepeated(scratch, page.nullCount === 0 ? 1 : 0, page.rowCount);
    else writeRleBitPackedHybrid(scratch, page.valid!, 1);
  }
  const levelBytes = scratch.index;
  writeBody(scratch);
  const size = scratch.index;
  writePageHeader(writer, {
    type: 'DATA_PAGE_V2',
    uncompressed_page_size: size,
    compressed_page_size: size,
    data_page_header_v2: {
      num_values: page.rowCount,
      num_nulls: page.nullCount,
      num_rows: page.rowCount,
      encoding: page.encoding,
      definition_levels_byte_length: levelBytes,
      repetition_levels_byte_length: 0,
      is_compressed: false,
    },
  });
  writer.appendBytes(scratch.getBytes());
}

function columnEncoder({ schemaPath, column }: ChunkContext): Parameters<typeof writeDictionaryPage>[1] {
  return {
    columnName: column.name,
    element: schemaPath[1],
    schemaPath,
    codec: 'UNCOMPRESSED',
    compressors: {},
    stats: false,
    pageSize: 0,
    columnIndex: false,
    offsetIndex: false,
  };
}

/** The values of rows that have one, close together. */
function compact(all: Values, valid: Uint8Array): Values {
  const values = all.slice() as Float64Array;
  let count = 0;
  for (let i = 0; i < valid.length; i++) if (valid[i] === 1) values[count++] = values[i];
  return values.subarray(0, count);
}

/** Of columns that rows are looked up by: time and frame, which mostly ascend. */
function boundsOf(values: Values): Bounds {
  if (values.length === 0) return {};
  if (!(values instanceof Float64Array)) return { least: Number(values[0]), most: Number(values[values.length - 1]) };
  let least = values[0];
  let most = values[0];
  for (const value of values) {
    if (value < least) least = value;
    if (value > most) most = value;
  }
  return { least, most };
}
