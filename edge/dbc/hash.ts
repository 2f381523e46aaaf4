/** The identities of a decoder: of its file, byte for byte, and of what it means. */
import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { type Canonical, encodeCanonical } from './canonical.ts';
import type { Database, Message, Signal, ValueLabel } from './model.ts';
import { messageKey } from './reader.ts';

/**
 * SHA-256 of the exact bytes of a file, 64 lower-case hex digits; nothing is normalised before.
 * @example contentHash(readFileSync('car.dbc'))  // '5f3c...'
 */
export function contentHash(bytes: Uint8Array): string {
  return bytesToHex(sha256(bytes));
}

/** SHA-256 of `semanticBytes`: the same for two files that decode every frame alike and name the results alike. */
export function semanticHash(database: Database): string {
  return bytesToHex(sha256(semanticBytes(database)));
}

/**
 * What decoding depends on, as deterministic CBOR: `["dbc", 1, [message...]]`, messages by id, signals by multiplexer
 * path and name. Comments, nodes, cycle times and other attributes are not part of it, nor is the order of the file.
 */
export function semanticBytes(database: Database): Uint8Array {
  const messages = [...database.messages].sort((a, b) => keyOf(a) - keyOf(b));
  return encodeCanonical(['dbc', 1, messages.map(messageItem)]);
}

function keyOf(message: Message): number {
  return messageKey(message.id, message.extended);
}

/** `[id with bit 31, name, length, j1939, [signal...]]` */
function messageItem(message: Message): Canonical {
  const byName = new Map(message.signals.map((signal) => [signal.name, signal]));
  const signals = message.signals
    .map((signal) => ({ signal, path: selectorPath(signal, byName) }))
    .sort((a, b) => compareTexts(a.path, b.path) || compareTexts(a.signal.name, b.signal.name));
  return [keyOf(message), message.name, message.length, message.j1939, signals.map(({ signal }) => signalItem(signal))];
}

/**
 * `[name, start, length, motorola, signed, type, scale, offset, minimum, maximum, unit, selects, hangs on, labels]`
 * with type 0, 1 or 2 as in SIG_VALTYPE_.
 */
function signalItem(signal: Signal): Canonical {
  const { multiplexedBy } = signal;
  return [
    signal.name,
    signal.startBit,
    signal.length,
    signal.byteOrder === 'motorola',
    signal.signed,
    ['integer', 'float32', 'float64'].indexOf(signal.valueType),
    exactNumber(signal.scale, signal.scaleText),
    exactNumber(signal.offset, signal.offsetText),
    signal.minimum,
    signal.maximum,
    signal.unit,
    signal.isSelector,
    multiplexedBy === undefined ? null : [multiplexedBy.selector, rangeItems(signal)],
    labelItems(signal.labels),
  ];
}

/** Integers past 2^53 count in full, since raw values beyond it decode exactly. */
function exactNumber(value: number, text: string): Canonical {
  if (Number.isSafeInteger(value) || !/^[+-]?\d{1,40}$/.test(text)) return value;
  return text[0] === '+' ? BigInt(text.slice(1)) : BigInt(text);
}

function rangeItems(signal: Signal): Canonical {
  const ranges = [...(signal.multiplexedBy?.ranges ?? [])];
  ranges.sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  return ranges.map(({ from, to }) => [from, to]);
}

/** By raw value; of several texts for one the order of the file decides, and stays. */
function labelItems(labels: readonly ValueLabel[]): Canonical {
  return [...labels].sort((a, b) => compare(a.raw, b.raw)).map(({ raw, text }) => [raw, text]);
}

/** From the outermost selector inwards, with the lowest value that selects each. */
function selectorPath(signal: Signal, byName: ReadonlyMap<string, Signal>): string {
  const steps: string[] = [];
  for (let by = signal.multiplexedBy, depth = 0; by !== undefined && depth < 64; depth++) {
    steps.unshift(`${by.selector}=${String(by.ranges[0]?.from ?? 0n).padStart(20, '0')}`);
    by = byName.get(by.selector)?.multiplexedBy;
  }
  return steps.join('/');
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareTexts(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
