/** Which signals a frame holds, for the values chosen for its multiplexers. */
import type { PlanMessage, PlanSignal } from '../../../../edge/decode/index.ts';

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
