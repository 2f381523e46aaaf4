/** A message with what the plan made of it: what show, diff and encode look at. */
import type { Database, Message, Signal } from '../../edge/dbc/index.ts';
import type { Plan, PlanMessage, PlanSelectorRange, PlanSignal } from '../../edge/decode/index.ts';
import { messageKey } from './identifiers.ts';

export interface MessageView {
  message: Message;
  planned: PlanMessage;
  /** In slot order: as the file says it, and as the plan has it. */
  signals: { signal: Signal; planned: PlanSignal }[];
}

/** Pairs the messages of a database with those of its plan, in the order of the file. */
export function viewMessages(database: Database, plan: Plan): MessageView[] {
  const planned = new Map(plan.messages.map((message) => [messageKey(message), message]));
  return database.messages.map((message) => viewMessage(message, planned.get(messageKey(message))!));
}

function viewMessage(message: Message, planned: PlanMessage): MessageView {
  // Two signals may share a name; those that share their place too are alike in all that a plan holds.
  const waiting = new Map<string, Signal[]>();
  for (const signal of message.signals) {
    const key = placeKey(signal);
    const queue = waiting.get(key);
    if (queue === undefined) waiting.set(key, [signal]);
    else queue.push(signal);
  }
  const signals = planned.signals.map((each) => ({ signal: waiting.get(placeKey(each))!.shift()!, planned: each }));
  return { message, planned, signals };
}

function placeKey({ name, startBit, length, byteOrder, signed, scale, offset }: Signal | PlanSignal): string {
  return [startBit, length, byteOrder, signed, scale, offset, name].join(' ');
}

/** @example rangesText([{ from: 1n, to: 3n }, { from: 7n, to: 7n }])  // '1-3, 7' */
export function rangesText(ranges: readonly PlanSelectorRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join(', ');
}

/**
 * From the outermost selector to the signal's own.
 * @example multiplexPath(message, signal)  // 'Mode = 1, Page = 3-5'; '' for a signal that is always there
 */
export function multiplexPath(message: PlanMessage, signal: PlanSignal): string {
  const steps: string[] = [];
  for (let at = signal; at.selectorSlot >= 0; at = message.signals[at.selectorSlot]) {
    if (steps.length === pathStepsMax) {
      steps.push('…');
      break;
    }
    steps.push(stepText(message.signals[at.selectorSlot], at.selectorRanges));
  }
  return steps.reverse().join(', ');
}

/** Real multiplexers nest three deep; a hostile file's nest a hundred thousand. */
const pathStepsMax = 16;

function stepText(selector: PlanSignal, ranges: readonly PlanSelectorRange[]): string {
  return `${selector.name} = ${rangesText(ranges) || 'no value it can have'}`;
}
