import { ByteWriter } from './byte-writer.ts';
import { compareBytes } from './bytes.ts';
import { CborFloat, type CborMap, CborTag, type CborValue, MajorType, Simple, writtenAsInteger } from './cbor-value.ts';
import { numberToFloat16 } from './float16.ts';

const maxUint64 = 2n ** 64n - 1n;
const utf8 = new TextEncoder();

/**
 * Writes one value as deterministic CBOR: shortest heads, shortest floats, map keys in bytewise order of their encoding.
 * @throws {TypeError} on what CBOR or this subset cannot say: undefined, an integer past 64 bits, a lone surrogate,
 *   two map keys with one encoding.
 * @see RFC 8949, 4.2.1
 * @example encodeCbor(new Map([[1, 'a']]))  // Uint8Array [0xA1, 0x01, 0x61, 0x61]
 */
export function encodeCbor(value: CborValue): Uint8Array {
  const writer = new ByteWriter();
  write(writer, value);
  return writer.finish();
}

/** A map of the entries whose value is there: optional fields in one expression. */
export function cborMap(entries: readonly (readonly [CborValue, CborValue | undefined])[]): CborMap {
  const map = new Map<CborValue, CborValue>();
  for (const [key, value] of entries) if (value !== undefined) map.set(key, value);
  return map;
}

function write(writer: ByteWriter, value: CborValue): void {
  if (typeof value === 'number') {
    if (writtenAsInteger(value)) writeInteger(writer, value);
    else writeFloat(writer, value);
  } else if (typeof value === 'bigint') {
    writeBigInteger(writer, value);
  } else if (typeof value === 'string') {
    if (!value.isWellFormed()) throw new TypeError(`text with a lone surrogate: ${JSON.stringify(value)}`);
    writeString(writer, MajorType.text, utf8.encode(value));
  } else if (value instanceof Uint8Array) {
    writeString(writer, MajorType.bytes, value);
  } else if (Array.isArray(value)) {
    writeHead(writer, MajorType.array, value.length);
    for (const item of value) write(writer, item);
  } else if (value instanceof Map) {
    writeMap(writer, value);
  } else if (value instanceof CborTag) {
    writeHead(writer, MajorType.tag, value.tag);
    write(writer, value.value);
  } else if (value instanceof CborFloat) {
    writeFloat(writer, value.value);
  } else if (value === null) {
    writer.uint8(0xe0 | Simple.null);
  } else if (typeof value === 'boolean') {
    writer.uint8(0xe0 | (value ? Simple.true : Simple.false));
  } else {
    throw new TypeError(`CBOR cannot hold ${String(value)}`);
  }
}

function writeHead(writer: ByteWriter, major: number, argument: number | bigint): void {
  const type = major << 5;
  if (argument < 24) {
    writer.uint8(type | Number(argument));
  } else if (argument <= 0xff) {
    writer.uint8(type | 24);
    writer.uint8(Number(argument));
  } else if (argument <= 0xffff) {
    writer.uint8(type | 25);
    writer.uint16(Number(argument));
  } else if (argument <= 0xffffffff) {
    writer.uint8(type | 26);
    writer.uint32(Number(argument));
  } else {
    writer.uint8(type | 27);
    writer.uint64(BigInt(argument));
  }
}

function writeInteger(writer: ByteWriter, value: number): void {
  if (value >= 0) writeHead(writer, MajorType.unsigned, value);
  else writeHead(writer, MajorType.negative, -1 - value);
}

function writeBigInteger(writer: ByteWriter, value: bigint): void {
  const argument = value >= 0n ? value : -1n - value;
  if (argument > maxUint64) throw new TypeError(`integer past 64 bits: ${value}`);
  writeHead(writer, value >= 0n ? MajorType.unsigned : MajorType.negative, argument);
}

function writeString(writer: ByteWriter, major: number, bytes: Uint8Array): void {
  writeHead(writer, major, bytes.length);
  writer.bytes(bytes);
}

function writeFloat(writer: ByteWriter, value: number): void {
  const half = numberToFloat16(value);
  if (half !== undefined) {
    writer.uint8(0xe0 | Simple.float16);
    writer.uint16(half);
  } else if (Math.fround(value) === value) {
    writer.uint8(0xe0 | Simple.float32);
    writer.float32(value);
  } else {
    writer.uint8(0xe0 | Simple.float64);
    writer.float64(value);
  }
}

function writeMap(writer: ByteWriter, map: CborMap): void {
  const entries = [...map].map(([key, value]) => ({ key: encodeCbor(key), value }));
  entries.sort((a, b) => compareBytes(a.key, b.key));
  writeHead(writer, MajorType.map, entries.length);
  for (let i = 0; i < entries.length; i++) {
    const { key, value } = entries[i];
    if (i > 0 && compareBytes(entries[i - 1].key, key) === 0) throw new TypeError('two map keys with one encoding');
    writer.bytes(key);
    write(writer, value);
  }
}
