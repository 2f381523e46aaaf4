/** Field 8 of a pack: one column a signal, its times and raw values each written the shortest way. */
import { equalBytes } from './bytes.ts';
import type { CborArray, CborValue } from './cbor-value.ts';
import type { SequenceCode } from './sequence.ts';
import { encodeTexts } from './text-values.ts';
import { encodeTimes } from './times.ts';
import { encodeValues, type RawValues, ValueCode } from './values.ts';

/** The samples of one signal. */
export interface Column {
  /** Index into the pack's decoders. */
  decoder: number;
  /** As the decode plan numbers it: PlanSignal.signalIndex. */
  signalIndex: number;
  /** Whole milliseconds since boot. */
  timesMs: Float64Array;
  /** As many as times; before scale and offset, for a float signal its bit pattern. */
  values: RawValues;
}

/** Texts of the device itself, such as a network's name or a VIN read by diagnosis. */
export interface TextColumn {
  decoder: number;
  signalIndex: number;
  timesMs: Float64Array;
  texts: readonly string[];
}

/** `enc` = value code + 8 * time code; left out when 0. */
export const timeCodeUnit = 8;

/** Times as a column before holds them already. */
interface WrittenTimes {
  count: number;
  code: SequenceCode;
  bytes: Uint8Array;
}

interface WrittenValues {
  code: ValueCode;
  value: CborValue;
}

/**
 * Columns as CBOR arrays: [decoder, signal-index, n, t, v, ? enc], or [signal-index, v, ? enc] where decoder and times
 * are those of the column before. Times equal to another earlier column's are written as its number k: -1 - k.
 * A single value stands as itself.
 * @param startMs the pack's t0
 * @throws {TypeError} where a column is empty, times and values differ in number, or one is out of range
 */
export function encodeColumns(columns: readonly Column[], texts: readonly TextColumn[], startMs: number): CborArray {
  const written: WrittenTimes[] = [];
  let decoderBefore = -1;
  return [...columns, ...texts].map((column, index) => {
    const { code, value } = writtenValues(column);
    const times: WrittenTimes = { count: column.timesMs.length, ...encodeTimes(column.timesMs, startMs) };
    const shared = written.findLastIndex((other) => sameTimes(other, times));
    const continues = index > 0 && shared === index - 1 && column.decoder === decoderBefore;
    written.push(times);
    decoderBefore = column.decoder;
    if (continues) return withEnc([column.signalIndex, value], code);
    const shares = shared >= 0 && sharingIsShorter(shared, times);
    const head = [column.decoder, column.signalIndex, times.count, shares ? -1 - shared : times.bytes, value];
    return withEnc(head, code + (shares ? 0 : timeCodeUnit * times.code));
  });
}

function withEnc(parts: CborValue[], enc: number): CborValue[] {
  return enc === 0 ? parts : [...parts, enc];
}

function writtenValues(column: Column | TextColumn): WrittenValues {
  const values = 'texts' in column ? column.texts : column.values;
  if (values.length === 0) throw new TypeError('a column without samples');
  if (values.length !== column.timesMs.length) {
    throw new TypeError(`${column.timesMs.length} times, ${values.length} values`);
  }
  if (values.length === 1) return { code: 0, value: values[0] };
  if ('texts' in column) return { code: ValueCode.text, value: encodeTexts(column.texts) };
  const { code, bytes } = encodeValues(column.values);
  return { code, value: bytes };
}

/** The coding is a function of the times, so equal bytes are equal times. */
function sameTimes(a: WrittenTimes, b: WrittenTimes): boolean {
  return a.count === b.count && a.code === b.code && equalBytes(a.bytes, b.bytes);
}

function sharingIsShorter(column: number, times: WrittenTimes): boolean {
  const reference = column < 24 ? 1 : column < 256 ? 2 : 3;
  return reference < 1 + times.bytes.length + (times.code > 0 ? 1 : 0);
}
