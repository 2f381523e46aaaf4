/** Compares two databases by what they mean, in plain words. */
import type { Database, Message, Signal, ValueLabel } from '../../../edge/dbc/index.ts';
import { idText } from '../identifiers.ts';
import { rangesText } from '../message-view.ts';
import { typeText } from '../signal-table.ts';
import type { Change, ChangeKind } from './changes.ts';
import { fileMetadata, messageMetadata, signalMetadata } from './metadata.ts';
import { type Pair, pairMessages, pairSignals } from './pairs.ts';

export interface DatabaseDiff {
  /** By message id, then in the order of the newer message; the file's own last. */
  changes: Change[];
  /** False when `semanticHash` of both is the same: then every change is of kind `metadata`. */
  meaningDiffers: boolean;
}

/**
 * What makes `after` another decoder than `before`.
 * @example diffDatabases(parseDbc(old).database, parseDbc(current).database).changes.map(({ text }) => text)
 */
export function diffDatabases(before: Database, after: Database): DatabaseDiff {
  const changes = pairMessages(before, after).flatMap(diffMessage).concat(fileMetadata(before, after));
  return { changes, meaningDiffers: changes.some(({ kind }) => kind !== 'metadata') };
}

function diffMessage({ before, after }: Pair<Message>): Change[] {
  const message = (after ?? before)!;
  const place = { message: message.name, id: idText(message) };
  if (before === undefined) return [{ kind: 'message-added', ...place, text: `message added, ${summary(message)}` }];
  if (after === undefined) return [{ kind: 'message-removed', ...place, text: `message removed, ${summary(message)}` }];
  const changes: Change[] = [];
  const add = (kind: ChangeKind, what: string, from: string, to: string) => {
    if (from !== to)
      changes.push({ kind, ...place, before: from, after: to, text: `${what} changed from ${from} to ${to}` });
  };
  add('message-id', 'id', idAndFormat(before), idAndFormat(after));
  add('message-renamed', 'name', before.name, after.name);
  add('message-resized', 'length', bytes(before.length), bytes(after.length));
  add('message-matching', 'matching', matching(before), matching(after));
  const signals = pairSignals(before.signals, after.signals).flatMap(diffSignal);
  return [...changes, ...messageMetadata(before, after), ...signals.map((change) => ({ ...change, ...place }))].map(
    (change) => ({ ...change, ...place }),
  );
}

function summary({ length, signals }: Message): string {
  return `${bytes(length)}, ${signals.length === 1 ? '1 signal' : `${signals.length} signals`}`;
}

function bytes(length: number): string {
  return length === 1 ? '1 byte' : `${length} bytes`;
}

function idAndFormat(message: Message): string {
  return message.extended ? `${idText(message)} (29 bits)` : idText(message);
}

function matching({ j1939 }: Message): string {
  return j1939 ? 'by PGN (J1939)' : 'by id';
}

function diffSignal({ before, after }: Pair<Signal>): Change[] {
  const signal = (after ?? before)!.name;
  if (before === undefined) return [{ kind: 'signal-added', signal, text: `signal added, ${layoutText(after!)}` }];
  if (after === undefined)
    return [{ kind: 'signal-removed', signal, text: `signal removed, was ${layoutText(before)}` }];
  const changes: Change[] = [];
  const add = (kind: ChangeKind, what: string, from: string, to: string) => {
    if (from !== to) changes.push({ kind, signal, before: from, after: to, text: `${what} from ${from} to ${to}` });
  };
  add('signal-renamed', 'renamed', before.name, signal);
  add('signal-moved', 'moved', placeText(before), placeText(after));
  add('signal-resized', 'resized', bits(before.length), bits(after.length));
  add('signal-retyped', 'type changed', typeText(before), typeText(after));
  // A float has no sign to choose, but the file's mark is part of the decoder all the same.
  if (typeText(before) === typeText(after) && before.signed !== after.signed)
    add('signal-retyped', 'sign mark changed', sign(before), sign(after));
  add('signal-rescaled', 'factor and offset changed', scaleOf(before), scaleOf(after));
  add('signal-ranged', 'range changed', rangeOf(before), rangeOf(after));
  add('signal-unit', 'unit changed', JSON.stringify(before.unit), JSON.stringify(after.unit));
  add('signal-multiplexed', 'multiplexing changed', multiplexingOf(before), multiplexingOf(after));
  const labels = labelsText(before.labels, after.labels);
  if (labels !== undefined) changes.push({ kind: 'signal-labels', signal, text: `labels changed: ${labels}` });
  return [...changes, ...signalMetadata(before, after).map((change) => ({ ...change, signal }))];
}

function layoutText(signal: Signal): string {
  return `${placeText(signal)}, ${bits(signal.length)} ${typeText(signal)}, factor and offset ${scaleOf(signal)}`;
}

function placeText({ startBit, byteOrder }: Signal): string {
  return `bit ${startBit} ${byteOrder}`;
}

function bits(length: number): string {
  return length === 1 ? '1 bit' : `${length} bits`;
}

function sign({ signed }: Signal): string {
  return signed ? '-' : '+';
}

function scaleOf({ scale, scaleText, offset, offsetText }: Signal): string {
  return `${exact(scale, scaleText)}, ${exact(offset, offsetText)}`;
}

/** The number itself, so that `1.0` and `1` are the same; past 2^53 every digit that the file gives, as in the hash. */
function exact(value: number, text: string): string {
  if (Number.isSafeInteger(value) || !/^[+-]?\d{1,40}$/.test(text)) return `${value}`;
  return `${BigInt(text.replace('+', ''))}`;
}

function rangeOf({ minimum, maximum }: Signal): string {
  return minimum === 0 && maximum === 0 ? 'none' : `${minimum} to ${maximum}`;
}

function multiplexingOf({ isSelector, multiplexedBy }: Signal): string {
  const ranges = [...(multiplexedBy?.ranges ?? [])].sort((a, b) => compare(a.from, b.from) || compare(a.to, b.to));
  const hangs = multiplexedBy === undefined ? 'always there' : `${multiplexedBy.selector} = ${rangesText(ranges)}`;
  return isSelector ? `${hangs}, a selector` : hangs;
}

const labelsShown = 5;

/** What was added, removed and renamed, or undefined when both say the same of every raw value. */
function labelsText(before: readonly ValueLabel[], after: readonly ValueLabel[]): string | undefined {
  const [old, now] = [textsByRaw(before), textsByRaw(after)];
  const parts: string[] = [];
  for (const [raw, text] of now) {
    const was = old.get(raw);
    if (was === undefined) parts.push(`${raw} ${text} added`);
    else if (was !== text) parts.push(`${raw} ${was} is ${text} now`);
  }
  for (const [raw, text] of old) if (!now.has(raw)) parts.push(`${raw} ${text} removed`);
  if (parts.length === 0) return undefined;
  const more = parts.length > labelsShown ? ` and ${parts.length - labelsShown} more` : '';
  return parts.slice(0, labelsShown).join(', ') + more;
}

/** Of several texts for one raw value all count, in their order. */
function textsByRaw(labels: readonly ValueLabel[]): Map<bigint, string> {
  const texts = new Map<bigint, string>();
  for (const { raw, text } of labels) {
    const quoted = JSON.stringify(text);
    const known = texts.get(raw);
    texts.set(raw, known === undefined ? quoted : `${known} and ${quoted}`);
  }
  return texts;
}

function compare(a: bigint, b: bigint): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
