/** How a column writes its raw values: differences, bare values, or bit patterns of floats, whichever is shortest. */
import { ByteWriter } from './byte-writer.ts';
import { encLength, packedLength, readSequence, SequenceCode, smallestCode, writeSequence } from './sequence.ts';
import { narrowMax, type VarintReader, writeSignedBig } from './varint.ts';

/** The lower three bits of a column's `enc`. The numbers are part of the format. */
export const ValueCode = {
  /** Differences to the value before (to 0 for the first), in plain: the only one for integers past 2^51. */
  differences: 0,
  /** Differences, zeros as runs. */
  differenceRuns: 1,
  /** The first value, then differences packed. */
  differencesPacked: 2,
  /** The values themselves, packed. */
  packed: 3,
  /** Bit patterns of floats: what changed since the value before. */
  xor: 4,
  /** Not integers: UTF-8 texts, each after its length. */
  text: 5,
} as const;
export type ValueCode = (typeof ValueCode)[keyof typeof ValueCode];

/** Raw values of one signal: numbers where all are exact, else bigints, from -2^63 to 2^64 - 1. */
export type RawValues = Float64Array | readonly bigint[];

const least = -(2n ** 63n);
const most = 2n ** 64n - 1n;

/** XOR is tried only where differences take at least this many bytes each: it cannot win below. */
const xorWorthBytes = 4;

export function encodeValues(values: RawValues): { code: ValueCode; bytes: Uint8Array } {
  const writer = new ByteWriter(values.length * 2 + 8);
  const code = isNarrow(values) ? writeNarrow(writer, values) : writeWide(writer, values);
  return { code, bytes: writer.finish() };
}

/** @throws through the reader, on anything `encodeValues` could not have written */
export function decodeValues(reader: VarintReader, code: ValueCode, count: number): RawValues {
  if (code === ValueCode.xor) return readXor(reader, count);
  const values = new RawCollector(reader, count);
  if (code === ValueCode.packed) {
    readSequence(reader, SequenceCode.packed, count, 0, (value) => values.push(value));
  } else {
    // Differences, runs and packed differences carry the numbers of the sequence codes.
    const lead = code === SequenceCode.packed ? 1 : 0;
    readSequence(reader, code as SequenceCode, count, lead, (difference) => values.pushDifference(difference));
  }
  return values.finish();
}

function isNarrow(values: RawValues): values is Float64Array {
  return values instanceof Float64Array && values.every((value) => Math.abs(value) <= narrowMax);
}

function writeNarrow(writer: ByteWriter, values: Float64Array): ValueCode {
  const differences = new Float64Array(values.length);
  for (let i = 0; i < values.length; i++) differences[i] = values[i] - (i === 0 ? 0 : values[i - 1]);
  const best = smallestCode(differences, 1);
  const packed = packedLength(values, 0) + encLength;
  if (best.length >= xorWorthBytes * values.length) {
    const patterns = Array.from(values, BigInt);
    const xor = encodeXor(patterns);
    if (xor && xor.length + encLength < Math.min(best.length, packed)) {
      writer.bytes(xor);
      return ValueCode.xor;
    }
  }
  if (packed < best.length) {
    writeSequence(writer, SequenceCode.packed, values, 0);
    return ValueCode.packed;
  }
  writeSequence(writer, best.code, differences, 1);
  return best.code;
}

function writeWide(writer: ByteWriter, values: RawValues): ValueCode {
  const wide = Array.from(values, BigInt);
  let previous = 0n;
  for (const value of wide) {
    if (value < least || value > most) throw new TypeError(`raw value past 64 bits: ${value}`);
    writeSignedBig(writer, value - previous);
    previous = value;
  }
  const xor = encodeXor(wide);
  if (!xor || xor.length + encLength >= writer.length) return ValueCode.differences;
  writer.clear();
  writer.bytes(xor);
  return ValueCode.xor;
}

/** Collects decoded values as numbers, and changes to bigints at the first that is not exact as a number. */
class RawCollector {
  private readonly reader: VarintReader;
  private readonly numbers: Float64Array;
  private wide: bigint[] | undefined;
  private count = 0;

  constructor(reader: VarintReader, count: number) {
    this.reader = reader;
    this.numbers = new Float64Array(count);
  }

  push(value: number | bigint): void {
    if (!this.wide && Number.isSafeInteger(value)) this.numbers[this.count++] = value as number;
    else this.pushWide(BigInt(value));
  }

  pushDifference(difference: number | bigint): void {
    const previous = this.count === 0 ? 0 : this.numbers[this.count - 1];
    // Both are below 2^53, so the sum is exact wherever it is safe.
    if (!this.wide && typeof difference === 'number') {
      const sum = previous + difference;
      if (Number.isSafeInteger(sum)) {
        this.numbers[this.count++] = sum;
        return;
      }
    }
    const wide = this.wide?.at(-1) ?? BigInt(previous);
    this.pushWide(wide + BigInt(difference));
  }

  private pushWide(value: bigint): void {
    if (value < least || value > most) this.reader.problem(`raw value ${value} does not fit 64 bits`);
    if (!this.wide && value >= Number.MIN_SAFE_INTEGER && value <= Number.MAX_SAFE_INTEGER) {
      this.numbers[this.count++] = Number(value);
      return;
    }
    this.wide ??= Array.from(this.numbers.subarray(0, this.count), BigInt);
    this.wide.push(value);
  }

  finish(): RawValues {
    return this.wide ?? this.numbers;
  }
}

/**
 * Per value one byte (zero bytes below << 4 | bytes that changed) and the changed bytes, least significant first.
 * @returns undefined where a value is no bit pattern, being negative
 */
function encodeXor(patterns: readonly bigint[]): Uint8Array | undefined {
  const writer = new ByteWriter(patterns.length * 4);
  let previous = 0n;
  for (const pattern of patterns) {
    if (pattern < 0n) return undefined;
    let changed = pattern ^ previous;
    let below = 0;
    while (changed !== 0n && (changed & 0xffn) === 0n) {
      changed >>= 8n;
      below++;
    }
    let kept = 0;
    for (let rest = changed; rest !== 0n; rest >>= 8n) kept++;
    writer.uint8((below << 4) | kept);
    for (let rest = changed; rest !== 0n; rest >>= 8n) writer.uint8(Number(rest & 0xffn));
    previous = pattern;
  }
  return writer.finish();
}

function readXor(reader: VarintReader, count: number): RawValues {
  const values = new RawCollector(reader, count);
  let previous = 0n;
  for (let i = 0; i < count; i++) {
    const head = reader.byte();
    const below = head >> 4;
    const kept = head & 15;
    if (below + kept > 8 || (kept === 0 && below > 0)) reader.problem(`an XOR head of ${head}`);
    let changed = 0n;
    for (let k = 0; k < kept; k++) {
      const byte = reader.byte();
      if (byte === 0 && (k === 0 || k === kept - 1)) reader.problem('an XOR byte of 0 at an end');
      changed |= BigInt(byte) << BigInt(8 * (below + k));
    }
    previous ^= changed;
    values.push(previous <= Number.MAX_SAFE_INTEGER ? Number(previous) : previous);
  }
  return values.finish();
}
