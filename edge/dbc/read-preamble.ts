/** VERSION, NS_, BS_ and BU_: the head of a file, which many files leave out. */

import { keywords } from './keywords.ts';
import { Byte } from './lexer.ts';
import type { Reader } from './reader.ts';

/** `VERSION "text"` */
export function readVersion(reader: Reader, from: number) {
  const { lex } = reader;
  if (lex.peek() !== Byte.quote) return reader.dropStatement(from, 'VERSION', 'a string');
  reader.database.version = lex.string();
}

/** `NS_ :` and the keywords that the writer of the file knew, as a rule one a line. */
export function readNewSymbols(reader: Reader) {
  const { lex } = reader;
  lex.accept(Byte.colon);
  for (;;) {
    const symbols = symbolsOfLine(reader);
    if (symbols === undefined) return;
    for (const symbol of symbols) {
      if (reader.take('listedNames', lex.pos)) reader.database.newSymbols.push(symbol);
    }
  }
}

/** The words of the next line with any, when it holds nothing but words; else nothing is consumed. */
function symbolsOfLine(reader: Reader): string[] | undefined {
  const { lex } = reader;
  // A comment that stands before the next section is not one of this section.
  const before = lex.pos;
  lex.skipBlanks();
  const symbols: string[] = [];
  for (;;) {
    lex.skipSpaces();
    if (lex.pos >= lex.end || lex.bytes[lex.pos] === Byte.newline) break;
    const word = lex.word() ? lex.text() : '';
    // Several words on a line are symbols only when all are known: `FOO_ 1 2` begins a section.
    const another = symbols.length > 0;
    if (word === '' || (another && !(keywords.has(word) && keywords.has(symbols[0])) && !word.endsWith('_REL_'))) {
      lex.pos = before;
      return undefined;
    }
    symbols.push(word);
  }
  if (symbols.length > 0) return symbols;
  lex.pos = before;
  return undefined;
}

/** `BS_: baudrate : BTR1 , BTR2`, of which files give nothing as a rule. */
export function readBitTiming(reader: Reader) {
  const { lex } = reader;
  lex.accept(Byte.colon);
  lex.skipSpaces();
  const from = lex.pos;
  let to = from;
  while (to < lex.end && lex.bytes[to] !== Byte.newline && isBitTiming(lex.bytes[to])) to++;
  lex.pos = to;
  reader.database.bitTiming = lex.slice(from, to).trim();
}

function isBitTiming(byte: number): boolean {
  return byte <= Byte.space || (byte >= Byte.zero && byte <= Byte.semicolon) || byte === Byte.comma || byte === 0x2e;
}

/** `BU_: node node`, which may go on over the following lines up to an empty one. */
export function readNodes(reader: Reader) {
  const { lex } = reader;
  lex.accept(Byte.colon);
  for (;;) {
    lex.skipSpaces();
    if (lex.pos >= lex.end) return;
    const byte = lex.bytes[lex.pos];
    if (byte === Byte.comma || byte === Byte.semicolon) lex.pos++;
    else if (byte === Byte.newline) {
      lex.pos++;
      lex.skipSpaces();
      if (lex.pos >= lex.end || lex.bytes[lex.pos] === Byte.newline || lex.atKeyword()) return;
    } else if (!readNode(reader)) return;
  }
}

function readNode(reader: Reader): boolean {
  const { lex } = reader;
  if (!lex.word()) return false;
  const { from, irregular } = lex;
  const name = lex.text();
  const wordEnd = lex.pos;
  // A word before a colon, and a keyword, begin the next section.
  const next = lex.bytes[wordEnd];
  if (keywords.has(name) || next === Byte.colon || next === Byte.quote) {
    lex.pos = from;
    return false;
  }
  if (reader.nodes.has(name)) {
    reader.report('NODE_REPEATED', from, `node ${name} is listed before`);
  } else if (reader.take('nodes', from)) {
    if (irregular) reader.checkName('node', name);
    const node = { name, attributes: new Map() };
    reader.nodes.set(name, node);
    reader.database.nodes.push(node);
  }
  return true;
}
