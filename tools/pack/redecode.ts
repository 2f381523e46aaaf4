/**
 * Stored packs read with a newer decoder: raw integers stand for the same bits as long as a signal lies where it lay, so
 * its new scale, offset, labels and unit apply to them. What lies elsewhere now cannot be had from them.
 */
import { FrameFlag } from '../../edge/can/index.ts';
import type { Plan, PlanMessage, PlanSignal } from '../../edge/decode/index.ts';
import type { PackBody } from '../../edge/pack/index.ts';
import { type LoadedDecoder, placeOf, type SignalPlace } from './decoders.ts';
import { flagsOf, type NamedSample, type SampleReader } from './samples.ts';

export type SignalOutcome =
  /** Means what it meant. */
  | 'same'
  /** Its raw integers hold, their meaning changed. */
  | 'changed'
  /** It lies elsewhere in the frame, or is read in another way: its raw integers do not say what the new one would. */
  | 'moved'
  /** The new decoder has no such signal in this message under this multiplexer. */
  | 'gone'
  /** No column holds it: only raw frames do. */
  | 'frames-only';

export interface SignalChange {
  /** As the old decoder calls it. */
  message: string;
  signal: string;
  outcome: SignalOutcome;
  /** What differs, in the words of DBC: scale, offset, unit, labels, range; start bit, length, byte order, sign, type. */
  differences: string[];
  /** Samples of its columns. */
  samples: number;
  /** Those whose value or label came to be another. */
  samplesChanged: number;
  /** Samples had from raw frames instead. */
  samplesFromFrames: number;
}

/** Where the signal of an old decoder is in a new one. */
export interface SignalMatch {
  outcome: SignalOutcome;
  differences: string[];
  /** Of the new decoder; not for `gone`. */
  place?: SignalPlace;
}

/**
 * Finds a signal again by its message's id, its multiplexer path, and its name.
 * @param plan the new decoder's
 */
export function matchSignal({ message, signal }: SignalPlace, plan: Plan): SignalMatch {
  const newer = plan.find(message.id, message.extended);
  const path = pathOf(message, signal);
  const found = newer?.signals.find((other) => other.name === signal.name && pathOf(newer, other) === path);
  if (newer === undefined || found === undefined) return { outcome: 'gone', differences: [] };
  const place = { message: newer, signal: found };
  const layout = layoutDifferences(signal, found);
  if (layout.length > 0) return { outcome: 'moved', differences: layout, place };
  const meaning = meaningDifferences(signal, found);
  if (message.j1939 !== newer.j1939) meaning.push('J1939');
  return { outcome: meaning.length > 0 ? 'changed' : 'same', differences: meaning, place };
}

/** Its selectors from the outermost to its own, each with the raw values that select. */
function pathOf(message: PlanMessage, signal: PlanSignal): string {
  const steps: string[] = [];
  for (let at = signal; at.selectorSlot >= 0; at = message.signals[at.selectorSlot]) {
    const ranges = at.selectorRanges.map(({ from, to }) => `${from}-${to}`).join();
    steps.unshift(`${message.signals[at.selectorSlot].name} ${ranges}`);
  }
  return steps.join('/');
}

function layoutDifferences(a: PlanSignal, b: PlanSignal): string[] {
  return differing(a, b, [
    ['start bit', 'startBit'],
    ['length', 'length'],
    ['byte order', 'byteOrder'],
    ['sign', 'signed'],
    ['type', 'valueType'],
  ]);
}

function meaningDifferences(a: PlanSignal, b: PlanSignal): string[] {
  const differences = differing(a, b, [
    ['scale', 'scale'],
    ['offset', 'offset'],
    ['unit', 'unit'],
  ]);
  const range = ({ hasRange, minimum, maximum }: PlanSignal) => (hasRange ? `${minimum} ${maximum}` : '');
  if (range(a) !== range(b)) differences.push('range');
  const labels = (signal: PlanSignal) => JSON.stringify(signal.labels.map(({ raw, text }) => [`${raw}`, text]).sort());
  if (labels(a) !== labels(b)) differences.push('labels');
  return differences;
}

function differing(a: PlanSignal, b: PlanSignal, fields: [string, keyof PlanSignal][]): string[] {
  return fields.filter(([, field]) => a[field] !== b[field]).map(([words]) => words);
}

/** One old decoder's packs under a new one; adds up what changes, over as many packs as are read through it. */
export class Redecoding {
  readonly older: LoadedDecoder;
  readonly newer: LoadedDecoder;
  readonly #reader: SampleReader;
  /** By the old signalIndex. */
  readonly #matches = new Map<number, SignalMatch>();
  readonly #changes = new Map<number, SignalChange>();
  /** Samples from frames of signals that no column holds: what only the new decoder has, too. */
  readonly #fresh = new Map<PlanSignal, SignalChange>();

  constructor(older: LoadedDecoder, newer: LoadedDecoder, reader: SampleReader) {
    this.older = older;
    this.newer = newer;
    this.#reader = reader;
  }

  /**
   * Where a column of the old decoder is read with the new one; undefined when its raw integers do not serve.
   * @throws {MinerError} PACK_SIGNAL_UNKNOWN
   */
  place(pack: string, signalIndex: number): SignalPlace | undefined {
    const { outcome, place } = this.#match(pack, signalIndex);
    return outcome === 'same' || outcome === 'changed' ? place : undefined;
  }

  #match(pack: string, signalIndex: number): SignalMatch {
    let match = this.#matches.get(signalIndex);
    if (match === undefined) {
      match = matchSignal(placeOf(pack, this.older, signalIndex), this.newer.plan);
      this.#matches.set(signalIndex, match);
    }
    return match;
  }

  /**
   * Counts a pack's columns, each sample under both decoders.
   * @param decoder the old one's place in the pack
   * @throws {MinerError} PACK_SIGNAL_UNKNOWN, PACK_RAW_RANGE
   */
  countColumns(pack: string, body: PackBody, decoder: number): void {
    for (const column of body.columns) {
      if (column.decoder !== decoder) continue;
      const change = this.#change(pack, column.signalIndex);
      change.samples += column.values.length;
      const place = this.place(pack, column.signalIndex);
      if (change.outcome !== 'changed' || place === undefined) continue;
      const before = this.older.places[column.signalIndex];
      for (const raw of column.values) {
        const was = this.#reader.reading(pack, before, raw);
        const is = this.#reader.reading(pack, place, raw);
        const isOther = !Object.is(was.value, is.value) || was.label !== is.label || was.status !== is.status;
        if (isOther) change.samplesChanged++;
      }
    }
    for (const column of body.texts ?? []) {
      if (column.decoder === decoder) this.#change(pack, column.signalIndex).samples += column.texts.length;
    }
  }

  #change(pack: string, signalIndex: number): SignalChange {
    let change = this.#changes.get(signalIndex);
    if (change === undefined) {
      const { message, signal } = placeOf(pack, this.older, signalIndex);
      const { outcome, differences } = this.#match(pack, signalIndex);
      change = changeOf(message.name, signal.name, outcome, differences);
      this.#changes.set(signalIndex, change);
    }
    return change;
  }

  /** Counts a sample that the new decoder read from a raw frame. */
  countFrameSample({ message, signal }: NamedSample): void {
    let change = this.#fresh.get(signal);
    if (change === undefined) {
      change = changeOf(message.name, signal.name, 'frames-only', []);
      // A signal of the old decoder is reported in its line, if the packs have one.
      for (const [index, match] of this.#matches) {
        if (match.place?.signal === signal) change = this.#changes.get(index) ?? change;
      }
      this.#fresh.set(signal, change);
    }
    change.samplesFromFrames++;
  }

  /** What was counted so far; signals had only from raw frames come last. */
  get changes(): SignalChange[] {
    const columns = [...this.#changes].sort(([a], [b]) => a - b).map(([, change]) => change);
    return [...new Set([...columns, ...this.#fresh.values()])];
  }
}

function changeOf(message: string, signal: string, outcome: SignalOutcome, differences: string[]): SignalChange {
  return { message, signal, outcome, differences, samples: 0, samplesChanged: 0, samplesFromFrames: 0 };
}

export interface RedecodingSummary {
  older: string;
  newer: string;
  packs: number;
  samples: number;
  /** By outcome, in samples. */
  same: number;
  changed: number;
  moved: number;
  gone: number;
  /** Samples of the signals that changed whose value, label or status came to be another. */
  valuesChanged: number;
  fromFrames: number;
  /** Raw frames whose id the new decoder does not have. */
  framesUnknown: number;
}

export function summaryOf(redecoding: Redecoding, packs: number, framesUnknown: number): RedecodingSummary {
  const { older, newer, changes } = redecoding;
  const samplesOf = (outcome?: SignalOutcome) =>
    changes.filter((change) => outcome === undefined || change.outcome === outcome).reduce((n, c) => n + c.samples, 0);
  return {
    older: older.hash,
    newer: newer.hash,
    packs,
    samples: samplesOf(),
    same: samplesOf('same'),
    changed: samplesOf('changed'),
    moved: samplesOf('moved'),
    gone: samplesOf('gone'),
    valuesChanged: changes.reduce((sum, { samplesChanged }) => sum + samplesChanged, 0),
    fromFrames: changes.reduce((sum, { samplesFromFrames }) => sum + samplesFromFrames, 0),
    framesUnknown,
  };
}

/** Raw frames that the plan has no message for; remote and error frames carry no values and are not among them. */
export function unknownFrames(body: PackBody, plan: Plan): number {
  let count = 0;
  for (const { id, payloads } of body.frames ?? []) {
    const flags = flagsOf(id);
    if ((flags & (FrameFlag.remote | FrameFlag.error)) !== 0) continue;
    if (plan.find(id % 2 ** 29, (flags & FrameFlag.extended) !== 0) === undefined) count += payloads.length;
  }
  return count;
}
