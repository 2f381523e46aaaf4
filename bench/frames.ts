/** Frames for any database: the same seed gives the same frames. */
import { FrameBatch, FrameFlag } from '../edge/can/index.ts';
import type { Plan, PlanMessage } from '../edge/decode/index.ts';
import { createEncoder } from '../edge/decode/index.ts';
import { seededRandom } from './random.ts';

/** Messages without a cycle time are taken to come once in this time. */
const defaultCycleMs = 100;
/** The longest payload a CAN FD frame carries. */
const longestPayload = 64;

/** Messages that frames can carry: a real id, at least one signal, at most 64 bytes. */
export function drawableMessages(plan: Plan): PlanMessage[] {
  return plan.messages.filter(
    ({ id, extended, length, signals }) =>
      plan.find(id, extended) !== undefined && signals.length > 0 && length > 0 && length <= longestPayload,
  );
}

/**
 * Draws frames as a bus would carry them: messages weighted by how often they are sent, random payloads of the
 * message's length. Of messages with multiplexers, random bits would mostly select nothing, so one of the
 * multiplexed signals is drawn and its selectors set.
 */
export function drawFrames(plan: Plan, count: number, seed: number): FrameBatch {
  const random = seededRandom(seed);
  const messages = drawableMessages(plan);
  const pick = weightedPick(messages, random);
  const longest = messages.reduce((most, { length }) => Math.max(most, length), 0);
  const batch = new FrameBatch(count, longest > 8 ? 64 : 8);
  const selections = new Map(messages.map((message) => [message, selectorPayloads(plan, message)]));
  const payload = new Uint8Array(longestPayload);
  for (let i = 0; i < count; i++) {
    const message = messages[pick()];
    for (let at = 0; at < message.length; at++) payload[at] = random() >>> 24;
    const chosen = selections.get(message)!;
    if (chosen.length > 0) overlay(payload, chosen[random() % chosen.length]);
    const flags = (message.extended ? FrameFlag.extended : 0) | (message.length > 8 ? FrameFlag.fd : 0);
    batch.push(i * 100, message.id, flags, payload, 0, message.length);
  }
  return batch;
}

function weightedPick(messages: readonly PlanMessage[], random: () => number): () => number {
  let total = 0;
  const ends = messages.map(({ cycleTimeMs }) => {
    total += 1 / (cycleTimeMs || defaultCycleMs);
    return total;
  });
  return () => {
    const at = (random() / 2 ** 32) * total;
    const index = ends.findIndex((end) => at < end);
    return index < 0 ? messages.length - 1 : index;
  };
}

/** Bits to set and bits to keep so that one multiplexed signal is active. */
interface SelectorPayload {
  mask: Uint8Array;
  bits: Uint8Array;
}

function selectorPayloads(plan: Plan, message: PlanMessage): SelectorPayload[] {
  const encoder = createEncoder(plan);
  return message.signals
    .filter(({ selectorSlot, selectorRanges }) => selectorSlot >= 0 && selectorRanges.length > 0)
    .flatMap((signal) => {
      const values: Record<string, bigint> = {};
      const ones: Record<string, bigint> = {};
      for (let at = signal; at.selectorSlot >= 0; at = message.signals[at.selectorSlot]) {
        const selector = message.signals[at.selectorSlot];
        if (at.selectorRanges.length === 0 || selector.selectorSlot >= 0) return [];
        values[selector.name] = at.selectorRanges[0].from;
        ones[selector.name] = selector.signed ? -1n : 2n ** BigInt(selector.length) - 1n;
      }
      try {
        return [{ mask: encoder.encode(message, ones), bits: encoder.encode(message, values) }];
      } catch {
        // A selector past the message's length: nothing to select.
        return [];
      }
    });
}

function overlay(payload: Uint8Array, { mask, bits }: SelectorPayload): void {
  for (let at = 0; at < mask.length; at++) payload[at] = (payload[at] & ~mask[at]) | bits[at];
}
