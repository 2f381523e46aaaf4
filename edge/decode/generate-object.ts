/**
 * Writes the body of a JavaScript function that decodes one message into a DecodedFrame. Its shape stands in the
 * text as object literals, one for each choice of the multiplexers, so that engines know it beforehand.
 */
import {
  exactRaw,
  PayloadWords,
  readStatements,
  type SelectionCase,
  selection,
  selectorValue,
  statusTests,
} from './generate-signal.ts';
import { bytesNeeded, generatedSizeMax } from './layout.ts';
import { type Branch, branchesBySelector, branchesOverlap } from './multiplexer.ts';
import type { DecodedFrame } from './objects.ts';
import { mayNeedBigint, statusNames } from './records.ts';
import { type PlanMessage, type PlanSignal, SignalStatus } from './types.ts';

/**
 * What the generated text is given: the message, DataViews of the payload and of 8 bytes of scratch, and the status
 * of frames in which nothing is amiss.
 */
export const objectParameters = ['message', 'payload', 'float', 'allOk'] as const;

/** Decodes the payload, which holds at least the bytes it was generated for. */
export type GeneratedObjectDecoder = () => DecodedFrame;

/**
 * Generates the object decoder of a message for frames of at least `coveredBytes`.
 * @returns source of a function body that returns a GeneratedObjectDecoder; undefined where branches overlap, or the
 * multiplexers can choose in so many ways that literals for all of them would be too much text
 */
export function generateObjectDecoder(message: PlanMessage, coveredBytes: number): string | undefined {
  return new ObjectGenerator(message, coveredBytes).generate();
}

class ObjectGenerator {
  readonly #message: PlanMessage;
  readonly #coveredBytes: number;
  readonly #branches: Map<number, Branch[]>;
  readonly #words = new PayloadWords();
  /** Fields written so far, in all literals together. */
  #fields = 0;

  constructor(message: PlanMessage, coveredBytes: number) {
    this.#message = message;
    this.#coveredBytes = coveredBytes;
    this.#branches = branchesBySelector(message);
  }

  generate(): string | undefined {
    if ([...this.#branches.values()].some(branchesOverlap)) return undefined;
    const unmultiplexed = this.#message.signals.filter((signal) => signal.selectorSlot < 0);
    const body = this.#choose({ active: [], unknown: new Set(), pending: [] }, unmultiplexed);
    if (this.#fields > generatedSizeMax) return undefined;
    return ['"use strict";', 'return () => {', ...this.#words.loads(), 'let status;', body, '};'].join('\n');
  }

  #covers(signal: PlanSignal): boolean {
    return bytesNeeded(signal) <= this.#coveredBytes;
  }

  /** Reads the signals of a branch just chosen, then goes on to the next selector, or ends with the object. */
  #choose({ active, unknown, pending }: Choice, chosen: readonly PlanSignal[]): string {
    const covered = chosen.filter((signal) => this.#covers(signal));
    const reads = covered.flatMap((signal) => readStatements(signal, this.#words));
    const selectors = covered.filter(({ slot }) => this.#branches.has(slot));
    const [next, ...rest] = [...pending, ...selectors];
    const held = [...active, ...chosen];
    // What is too much text is given up as soon as it shows: choices multiply.
    if (next === undefined || this.#fields > generatedSizeMax)
      return [...reads, this.#object(held, unknown)].join('\n');
    const cases = this.#branches.get(next.slot)!.map(
      ({ ranges, signals }): SelectionCase => ({
        ranges,
        body: this.#choose({ active: held, unknown, pending: rest }, signals),
      }),
    );
    const otherwise = this.#choose({ active: held, unknown: new Set([...unknown, next.slot]), pending: rest }, []);
    const name = `s${next.slot}`;
    return [
      ...reads,
      `const ${name} = ${selectorValue(next)};`,
      selection(name, next.length > 53, cases, otherwise),
    ].join('\n');
  }

  #object(active: readonly PlanSignal[], unknown: ReadonlySet<number>): string {
    this.#fields += active.length + 1;
    const held = active.filter((signal) => this.#covers(signal)).sort((a, b) => a.slot - b.slot);
    const fields = held.map((signal) => `${key(signal.name)}: ${value(signal)}`);
    const statuses: [number, string][] = held.map((signal) => [signal.slot, this.#status(signal, unknown)]);
    for (const { slot, name } of this.#absent(active)) statuses.push([slot, note(name, SignalStatus.absent)]);
    const notes = statuses.filter(([, text]) => text !== '').sort(([a], [b]) => a - b);
    const status = notes.length === 0 ? 'allOk' : 'status === undefined ? allOk : status';
    const result = `return { message, signals: { ${fields.join(', ')} }, status: ${status} };`;
    return [...notes.map(([, text]) => text), result].join('\n');
  }

  /** Those the frame is too short for; with a selector, all that hangs on it. */
  #absent(active: readonly PlanSignal[]): PlanSignal[] {
    const absent = active.filter((signal) => !this.#covers(signal));
    for (const { slot } of absent) {
      // The array grows while it is walked.
      for (const { signals } of this.#branches.get(slot) ?? []) absent.push(...signals);
    }
    return absent;
  }

  /** Statements that note the status of a signal that was read, unless it is ok. */
  #status(signal: PlanSignal, unknown: ReadonlySet<number>): string {
    if (unknown.has(signal.slot)) return note(signal.name, SignalStatus.unknownMultiplexer);
    const tests = statusTests(this.#message, signal);
    return tests.map(({ test, status }) => `if (${test}) { ${note(signal.name, status)} }`).join(' else ');
  }
}

/** A choice that multiplexers made so far. */
interface Choice {
  /** Signals chosen. */
  active: readonly PlanSignal[];
  /** Slots of selectors whose value chose nothing. */
  unknown: ReadonlySet<number>;
  /** Selectors still to be asked. */
  pending: readonly PlanSignal[];
}

/**
 * A name as a key. Every code unit as `\\uXXXX`: whatever a hostile file calls a signal, hex digits are all that the
 * text holds. In brackets `__proto__` is a key like any other.
 */
function key(name: string): string {
  const units = Array.from({ length: name.length }, (_, i) => name.charCodeAt(i).toString(16).padStart(4, '0'));
  const quoted = `"${units.map((unit) => `\\u${unit}`).join('')}"`;
  return name === '__proto__' ? `[${quoted}]` : quoted;
}

function note(name: string, status: number): string {
  if (name === '__proto__') return `status = { ...status, ${key(name)}: "${statusNames[status]}" };`;
  return `(status ??= {})[${key(name)}] = "${statusNames[status]}";`;
}

/** As `physicalAt`: a number, or the exact integer. */
function value(signal: PlanSignal): string {
  const { slot, scale, offset } = signal;
  if (!mayNeedBigint(signal)) return `p${slot}`;
  const product = scale === 1 ? exactRaw(signal) : `${exactRaw(signal)} * ${BigInt(scale)}n`;
  const sum = offset === 0 ? product : `${product} + ${BigInt(offset)}n`;
  return `Number.isSafeInteger(p${slot}) ? p${slot} : ${sum}`;
}
