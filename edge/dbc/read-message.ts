/** BO_ and SG_: messages and their signals. */

import { keywords } from './keywords.ts';
import { Byte } from './lexer.ts';
import type { Message, Signal } from './model.ts';
import { independentMessageId, messageKey, noNode, type Reader, splitMessageId } from './reader.ts';
import { usualSignal } from './usual-lines.ts';

/** `BO_ id name: length sender` */
export function readMessage(reader: Reader, from: number) {
  const { lex } = reader;
  reader.current = undefined;
  const written = lex.unsigned();
  if (written < 0 || written > 0xffffffff) return dropLine(reader, from, 'MESSAGE_SYNTAX', 'BO_: expected a 32-bit id');
  const { id, extended } = splitMessageId(written);
  const idAt = lex.from;
  if (lex.atKeyword() || !lex.word()) {
    return dropLine(reader, from, 'MESSAGE_SYNTAX', `BO_ ${written}: expected a name`);
  }
  const name = lex.text();
  reader.checkName('message', name);
  if (!lex.accept(Byte.colon)) reader.report('COLON_MISSING', lex.pos, `message ${name}`);
  if (!reader.take('messages', from)) return;
  reportId(reader, idAt, { name, written, id, extended });

  const length = lex.unsigned();
  const lengthMissing = length < 0;
  if (lengthMissing) {
    reader.report('MESSAGE_LENGTH_MISSING', Math.min(lex.pos, lex.lineEnd(from)), `message ${name} has no length`);
    lex.skipSpaces();
    if (lex.bytes[lex.pos] === Byte.minus) lex.word();
  }
  const message: Message = {
    name,
    id,
    extended,
    length: lengthMissing ? 0 : length,
    sender: readSender(reader, name),
    transmitters: [],
    signals: [],
    signalGroups: [],
    fd: false,
    j1939: false,
    attributes: new Map(),
  };
  const key = messageKey(id, extended);
  const before = reader.messages.get(key);
  if (before !== undefined) reader.replaced.push({ before, after: message });
  reader.messages.set(key, message);
  reader.database.messages.push(message);
  reader.places.set(message, { at: from, signalsAt: [], lengthMissing });
  reader.current = message;
}

function reportId(
  reader: Reader,
  at: number,
  message: { name: string; written: number; id: number; extended: boolean },
) {
  const { name, written, id, extended } = message;
  if (id === independentMessageId && extended) {
    reader.report('MESSAGE_INDEPENDENT', at, `message ${name} has the id ${written}`);
  } else if (id > 0x1fffffff) {
    reader.report('MESSAGE_ID_RANGE', at, `message ${name} has the id ${written}, expected at most 29 bits`);
  } else if (extended && written === id) {
    reader.report('MESSAGE_ID_EXTENDED', at, `message ${name} has the id ${written}`);
  }
}

function readSender(reader: Reader, message: string): string {
  const { lex } = reader;
  const name = nameOnLine(reader);
  if (name !== undefined) return name;
  reader.report('MESSAGE_SENDER_MISSING', Math.min(lex.pos, lex.end), `message ${message} has no sender`);
  return noNode;
}

/** The next name of this line, or undefined, with nothing consumed, at its end and before a keyword. */
function nameOnLine(reader: Reader): string | undefined {
  const { lex } = reader;
  lex.skipSpaces();
  if (lex.pos >= lex.end || lex.bytes[lex.pos] <= Byte.space || !lex.word()) return undefined;
  const name = lex.text();
  // Only words that end so need the look-up; they begin the next statement of a file without line ends.
  if (lex.bytes[lex.pos - 1] === Byte.underscore && keywords.has(name)) {
    lex.pos = lex.from;
    return undefined;
  }
  return name;
}

type DropCode = 'MESSAGE_SYNTAX' | 'SIGNAL_SYNTAX' | 'SIGNAL_LENGTH' | 'SIGNAL_ORPHAN';

function dropLine(reader: Reader, from: number, code: DropCode, detail: string) {
  const { lex } = reader;
  const to = lex.lineEnd(from);
  reader.report(code, Math.min(lex.pos, to), detail);
  lex.pos = to;
}

/** `SG_ name [M|mN|mNM] : start|length@order sign (scale,offset) [minimum|maximum] "unit" receiver,receiver` */
export function readSignal(reader: Reader, from: number) {
  if (!readUsualSignal(reader, from)) readAnySignal(reader, from);
}

/** A signal in its usual form; false, with nothing consumed, where there may be something to report. */
function readUsualSignal(reader: Reader, from: number): boolean {
  const { lex, current: message } = reader;
  if (message === undefined) return false;
  const before = lex.pos;
  const found = lex.match(usualSignal);
  if (found === null) return false;
  const length = Number(found[4]);
  const scale = Number(found[7]);
  const receivers = found[12];
  // A word that ends so may be a keyword.
  if (length < 1 || length > 64 || scale === 0 || receivers.endsWith('_') || receivers.includes('_,')) {
    lex.pos = before;
    return false;
  }
  // Before anything is made of it: a file may go on with signals for 100 MB.
  if (!reader.take('signals', from)) return true;
  const mark = found[2];
  addSignal(reader, message, {
    at: before + 1,
    mark: mark?.[0] === 'm' ? smallRawValue(mark.slice(1)) : undefined,
    signal: {
      name: found[1],
      startBit: Number(found[3]),
      length,
      byteOrder: found[5] === '1' ? 'intel' : 'motorola',
      signed: found[6] === '-',
      valueType: 'integer',
      scale,
      offset: Number(found[8]),
      scaleText: found[7],
      offsetText: found[8],
      minText: found[9],
      maxText: found[10],
      minimum: Number(found[9]),
      maximum: Number(found[10]),
      unit: found[11],
      receivers: splitReceivers(reader, receivers, before),
      isSelector: mark === 'M',
      labels: [],
      attributes: new Map(),
    },
  });
  return true;
}

function splitReceivers(reader: Reader, receivers: string, at: number): string[] {
  if (!receivers.includes(',')) return reader.take('listedNames', at) ? [receivers] : [];
  return receivers.split(',').filter(() => reader.take('listedNames', at));
}

interface ReadSignal {
  /** Of its name. */
  at: number;
  /** The N of `mN`. */
  mark: bigint | undefined;
  signal: Signal;
}

function addSignal(reader: Reader, message: Message, { at, mark, signal }: ReadSignal) {
  message.signals.push(signal);
  reader.places.get(message)?.signalsAt.push(at);
  if (mark !== undefined) reader.marks.push({ message, signal, value: mark, at });
}

function readAnySignal(reader: Reader, from: number) {
  const { lex } = reader;
  if (!lex.word()) return dropLine(reader, from, 'SIGNAL_SYNTAX', 'SG_: expected a name');
  const name = lex.text();
  const nameFrom = lex.from;
  const message = reader.current;
  if (message === undefined) return dropLine(reader, from, 'SIGNAL_ORPHAN', `signal ${name}`);
  reader.checkName('signal', name);
  const mark: Mark = { isSelector: false, value: undefined };
  if (!lex.accept(Byte.colon) && !readMark(reader, mark)) return drop(reader, from, name, 'M, mN or mNM');

  const startBit = lex.unsigned();
  if (startBit < 0) return drop(reader, from, name, 'a start bit');
  if (!lex.accept(Byte.bar)) return drop(reader, from, name, '| after the start bit');
  const length = lex.unsigned();
  if (length < 0) return drop(reader, from, name, 'a length in bits');
  if (length === 0 || length > 64) {
    return dropLine(reader, from, 'SIGNAL_LENGTH', `signal ${name} has ${length} bits, expected 1 to 64`);
  }
  if (!lex.accept(Byte.at)) return drop(reader, from, name, '@ after the length');
  const order = lex.peek() - Byte.zero;
  if (order !== 0 && order !== 1) return drop(reader, from, name, '0 (Motorola) or 1 (Intel) after @');
  lex.pos++;
  const sign = lex.peek();
  if (sign !== Byte.plus && sign !== Byte.minus) return drop(reader, from, name, '+ or - after the byte order');
  lex.pos++;

  if (!lex.accept(Byte.openParen) || !lex.word()) return drop(reader, from, name, '(scale,offset)');
  const scale = lex.number();
  const scaleText = lex.text();
  if (scale === 0) reader.report('SIGNAL_SCALE_ZERO', lex.from, `signal ${name} has the scale ${scaleText}`);
  if (Number.isNaN(scale) || !lex.accept(Byte.comma) || !lex.word()) return drop(reader, from, name, '(scale,offset)');
  const offset = lex.number();
  const offsetText = lex.text();
  if (Number.isNaN(offset) || !lex.accept(Byte.closeParen)) return drop(reader, from, name, '(scale,offset)');

  const range: Range = { minimum: 0, maximum: 0, minText: '0', maxText: '0' };
  if (!readRange(reader, `signal ${name}`, range)) return drop(reader, from, name, '[minimum|maximum]');
  const unit = readUnit(reader, name);
  const receivers = readReceivers(reader, name);
  if (!reader.take('signals', from)) return;
  const signal: Signal = {
    name,
    startBit,
    length,
    byteOrder: order === 1 ? 'intel' : 'motorola',
    signed: sign === Byte.minus,
    valueType: 'integer',
    scale,
    offset,
    scaleText,
    offsetText,
    minText: range.minText,
    maxText: range.maxText,
    minimum: range.minimum,
    maximum: range.maximum,
    unit,
    receivers,
    isSelector: mark.isSelector,
    labels: [],
    attributes: new Map(),
  };
  addSignal(reader, message, { at: nameFrom, mark: mark.value, signal });
}

function drop(reader: Reader, from: number, name: string, expected: string) {
  dropLine(reader, from, 'SIGNAL_SYNTAX', `signal ${name}: expected ${expected}`);
}

interface Mark {
  isSelector: boolean;
  /** The N of `mN`. */
  value: bigint | undefined;
}

/** `M`, `m12`, `m12M` and the colon that follows; a missing colon is reported. */
function readMark(reader: Reader, mark: Mark): boolean {
  const { lex } = reader;
  const at = lex.pos;
  if (lex.unsigned() >= 0) {
    lex.pos = at;
  } else {
    if (!lex.word() || !parseMark(lex.text(), mark)) return false;
    if (lex.accept(Byte.colon)) return true;
  }
  reader.report('COLON_MISSING', at, 'signal');
  return true;
}

function parseMark(text: string, mark: Mark): boolean {
  mark.isSelector = text.at(-1) === 'M';
  if (text === 'M') return true;
  const digits = text.slice(1, mark.isSelector ? -1 : undefined);
  mark.value = text[0] === 'm' ? rawValue(digits) : undefined;
  return mark.value !== undefined && mark.value >= 0n;
}

/** A whole number of at most 15 digits, as `rawValue` gives it. */
export function smallRawValue(text: string): bigint {
  const value = Number(text);
  return value >= 0 && value < smallRaw.length ? smallRaw[value] : BigInt(value);
}

const smallRaw = Array.from({ length: 1024 }, (_, value) => BigInt(value));

/** A whole number of at most 20 digits, more than 64 bits need; undefined for anything else. */
export function rawValue(text: string): bigint | undefined {
  const digitsFrom = text[0] === '-' || text[0] === '+' ? 1 : 0;
  const digits = text.length - digitsFrom;
  if (digits < 1 || digits > 20) return undefined;
  let value = 0;
  for (let at = digitsFrom; at < text.length; at++) {
    const digit = text.charCodeAt(at) - Byte.zero;
    if (digit < 0 || digit > 9) return undefined;
    value = value * 10 + digit;
  }
  if (digits > 15) return text[0] === '+' ? BigInt(text.slice(1)) : BigInt(text);
  const negative = text[0] === '-';
  return !negative && value < smallRaw.length ? smallRaw[value] : BigInt(negative ? -value : value);
}

interface Range {
  minimum: number;
  maximum: number;
  minText: string;
  maxText: string;
}

/** `[minimum|maximum]` into `range`; false when it begins and does not end. */
export function readRange(reader: Reader, what: string, range: Range): boolean {
  const { lex } = reader;
  if (!lex.accept(Byte.openBracket)) {
    reader.report('SIGNAL_RANGE_MISSING', Math.min(lex.pos, lex.end), `${what} has no [minimum|maximum]`);
    return true;
  }
  if (!lex.word()) return false;
  range.minimum = limit(reader, what);
  range.minText = lex.text();
  if (!lex.accept(Byte.bar) || !lex.word()) return false;
  range.maximum = limit(reader, what);
  range.maxText = lex.text();
  return lex.accept(Byte.closeBracket);
}

function limit(reader: Reader, what: string): number {
  const value = reader.lex.number();
  if (!Number.isNaN(value)) return value;
  reader.report('NUMBER_UNREADABLE', reader.lex.from, `${what} has the limit ${reader.lex.text()}`);
  return 0;
}

function readUnit(reader: Reader, name: string): string {
  const { lex } = reader;
  if (lex.peek() === Byte.quote) return lex.string();
  reader.report('SIGNAL_UNIT_MISSING', Math.min(lex.pos, lex.end), `signal ${name} has no unit`);
  return '';
}

/** Receivers up to the end of the line; a comma at its end continues them on the next. */
function readReceivers(reader: Reader, signal: string): string[] {
  const { lex } = reader;
  const receivers: string[] = [];
  const first = lex.pos;
  let comma = true;
  let blanks = -1;
  for (;;) {
    const name = nameOnLine(reader);
    if (name !== undefined) {
      if (!comma && blanks < 0) blanks = lex.from;
      if (reader.take('listedNames', lex.from)) receivers.push(name);
      comma = false;
    } else if (lex.bytes[lex.pos] === Byte.comma) {
      lex.pos++;
      comma = true;
      lex.skipBlanks();
    } else break;
  }
  if (blanks >= 0) reader.report('RECEIVERS_BLANKS', blanks, `signal ${signal} has no , between two receivers`);
  if (receivers.length === 0) {
    reader.report('RECEIVERS_MISSING', Math.min(first, lex.end), `signal ${signal} has no receivers`);
    receivers.push(noNode);
  }
  return receivers;
}
