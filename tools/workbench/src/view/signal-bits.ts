/** Where signals lie in a payload, as the bit grid draws it. */
import type { PlanMessage, PlanSignal } from '../../../../edge/decode/index.ts';

/**
 * The bits of a signal from most to least significant, numbered as DBC does: bit 0..7 of byte 0 are 0..7, those of
 * byte 1 are 8..15. Both byte orders; bits past the end of the payload are listed too.
 * @example signalBits({ startBit: 3, length: 6, byteOrder: 'motorola' })  // [3, 2, 1, 0, 15, 14]
 */
export function signalBits({
  startBit,
  length,
  byteOrder,
}: Pick<PlanSignal, 'startBit' | 'length' | 'byteOrder'>): number[] {
  if (byteOrder === 'intel') return Array.from({ length }, (_, index) => startBit + length - 1 - index);
  const bits: number[] = [];
  // Motorola goes down to bit 0 of a byte, and on with bit 7 of the next.
  for (let bit = startBit; bits.length < length; bit = bit % 8 === 0 ? bit + 15 : bit - 1) bits.push(bit);
  return bits;
}

/** The values chosen for the selectors of a message, by slot. */
export type MultiplexChoice = ReadonlyMap<number, bigint>;

/** Values of one selector that can be chosen; of a range, its first. */
export function selectorValues(message: PlanMessage, selector: PlanSignal): bigint[] {
  const values = new Set<bigint>();
  for (const signal of message.signals) {
    if (signal.selectorSlot === selector.slot) for (const { from } of signal.selectorRanges) values.add(from);
  }
  return [...values].sort((a, b) => (a < b ? -1 : 1));
}

/** The choice nearest to `choice` whose frames hold the signal. */
export function choiceHolding(message: PlanMessage, signal: PlanSignal, choice: MultiplexChoice): MultiplexChoice {
  const next = new Map(choice);
  for (let at = signal; at.selectorSlot >= 0; at = message.signals[at.selectorSlot]) {
    const value = choice.get(at.selectorSlot);
    const isHeld = value !== undefined && at.selectorRanges.some(({ from, to }) => value >= from && value <= to);
    if (!isHeld && at.selectorRanges.length > 0) next.set(at.selectorSlot, at.selectorRanges[0].from);
  }
  return next;
}

/** The signals that a frame holds whose selectors have these values; a selector without a choice has its lowest. */
export function signalsHeld(message: PlanMessage, choice: MultiplexChoice): PlanSignal[] {
  const held: boolean[] = [];
  return message.signals.filter((signal) => {
    held[signal.slot] = isSelected(message, signal, choice, held);
    return held[signal.slot];
  });
}

/** Selectors stand before what they select, so `held` knows them already. */
function isSelected(message: PlanMessage, signal: PlanSignal, choice: MultiplexChoice, held: boolean[]): boolean {
  if (signal.selectorSlot < 0) return true;
  if (!held[signal.selectorSlot]) return false;
  const selector = message.signals[signal.selectorSlot];
  const value = choice.get(selector.slot) ?? selectorValues(message, selector)[0];
  return signal.selectorRanges.some(({ from, to }) => value >= from && value <= to);
}

/** What stands for a signal in the grid and the list: A to Z, AA, AB and so on. */
export function signalLetter(slot: number): string {
  const letter = String.fromCharCode(0x41 + (slot % 26));
  return slot < 26 ? letter : signalLetter(Math.floor(slot / 26) - 1) + letter;
}
