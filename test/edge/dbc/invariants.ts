/** What holds of every file, whole or broken: nothing is lost in silence, writing keeps it all, and nothing throws. */
import assert from 'node:assert/strict';
import { inspect, isDeepStrictEqual } from 'node:util';
import { type Database, type Diagnostic, parseDbc, writeDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, createFrameDecoder, createInterpreter } from '../../../edge/decode/index.ts';
import type { Draw } from './mutate.ts';
import { withoutPlaces } from './parsing.ts';

/** Two or more of one thing become one, with one of these on the first. */
const replacing = new Set(['MESSAGE_DUPLICATE', 'MESSAGE_REPEATED']);
/** From here on a file's diagnostics no longer name everything that was dropped. */
const capped = new Set(['DIAGNOSTICS_TRUNCATED', 'LIMIT_REACHED', 'FILE_TOO_LARGE', 'FILE_UTF16']);

const messageLine = /^[ \t]*BO_[ \t]+(\d+)[ \t]+(\w+)[ \t]*:[ \t]*(\d+)[ \t]+\w+[ \t\r]*$/;
const signalLine =
  /^[ \t]*SG_[ \t]+(\w+)[ \t]*(?:M|m\d{1,15}M?)?[ \t]*:[ \t]*(\d{1,9})\|(\d{1,9})@([01])([+-])[ \t]*\(([^\s,()]+),([^\s,()]+)\)[ \t]*\[[^\s|[\]]+\|[^\s|[\]]+\][ \t]*"[^"\\]*"[ \t]*\w+(?:,\w+)*[ \t\r]*$/;

interface Line {
  keyword: 'BO_' | 'SG_';
  /** What tells it from others, as `tally` writes it. */
  key: string;
  /** From 1. */
  number: number;
  text: string;
}

/** Every whole BO_ and SG_ line, found without the parser. */
export function recognisedLines(bytes: Uint8Array): Line[] {
  const text = new TextDecoder('latin1').decode(bytes);
  const lines: Line[] = [];
  text.split('\n').forEach((line, index) => {
    const found = messageLine.exec(line) ?? signalLine.exec(line);
    if (found === null) return;
    const keyword = line.trimStart().startsWith('BO_') ? 'BO_' : 'SG_';
    const key = keyword === 'BO_' ? messageKey(Number(found[1]), found[2]) : signalKey(found[1], found[2], found[3]);
    lines.push({ keyword, key, number: index + 1, text: line.trim() });
  });
  return lines;
}

const messageKey = (id: number, name: string) => `BO_ ${id % 0x80000000} ${name}`;
const signalKey = (name: string, start: string | number, length: string | number) =>
  `SG_ ${name} ${Number(start)}|${Number(length)}`;

function tally(database: Database): Map<string, number> {
  const counts = new Map<string, number>();
  const count = (key: string) => counts.set(key, (counts.get(key) ?? 0) + 1);
  for (const message of database.messages) {
    count(messageKey(message.id, message.name));
    for (const { name, startBit, length } of message.signals) count(signalKey(name, startBit, length));
  }
  return counts;
}

/** All prose of a database: a line may stand in a comment or another text. */
function prose(database: Database): string {
  const texts: unknown[] = [];
  JSON.stringify(database, (_, value) => {
    if (typeof value === 'string' && value.includes('_ ')) texts.push(value);
    if (value instanceof Map) return [...value];
    return typeof value === 'bigint' ? '' : value;
  });
  return texts.join('\n').replaceAll('"', '\\"').replaceAll('\\\\"', '\\"');
}

/** The lines that are in the model neither as what they say nor as text, and of which no diagnostic speaks. */
export function silentLosses(bytes: Uint8Array, database: Database, diagnostics: readonly Diagnostic[]): string[] {
  if (diagnostics.some(({ code }) => capped.has(code))) return [];
  const left = tally(database);
  const named = new Set(diagnostics.filter(({ severity }) => severity === 'error').map(({ line }) => line));
  // A message that was replaced may begin on a line that the oracle does not recognise.
  const replaced = diagnostics.filter(({ code }) => replacing.has(code)).map(({ line }) => line);
  const isReplaced = (from: number, to: number) => replaced.some((line) => line >= from && line <= to);
  let texts: string | undefined;
  let owner = 0;
  const lost: string[] = [];
  for (const { keyword, key, number, text } of recognisedLines(bytes)) {
    if (named.has(number) || isReplaced(keyword === 'BO_' ? number : owner, number)) continue;
    const count = left.get(key) ?? 0;
    left.set(key, count - 1);
    // A line inside a comment begins no message.
    if (keyword === 'BO_' && count > 0) owner = number;
    if (count > 0) continue;
    texts ??= prose(database);
    if (!texts.includes(text) && !texts.includes(text.replaceAll('"', '\\"'))) lost.push(`line ${number}: ${text}`);
  }
  return lost;
}

/** Where two values part, and how: a whole database is too long to print. */
function firstDifference(wanted: unknown, found: unknown, path = 'database'): string | undefined {
  if (isDeepStrictEqual(wanted, found)) return undefined;
  const parts = (value: unknown) =>
    Object.entries(value instanceof Map ? Object.fromEntries(value) : (value as object));
  if (typeof wanted === 'object' && typeof found === 'object' && wanted !== null && found !== null) {
    const others = new Map(parts(found));
    for (const [key, value] of parts(wanted)) {
      const deeper = firstDifference(value, others.get(key), `${path}.${key}`);
      if (deeper !== undefined) return deeper;
      others.delete(key);
    }
    for (const [key, value] of others) return `${path}.${key}: nothing, then ${inspect(value)}`;
  }
  return `${path}: ${inspect(wanted)}, then ${inspect(found)}`;
}

function checkDecoding(database: Database, draw: Draw): void {
  const plan = compilePlan(database);
  const generated = createFrameDecoder(plan);
  const interpreter = createInterpreter(plan);
  for (let left = Math.min(3, plan.messages.length); left > 0; left--) {
    const message = draw.one(plan.messages);
    const data = draw.bytes(draw.below(2) === 0 ? 8 : draw.below(65));
    const flags = message.extended ? 1 : 0;
    const found = generated.decode(message.id, flags, data, 0, data.length);
    assert.equal(interpreter.decode(message.id, flags, data, 0, data.length), found);
    for (let slot = 0; slot < (found?.signals.length ?? 0); slot++) {
      assert.ok(Object.is(generated.physical[slot], interpreter.physical[slot]), `physical value of slot ${slot}`);
      assert.equal(generated.status[slot], interpreter.status[slot], `status of slot ${slot}`);
      assert.equal(generated.rawAt(slot), interpreter.rawAt(slot), `raw value of slot ${slot}`);
    }
  }
}

/** @throws {assert.AssertionError} or whatever the code under test throws, when one of the promises is broken */
export function checkInvariants(bytes: Uint8Array, draw: Draw): void {
  const { database, diagnostics } = parseDbc(bytes);
  for (const { line, column, message } of diagnostics) assert.ok(line > 0 && column > 0 && message !== '');
  assert.deepEqual(silentLosses(bytes, database, diagnostics), []);
  const written = writeDbc(database);
  const again = parseDbc(written).database;
  assert.equal(firstDifference(withoutPlaces(database), withoutPlaces(again)), undefined);
  checkDecoding(database, draw);
}
