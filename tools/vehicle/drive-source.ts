/** A drive as frames: every message of a DBC at its cycle time, filled from the drive model. */
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { createEncoder, type Encoder, type Plan, type PlanMessage, type PlanSignal } from '../../edge/decode/index.ts';
import { DriveModel } from './drive-model.ts';
import { J1939Broadcasts, j1939BytesMax } from './j1939-broadcasts.ts';
import { keyOf, unit, walk } from './noise.ts';
import { type Quantity, quantityOf } from './quantities.ts';

export interface DriveOptions {
  plan: Plan;
  /** The same seed drives the same drive. */
  seed: number;
  /** Frames end after this time; never when left out. */
  durationMs?: number;
  /**
   * Send messages of more than 8 bytes as CAN FD frames with a switched bit rate; they are left out otherwise. Those
   * of J1939 always go as broadcasts of its transport protocol.
   */
  fd?: boolean;
}

/** Frames produced at once. */
const windowMs = 10;
/** Cycle time of messages to which their DBC gives none: 10 a second, or 500 a second shared by all of them. */
const defaultCycleMs = 100;
const unspecifiedPerSecondMax = 500;
/** Values of one selector that are sent in turn; a range of thousands is sampled at its beginning. */
const selectorValuesMax = 256;
const walkPeriodMs = 3000;

/** A message that is sent, and how its signals get their values. */
interface Sender {
  message: PlanMessage;
  cycleMs: number;
  phaseMs: number;
  sent: number;
  /** By slot. */
  signals: ((timeMs: number, sent: number) => number)[];
  physical: Float64Array;
}

/**
 * The messages of the plan that a drive does not send: those too long for its frames.
 * @returns their names
 */
export function messagesLeftOut(plan: Plan, fd = false): string[] {
  return plan.messages.filter((message) => !isSendable(message, fd)).map((message) => message.name);
}

function isSendable({ name, length, j1939 }: PlanMessage, fd: boolean): boolean {
  return length <= (j1939 ? j1939BytesMax : fd ? 64 : 8) && name !== 'VECTOR__INDEPENDENT_SIG_MSG';
}

/** Longer than a frame, and sent in pieces. */
function isBroadcast({ length, j1939 }: PlanMessage): boolean {
  return j1939 && length > 8;
}

/**
 * Drives, and yields the frames in order of time, in microseconds since the start. Each batch is valid until the
 * next is asked for. The same plan and seed always give the same bytes.
 */
export function* driveFrames({
  plan,
  seed,
  durationMs = Number.POSITIVE_INFINITY,
  fd = false,
}: DriveOptions): Generator<FrameBatch> {
  const model = new DriveModel(seed);
  const senders = createSenders(plan, seed, model, fd);
  const encoder = createEncoder(plan);
  const batch = new FrameBatch(Math.max(64, senders.length * (windowMs + 1)), fd ? 64 : 8);
  const payload = new Uint8Array(j1939BytesMax);
  const broadcasts = new J1939Broadcasts();
  for (let startMs = 0; startMs < durationMs; startMs += windowMs) {
    batch.clear();
    const endMs = Math.min(startMs + windowMs, durationMs);
    for (let timeMs = startMs; timeMs < endMs; timeMs++) {
      for (const sender of senders) {
        if (timeMs >= sender.phaseMs && (timeMs - sender.phaseMs) % sender.cycleMs === 0) {
          model.advanceTo(timeMs);
          send(sender, timeMs, encoder, payload, { batch, broadcasts });
        }
      }
      broadcasts.sendDue(timeMs, batch);
    }
    if (batch.count > 0) yield batch;
  }
}

interface Sinks {
  batch: FrameBatch;
  broadcasts: J1939Broadcasts;
}

function send(sender: Sender, timeMs: number, encoder: Encoder, payload: Uint8Array, sinks: Sinks): void {
  const { message, physical, signals } = sender;
  for (let slot = 0; slot < signals.length; slot++) physical[slot] = signals[slot](timeMs, sender.sent);
  sender.sent++;
  encoder.encodeInto(message, physical, payload);
  if (isBroadcast(message)) sinks.broadcasts.send(timeMs, message.id, payload, message.length);
  else sinks.batch.push(timeMs * 1000, message.id, flagsOf(message), payload, 0, message.length);
}

function flagsOf({ extended, length }: PlanMessage): number {
  return (extended ? FrameFlag.extended : 0) | (length > 8 ? FrameFlag.fd | FrameFlag.bitRateSwitch : 0);
}

function createSenders(plan: Plan, seed: number, model: DriveModel, fd: boolean): Sender[] {
  const messages = plan.messages.filter((message) => isSendable(message, fd));
  const unspecified = messages.filter((message) => message.cycleTimeMs <= 0).length;
  const sharedCycleMs = Math.max(defaultCycleMs, Math.ceil((unspecified * 1000) / unspecifiedPerSecondMax));
  return messages.map((message) => {
    const cycleMs = message.cycleTimeMs > 0 ? Math.max(1, Math.round(message.cycleTimeMs)) : sharedCycleMs;
    return {
      message,
      cycleMs,
      // Spread, so that not all messages of one cycle time meet in the same millisecond.
      phaseMs: Math.floor(unit(seed, keyOf(message.name), 0) * Math.min(cycleMs, 100)),
      sent: 0,
      signals: message.signals.map((signal) => signalValue(signal, message, seed, model)),
      physical: new Float64Array(message.signals.length),
    };
  });
}

/** How one signal gets its physical value, always one that its bits and its range can hold. */
function signalValue(
  signal: PlanSignal,
  message: PlanMessage,
  seed: number,
  model: DriveModel,
): (timeMs: number, sent: number) => number {
  const { low, high } = limitsOf(signal);
  if (signal.isSelector) return selectorTurn(signal, message);
  if (/count|cntr|cnt$|alive|rolling/i.test(signal.name) && !signal.signed && signal.length <= 16) {
    return (_timeMs, sent) => (sent % 2 ** signal.length) * signal.scale + signal.offset;
  }
  const quantity: Quantity | undefined = quantityOf(signal);
  if (quantity !== undefined) return () => Math.min(high, Math.max(low, quantity(model.state, model)));
  const key = keyOf(`${message.name}.${signal.name}`);
  if (signal.labels.length > 0) return labelTurn(signal, seed, key, low, high);
  return (timeMs) => low + (high - low) * (0.1 + 0.8 * walk(seed, key, timeMs, walkPeriodMs));
}

/** The values that select something, one after another; an inner selector moves on when the outer one is through. */
function selectorTurn(signal: PlanSignal, message: PlanMessage): (timeMs: number, sent: number) => number {
  const valuesOf = (slot: number) => {
    const values = new Set<bigint>();
    for (const child of message.signals) {
      if (child.selectorSlot !== slot) continue;
      for (const { from, to } of child.selectorRanges) {
        for (let raw = from; raw <= to && values.size < selectorValuesMax; raw++) values.add(raw);
      }
    }
    return values.size > 0 ? [...values] : [0n];
  };
  const values = valuesOf(signal.slot);
  let every = 1;
  for (let outer = signal.selectorSlot; outer >= 0; outer = message.signals[outer].selectorSlot) {
    every *= valuesOf(outer).length;
  }
  return (_timeMs, sent) => Number(values[Math.floor(sent / every) % values.length]) * signal.scale + signal.offset;
}

/** One of the labelled values for some seconds, then perhaps another. */
function labelTurn(
  signal: PlanSignal,
  seed: number,
  key: number,
  low: number,
  high: number,
): (timeMs: number) => number {
  const values = signal.labels
    .map(({ raw }) => Number(raw) * signal.scale + signal.offset)
    .filter((value) => value >= low && value <= high);
  if (values.length === 0) return () => low;
  return (timeMs) => values[Math.floor(unit(seed, key, Math.floor(timeMs / (4 * walkPeriodMs))) * values.length)];
}

/** Physical values that both the bits and the given range allow. */
function limitsOf(signal: PlanSignal): { low: number; high: number } {
  let low = -1e6;
  let high = 1e6;
  if (signal.valueType === 'integer') {
    // The largest double below 2^length: for more than 53 bits 2^length - 1 would round up past the field.
    const span = signal.length > 53 ? 2 ** signal.length - 2 ** (signal.length - 53) : 2 ** signal.length - 1;
    const rawLow = signal.signed ? -(2 ** (signal.length - 1)) : 0;
    const ends = [rawLow, rawLow + span].map((raw) => raw * signal.scale + signal.offset);
    low = Math.min(...ends);
    high = Math.max(...ends);
  }
  if (!signal.hasRange) return { low, high };
  const bounded = { low: Math.max(low, signal.minimum), high: Math.min(high, signal.maximum) };
  return bounded.low <= bounded.high ? bounded : { low, high };
}
