/** The values that our CBOR expresses, and their JavaScript shapes. */

/**
 * One CBOR data item. Integers are `number` where that is exact (up to 2^53 - 1) and `bigint` past it, to 64 bits.
 * Byte strings are `Uint8Array`, maps `Map` in any order. Floats are `number` unless integral: see CborFloat.
 */
export type CborValue =
  | number
  | bigint
  | string
  | boolean
  | null
  | Uint8Array
  | CborArray
  | CborMap
  | CborTag
  | CborFloat;
export type CborArray = readonly CborValue[];
export type CborMap = ReadonlyMap<CborValue, CborValue>;

/**
 * A float whose value is an integer, such as 1.0 or -0. Without the wrapper it would be written as the integer 1,
 * so that encoding what was decoded always gives the same bytes.
 */
export class CborFloat {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

export class CborTag {
  readonly tag: number | bigint;
  readonly value: CborValue;
  constructor(tag: number | bigint, value: CborValue) {
    this.tag = tag;
    this.value = value;
  }
}

/** True where a bare `number` is written as an integer; the decoder wraps the floats that would be. */
export function writtenAsInteger(value: number): boolean {
  return Number.isSafeInteger(value) && !Object.is(value, -0);
}

/** RFC 8949, 3.1. */
export const MajorType = {
  unsigned: 0,
  negative: 1,
  bytes: 2,
  text: 3,
  array: 4,
  map: 5,
  tag: 6,
  simple: 7,
} as const;

/** RFC 8949, 3.3: what additional information means under major type 7. */
export const Simple = { false: 20, true: 21, null: 22, float16: 25, float32: 26, float64: 27 } as const;
