/** Where a signal's bits lie: one way of counting for both byte orders, shared by every back end but the oracle. */
import type { PlanMessage, PlanSignal } from './types.ts';

/** The largest arbitration id a frame can carry; DBC parks orphan signals on a message beyond it. */
export const idMax = (extended: boolean): number => (extended ? 0x1fffffff : 0x7ff);

/**
 * First bit of a signal in its own direction of reading: for Intel the least significant, counted from bit 0 of
 * byte 0 upwards; for Motorola the most significant, counted from bit 7 of byte 0 downwards.
 */
export function bitPosition(signal: PlanSignal): number {
  if (signal.byteOrder === 'intel') return signal.startBit;
  const bitInByte = signal.startBit % 8;
  return signal.startBit - bitInByte + (7 - bitInByte);
}

/** Bytes a frame must have so that the whole signal is in it. */
export function bytesNeeded(signal: PlanSignal): number {
  return Math.floor((bitPosition(signal) + signal.length - 1) / 8) + 1;
}

/** Bytes a frame must have so that every signal of the message is in it; may differ from the length BO_ gives. */
export function messageBytesNeeded(message: PlanMessage): number {
  let bytes = 0;
  for (const signal of message.signals) bytes = Math.max(bytes, bytesNeeded(signal));
  return bytes;
}

type RawKind = Pick<PlanSignal, 'length' | 'signed' | 'valueType'>;

/** Smallest and largest raw integer; of a float signal, its bit pattern read as an unsigned integer. */
export function rawLimits(signal: RawKind): { minimum: bigint; maximum: bigint } {
  const bits = BigInt(signal.length);
  if (!isSigned(signal)) return { minimum: 0n, maximum: (1n << bits) - 1n };
  const half = 1n << (bits - 1n);
  return { minimum: -half, maximum: half - 1n };
}

/** Whether the raw integer is read as two's complement: a float's bit pattern never is. */
export function isSigned(signal: RawKind): boolean {
  return signal.signed && signal.valueType === 'integer';
}

/** Smallest and largest physical value of a signal all of whose values are integers; undefined for any other. */
export function integerLimits(signal: PlanSignal): { minimum: bigint; maximum: bigint } | undefined {
  const { valueType, scale, offset } = signal;
  if (valueType !== 'integer' || !Number.isSafeInteger(scale) || !Number.isSafeInteger(offset)) return undefined;
  const raw = rawLimits(signal);
  const [minimum, maximum] = scale < 0 ? [raw.maximum, raw.minimum] : [raw.minimum, raw.maximum];
  return { minimum: minimum * BigInt(scale) + BigInt(offset), maximum: maximum * BigInt(scale) + BigInt(offset) };
}

/**
 * Whether some frame can put this signal outside its range. `raw * scale + offset` never decreases (or never
 * increases) with raw even after IEEE rounding, so looking at both ends of the raw range is proof.
 */
export function canLeaveRange(signal: PlanSignal): boolean {
  if (!signal.hasRange) return false;
  if (signal.valueType !== 'integer') return true;
  const { minimum, maximum } = rawLimits(signal);
  const ends = [minimum, maximum].map((raw) => Number(raw) * signal.scale + signal.offset);
  return !ends.every((end) => end >= signal.minimum && end <= signal.maximum);
}

/**
 * The raw integers of up to 32 bits whose physical value lies within the signal's range: one run, since the physical
 * value never falls, or never rises, with the raw one. `from` is above `to` when there are none.
 */
export function rawsWithinRange(signal: PlanSignal): { from: number; to: number } {
  const limits = rawLimits(signal);
  const [first, last] = [Number(limits.minimum), Number(limits.maximum)];
  const physical = (raw: number): number => raw * signal.scale + signal.offset;
  const isFalling = signal.scale < 0;
  const from = firstRaw(first, last, (raw) =>
    isFalling ? physical(raw) <= signal.maximum : physical(raw) >= signal.minimum,
  );
  const past = firstRaw(first, last, (raw) =>
    isFalling ? physical(raw) < signal.minimum : physical(raw) > signal.maximum,
  );
  return { from, to: past - 1 };
}

/** The first of the integers for which the condition holds, as it then does for all that follow; else last + 1. */
function firstRaw(first: number, last: number, holds: (raw: number) => boolean): number {
  let low = first;
  let high = last + 1;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    if (holds(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * Whether adding the offset can be left out without changing a bit of the result. With a scale of 0 or less the
 * product may be -0, which + 0 turns into 0; so may a float signal's own -0.
 */
export function offsetIsNeutral(signal: PlanSignal): boolean {
  return signal.offset === 0 && signal.scale > 0 && signal.valueType === 'integer';
}

/**
 * Size of a message up to which code is generated for it. The largest real message known has some 300 signals;
 * engines refuse functions from about 40,000 on (stack of the parser, 7.6 MB per WebAssembly function).
 */
export const generatedSizeMax = 8192;

/** A selector's weight: engines' first compilers take time in proportion to local variables times branches. */
const selectorSize = 16;

/** What the size of a message's generated code grows with: its signals, selector ranges and selectors. */
export function generatedSize(message: PlanMessage): number {
  const selectors = new Set(message.signals.map(({ selectorSlot }) => selectorSlot).filter((slot) => slot >= 0));
  const rangeCount = message.signals.reduce((sum, { selectorRanges }) => sum + selectorRanges.length, 0);
  return message.signals.length + rangeCount + selectors.size * selectorSize;
}
