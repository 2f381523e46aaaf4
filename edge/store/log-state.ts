/** What the log knows beside its packs, written whole with every change: recovery takes the latest. */
import { type CborValue, decodeCbor, encodeCbor } from '../pack/index.ts';
import type { LogGap } from './gaps.ts';

export interface LogState {
  /** Counts up with every write; the highest one found is the state. Kept in the record's head. */
  version: number;
  /** A gateway signed for everything up to here. */
  receipted: number;
  /** Numbers up to here may have been used; the next boot starts above. */
  reservedTo: number;
  /** Times this log was opened. */
  bootCount: number;
  /** Not yet covered by a receipt; ascending. */
  gaps: LogGap[];
}

/** Bytes of the shortest one: an array of three small numbers and an empty list. */
export const stateLengthMin = 5;

export function encodeState({ receipted, reservedTo, bootCount, gaps }: LogState): Uint8Array {
  const list = gaps.map(({ from, to, reason, declaredFrom }) => [from, to, reason, declaredFrom]);
  return encodeCbor([receipted, reservedTo, bootCount, list]);
}

/** @returns undefined for what encodeState did not write: damage that the checksum missed, or another version */
export function decodeState(version: number, bytes: Uint8Array): LogState | undefined {
  let item: CborValue;
  try {
    item = decodeCbor(bytes);
  } catch {
    return undefined;
  }
  if (!Array.isArray(item) || item.length !== 4 || !item.slice(0, 3).every(Number.isSafeInteger)) return undefined;
  const [receipted, reservedTo, bootCount, list] = item as [number, number, number, CborValue];
  if (!Array.isArray(list)) return undefined;
  const gaps: LogGap[] = [];
  for (const gap of list) {
    if (!Array.isArray(gap) || gap.length !== 4 || !gap.every(Number.isSafeInteger)) return undefined;
    const [from, to, reason, declaredFrom] = gap as number[];
    gaps.push({ from, to, reason, declaredFrom });
  }
  return { version, receipted, reservedTo, bootCount, gaps };
}
