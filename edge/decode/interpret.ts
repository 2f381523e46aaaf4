/** The oracle: reads one bit at a time into a BigInt. Slow, and meant to be seen to be right. */
import { FrameFlag } from '../can/index.ts';
import { j1939Indicator } from './indicator.ts';
import { selects } from './multiplexer.ts';
import { type FrameDecoder, type Plan, type PlanMessage, type PlanSignal, SignalStatus } from './types.ts';

const widest = (plan: Plan): number => plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
const float = new DataView(new ArrayBuffer(8));

/**
 * Makes the reference decoder: no generated code, so it also serves where a content security policy forbids it.
 * @example createInterpreter(plan).decode(0x123, 0, data, 0, data.length)?.name
 */
export function createInterpreter(plan: Plan): FrameDecoder {
  return new Interpreter(plan);
}

/** Arrays that a decoder writes its results to, as long as the largest message has signals. */
export type DecodedArrays = Pick<FrameDecoder, 'physical' | 'raw' | 'status'>;

/**
 * New arrays for a plan, each over a buffer of its own, that of the statuses a multiple of 4 bytes: only of those
 * does an optimising compiler know the address, and not of small arrays, which live on the heap.
 */
export function decodedArrays(plan: Plan): DecodedArrays {
  const slots = widest(plan);
  return {
    physical: new Float64Array(new ArrayBuffer(slots * 8)),
    raw: new Float64Array(new ArrayBuffer(slots * 8)),
    status: new Uint8Array(new ArrayBuffer(Math.ceil(slots / 4) * 4), 0, slots),
  };
}

/** The interpreter, writing into its own arrays or those of the decoder it stands in for. */
export class Interpreter implements FrameDecoder {
  readonly plan: Plan;
  readonly physical: Float64Array;
  readonly raw: Float64Array;
  readonly status: Uint8Array;
  readonly #rawExact: bigint[];
  /** Per message and selector slot: the signals it selects. */
  readonly #selected = new Map<PlanMessage, Map<number, PlanSignal[]>>();

  constructor(plan: Plan, arrays: DecodedArrays = decodedArrays(plan)) {
    this.plan = plan;
    this.physical = arrays.physical;
    this.raw = arrays.raw;
    this.status = arrays.status;
    this.#rawExact = new Array<bigint>(arrays.status.length).fill(0n);
    for (const message of plan.messages) {
      const muxed = message.signals.filter((signal) => signal.selectorSlot >= 0);
      this.#selected.set(
        message,
        Map.groupBy(muxed, (signal) => signal.selectorSlot),
      );
    }
  }

  rawAt(slot: number): number | bigint {
    return narrow(this.#rawExact[slot]);
  }

  decode(id: number, flags: number, data: Uint8Array, offset: number, length: number): PlanMessage | undefined {
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) return undefined;
    const message = this.plan.find(id, (flags & FrameFlag.extended) !== 0);
    if (message !== undefined) this.decodeMessage(message, data.subarray(offset, offset + length));
    return message;
  }

  /** Decodes a payload of the given message of the plan. */
  decodeMessage(message: PlanMessage, payload: Uint8Array): void {
    for (const signal of message.signals) {
      const skipped = this.#skips(signal);
      const pattern = skipped === SignalStatus.ok ? readPattern(signal, payload) : undefined;
      if (pattern === undefined) this.#store(signal, Number.NaN, 0n, skipped || SignalStatus.absent);
      else this.#decodeSignal(message, signal, pattern);
    }
  }

  /** ok when the signal is to be read; else why not. Its selector has been decoded already. */
  #skips(signal: PlanSignal): number {
    if (signal.selectorSlot < 0) return SignalStatus.ok;
    const status = this.status[signal.selectorSlot];
    if (status === SignalStatus.absent || status === SignalStatus.inactive) return status;
    return selects(signal.selectorRanges, this.#rawExact[signal.selectorSlot])
      ? SignalStatus.ok
      : SignalStatus.inactive;
  }

  #decodeSignal(message: PlanMessage, signal: PlanSignal, pattern: bigint): void {
    const raw = signal.signed && signal.valueType === 'integer' ? BigInt.asIntN(signal.length, pattern) : pattern;
    const physical = numberOf(signal, raw) * signal.scale + signal.offset;
    this.#store(signal, physical, raw, this.#judge(message, signal, pattern, raw, physical));
  }

  #judge(message: PlanMessage, signal: PlanSignal, pattern: bigint, raw: bigint, physical: number): number {
    const selected = this.#selected.get(message)?.get(signal.slot);
    if (selected !== undefined && !selected.some(({ selectorRanges }) => selects(selectorRanges, raw)))
      return SignalStatus.unknownMultiplexer;
    const indicator = j1939Indicator(message, signal);
    if (indicator !== undefined) {
      const top = Number(pattern >> BigInt(indicator.shift));
      if (top === indicator.notAvailable) return SignalStatus.notAvailable;
      if (top === indicator.error) return SignalStatus.error;
    }
    const isOutside = physical < signal.minimum || physical > signal.maximum;
    return signal.hasRange && isOutside ? SignalStatus.outOfRange : SignalStatus.ok;
  }

  #store(signal: PlanSignal, physical: number, raw: bigint, status: number): void {
    this.physical[signal.slot] = physical;
    this.raw[signal.slot] = Number(raw);
    this.status[signal.slot] = status;
    this.#rawExact[signal.slot] = raw;
  }
}

/** A number where it is exact, else the bigint itself. */
export function narrow(value: bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}

/** The bits as an unsigned integer, or undefined when one of them lies past the payload. */
export function readPattern(signal: PlanSignal, payload: Uint8Array): bigint | undefined {
  let pattern = 0n;
  let at = signal.startBit;
  for (let i = 0; i < signal.length; i++) {
    const byte = Math.floor(at / 8);
    if (byte >= payload.length) return undefined;
    const bit = BigInt((payload[byte] >> (at % 8)) & 1);
    if (signal.byteOrder === 'intel') {
      pattern |= bit << BigInt(i);
      at += 1;
    } else {
      pattern = (pattern << 1n) | bit;
      at += at % 8 === 0 ? 15 : -1;
    }
  }
  return pattern;
}

/** What scale and offset apply to: the raw integer rounded to double, or the float the bits spell. */
export function numberOf(signal: PlanSignal, raw: bigint): number {
  if (signal.valueType === 'integer') return Number(raw);
  float.setBigUint64(0, signal.valueType === 'float32' ? raw << 32n : raw);
  return signal.valueType === 'float32' ? float.getFloat32(0) : float.getFloat64(0);
}
