/** From `NAME=VALUE` words to one frame: what people type, with everything left open filled in and named. */

import { FrameFlag } from '../../edge/can/index.ts';
import type { Signal } from '../../edge/dbc/index.ts';
import {
  createEncoder,
  createInterpreter,
  type Encoder,
  type EncodeValue,
  type FrameDecoder,
  labelAt,
  type Plan,
  type PlanSelectorRange,
  type PlanSignal,
  physicalAt,
  SignalStatus,
} from '../../edge/decode/index.ts';
import { toolError } from '../errors/index.ts';
import { parseValue } from './encode-value.ts';
import { signalBits } from './layout.ts';
import { type MessageView, rangesText } from './message-view.ts';
import { nearest } from './nearest.ts';

/**
 * Where a signal's value came from: `given`; `selector`, set because given signals hang on it; `start-value`,
 * GenSigStartValue; `zero`, raw 0.
 */
export type ValueSource = 'given' | 'selector' | 'start-value' | 'zero';

export interface EncodedSignal {
  name: string;
  /** What a receiver decodes. */
  value: number | bigint;
  raw: number | bigint;
  label?: string;
  unit: string;
  source: ValueSource;
  /** True when the value given lay between two raw ones and was rounded, half to even. */
  rounded: boolean;
}

export interface EncodedMessage {
  payload: Uint8Array;
  /** The signals that this frame holds, in slot order. */
  signals: EncodedSignal[];
}

/**
 * Encodes one message. A value is a physical number, a label, `raw:` and the raw integer, or `label:` and a label that
 * looks like something else. Selectors of given signals are set where only one value is possible, or their own default
 * is among the possible ones; signals not named take their start value where it does not touch a given signal's bits,
 * else raw 0.
 * @param words `Speed=87.5`, `Gear=Drive`, `Counter=raw:0x1F`
 * @throws {MinerError} `DBC_ASSIGNMENT` for a malformed word, `DBC_SIGNAL_UNKNOWN`, `DBC_SIGNAL_TWICE`,
 *   `DBC_SELECTOR_OPEN`, `DBC_SELECTOR_CONFLICT`, `DBC_BITS_SHARED`, and what `Encoder.encode` throws
 */
export function encodeMessage(plan: Plan, view: MessageView, words: readonly string[]): EncodedMessage {
  return new MessageEncoding(plan, view).encode(words);
}

class MessageEncoding {
  readonly #view: MessageView;
  readonly #encoder: Encoder;
  readonly #decoder: FrameDecoder;
  readonly #byName: Map<string, PlanSignal>;
  readonly #values = new Map<PlanSignal, { value: EncodeValue; source: ValueSource }>();

  constructor(plan: Plan, view: MessageView) {
    this.#view = view;
    this.#encoder = createEncoder(plan);
    this.#decoder = createInterpreter(plan);
    // Of two signals with one name the last is meant, as by every reference in a DBC.
    this.#byName = new Map(view.planned.signals.map((signal) => [signal.name, signal]));
  }

  encode(words: readonly string[]): EncodedMessage {
    for (const word of words) this.#give(word);
    this.#setSelectors();
    const wanted = [...this.#values.keys()];
    let payload = this.#payload();
    // Each round may activate more: a selector's start value selects signals that have start values of their own.
    while (this.#addDefaults(payload)) payload = this.#payload();
    this.#checkShared(payload, wanted);
    return { payload, signals: this.#describe(payload) };
  }

  #give(word: string): void {
    const at = word.indexOf('=');
    const { message, planned } = this.#view;
    if (at <= 0) throw toolError('DBC_ASSIGNMENT', { word });
    const name = word.slice(0, at);
    const signal = this.#byName.get(name);
    if (signal === undefined) {
      const names = planned.signals.map((each) => each.name);
      throw toolError('DBC_SIGNAL_UNKNOWN', { message: message.name, signal: name, near: nearest(name, names) });
    }
    if (this.#values.has(signal)) throw toolError('DBC_SIGNAL_TWICE', { message: message.name, signal: name });
    this.#values.set(signal, { value: parseValue(word, signal, word.slice(at + 1), message.name), source: 'given' });
  }

  /** From the inside outwards: a selector that was set selects, too. */
  #setSelectors(): void {
    const { signals } = this.#view.planned;
    for (const selector of signals.toReversed()) {
      const hanging = [...this.#values.keys()].filter(({ selectorSlot }) => selectorSlot === selector.slot);
      if (hanging.length > 0 && !this.#values.has(selector)) this.#setSelector(selector, hanging);
    }
  }

  #setSelector(selector: PlanSignal, hanging: readonly PlanSignal[]): void {
    const facts = { message: this.#view.message.name, selector: selector.name };
    const possible = hanging.map(({ selectorRanges }) => selectorRanges).reduce(intersect);
    if (possible.length === 0) {
      const needs = hanging.map(
        ({ name, selectorRanges }) => `${name} needs ${rangesText(selectorRanges) || 'a value it cannot have'}`,
      );
      throw toolError('DBC_SELECTOR_CONFLICT', { ...facts, needs });
    }
    const usual = this.#startValue(selector) ?? 0n;
    const [{ from, to }] = possible;
    const isOne = possible.length === 1 && from === to;
    if (!isOne && !possible.some((range) => usual >= range.from && usual <= range.to)) {
      const names = hanging.map(({ name }) => name);
      throw toolError('DBC_SELECTOR_OPEN', {
        ...facts,
        signals: names,
        possible: rangesText(possible),
        first: `${from}`,
      });
    }
    this.#values.set(selector, { value: isOne ? from : usual, source: 'selector' });
  }

  /** The start value as a raw integer, of a float as its bit pattern; undefined when the signal's bits can't hold it. */
  #startValue(signal: PlanSignal): bigint | undefined {
    const { startValue } = this.#modelOf(signal);
    if (startValue === undefined) return undefined;
    if (signal.valueType !== 'integer') return floatPattern(signal, startValue);
    if (!Number.isInteger(startValue)) return undefined;
    const raw = BigInt(startValue);
    const fits = signal.signed ? BigInt.asIntN(signal.length, raw) : BigInt.asUintN(signal.length, raw);
    return fits === raw ? raw : undefined;
  }

  #modelOf({ slot }: PlanSignal): Signal {
    return this.#view.signals[slot].signal;
  }

  #payload(): Uint8Array {
    // By entries, because a signal may be called `__proto__`.
    const values = Object.fromEntries(Array.from(this.#values, ([{ name }, { value }]) => [name, value]));
    return this.#encoder.encode(this.#view.planned, values);
  }

  /** Adds the start values of signals that the frame holds by now; true when there were any. */
  #addDefaults(payload: Uint8Array): boolean {
    this.#decode(payload);
    const taken = new Set([...this.#values.keys()].flatMap(signalBits));
    let added = false;
    for (const signal of this.#view.planned.signals) {
      const value = this.#startValue(signal);
      // Raw 0 needs no writing, and must not wipe out what shares its bits.
      if (this.#values.has(signal) || value === undefined || value === 0n || !this.#isHeld(signal)) continue;
      if (this.#byName.get(signal.name) !== signal || signalBits(signal).some((bit) => taken.has(bit))) continue;
      this.#values.set(signal, { value, source: 'start-value' });
      for (const bit of signalBits(signal)) taken.add(bit);
      added = true;
    }
    return added;
  }

  /** Two signals on the same bits, given or their selectors, can't both have their values, unless these agree. */
  #checkShared(payload: Uint8Array, wanted: readonly PlanSignal[]): void {
    this.#decode(payload);
    for (const signal of wanted) {
      const alone = this.#encoder.encode(this.#view.planned, this.#withSelectors(signal));
      const bits = signalBits(signal);
      const isWhole = this.#isHeld(signal) && bits.every((bit) => bitAt(alone, bit) === bitAt(payload, bit));
      if (isWhole) continue;
      const other = wanted.find((each) => each !== signal && signalBits(each).some((bit) => bits.includes(bit)));
      throw toolError('DBC_BITS_SHARED', {
        message: this.#view.message.name,
        signal: signal.name,
        other: other?.name ?? 'its selector',
      });
    }
  }

  #withSelectors(signal: PlanSignal): Record<string, EncodeValue> {
    const values = [[signal.name, this.#values.get(signal)!.value]];
    for (let at = signal; at.selectorSlot >= 0; ) {
      at = this.#view.planned.signals[at.selectorSlot];
      values.push([at.name, this.#values.get(at)!.value]);
    }
    return Object.fromEntries(values);
  }

  #decode(payload: Uint8Array): void {
    const { id, extended } = this.#view.message;
    this.#decoder.decode(id, extended ? FrameFlag.extended : 0, payload, 0, payload.length);
  }

  #isHeld({ slot }: PlanSignal): boolean {
    const status = this.#decoder.status[slot];
    return status !== SignalStatus.inactive && status !== SignalStatus.absent;
  }

  #describe(payload: Uint8Array): EncodedSignal[] {
    this.#decode(payload);
    const held = this.#view.planned.signals.filter((signal) => this.#isHeld(signal));
    return held.map((signal) => {
      const { value: wanted, source } = this.#values.get(signal) ?? { value: 0n, source: 'zero' as const };
      const value = physicalAt(this.#decoder, signal);
      const label = labelAt(this.#decoder, signal);
      return {
        name: signal.name,
        value,
        raw: this.#decoder.rawAt(signal.slot),
        ...(label === undefined ? {} : { label }),
        unit: signal.unit,
        source,
        rounded: typeof wanted === 'number' && !Object.is(wanted, value) && !(wanted === 0 && value === 0),
      };
    });
  }
}

const float = new DataView(new ArrayBuffer(8));

function floatPattern({ valueType }: PlanSignal, value: number): bigint {
  float.setFloat64(0, value);
  if (valueType === 'float64') return float.getBigUint64(0);
  float.setFloat32(0, value);
  return BigInt(float.getUint32(0));
}

function bitAt(payload: Uint8Array, bit: number): number {
  return (payload[bit >> 3] >> (bit & 7)) & 1;
}

function intersect(a: PlanSelectorRange[], b: PlanSelectorRange[]): PlanSelectorRange[] {
  return a.flatMap((one) =>
    b.flatMap((other) => {
      const from = later(one.from, other.from) ? one.from : other.from;
      const to = later(one.to, other.to) ? other.to : one.to;
      return from <= to ? [{ from, to }] : [];
    }),
  );
}

/** Math.max takes no bigint. */
const later = (a: bigint, b: bigint): boolean => a > b;
