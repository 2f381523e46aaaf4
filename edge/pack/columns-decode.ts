/** Reads field 8 back, every column checked to its last bit. */
import { edgeError } from '../errors/index.ts';
import type { CborArray, CborValue } from './cbor-value.ts';
import { type Column, type TextColumn, timeCodeUnit } from './columns.ts';
import type { SequenceCode } from './sequence.ts';
import { shownValue } from './shown.ts';
import { decodeTexts } from './text-values.ts';
import { decodeTimes } from './times.ts';
import { decodeValues, ValueCode } from './values.ts';
import { VarintReader } from './varint.ts';

export interface DecodedColumns {
  columns: Column[];
  texts: TextColumn[];
}

export interface ColumnContext {
  /** The pack's t0. */
  startMs: number;
  decoderCount: number;
  /** Over all columns: a few bytes can claim any number of samples. */
  samplesMax: number;
}

type Fail = (problem: string) => never;

/** @throws {MinerError} PACK_COLUMN */
export function decodeColumns(items: CborArray, context: ColumnContext): DecodedColumns {
  const result: DecodedColumns = { columns: [], texts: [] };
  const earlier: { decoder: number; timesMs: Float64Array }[] = [];
  let samplesLeft = context.samplesMax;
  items.forEach((item, index) => {
    const fail: Fail = (problem) => {
      throw edgeError('PACK_COLUMN', { column: `column ${index}`, problem });
    };
    const head = readHead(item, earlier, context, samplesLeft, fail);
    samplesLeft -= head.timesMs.length;
    earlier.push(head);
    addColumn(result, head, fail);
  });
  return result;
}

interface ColumnHead {
  decoder: number;
  signalIndex: number;
  timesMs: Float64Array;
  value: CborValue;
  valueCode: ValueCode;
}

function readHead(
  item: CborValue,
  earlier: readonly { decoder: number; timesMs: Float64Array }[],
  context: ColumnContext,
  samplesLeft: number,
  fail: Fail,
): ColumnHead {
  const parts: CborArray = Array.isArray(item) ? item : [];
  const short = parts.length === 2 || parts.length === 3;
  if (!short && parts.length !== 5 && parts.length !== 6) {
    return fail('expected [decoder, signal, n, t, v, ? enc] or [signal, v, ? enc]');
  }
  const enc = encOf(parts, short ? 2 : 5, fail);
  const valueCode = (enc % timeCodeUnit) as ValueCode;
  const timeCode = ((enc - valueCode) / timeCodeUnit) as SequenceCode;
  if (valueCode > ValueCode.text || timeCode > 2 || (short && timeCode > 0))
    return fail(`enc ${enc} is not known here`);
  const signalIndex = unsigned(parts[short ? 0 : 1], 'signal index', fail);
  const requireRoom = (count: number) => {
    if (count === 0) fail('no samples');
    if (count > samplesLeft) fail(`${count} samples pass the limit of ${context.samplesMax} a pack`);
  };
  if (short) {
    const before = earlier[earlier.length - 1];
    if (!before) return fail('it continues the column before, and there is none');
    requireRoom(before.timesMs.length);
    return { ...before, signalIndex, value: parts[1], valueCode };
  }
  const decoder = unsigned(parts[0], 'decoder', fail);
  if (decoder >= context.decoderCount) fail(`decoder ${decoder}, but the pack lists ${context.decoderCount}`);
  const count = unsigned(parts[2], 'n', fail);
  requireRoom(count);
  const timesMs = readTimes(parts[3], count, timeCode, earlier, context.startMs, fail);
  return { decoder, signalIndex, timesMs, value: parts[4], valueCode };
}

function encOf(parts: CborArray, place: number, fail: Fail): number {
  if (parts.length === place) return 0;
  const enc = unsigned(parts[place], 'enc', fail);
  return enc === 0 ? fail('enc 0 is written by leaving it out') : enc;
}

function readTimes(
  times: CborValue,
  count: number,
  code: SequenceCode,
  earlier: readonly { timesMs: Float64Array }[],
  startMs: number,
  fail: Fail,
): Float64Array {
  if (typeof times === 'number' && times < 0) {
    const shared = earlier[-1 - times]?.timesMs;
    if (!shared) return fail(`times of column ${-1 - times}, which does not come before it`);
    if (shared.length !== count) return fail(`${count} samples, but ${shared.length} shared times`);
    if (code !== 0) return fail('a time code beside shared times');
    return shared;
  }
  if (!(times instanceof Uint8Array)) return fail('t is neither a byte string nor a column before');
  const reader = new VarintReader(times, (problem) => fail(`times: ${problem}`));
  const timesMs = decodeTimes(reader, code, count, startMs);
  reader.end();
  return timesMs;
}

function addColumn(result: DecodedColumns, head: ColumnHead, fail: Fail): void {
  const { decoder, signalIndex, timesMs, value, valueCode } = head;
  const isText = valueCode === ValueCode.text || typeof value === 'string';
  if (!isText && result.texts.length > 0) fail('a column of numbers after one of texts');
  if (timesMs.length === 1) {
    if (valueCode !== 0) fail('an enc beside a single value, which stands as itself');
    if (typeof value === 'string') result.texts.push({ decoder, signalIndex, timesMs, texts: [value] });
    else result.columns.push({ decoder, signalIndex, timesMs, values: singleValue(value, fail) });
    return;
  }
  if (!(value instanceof Uint8Array)) fail('v is not a byte string');
  const reader = new VarintReader(value, (problem) => fail(`values: ${problem}`));
  const count = timesMs.length;
  if (isText) result.texts.push({ decoder, signalIndex, timesMs, texts: decodeTexts(reader, count) });
  else result.columns.push({ decoder, signalIndex, timesMs, values: decodeValues(reader, valueCode, count) });
  reader.end();
}

function singleValue(value: CborValue, fail: Fail): Float64Array | bigint[] {
  if (typeof value === 'number' && Number.isSafeInteger(value)) return Float64Array.of(value);
  if (typeof value !== 'bigint') return fail('v is neither an integer nor a text');
  if (value < -(2n ** 63n)) return fail(`raw value ${value} does not fit 64 bits`);
  return [value];
}

function unsigned(value: CborValue, name: string, fail: Fail): number {
  if (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0) return value;
  return fail(`${name} is ${shownValue(value)}`);
}
