/**
 * What the footer says of the chunks of a file, in few bytes until it is written: a log of 100 GB makes millions of
 * chunks, and as the library's objects they would take a kilobyte each.
 */
import type { ColumnChunk, RowGroup, SchemaElement } from 'hyparquet';

/** Smallest and largest value, where they are told. */
export interface Bounds {
  least?: number;
  most?: number;
}

export interface ChunkFacts extends Bounds {
  /** Where it begins in the file, where its data page does, and its bytes. */
  start: number;
  pageStart: number;
  size: number;
  nullCount: number;
  hasDictionary: boolean;
}

const numbersPerChunk = 7;

/** The chunks of a group of rows. */
export interface PackedGroup {
  rowCount: number;
  numbers: Float64Array;
}

export function packGroup(rowCount: number, chunks: readonly ChunkFacts[]): PackedGroup {
  const numbers = new Float64Array(chunks.length * numbersPerChunk);
  chunks.forEach(({ start, pageStart, size, nullCount, hasDictionary, least, most }, k) => {
    const facts = [start, pageStart, size, nullCount, hasDictionary ? 1 : 0, least ?? Number.NaN, most ?? Number.NaN];
    numbers.set(facts, k * numbersPerChunk);
  });
  return { rowCount, numbers };
}

/** @param elements one per column */
export function unpackGroup({ rowCount, numbers }: PackedGroup, elements: readonly SchemaElement[]): RowGroup {
  const columns = elements.map((element, k) => {
    return unpackChunk(numbers.subarray(k * numbersPerChunk, (k + 1) * numbersPerChunk), element, rowCount);
  });
  const size = columns.reduce((sum, { meta_data }) => sum + meta_data!.total_compressed_size, 0n);
  return { columns, total_byte_size: size, total_compressed_size: size, num_rows: BigInt(rowCount) };
}

function unpackChunk(numbers: Float64Array, { name, type }: SchemaElement, rowCount: number): ColumnChunk {
  const [start, pageStart, size, nullCount, hasDictionary, least, most] = numbers;
  const asStored = (value: number) => (type === 'INT64' ? BigInt(value) : value);
  const bounds = Number.isNaN(least) ? {} : { min_value: asStored(least), max_value: asStored(most) };
  return {
    file_offset: BigInt(start),
    meta_data: {
      type: type!,
      encodings: hasDictionary === 1 ? ['PLAIN', 'RLE', 'RLE_DICTIONARY'] : ['PLAIN', 'RLE'],
      path_in_schema: [name],
      codec: 'UNCOMPRESSED',
      num_values: BigInt(rowCount),
      total_uncompressed_size: BigInt(size),
      total_compressed_size: BigInt(size),
      data_page_offset: BigInt(pageStart),
      ...(hasDictionary === 1 ? { dictionary_page_offset: BigInt(start) } : {}),
      statistics: { null_count: BigInt(nullCount), ...bounds },
    },
  };
}
