/** Frames for any database: the same seed gives the same frames, on every machine. */
import { dlcToLength, FrameBatch, FrameFlag, lengthToDlc } from '../edge/can/index.ts';
import type { Plan, PlanMessage } from '../edge/decode/index.ts';
import { bitsOf, type SelectorChoice, selectorChoices, writeBits } from './multiplex.ts';
import { seededRandom } from './random.ts';

/** Messages without a cycle time are taken to come once in this time. */
const defaultCycleMs = 100;
const frameSpacingUs = 100;
/** The longest payload a CAN FD frame carries. */
const longestPayload = 64;

export interface DrawOptions {
  /** Longest payload to draw: 8 leaves messages that need CAN FD out. Default 64. */
  payloadMax?: 8 | 64;
}

/** Messages that one frame can carry: an id that exists on a bus, at least one signal, 1 to `payloadMax` bytes. */
export function drawableMessages(plan: Plan, payloadMax = longestPayload): PlanMessage[] {
  return plan.messages.filter(
    (message) =>
      plan.find(message.id, message.extended) === message &&
      message.signals.length > 0 &&
      message.length > 0 &&
      message.length <= payloadMax,
  );
}

/**
 * Draws frames as a bus would carry them: messages weighted by how often they are sent, payloads random and as long
 * as the message. Random bits would mostly select nothing, so of every multiplexer that is active one branch is
 * drawn, as likely as another. J1939 messages come from several source addresses. Times rise by 100 µs.
 * @returns an empty batch when no message can be drawn
 */
export function drawFrames(plan: Plan, count: number, seed: number, { payloadMax = 64 }: DrawOptions = {}): FrameBatch {
  const random = seededRandom(seed);
  const messages = drawableMessages(plan, payloadMax).map((message) => drawable(plan, message, random));
  const longest = messages.reduce((most, { length }) => Math.max(most, length), 0);
  if (messages.length === 0) return new FrameBatch(0);
  const batch = new FrameBatch(count, longest > 8 ? 64 : 8);
  const pick = weightedPick(messages, random);
  const payload = new Uint8Array(longestPayload);
  for (let i = 0; i < count; i++) {
    const { ids, flags, length, choices } = messages[pick()];
    for (let at = 0; at < length; at++) payload[at] = random() >>> 24;
    choose(choices, payload, random);
    batch.push(i * frameSpacingUs, ids[random() % ids.length], flags, payload, 0, length);
  }
  return batch;
}

/** A message and what its frames have in common. */
interface Drawable {
  cycleTimeMs: number;
  /** Ids that all lead to this message. */
  ids: number[];
  flags: number;
  length: number;
  choices: SelectorChoice[];
}

function drawable(plan: Plan, message: PlanMessage, random: () => number): Drawable {
  const isFd = message.length > 8;
  return {
    cycleTimeMs: message.cycleTimeMs || defaultCycleMs,
    ids: [message.id, ...otherSources(plan, message, random)],
    flags: (message.extended ? FrameFlag.extended : 0) | (isFd ? FrameFlag.fd : 0),
    // CAN FD has no frame of 9 bytes: it comes as one of 12.
    length: isFd ? dlcToLength[lengthToDlc(message.length)] : message.length,
    choices: selectorChoices(message),
  };
}

/** How many source addresses a J1939 message is drawn from, at most. */
const sourceCount = 8;

/** The same parameter group from other controllers, where the database does not mean another message by it. */
function otherSources(plan: Plan, message: PlanMessage, random: () => number): number[] {
  if (!message.j1939) return [];
  const ids = Array.from({ length: sourceCount - 1 }, () => ((message.id & ~0xff) | (random() & 0xff)) >>> 0);
  return ids.filter((id) => plan.find(id, true) === message);
}

/** Draws a branch of each multiplexer that is active, outermost first, and writes its selector. */
function choose(choices: readonly SelectorChoice[], payload: Uint8Array, random: () => number): void {
  const drawn = new Map<number, number>();
  for (const { selector, parentSlot, parentBranch, branches } of choices) {
    if (parentSlot >= 0 && drawn.get(parentSlot) !== parentBranch) continue;
    const branch = random() % branches.length;
    const { from, to } = branches[branch].ranges[random() % branches[branch].ranges.length];
    drawn.set(selector.slot, branch);
    writeBits(bitsOf(selector), from + (BigInt(random()) % (to - from + 1n)), payload);
  }
}

function weightedPick(messages: readonly Drawable[], random: () => number): () => number {
  let total = 0;
  const ends = messages.map(({ cycleTimeMs }) => {
    total += 1 / cycleTimeMs;
    return total;
  });
  return () => {
    const at = (random() / 2 ** 32) * total;
    const index = ends.findIndex((end) => at < end);
    return index < 0 ? messages.length - 1 : index;
  };
}
