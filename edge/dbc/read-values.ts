/** VAL_TABLE_, VAL_, SIG_VALTYPE_, SG_MUL_VAL_, SIG_GROUP_ and BO_TX_BU_: what is said of messages and signals later. */
import { Byte, isDigit } from './lexer.ts';
import type { Message, SelectorRange, Signal, ValueLabel } from './model.ts';
import { rawValue, smallRawValue } from './read-message.ts';
import { type Reader, writtenKey } from './reader.ts';
import { usualLabel } from './usual-lines.ts';

/** `VAL_TABLE_ name 1 "text" 0 "text" ;` */
export function readValueTable(reader: Reader, from: number) {
  const { lex, database } = reader;
  if (!lex.word()) return reader.dropStatement(from, 'VAL_TABLE_', 'a name');
  const name = lex.text();
  reader.checkName('value table', name);
  const { labels } = readLabels(reader, from, 'VAL_TABLE_');
  const before = database.valueTables.get(name);
  if (before !== undefined && !sameLabels(before, labels))
    reader.report('TABLE_DUPLICATE', from, `value table ${name}`);
  if (before !== undefined || reader.take('references', from)) database.valueTables.set(name, labels);
}

function sameLabels(a: ValueLabel[], b: ValueLabel[]): boolean {
  return a.length === b.length && a.every((label, i) => label.raw === b[i].raw && label.text === b[i].text);
}

/** `VAL_ id signal 1 "text" ;`, `VAL_ variable 1 "text" ;`, and `VAL_ id signal table ;` */
export function readValues(reader: Reader, from: number) {
  const { lex, database } = reader;
  const id = lex.unsigned();
  if (!lex.word()) return reader.dropStatement(from, 'VAL_', 'an id and a signal, or an environment variable');
  const name = lex.text();
  const table = id >= 0 ? tableName(reader) : undefined;
  const { labels, end } = readLabels(reader, from, 'VAL_');
  const statement = { from, to: end };
  reader.later(from, () => {
    const target = id < 0 ? reader.environmentVariables.get(name) : findSignal(reader, id, name);
    const tableLabels = table === undefined ? undefined : database.valueTables.get(table);
    if (target === undefined || (table !== undefined && tableLabels === undefined)) {
      const missing = target === undefined ? describe(id, name) : `value table ${table}`;
      return reader.keepDangling('VAL_', statement, missing);
    }
    if (tableLabels !== undefined) {
      reader.report('VALUES_FROM_TABLE', from, `value table ${table}`);
      return addLabels(reader, from, target, tableLabels);
    }
    if (target.labels.length === 0) target.labels = labels;
    else if (labels.length > 0) {
      reader.report('VALUES_REPEATED', from, `${describe(id, name)} has labels already`);
      for (const label of labels) target.labels.push(label);
    }
  });
}

/** Copies labels, counting them anew: a small file could copy a large table to many signals. */
function addLabels(reader: Reader, at: number, target: { labels: ValueLabel[] }, labels: ValueLabel[]) {
  for (const label of labels) {
    if (!reader.take('labels', at)) return;
    target.labels.push(label);
  }
}

function tableName(reader: Reader): string | undefined {
  const { lex } = reader;
  const next = lex.peek();
  if (next < 0 || isDigit(next) || next === Byte.minus || next === Byte.plus || next === 0x2e) return undefined;
  if (next === Byte.semicolon || next === Byte.quote || lex.atKeyword() || !lex.word()) return undefined;
  return lex.text();
}

/**
 * `1 "text" 0 "text" ;`: what cannot be read ends the list, and is dropped with what follows it.
 * @returns also the offset where what was understood ends
 */
function readLabels(reader: Reader, from: number, keyword: string): { labels: ValueLabel[]; end: number } {
  const { lex } = reader;
  const labels: ValueLabel[] = [];
  for (;;) {
    const usual = lex.match(usualLabel);
    if (usual !== null) {
      const label = { raw: smallRawValue(usual[1]), text: usual[2] };
      if (reader.take('labels', lex.pos - usual[0].length)) labels.push(label);
      continue;
    }
    const next = lex.peek();
    if (next === Byte.semicolon || next === -1) break;
    const at = lex.pos;
    if (next === Byte.quote || (!isDigit(next) && lex.atKeyword()) || !lex.word()) {
      if (next !== Byte.quote && lex.atKeyword()) break;
      dropLabels(reader, at, `${keyword}: expected a raw value`);
      return { labels, end: at };
    }
    const raw = readRaw(reader);
    if (raw === undefined || lex.peek() !== Byte.quote) {
      dropLabels(
        reader,
        at,
        `${keyword}: expected a whole number and a text at ${lex.slice(at, Math.min(lex.pos, at + 40))}`,
      );
      return { labels, end: at };
    }
    const text = lex.string();
    if (reader.take('labels', at)) labels.push({ raw, text });
  }
  return { labels: compact(labels), end: reader.endStatement(from, keyword) };
}

/** Arrays that grow reserve room for 16 more; where a file has very many short ones, that is most of the memory. */
export function compact<Item>(items: Item[]): Item[] {
  return items.length < 8 ? items.slice() : items;
}

/** The last word as a raw value; `1.0` and `1E3` are whole numbers too. */
function readRaw(reader: Reader): bigint | undefined {
  const { lex } = reader;
  const raw = rawValue(lex.text());
  if (raw !== undefined) return raw;
  const value = lex.number();
  return Number.isSafeInteger(value) ? BigInt(value) : undefined;
}

function dropLabels(reader: Reader, at: number, detail: string) {
  const { lex } = reader;
  const to = lex.statementEnd(at);
  reader.report('VALUE_LABEL', at, detail);
  lex.pos = Math.max(to, at + 1);
}

/** `SIG_VALTYPE_ id signal : type ;` with 0 integer, 1 float32, 2 float64. */
export function readValueType(reader: Reader, from: number) {
  const { lex } = reader;
  const id = lex.unsigned();
  if (id < 0 || !lex.word()) return reader.dropStatement(from, 'SIG_VALTYPE_', 'an id and a signal');
  const name = lex.text();
  lex.accept(Byte.colon);
  const type = lex.unsigned();
  if (type < 0) return reader.dropStatement(from, 'SIG_VALTYPE_', '0, 1 or 2');
  const statement = { from, to: reader.endStatement(from, 'SIG_VALTYPE_') };
  reader.later(from, () => {
    const signal = findSignal(reader, id, name);
    if (signal === undefined) return reader.keepDangling('SIG_VALTYPE_', statement, describe(id, name));
    if (type === 1 && signal.length === 32) signal.valueType = 'float32';
    else if (type === 2 && signal.length === 64) signal.valueType = 'float64';
    else if (type === 0) signal.valueType = 'integer';
    else reader.report('VALUE_TYPE', from, `signal ${name} has ${signal.length} bits and the value type ${type}`);
  });
}

/** `SG_MUL_VAL_ id signal selector 1-1, 3-5 ;` */
export function readMultiplexValues(reader: Reader, from: number) {
  const { lex } = reader;
  const id = lex.unsigned();
  if (id < 0 || !lex.word()) return reader.dropStatement(from, 'SG_MUL_VAL_', 'an id and a signal');
  const name = lex.text();
  if (!lex.word()) return reader.dropStatement(from, 'SG_MUL_VAL_', 'a selector');
  const selectorName = lex.text();
  const ranges = readRanges(reader);
  if (ranges === undefined || ranges.length === 0)
    return reader.dropStatement(from, 'SG_MUL_VAL_', 'ranges like 1-1, 3-5');
  const statement = { from, to: reader.endStatement(from, 'SG_MUL_VAL_') };
  reader.later(from, () => {
    const message = reader.messages.get(writtenKey(id));
    const signal = findSignal(reader, id, name);
    const selector = findSignal(reader, id, selectorName);
    if (message === undefined || signal === undefined || selector === undefined) {
      const missing = signal === undefined ? name : selectorName;
      return reader.keepDangling('SG_MUL_VAL_', statement, describe(id, missing));
    }
    reader.rules.push({ message, signal, selector, ranges, at: from });
  });
}

function readRanges(reader: Reader): SelectorRange[] | undefined {
  const { lex } = reader;
  const ranges: SelectorRange[] = [];
  for (;;) {
    const next = lex.peek();
    if (next === Byte.comma) {
      lex.pos++;
      continue;
    }
    if (!isDigit(next) && next !== Byte.minus) return compact(ranges);
    lex.word();
    const at = lex.from;
    const range = parseRange(lex.text(), reader);
    if (range === undefined) return undefined;
    if (range.from > range.to) {
      reader.report('MULTIPLEXER_RANGE', at, `the range ${range.from}-${range.to}`);
      [range.from, range.to] = [range.to, range.from];
    }
    if (reader.take('selectorRanges', at)) ranges.push(range);
  }
}

/** `3-5`, `3 - 5` or `3`; a selector with a sign may have `-3--1`. */
function parseRange(first: string, reader: Reader): SelectorRange | undefined {
  const { lex } = reader;
  const dash = first.indexOf('-', 1);
  let fromText = dash < 0 ? first : first.slice(0, dash);
  let toText = dash < 0 ? first : first.slice(dash + 1);
  if (toText === '' || (dash < 0 && lex.peek() === Byte.minus)) {
    fromText = dash < 0 ? first : fromText;
    lex.accept(Byte.minus);
    if (!lex.word()) return undefined;
    toText = lex.text();
  }
  const from = rawValue(fromText);
  const to = rawValue(toText);
  return from === undefined || to === undefined ? undefined : { from, to };
}

/** `SIG_GROUP_ id name repetitions : signal signal ;` */
export function readSignalGroup(reader: Reader, from: number) {
  const { lex } = reader;
  const id = lex.unsigned();
  if (id < 0 || !lex.word()) return reader.dropStatement(from, 'SIG_GROUP_', 'an id and a name');
  const name = lex.text();
  const repetitions = lex.unsigned();
  if (repetitions < 0) return reader.dropStatement(from, 'SIG_GROUP_', 'a number of repetitions');
  lex.accept(Byte.colon);
  const signals = readNames(reader);
  const statement = { from, to: reader.endStatement(from, 'SIG_GROUP_') };
  reader.later(from, () => {
    const message = reader.messages.get(writtenKey(id));
    if (message === undefined) return reader.keepDangling('SIG_GROUP_', statement, `message ${id}`);
    message.signalGroups.push({ name, repetitions, signals });
  });
}

/** `BO_TX_BU_ id : node,node ;` */
export function readTransmitters(reader: Reader, from: number) {
  const { lex } = reader;
  const id = lex.unsigned();
  if (id < 0) return reader.dropStatement(from, 'BO_TX_BU_', 'an id');
  lex.accept(Byte.colon);
  const nodes = readNames(reader);
  const statement = { from, to: reader.endStatement(from, 'BO_TX_BU_') };
  reader.later(from, () => {
    const message = reader.messages.get(writtenKey(id));
    if (message === undefined) return reader.keepDangling('BO_TX_BU_', statement, `message ${id}`);
    for (const node of nodes) message.transmitters.push(node);
  });
}

/** Names up to the end of the statement, separated by blanks or commas. */
export function readNames(reader: Reader): string[] {
  const { lex } = reader;
  const names: string[] = [];
  for (;;) {
    if (lex.accept(Byte.comma)) continue;
    if (lex.atKeyword() || !lex.word()) return compact(names);
    if (reader.take('listedNames', lex.from)) names.push(lex.text());
  }
}

export function findSignal(reader: Reader, id: number, name: string): Signal | undefined {
  const message: Message | undefined = reader.messages.get(writtenKey(id));
  return message === undefined ? undefined : reader.signal(message, name);
}

/** What a reference meant, in words: `signal Speed of message 291`, or an environment variable's name. */
export function describe(id: number, name: string): string {
  return id < 0 ? `environment variable ${name}` : `signal ${name} of message ${id}`;
}
