/**
 * Three ways of writing a sequence of small integers, and how many bytes each would take.
 * What the integers mean (differences, values, times) is the column's business.
 */
import type { ByteWriter } from './byte-writer.ts';
import { signedLength, type VarintReader, writeSigned, writeUnsigned } from './varint.ts';

/** The numbers are part of the format. */
export const SequenceCode = {
  /** One zigzag LEB128 number each. */
  plain: 0,
  /** The same, but a zero is followed by how many more zeros follow it. */
  runs: 1,
  /** The least number, a width in bits, then every number's excess over the least in that many bits. */
  packed: 2,
} as const;
export type SequenceCode = (typeof SequenceCode)[keyof typeof SequenceCode];

/** Bits of a packed excess; beyond it `plain` is no longer. */
const widthMax = 52;

type Numbers = ArrayLike<number>;

/** What naming another code than plain costs a column: one byte for `enc`. */
export const encLength = 1;

/** @param lead how many numbers stand before the packed ones, in plain: a first value or time is no difference */
export function smallestCode(numbers: Numbers, lead: number): { code: SequenceCode; length: number } {
  let best: { code: SequenceCode; length: number } = { code: SequenceCode.plain, length: plainLength(numbers) };
  const runs = runsLength(numbers) + encLength;
  if (runs < best.length) best = { code: SequenceCode.runs, length: runs };
  const packed = packedLength(numbers, lead) + encLength;
  if (packed < best.length) best = { code: SequenceCode.packed, length: packed };
  return best;
}

export function writeSequence(writer: ByteWriter, code: SequenceCode, numbers: Numbers, lead: number): void {
  if (code === SequenceCode.plain) for (let i = 0; i < numbers.length; i++) writeSigned(writer, numbers[i]);
  else if (code === SequenceCode.runs) writeRuns(writer, numbers);
  else writePacked(writer, numbers, lead);
}

/** Calls `each` with the numbers in order; all but plain ones are exact as `number`. */
export function readSequence(
  reader: VarintReader,
  code: SequenceCode,
  count: number,
  lead: number,
  each: (number: number | bigint) => void,
): void {
  if (code === SequenceCode.plain) for (let i = 0; i < count; i++) each(reader.signed());
  else if (code === SequenceCode.runs) readRuns(reader, count, each);
  else readPacked(reader, count, lead, each);
}

function plainLength(numbers: Numbers): number {
  let length = 0;
  for (let i = 0; i < numbers.length; i++) length += signedLength(numbers[i]);
  return length;
}

function zerosFrom(numbers: Numbers, start: number): number {
  let end = start;
  while (end < numbers.length && numbers[end] === 0) end++;
  return end - start;
}

function runsLength(numbers: Numbers): number {
  let length = 0;
  for (let i = 0; i < numbers.length; i++) {
    length += signedLength(numbers[i]);
    if (numbers[i] !== 0) continue;
    const more = zerosFrom(numbers, i + 1);
    // An unsigned number takes what a signed one of half its size does.
    length += signedLength(Math.floor(more / 2));
    i += more;
  }
  return length;
}

function writeRuns(writer: ByteWriter, numbers: Numbers): void {
  for (let i = 0; i < numbers.length; i++) {
    writeSigned(writer, numbers[i]);
    if (numbers[i] !== 0) continue;
    const more = zerosFrom(numbers, i + 1);
    writeUnsigned(writer, more);
    i += more;
  }
}

function readRuns(reader: VarintReader, count: number, each: (number: number | bigint) => void): void {
  for (let done = 0; done < count; ) {
    const number = reader.signed();
    const more = number === 0 ? reader.small('a run of zeros', count - done - 1) : 0;
    for (let i = 0; i <= more; i++) each(number);
    done += 1 + more;
  }
}

/** The packed part's least number and the bits of its largest excess. */
function bounds(numbers: Numbers, lead: number): { least: number; width: number } {
  let least = Number.POSITIVE_INFINITY;
  let most = Number.NEGATIVE_INFINITY;
  for (let i = lead; i < numbers.length; i++) {
    least = Math.min(least, numbers[i]);
    most = Math.max(most, numbers[i]);
  }
  let width = 0;
  while (2 ** width <= most - least) width++;
  return { least, width };
}

/** Bytes that `packed` takes, infinite where it cannot hold the numbers. */
export function packedLength(numbers: Numbers, lead: number): number {
  if (numbers.length <= lead) return Number.POSITIVE_INFINITY;
  const { least, width } = bounds(numbers, lead);
  if (width > widthMax) return Number.POSITIVE_INFINITY;
  let length = signedLength(least) + 1 + Math.ceil(((numbers.length - lead) * width) / 8);
  for (let i = 0; i < lead; i++) length += signedLength(numbers[i]);
  return length;
}

function writePacked(writer: ByteWriter, numbers: Numbers, lead: number): void {
  for (let i = 0; i < lead; i++) writeSigned(writer, numbers[i]);
  const { least, width } = bounds(numbers, lead);
  writeSigned(writer, least);
  writer.uint8(width);
  let pending = 0;
  let pendingBits = 0;
  for (let i = lead; i < numbers.length; i++) {
    let excess = numbers[i] - least;
    for (let left = width; left > 0; ) {
      const take = Math.min(8 - pendingBits, left);
      pending |= (excess % 2 ** take) << pendingBits;
      excess = Math.floor(excess / 2 ** take);
      left -= take;
      pendingBits += take;
      if (pendingBits < 8) continue;
      writer.uint8(pending);
      pending = 0;
      pendingBits = 0;
    }
  }
  if (pendingBits > 0) writer.uint8(pending);
}

function readPacked(reader: VarintReader, count: number, lead: number, each: (number: number | bigint) => void): void {
  if (count <= lead) reader.problem(`${count} numbers cannot be packed after ${lead} leading ones`);
  for (let i = 0; i < lead; i++) each(reader.signed());
  const least = reader.signedSmall('the least packed number');
  const width = reader.small('the packed width', widthMax);
  let pending = 0;
  let pendingBits = 0;
  for (let i = lead; i < count; i++) {
    let excess = 0;
    for (let have = 0; have < width; ) {
      if (pendingBits === 0) {
        pending = reader.byte();
        pendingBits = 8;
      }
      const take = Math.min(pendingBits, width - have);
      excess += (pending % 2 ** take) * 2 ** have;
      pending >>= take;
      pendingBits -= take;
      have += take;
    }
    each(least + excess);
  }
  if (pending !== 0) reader.problem('bits set in the padding');
}
