/** How many values of real frames come out otherwise under a changed decoder. */
import type { FrameBatch } from '../../../edge/can/index.ts';
import type { Database, Signal } from '../../../edge/dbc/index.ts';
import {
  compilePlan,
  createFrameDecoder,
  type FrameDecoder,
  labelAt,
  type PlanMessage,
  type PlanSignal,
  physicalAt,
  SignalStatus,
} from '../../../edge/decode/index.ts';
import { type MessageView, viewMessages } from '../message-view.ts';
import { pairSignals } from './pairs.ts';

/** Counts of one signal's values, over all frames. */
export interface SignalCounts {
  message: string;
  signal: string;
  /** Values that both decoders give. */
  compared: number;
  /** Of them: with another number. */
  changed: number;
  /** Of them: the same number, with another label or status. */
  relabelled: number;
  /** Given by the newer decoder only, and by the older only. */
  appeared: number;
  disappeared: number;
  /** The first value that differs, as the decoders give it. */
  example?: { before: string; after: string };
}

export interface ValueDiff {
  frames: number;
  /** Frames that neither decoder knows. */
  unknownFrames: number;
  /** Sums over all signals. */
  compared: number;
  changed: number;
  relabelled: number;
  appeared: number;
  disappeared: number;
  /** Those with a difference, by message and signal of the newer decoder. */
  signals: SignalCounts[];
}

/** Runs frames through both decoders. */
export interface ValueComparison {
  add(frames: FrameBatch): void;
  /**
   * One frame, of any length.
   * @param flags bits of FrameFlag
   */
  addFrame(id: number, flags: number, data: Uint8Array): void;
  result(): ValueDiff;
}

/** A signal of the older plan with that of the newer, whichever there are. */
interface SignalPair {
  before?: PlanSignal;
  after?: PlanSignal;
  counts: SignalCounts;
}

/** Signals are matched as `diffDatabases` matches them: a renamed one is compared with itself. */
export function createValueComparison(before: Database, after: Database): ValueComparison {
  return new Comparison(before, after);
}

class Comparison implements ValueComparison {
  readonly #before: FrameDecoder;
  readonly #after: FrameDecoder;
  readonly #views: { before: Map<PlanMessage, MessageView>; after: Map<PlanMessage, MessageView> };
  /** Per message of the older plan, or none, and message of the newer. */
  readonly #pairs = new Map<PlanMessage | undefined, Map<PlanMessage | undefined, SignalPair[]>>();
  readonly #counts = new Map<string, SignalCounts>();
  #frames = 0;
  #unknown = 0;

  constructor(before: Database, after: Database) {
    const [old, now] = [compilePlan(before), compilePlan(after)];
    this.#before = createFrameDecoder(old);
    this.#after = createFrameDecoder(now);
    const byPlanned = (views: MessageView[]) => new Map(views.map((view) => [view.planned, view]));
    this.#views = { before: byPlanned(viewMessages(before, old)), after: byPlanned(viewMessages(after, now)) };
  }

  add(frames: FrameBatch): void {
    const { id, flags, data, stride, length } = frames;
    for (let i = 0; i < frames.count; i++) this.#add(id[i], flags[i], data, i * stride, length[i]);
  }

  addFrame(id: number, flags: number, data: Uint8Array): void {
    this.#add(id, flags, data, 0, data.length);
  }

  #add(id: number, flags: number, data: Uint8Array, offset: number, length: number): void {
    const old = this.#before.decode(id, flags, data, offset, length);
    const now = this.#after.decode(id, flags, data, offset, length);
    this.#frames++;
    if (old === undefined && now === undefined) this.#unknown++;
    else for (const pair of this.#pairsOf(old, now)) this.#compare(pair);
  }

  result(): ValueDiff {
    const all = [...this.#counts.values()];
    const sum = (key: 'compared' | 'changed' | 'relabelled' | 'appeared' | 'disappeared') =>
      all.reduce((total, counts) => total + counts[key], 0);
    return {
      frames: this.#frames,
      unknownFrames: this.#unknown,
      compared: sum('compared'),
      changed: sum('changed'),
      relabelled: sum('relabelled'),
      appeared: sum('appeared'),
      disappeared: sum('disappeared'),
      signals: all.filter(
        ({ changed, relabelled, appeared, disappeared }) => changed + relabelled + appeared + disappeared > 0,
      ),
    };
  }

  #pairsOf(old: PlanMessage | undefined, now: PlanMessage | undefined): SignalPair[] {
    let byNow = this.#pairs.get(old);
    if (byNow === undefined) {
      byNow = new Map();
      this.#pairs.set(old, byNow);
    }
    let pairs = byNow.get(now);
    if (pairs === undefined) {
      pairs = this.#match(old, now);
      byNow.set(now, pairs);
    }
    return pairs;
  }

  #match(old: PlanMessage | undefined, now: PlanMessage | undefined): SignalPair[] {
    const before = bySignal(old && this.#views.before.get(old));
    const after = bySignal(now && this.#views.after.get(now));
    return pairSignals([...before.keys()], [...after.keys()]).map((pair) => {
      const signal = (pair.after ?? pair.before)!;
      const message = (now ?? old)!.name;
      return {
        before: pair.before && before.get(pair.before),
        after: pair.after && after.get(pair.after),
        counts: this.#countsOf(message, signal.name),
      };
    });
  }

  #countsOf(message: string, signal: string): SignalCounts {
    const key = JSON.stringify([message, signal]);
    let counts = this.#counts.get(key);
    if (counts === undefined) {
      counts = { message, signal, compared: 0, changed: 0, relabelled: 0, appeared: 0, disappeared: 0 };
      this.#counts.set(key, counts);
    }
    return counts;
  }

  #compare({ before, after, counts }: SignalPair): void {
    const old = before !== undefined && isHeld(this.#before, before) ? before : undefined;
    const now = after !== undefined && isHeld(this.#after, after) ? after : undefined;
    if (old === undefined && now === undefined) return;
    if (old === undefined) counts.appeared++;
    else if (now === undefined) counts.disappeared++;
    else {
      counts.compared++;
      const [was, is] = [physicalAt(this.#before, old), physicalAt(this.#after, now)];
      if (!Object.is(was, is)) counts.changed++;
      else if (wordsAt(this.#before, old) !== wordsAt(this.#after, now)) counts.relabelled++;
      else return;
    }
    counts.example ??= { before: valueText(this.#before, old), after: valueText(this.#after, now) };
  }
}

/** The model's signals in their order, each with the plan's. */
function bySignal(view: MessageView | undefined): Map<Signal, PlanSignal> {
  if (view === undefined) return new Map();
  const planned = new Map(view.signals.map((each) => [each.signal, each.planned]));
  return new Map(view.message.signals.map((signal) => [signal, planned.get(signal)!]));
}

function isHeld({ status }: FrameDecoder, { slot }: PlanSignal): boolean {
  return status[slot] !== SignalStatus.absent && status[slot] !== SignalStatus.inactive;
}

function wordsAt(decoder: FrameDecoder, signal: PlanSignal): string {
  return `${decoder.status[signal.slot]} ${labelAt(decoder, signal) ?? ''} ${signal.unit}`;
}

function valueText(decoder: FrameDecoder, signal: PlanSignal | undefined): string {
  if (signal === undefined) return 'nothing';
  const label = labelAt(decoder, signal);
  const value = `${physicalAt(decoder, signal)}${signal.unit && ` ${signal.unit}`}`;
  return label === undefined ? value : `${value} (${label})`;
}
