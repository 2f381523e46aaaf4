/** Writes the body of a JavaScript function that decodes one message into arrays. */
import {
  PayloadWords,
  rangeTest,
  readStatements,
  type SelectionCase,
  selection,
  selectorValue,
  statusTests,
} from './generate-signal.ts';
import { bytesNeeded, rawLimits, rawsWithinRange } from './layout.ts';
import { type Branch, branchesBySelector, branchesOverlap } from './multiplexer.ts';
import { type PlanMessage, type PlanSignal, SignalStatus } from './types.ts';

/**
 * What the generated text is given: the arrays of FrameDecoder, the halves of raw integers past 53 bits, 8 bytes of
 * scratch, and DataViews of the payload and of `status`.
 */
export const generatedParameters = [
  'physical',
  'raw',
  'status',
  'rawLow',
  'rawHigh',
  'float',
  'payload',
  'statusWords',
] as const;

/** Decodes the payload, which holds at least the bytes it was generated for. */
export type GeneratedDecoder = () => void;

/** Statuses written by one store. */
const statusesPerWord = 4;

/** Differences of raw integers up to so long stay within 32 bits. */
const differenceBitsMax = 30;

/**
 * The status of an integer signal that has only its range to leave, without a jump: values at the edge of their range
 * would make it one that no processor foresees. A sign bit becomes the status.
 */
function rangeStatus(signal: PlanSignal): string {
  const { from, to } = rawsWithinRange(signal);
  const limits = rawLimits(signal);
  const outside = [];
  if (from > Number(limits.minimum)) outside.push(`r${signal.slot} - (${from})`);
  if (to < Number(limits.maximum)) outside.push(`(${to}) - r${signal.slot}`);
  return `(${outside.join(' | ')}) >>> 31`;
}

/**
 * Generates the decoder of a message for frames of at least `coveredBytes`; what lies beyond is marked absent.
 * @returns source of a function body that returns a GeneratedDecoder
 */
export function generateDecoder(message: PlanMessage, coveredBytes: number): string {
  return new Generator(message, coveredBytes).generate();
}

class Generator {
  readonly #message: PlanMessage;
  readonly #coveredBytes: number;
  readonly #branches: Map<number, Branch[]>;
  readonly #words = new PayloadWords();
  /** By slot: the status each frame begins with; what a frame tells is stored over it. */
  readonly #initial: number[];

  constructor(message: PlanMessage, coveredBytes: number) {
    this.#message = message;
    this.#coveredBytes = coveredBytes;
    this.#branches = branchesBySelector(message);
    this.#initial = message.signals.map(({ selectorSlot }) =>
      selectorSlot < 0 ? SignalStatus.ok : SignalStatus.inactive,
    );
  }

  generate(): string {
    const { signals } = this.#message;
    const unmultiplexed = signals.filter((signal) => signal.selectorSlot < 0);
    const body = unmultiplexed.map((signal) => this.#signal(signal));
    const selectors = signals.filter((signal) => this.#branches.has(signal.slot) && this.#covers(signal));
    const flags = selectors.map(({ slot }) => `let active${slot} = false, selector${slot} = 0;`);
    for (const selector of selectors) body.push(this.#dispatch(selector));
    const reset = this.#reset(unmultiplexed.length);
    return ['"use strict";', 'return () => {', ...this.#words.loads(), ...flags, ...reset, ...body, '};'].join('\n');
  }

  #covers(signal: PlanSignal): boolean {
    return bytesNeeded(signal) <= this.#coveredBytes;
  }

  /** Multiplexed signals stand together behind the others, and begin each frame without a value. */
  #reset(firstMultiplexed: number): string[] {
    const lines: string[] = [];
    const slots = this.#initial.length;
    for (let first = 0; first < slots; first += statusesPerWord) {
      const group = this.#initial.slice(first, first + statusesPerWord);
      const word = group.reduce((bits, status, i) => bits | (status << (i * 8)), 0);
      lines.push(`statusWords.setInt32(${first}, ${word}, true);`);
    }
    // A call of fill costs 30 ns, as much as some 80 stores.
    if (slots - firstMultiplexed > 80)
      lines.push(`physical.fill(NaN, ${firstMultiplexed}, ${slots});`, `raw.fill(0, ${firstMultiplexed}, ${slots});`);
    else for (let slot = firstMultiplexed; slot < slots; slot++) lines.push(empty(slot));
    return lines;
  }

  #signal(signal: PlanSignal): string {
    if (!this.#covers(signal)) return this.#absent(signal);
    const { slot } = signal;
    const lines = readStatements(signal, this.#words);
    lines.push(`physical[${slot}] = p${slot};`, `raw[${slot}] = r${slot};`);
    if (signal.length > 53) lines.push(`rawLow[${slot}] = low${slot};`, `rawHigh[${slot}] = high${slot};`);
    lines.push(this.#statusOf(signal));
    if (this.#branches.has(slot)) lines.push(`active${slot} = true;`, `selector${slot} = ${selectorValue(signal)};`);
    return `{ ${lines.join(' ')} }`;
  }

  #statusOf(signal: PlanSignal): string {
    const { slot } = signal;
    const tests = statusTests(this.#message, signal);
    const isRangeAlone = tests.length === 1 && tests[0].status === SignalStatus.outOfRange;
    if (isRangeAlone && signal.valueType === 'integer' && signal.length <= differenceBitsMax)
      return `status[${slot}] = ${rangeStatus(signal)};`;
    const lines = tests.map(({ test, status }) => `if (${test}) status[${slot}] = ${status};`);
    if (signal.selectorSlot >= 0) lines.push(`status[${slot}] = ${SignalStatus.ok};`);
    return lines.join(' else ');
  }

  /** The signal, and all that hangs on it: without the selector nobody knows what is there. */
  #absent(signal: PlanSignal): string {
    const lines: string[] = [];
    const pending = [signal];
    for (let next = pending.pop(); next !== undefined; next = pending.pop()) {
      // One that a selector may still choose is absent only then; the others are so in every frame.
      if (signal.selectorSlot < 0) this.#initial[next.slot] = SignalStatus.absent;
      else lines.push(`status[${next.slot}] = ${SignalStatus.absent};`);
      if (next.selectorSlot < 0) lines.push(empty(next.slot));
      for (const { signals } of this.#branches.get(next.slot) ?? []) for (const child of signals) pending.push(child);
    }
    return lines.join('\n');
  }

  /** Decodes what the selector's raw value activates. Runs after the selector's own branch, so code never nests. */
  #dispatch(selector: PlanSignal): string {
    const { slot } = selector;
    const branches = this.#branches.get(slot)!;
    const name = `selector${slot}`;
    const isBig = selector.length > 53;
    const unknown = `status[${slot}] = ${SignalStatus.unknownMultiplexer};`;
    const cases = branches.map(
      ({ ranges, signals }): SelectionCase => ({
        ranges,
        body: signals.map((signal) => this.#signal(signal)).join('\n'),
      }),
    );
    if (!branchesOverlap(branches)) return `if (active${slot}) ${selection(name, isBig, cases, unknown)}`;
    const each = cases.map(({ ranges, body }) => `if (${rangeTest(name, ranges, isBig)}) { known = true;\n${body}\n}`);
    return `if (active${slot}) { let known = false;\n${each.join('\n')}\nif (!known) ${unknown} }`;
  }
}

const empty = (slot: number): string => `physical[${slot}] = NaN; raw[${slot}] = 0;`;
