/** From values to payload bytes: the decoder's semantics, the other way round. */
import { edgeError } from '../errors/index.ts';
import { bitPosition, bytesNeeded, rawLimits } from './layout.ts';
import { selects } from './multiplexer.ts';
import type { Plan, PlanMessage, PlanSignal } from './types.ts';

/** A physical value, the raw integer itself as a bigint, or one of the signal's labels. */
export type EncodeValue = number | bigint | string;

export interface Encoder {
  /**
   * Encodes named values into a new payload of the message's length. Signals not named stay 0; a selector not
   * named takes the lowest value that selects the first named signal hanging on it.
   * @throws {MinerError} `ENCODE_SIGNAL_UNKNOWN`, `ENCODE_LABEL_UNKNOWN`; `ENCODE_RANGE` when a number lies outside the
   *   signal's range or what its bits can hold; `ENCODE_INACTIVE` when the selector selects other signals;
   *   `ENCODE_LENGTH` when the signal does not lie within the message's length.
   * @example encoder.encode(message, { Speed: 87.5, Gear: 'D', Counter: 3n })
   */
  encode(message: PlanMessage, values: Readonly<Record<string, EncodeValue>>): Uint8Array;
  /**
   * The form for simulators: no allocation, values by slot. Clears the message's bytes, then writes each signal that
   * its selector activates. NaN leaves an integer signal 0. A value outside the signal's [minimum, maximum] is
   * written as it is, so that a simulator can send what a broken sensor would; one that its bits can't hold is not.
   * @param physicalBySlot one physical value per signal of the message
   * @param data at least `message.length` bytes
   * @throws {MinerError} `ENCODE_RANGE`, `ENCODE_LENGTH`
   */
  encodeInto(message: PlanMessage, physicalBySlot: Float64Array, data: Uint8Array): void;
}

/** Makes an encoder for the plan's messages. Numbers become raw integers by rounding half to even. */
export function createEncoder(plan: Plan): Encoder {
  return new PlanEncoder(plan);
}

class PlanEncoder implements Encoder {
  /** Raw values by slot as two unsigned 32-bit halves, two's complement. */
  readonly #low: Uint32Array;
  readonly #high: Uint32Array;
  readonly #layouts = new Map<PlanMessage, Layout[]>();

  constructor(plan: Plan) {
    const slots = plan.messages.reduce((most, { signals }) => Math.max(most, signals.length), 0);
    this.#low = new Uint32Array(slots);
    this.#high = new Uint32Array(slots);
  }

  encodeInto(message: PlanMessage, physicalBySlot: Float64Array, data: Uint8Array): void {
    if (data.length < message.length)
      throw edgeError('ENCODE_LENGTH', { place: message.name, needed: message.length, available: data.length });
    data.fill(0, 0, message.length);
    for (const layout of this.#layoutsOf(message)) {
      const { signal } = layout;
      if (!this.#isActive(message, signal)) continue;
      this.#setPhysical(message, layout, physicalBySlot[signal.slot]);
      if (layout.bytesNeeded <= message.length) this.#write(layout, data);
    }
  }

  encode(message: PlanMessage, values: Readonly<Record<string, EncodeValue>>): Uint8Array {
    const data = new Uint8Array(message.length);
    const given = this.#given(message, values);
    const layouts = this.#layoutsOf(message);
    for (const layout of layouts) this.#setNamed(message, layout, given);
    for (const layout of layouts) {
      const { signal } = layout;
      if (!given.has(signal)) continue;
      if (!this.#isActive(message, signal)) throw this.#inactive(message, signal);
      if (layout.bytesNeeded > message.length)
        throw edgeError('ENCODE_LENGTH', {
          place: `${message.name}.${signal.name}`,
          needed: layout.bytesNeeded,
          available: message.length,
        });
      this.#write(layout, data);
    }
    return data;
  }

  #layoutsOf(message: PlanMessage): Layout[] {
    let layouts = this.#layouts.get(message);
    if (layouts === undefined) {
      layouts = message.signals.map(layoutOf);
      this.#layouts.set(message, layouts);
    }
    return layouts;
  }

  /** The named values by signal, with the selectors they imply. */
  #given(message: PlanMessage, values: Readonly<Record<string, EncodeValue>>): Map<PlanSignal, EncodeValue> {
    const byName = new Map(message.signals.map((signal) => [signal.name, signal]));
    const given = new Map<PlanSignal, EncodeValue>();
    for (const [name, value] of Object.entries(values)) {
      const signal = byName.get(name);
      if (signal === undefined) throw edgeError('ENCODE_SIGNAL_UNKNOWN', { message: message.name, signal: name });
      given.set(signal, value);
    }
    for (const signal of [...given.keys()]) implySelectors(message, signal, given);
    return given;
  }

  #setNamed(message: PlanMessage, layout: Layout, given: Map<PlanSignal, EncodeValue>): void {
    const { signal } = layout;
    let value = given.get(signal) ?? 0n;
    if (typeof value === 'string') {
      const raw = labelledRaw(message, signal, value);
      value = signal.valueType === 'integer' ? raw : Number(raw) * signal.scale + signal.offset;
    }
    if (typeof value === 'bigint') {
      this.#setRaw(message, layout, value);
      return;
    }
    const isOutside = value < signal.minimum || value > signal.maximum;
    if ((signal.hasRange && isOutside) || (Number.isNaN(value) && signal.valueType === 'integer'))
      throw rangeError(message, layout, value);
    this.#setPhysical(message, layout, value);
  }

  #setRaw(message: PlanMessage, layout: Layout, raw: bigint): void {
    const { minimum, maximum } = layout.limits;
    if (raw < minimum || raw > maximum)
      throw edgeError('ENCODE_RANGE', {
        message: message.name,
        signal: layout.signal.name,
        value: `raw ${raw}`,
        minimum: `${minimum}`,
        maximum: `${maximum}`,
        unit: '',
      });
    this.#low[layout.signal.slot] = Number(BigInt.asUintN(32, raw));
    this.#high[layout.signal.slot] = Number(BigInt.asUintN(32, raw >> 32n));
  }

  #setPhysical(message: PlanMessage, layout: Layout, physical: number): void {
    const { signal } = layout;
    const { slot } = signal;
    const value = (physical - signal.offset) / signal.scale;
    if (signal.valueType === 'float32') {
      if (Number.isFinite(value) && !Number.isFinite(Math.fround(value))) throw rangeError(message, layout, physical);
      float.setFloat32(0, value);
      this.#low[slot] = float.getUint32(0);
      this.#high[slot] = 0;
    } else if (signal.valueType === 'float64') {
      float.setFloat64(0, value);
      this.#low[slot] = float.getUint32(4);
      this.#high[slot] = float.getUint32(0);
    } else {
      const raw = Number.isNaN(physical) ? 0 : roundHalfEven(value);
      if (!(raw >= layout.rawFrom && raw < layout.rawBelow)) throw rangeError(message, layout, physical);
      const high = Math.floor(raw / 4294967296);
      this.#low[slot] = raw - high * 4294967296;
      this.#high[slot] = high >>> 0;
    }
  }

  /** Selectors stand before what they select, so their raw values are set; an inactive one selects nothing. */
  #isActive(message: PlanMessage, signal: PlanSignal): boolean {
    for (let at = signal; at.selectorSlot >= 0; ) {
      const selector = message.signals[at.selectorSlot];
      if (!selects(at.selectorRanges, this.#rawOf(selector))) return false;
      at = selector;
    }
    return true;
  }

  #rawOf(signal: PlanSignal): bigint {
    const pattern = (BigInt(this.#high[signal.slot]) << 32n) | BigInt(this.#low[signal.slot]);
    return rawLimits(signal).minimum < 0n ? BigInt.asIntN(signal.length, pattern) : pattern;
  }

  #inactive(message: PlanMessage, signal: PlanSignal) {
    const selector = message.signals[signal.selectorSlot];
    const ranges = signal.selectorRanges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`));
    return edgeError('ENCODE_INACTIVE', {
      message: message.name,
      signal: signal.name,
      selector: selector.name,
      raw: `${this.#rawOf(selector)}`,
      expected: ranges.join(', '),
    });
  }

  #write({ signal, position }: Layout, data: Uint8Array): void {
    let low = this.#low[signal.slot];
    let high = this.#high[signal.slot];
    const motorola = signal.byteOrder === 'motorola';
    // From the least significant bit up, as many bits at a time as lie in one byte.
    let at = motorola ? position + signal.length - 1 : position;
    for (let left = signal.length; left > 0; ) {
      const shift = motorola ? 7 - (at & 7) : at & 7;
      const count = Math.min(8 - shift, left);
      const mask = ((1 << count) - 1) << shift;
      data[at >> 3] = (data[at >> 3] & ~mask) | ((low << shift) & mask);
      low = (low >>> count) | (high << (32 - count));
      high >>>= count;
      at += motorola ? -count : count;
      left -= count;
    }
  }
}

const float = new DataView(new ArrayBuffer(8));
const largestFloat32 = (2 - 2 ** -23) * 2 ** 127;

/** What encoding asks of a signal again and again. */
interface Layout {
  signal: PlanSignal;
  position: number;
  bytesNeeded: number;
  limits: { minimum: bigint; maximum: bigint };
  /** The same as doubles: raw >= rawFrom && raw < rawBelow is exact even at 64 bits. */
  rawFrom: number;
  rawBelow: number;
}

function layoutOf(signal: PlanSignal): Layout {
  const limits = rawLimits(signal);
  return {
    signal,
    position: bitPosition(signal),
    bytesNeeded: bytesNeeded(signal),
    limits,
    rawFrom: Number(limits.minimum),
    rawBelow: Number(limits.maximum + 1n),
  };
}

function implySelectors(message: PlanMessage, signal: PlanSignal, given: Map<PlanSignal, EncodeValue>): void {
  for (let at = signal; at.selectorSlot >= 0 && at.selectorRanges.length > 0; ) {
    const selector = message.signals[at.selectorSlot];
    if (given.has(selector)) return;
    given.set(selector, at.selectorRanges[0].from);
    at = selector;
  }
}

/** The integer nearest to a number, of two equally near ones the even. */
export function roundHalfEven(value: number): number {
  const below = Math.floor(value);
  const rest = value - below;
  if (rest !== 0.5) return rest < 0.5 ? below : below + 1;
  return below % 2 === 0 ? below : below + 1;
}

function labelledRaw(message: PlanMessage, signal: PlanSignal, text: string): bigint {
  const label = signal.labels.find((candidate) => candidate.text === text);
  if (label !== undefined) return label.raw;
  const known = signal.labels.map((candidate) => candidate.text);
  throw edgeError('ENCODE_LABEL_UNKNOWN', { message: message.name, signal: signal.name, label: text, known });
}

/** The limits as physical values, and within the signal's own range where it has one. */
function rangeError(message: PlanMessage, { signal, limits }: Layout, value: number) {
  const isFloat = signal.valueType !== 'integer';
  const largest = signal.valueType === 'float32' ? largestFloat32 : Number.MAX_VALUE;
  const rawEnds = isFloat ? [-largest, largest] : [Number(limits.minimum), Number(limits.maximum)];
  const ends = rawEnds.map((raw) => raw * signal.scale + signal.offset);
  const [lowest, highest] = ends.sort((a, b) => a - b);
  return edgeError('ENCODE_RANGE', {
    message: message.name,
    signal: signal.name,
    value: `${value}`,
    minimum: `${signal.hasRange ? Math.max(lowest, signal.minimum) : lowest}`,
    maximum: `${signal.hasRange ? Math.min(highest, signal.maximum) : highest}`,
    unit: signal.unit,
  });
}
