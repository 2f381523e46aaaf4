/** Which signals lie where in a payload: the bits of each, and one picture for each choice of the multiplexers. */
import type { PlanMessage, PlanSelectorRange, PlanSignal } from '../../edge/decode/index.ts';
import { multiplexPath, rangesText } from './message-view.ts';

/**
 * The bits of a signal from most to least significant, numbered as DBC does: those of byte 0 are 0..7 (7 the most
 * significant), those of byte 1 are 8..15.
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

/** What one frame can hold: the signals that are always there, and those of one choice of one multiplexer. */
export interface Picture {
  /** `Mode = 1-3`, the selectors above it included; '' for a message without multiplexers. */
  title: string;
  /** By slot. */
  signals: PlanSignal[];
}

/** More pictures than any real message needs; past it a hostile file would draw for hours. */
export const picturesMax = 512;

/**
 * One picture for each set of signals that a selector can bring: raw values that select the same signals share one.
 * Of a second, independent multiplexer only its selector is in it.
 * @returns at most `picturesMax`
 */
export function picturesOf(message: PlanMessage): Picture[] {
  const pictures: Picture[] = [];
  for (const selector of message.signals) {
    for (const ranges of choicesOf(message, selector)) {
      if (pictures.length === picturesMax) return pictures;
      const choice = new Map([[selector.slot, ranges[0].from]]);
      for (let at = selector; at.selectorSlot >= 0; at = message.signals[at.selectorSlot]) {
        if (at.selectorRanges.length > 0) choice.set(at.selectorSlot, at.selectorRanges[0].from);
      }
      const above = multiplexPath(message, selector);
      const title = `${above === '' ? '' : `${above}, `}${selector.name} = ${rangesText(ranges)}`;
      pictures.push({ title, signals: signalsHeld(message, choice) });
    }
  }
  if (pictures.length > 0) return pictures;
  return [{ title: '', signals: signalsHeld(message, new Map()) }];
}

/** The signals whose selectors all have a chosen value that selects them. */
export function signalsHeld(message: PlanMessage, choice: ReadonlyMap<number, bigint>): PlanSignal[] {
  // Selectors stand before what they select.
  const held: boolean[] = [];
  return message.signals.filter(({ slot, selectorSlot, selectorRanges }) => {
    const value = choice.get(selectorSlot);
    const isSelected = value !== undefined && selectorRanges.some(({ from, to }) => value >= from && value <= to);
    held[slot] = selectorSlot < 0 || (held[selectorSlot] && isSelected);
    return held[slot];
  });
}

/** The selector's raw values, grouped by the signals they select: each group as its ranges, by its lowest value. */
function choicesOf(message: PlanMessage, selector: PlanSignal): PlanSelectorRange[][] {
  const edges = new Map<bigint, { opens: number[]; closes: number[] }>();
  const edgeAt = (value: bigint) => {
    let edge = edges.get(value);
    if (edge === undefined) {
      edge = { opens: [], closes: [] };
      edges.set(value, edge);
    }
    return edge;
  };
  for (const { slot, selectorSlot, selectorRanges } of message.signals) {
    if (selectorSlot !== selector.slot) continue;
    for (const { from, to } of selectorRanges) {
      edgeAt(from).opens.push(slot);
      edgeAt(to + 1n).closes.push(slot);
    }
  }
  const groups = new Map<string, PlanSelectorRange[]>();
  const open = new Set<number>();
  let since = 0n;
  for (const [value, { opens, closes }] of [...edges].sort(([a], [b]) => (a < b ? -1 : 1))) {
    if (open.size > 0) addRange(groups, [...open].sort((a, b) => a - b).join(), { from: since, to: value - 1n });
    for (const slot of closes) open.delete(slot);
    for (const slot of opens) open.add(slot);
    since = value;
  }
  return [...groups.values()];
}

function addRange(groups: Map<string, PlanSelectorRange[]>, key: string, range: PlanSelectorRange): void {
  const known = groups.get(key);
  if (known === undefined) groups.set(key, [range]);
  else if (known[known.length - 1].to + 1n === range.from) known[known.length - 1].to = range.to;
  else known.push(range);
}

/** What stands for a signal in the picture and the table: A to Z, AA, AB and so on. */
export function signalLetter(index: number): string {
  const letter = String.fromCharCode(0x41 + (index % 26));
  return index < 26 ? letter : signalLetter(Math.floor(index / 26) - 1) + letter;
}
