/** Multiplexers seen from the sender: which selectors there are, what each may select, where its bits lie. */
import type { PlanMessage, PlanSelectorRange, PlanSignal } from '../edge/decode/index.ts';

/** Raw values that select the same signals. */
export interface SelectorBranch {
  ranges: readonly PlanSelectorRange[];
}

/** A selector of a message and its branches. */
export interface SelectorChoice {
  selector: PlanSignal;
  /** Slot of the selector that this one hangs on, or -1. */
  parentSlot: number;
  /** The branch of the parent, by position, in which this selector is there; -1 without a parent. */
  parentBranch: number;
  branches: readonly SelectorBranch[];
}

const keyOf = (ranges: readonly PlanSelectorRange[]): string => ranges.map(({ from, to }) => `${from}-${to}`).join();

/** The selectors that select something, each after the one it hangs on. */
export function selectorChoices(message: PlanMessage): SelectorChoice[] {
  const bySelector = new Map<number, Map<string, SelectorBranch>>();
  for (const { selectorSlot, selectorRanges } of message.signals) {
    if (selectorSlot < 0 || selectorRanges.length === 0) continue;
    const branches = bySelector.get(selectorSlot) ?? new Map<string, SelectorBranch>();
    branches.set(keyOf(selectorRanges), { ranges: selectorRanges });
    bySelector.set(selectorSlot, branches);
  }
  return [...bySelector]
    .sort(([a], [b]) => a - b)
    .map(([slot, branches]) => {
      const selector = message.signals[slot];
      const siblings = [...(bySelector.get(selector.selectorSlot)?.keys() ?? [])];
      return {
        selector,
        parentSlot: selector.selectorSlot,
        parentBranch: siblings.indexOf(keyOf(selector.selectorRanges)),
        branches: [...branches.values()],
      };
    });
}

const bits = new WeakMap<PlanSignal, number[]>();

/** Where the signal's bits lie, least significant first: byte * 8 + bit, bit 0 the least significant of its byte. */
export function bitsOf(signal: PlanSignal): readonly number[] {
  let places = bits.get(signal);
  if (places === undefined) {
    places = [];
    for (let i = 0, at = signal.startBit; i < signal.length; i++) {
      places.push(at);
      // Motorola counts down within a byte, then goes to the top of the next one.
      at += signal.byteOrder === 'intel' ? 1 : at % 8 === 0 ? 15 : -1;
    }
    if (signal.byteOrder === 'motorola') places.reverse();
    bits.set(signal, places);
  }
  return places;
}

/** Writes the low bits of `value` (two's complement when negative); those past the payload are lost. */
export function writeBits(places: readonly number[], value: bigint, payload: Uint8Array): void {
  let rest = value;
  for (const place of places) {
    const mask = 1 << (place % 8);
    const at = Math.floor(place / 8);
    if (at < payload.length) payload[at] = (rest & 1n) === 1n ? payload[at] | mask : payload[at] & ~mask;
    rest >>= 1n;
  }
}
