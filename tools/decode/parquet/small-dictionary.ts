/**
 * Finds out whether a column's values are few, without a hash: most signals are a byte or less, so that their raw
 * values are positions already. Such a column takes a byte per row, or less, instead of 4 or 8.
 */
import type { PlanSignal } from '../../../edge/decode/index.ts';
import type { Values } from '../tables/table-file.ts';

export interface SmallDictionary {
  /** At most 256, in the order of their positions. */
  entries: Values;
  /** Valid until the next dictionary is looked for. */
  positions: Uint8Array;
  /** The largest of them. */
  largest: number;
}

export const entriesMax = 256;

/** Used again for each column: a group has hundreds of them. */
let scratch = new Uint8Array(0);

/** Room for so many positions; what is in it is left from the last time. */
export function positionsScratch(count: number): Uint8Array {
  if (scratch.length < count) scratch = new Uint8Array(count);
  return scratch.subarray(0, count);
}

/** @returns undefined when values are many, or it would take long to tell */
export function findDictionary(values: Values, signal: PlanSignal | undefined): SmallDictionary | undefined {
  if (values.length === 0) return undefined;
  if (isConstant(values))
    return { entries: values.slice(0, 1), positions: positionsScratch(values.length), largest: 0 };
  if (values instanceof Int32Array) return ofIntegers(values);
  if (values instanceof Float64Array && signal !== undefined) return ofScaled(values, signal);
  return undefined;
}

function isConstant(values: Values): boolean {
  const [first] = values;
  // 0 and -0 are equal, yet not the same.
  if (first === 0) return values instanceof Int32Array && values.every((value) => value === 0);
  for (let i = 1; i < values.length; i++) if (values[i] !== first) return false;
  return true;
}

function ofIntegers(values: Int32Array): SmallDictionary | undefined {
  let least = values[0];
  let most = values[0];
  for (let i = 1; i < values.length; i++) {
    if (values[i] < least) least = values[i];
    if (values[i] > most) most = values[i];
    if (most - least >= entriesMax) return undefined;
  }
  const positions = positionsScratch(values.length);
  for (let i = 0; i < values.length; i++) positions[i] = values[i] - least;
  const entries = Int32Array.from({ length: most - least + 1 }, (_, i) => least + i);
  return { entries, positions, largest: most - least };
}

/** By turning scale and offset round: a position counts only where it leads back to exactly the same double. */
function ofScaled(values: Float64Array, { valueType, length, signed, scale, offset }: PlanSignal) {
  if (valueType !== 'integer' || length > 8 || scale === 0) return undefined;
  const least = signed ? -(2 ** (length - 1)) : 0;
  const entries = Float64Array.from({ length: 2 ** length }, (_, i) => (least + i) * scale + offset);
  const positions = positionsScratch(values.length);
  let largest = 0;
  for (let i = 0; i < values.length; i++) {
    const position = Math.round((values[i] - offset) / scale) - least;
    if (entries[position] !== values[i]) return undefined;
    positions[i] = position;
    if (position > largest) largest = position;
  }
  return { entries: entries.subarray(0, largest + 1), positions, largest };
}
