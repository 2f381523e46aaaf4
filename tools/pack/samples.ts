/** A pack's samples with names and physical values, in the order of time; its raw frames decoded among them. */
import { FrameFlag } from '../../edge/can/index.ts';
import {
  createFrameDecoder,
  type FrameDecoder,
  labelAt,
  type Plan,
  physicalAt,
  SignalStatus,
} from '../../edge/decode/index.ts';
import { createJ1939Reassembler, type J1939Reassembler } from '../../edge/j1939/index.ts';
import { AnchorSource, type Column, type FrameColumn, type PackBody, type TextColumn } from '../../edge/pack/index.ts';
import { toolError } from '../errors/index.ts';
import type { SignalPlace } from './decoders.ts';
import { RawReader, type Reading } from './raw-reader.ts';

export interface NamedSample extends SignalPlace {
  /** Milliseconds since boot. */
  timeMs: number;
  /** The physical value; of a text column, the text. */
  value: number | bigint | string;
  /** Not of a text. */
  raw?: number | bigint;
  label?: string;
  /** SignalStatus. */
  status: number;
  from: 'column' | 'frame';
}

/** How a pack is to be read. */
export interface SampleSource {
  /** The pack's name, for messages. */
  pack: string;
  /** Device and boot: raw frames of one stream go on in its next pack. */
  stream: string;
  body: PackBody;
  /** What a column holds; undefined leaves it out. */
  place(decoder: number, signalIndex: number): SignalPlace | undefined;
  /** Decode raw frames. */
  plans: readonly Plan[];
}

/**
 * Reads one pack after another, and keeps what it made for each signal and plan.
 * @example for (const sample of new SampleReader().samples(source)) console.log(sample.signal.name, sample.value)
 */
export class SampleReader {
  readonly #readers = new WeakMap<object, RawReader>();
  readonly #decoders = new WeakMap<Plan, FrameDecoder>();
  /** Of the stream read last: J1939 messages of more than one frame. */
  #transport: { stream: string; reassembler: J1939Reassembler } | undefined;

  /**
   * @throws {MinerError} PACK_RAW_RANGE, and what `source.place` throws, before the first sample of the column
   */
  *samples(source: SampleSource): Generator<NamedSample> {
    const { body } = source;
    const columns: Column[] = [];
    const places: SignalPlace[] = [];
    for (const column of body.columns) {
      const place = source.place(column.decoder, column.signalIndex);
      if (place === undefined) continue;
      columns.push(column);
      places.push(place);
    }
    const texts: TextColumn[] = [];
    for (const column of body.texts ?? []) {
      const place = source.place(column.decoder, column.signalIndex);
      if (place === undefined) continue;
      texts.push(column);
      places.push(place);
    }
    const frames = body.frames ?? [];
    const raw = frames.length > 0 ? this.#rawContext(source, columns, places) : undefined;
    const entries = [...columns, ...texts, ...frames];
    for (const { column, at } of byTime(entries)) {
      if (column < columns.length) yield this.#fromColumn(source.pack, columns[column], places[column], at);
      else if (column < places.length) yield fromText(texts[column - columns.length], places[column], at);
      else yield* this.#fromFrame(frames[column - places.length], at, raw!);
    }
  }

  /** @throws {MinerError} PACK_RAW_RANGE */
  reading(pack: string, place: SignalPlace, raw: number | bigint): Reading {
    let reader = this.#readers.get(place.signal);
    if (reader === undefined) {
      reader = new RawReader(place);
      this.#readers.set(place.signal, reader);
    }
    const reading = reader.read(raw);
    if (reading) return reading;
    const { message, signal } = place;
    const name = `${message.name}.${signal.name}`;
    throw toolError('PACK_RAW_RANGE', { pack, signal: name, raw: String(raw), bits: signal.length });
  }

  #fromColumn(pack: string, { timesMs, values }: Column, place: SignalPlace, at: number): NamedSample {
    const raw = values[at];
    const { value, label, status } = this.reading(pack, place, raw);
    return { ...place, timeMs: timesMs[at], value, raw, ...(label !== undefined && { label }), status, from: 'column' };
  }

  #rawContext(source: SampleSource, columns: readonly Column[], places: readonly SignalPlace[]): RawContext {
    const { plans } = source;
    return { plans, held: timesBySignal(columns, places), reassembler: this.#reassemblerOf(source) };
  }

  *#fromFrame({ id, timesMs, payloads }: FrameColumn, at: number, context: RawContext): Generator<NamedSample> {
    const frame = { id: id % 2 ** 29, flags: flagsOf(id), data: payloads[at] };
    yield* this.#decoded(frame, timesMs[at], context);
    const { data } = frame;
    const whole = context.reassembler?.push(timesMs[at] * 1000, frame.id, frame.flags, data, 0, data.length);
    if (whole) yield* this.#decoded(whole, timesMs[at], context);
  }

  /** A sample that a column holds too is not given twice. */
  *#decoded(
    { id, flags, data }: { id: number; flags: number; data: Uint8Array },
    timeMs: number,
    { plans, held }: RawContext,
  ): Generator<NamedSample> {
    for (const plan of plans) {
      const decoder = this.#decoderOf(plan);
      const message = decoder.decode(id, flags, data, 0, data.length);
      if (message === undefined) continue;
      for (const signal of message.signals) {
        const status = decoder.status[signal.slot];
        if (status === SignalStatus.absent || status === SignalStatus.inactive) continue;
        const place = { message, signal };
        if (held.get(keyOf(place))?.has(timeMs)) continue;
        const label = labelAt(decoder, signal);
        const raw = decoder.rawAt(signal.slot);
        const value = physicalAt(decoder, signal);
        yield { ...place, timeMs, value, raw, ...(label !== undefined && { label }), status, from: 'frame' };
      }
    }
  }

  /** Undefined where no decoder has a message that needs it. */
  #reassemblerOf({ stream, plans }: SampleSource): J1939Reassembler | undefined {
    const isNeeded = plans.some(({ messages }) => messages.some(({ j1939, length }) => j1939 && length > 8));
    if (!isNeeded) return undefined;
    if (this.#transport?.stream !== stream) this.#transport = { stream, reassembler: createJ1939Reassembler() };
    return this.#transport.reassembler;
  }

  #decoderOf(plan: Plan): FrameDecoder {
    let decoder = this.#decoders.get(plan);
    if (decoder === undefined) {
      decoder = createFrameDecoder(plan);
      this.#decoders.set(plan, decoder);
    }
    return decoder;
  }
}

/** Field 9 writes ids as SocketCAN does. */
export function flagsOf(id: number): number {
  const bit = (place: number, flag: number) => (Math.floor(id / 2 ** place) % 2 === 1 ? flag : 0);
  return bit(31, FrameFlag.extended) | bit(30, FrameFlag.remote) | bit(29, FrameFlag.error);
}

/** Beyond the year 275760 there are no dates (ECMA-262, 21.4.1.1): a device that claims one has no clock. */
const unixMsMax = 8.64e15;

/**
 * When a sample was taken, or undefined when nobody knows.
 * @param bootedUnixMs when the device booted, for packs without a clock of their own
 */
export function unixMsAt(body: PackBody, timeMs: number, bootedUnixMs?: number): number | undefined {
  const { anchor, startMs } = body;
  const hasClock = anchor !== undefined && anchor.source !== AnchorSource.none;
  const unixMs = hasClock ? anchor.unixMs + (timeMs - startMs) : (bootedUnixMs ?? Number.NaN) + timeMs;
  return unixMs >= 0 && unixMs <= unixMsMax ? unixMs : undefined;
}

function fromText({ timesMs, texts }: TextColumn, place: SignalPlace, at: number): NamedSample {
  return { ...place, timeMs: timesMs[at], value: texts[at], status: SignalStatus.ok, from: 'column' };
}

/** What decoding a pack's raw frames needs. */
interface RawContext {
  plans: readonly Plan[];
  /** By signal, the times at which a column holds it. */
  held: ReadonlyMap<string, ReadonlySet<number>>;
  reassembler: J1939Reassembler | undefined;
}

/** Names alone: the decoder of a frame may be another than that of the column. */
function keyOf({ message, signal }: SignalPlace): string {
  return `${message.extended} ${message.id} ${signal.name}`;
}

function timesBySignal(columns: readonly Column[], places: readonly SignalPlace[]): Map<string, Set<number>> {
  const held = new Map<string, Set<number>>();
  columns.forEach(({ timesMs }, i) => {
    const key = keyOf(places[i]);
    const times = held.get(key) ?? new Set();
    for (const timeMs of timesMs) times.add(timeMs);
    held.set(key, times);
  });
  return held;
}

/** Places in all columns, ascending by time, those of one time in pack order. */
function* byTime(columns: readonly { timesMs: Float64Array }[]): Generator<{ column: number; at: number }> {
  const count = columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
  const times = new Float64Array(count);
  const columnOf = new Uint32Array(count);
  const firsts: number[] = [];
  let next = 0;
  columns.forEach(({ timesMs }, column) => {
    firsts.push(next);
    times.set(timesMs, next);
    columnOf.fill(column, next, next + timesMs.length);
    next += timesMs.length;
  });
  const order = Uint32Array.from({ length: count }, (_, i) => i).sort((a, b) => times[a] - times[b] || a - b);
  for (const place of order) yield { column: columnOf[place], at: place - firsts[columnOf[place]] };
}
