import { checkLayouts } from './check-layout.ts';
import { DiagnosticCollector } from './diagnostics.ts';
import { keptSections, type SectionKeyword } from './keywords.ts';
import { applyKnownAttributes } from './known-attributes.ts';
import { Byte } from './lexer.ts';
import { limits } from './limits.ts';
import type { Database, Diagnostic, Message, Signal } from './model.ts';
import { resolveMultiplexing } from './multiplex.ts';
import {
  bindUsualAttribute,
  readAttribute,
  readDefault,
  readDefinition,
  readRelationAttribute,
} from './read-attributes.ts';
import { readComment } from './read-comment.ts';
import { readEnvironmentData, readEnvironmentVariable, readSignalType } from './read-environment.ts';
import { readMessage, readSignal } from './read-message.ts';
import { readBitTiming, readNewSymbols, readNodes, readVersion } from './read-preamble.ts';
import {
  readMultiplexValues,
  readSignalGroup,
  readTransmitters,
  readValues,
  readValueTable,
  readValueType,
} from './read-values.ts';
import { emptyDatabase, noNode, Reader } from './reader.ts';
import { type Encoding, withLineFeeds, withoutUtf16 } from './source.ts';
import { SourceComments } from './source-comments.ts';

/** What a DBC file says, and everything about it that is not as the language has it. */
export interface ParseResult {
  database: Database;
  /** In the order of the file. Only an error dropped something. */
  diagnostics: Diagnostic[];
  encoding: Encoding;
}

/**
 * Reads a DBC file. Accepts what real files do to the language, and locates each deviation; drops only what cannot
 * be understood, and says so. Never throws on content; time and memory are bounded by `limits`.
 * @param bytes the file as it is on disk: UTF-8 or windows-1252, which is detected
 * @see Vector, "DBC File Format Documentation", 1.01; docs/diagnostics.md for the codes
 * @example parseDbc(readFileSync('car.dbc')).database.messages[0].signals[0].name
 */
export function parseDbc(bytes: Uint8Array): ParseResult {
  const diagnostics = new DiagnosticCollector();
  if (bytes.length > limits.fileBytes) {
    const reader = new Reader(new Uint8Array(0), diagnostics);
    reader.report('FILE_TOO_LARGE', 0, `${bytes.length} bytes, expected at most ${limits.fileBytes}`);
    return { database: emptyDatabase(), diagnostics: diagnostics.finish(reader.source), encoding: 'utf-8' };
  }
  const reader = new Reader(withLineFeeds(withoutUtf16(bytes, diagnostics), diagnostics), diagnostics);
  skipByteOrderMark(reader);
  const comments = new SourceComments(reader);
  readSections(reader, comments);
  if (!reader.preambleSeen) reader.report('PREAMBLE_MISSING', 0, 'the file begins with its messages');
  dropReplaced(reader);
  reader.bindReferences((at) => bindUsualAttribute(reader, at));
  resolveMultiplexing(reader);
  // Fills in the lengths that are missing, by which CAN FD is told.
  checkLayouts(reader);
  applyKnownAttributes(reader.database);
  checkNodes(reader);
  reader.database.sourceComments = comments.finish(reader.finishVerbatim());
  const { database, source } = reader;
  return { database, diagnostics: diagnostics.finish(source), encoding: source.encoding };
}

type ReadSection = (reader: Reader, from: number, keyword: string) => void;

const sections: Record<SectionKeyword, ReadSection> = {
  VERSION: readVersion,
  NS_: readNewSymbols,
  BS_: readBitTiming,
  BU_: readNodes,
  VAL_TABLE_: readValueTable,
  BO_: readMessage,
  SG_: readSignal,
  BO_TX_BU_: readTransmitters,
  EV_: readEnvironmentVariable,
  ENVVAR_DATA_: readEnvironmentData,
  SGTYPE_: readSignalType,
  CM_: readComment,
  BA_DEF_: readDefinition,
  BA_DEF_REL_: readDefinition,
  BA_DEF_DEF_: readDefault,
  BA_DEF_DEF_REL_: readDefault,
  BA_: readAttribute,
  BA_REL_: readRelationAttribute,
  VAL_: readValues,
  SIG_GROUP_: readSignalGroup,
  SIG_VALTYPE_: readValueType,
  SG_MUL_VAL_: readMultiplexValues,
};
const readerOf = new Map<string, ReadSection>(Object.entries(sections));
const preamble = new Set(['VERSION', 'NS_', 'BS_', 'BU_']);
const references = new Set(['CM_', 'BA_', 'VAL_', 'SIG_VALTYPE_', 'SG_MUL_VAL_', 'SIG_GROUP_', 'BO_TX_BU_']);

function skipByteOrderMark(reader: Reader): void {
  const { bytes } = reader.lex;
  if (bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf) return;
  reader.report('FILE_BOM', 0, 'the first three bytes are EF BB BF');
  reader.lex.pos = 3;
}

function readSections(reader: Reader, comments: SourceComments): void {
  const { lex } = reader;
  while (lex.peek() !== -1) {
    const from = lex.pos;
    comments.beforeStatement(from);
    if (lex.peek() === Byte.semicolon) {
      lex.pos++;
      reader.report('TERMINATOR_EXTRA', from, 'a ; stands alone');
      continue;
    }
    const keyword = lex.word() ? lex.text() : '';
    const read = readerOf.get(keyword);
    if (read !== undefined) {
      noteOrder(reader, keyword, from);
      read(reader, from, keyword);
    } else keepSection(reader, keyword, from);
    comments.afterStatement(from);
  }
  comments.beforeStatement(lex.pos);
}

function noteOrder(reader: Reader, keyword: string, from: number): void {
  if (keyword === 'SG_') return;
  if (keyword === 'BO_') {
    if (reader.referencesSeen && !reader.orderReported) {
      reader.report('SECTION_ORDER', from, 'BO_ follows a section that belongs after it');
      reader.orderReported = true;
    }
  } else if (references.has(keyword)) reader.referencesSeen = true;
  else if (preamble.has(keyword)) reader.preambleSeen = true;
}

function keepSection(reader: Reader, keyword: string, from: number): void {
  const { lex } = reader;
  const known = keptSections.has(keyword);
  const to = Math.max(lex.sectionEnd(from), lex.pos, from + 1);
  reader.report(known ? 'SECTION_KEPT' : 'SECTION_UNKNOWN', from, lex.slice(from, Math.min(to, from + 40)).trim());
  reader.keep(keyword, from, to);
  lex.pos = to;
}

/** Of messages with one id the last stays; an earlier one that says the same is no loss. */
function dropReplaced(reader: Reader): void {
  if (reader.replaced.length === 0) return;
  const dropped = new Set<Message>();
  const markOf = new Map(reader.marks.map((mark) => [mark.signal, mark.value]));
  for (const { before, after } of reader.replaced) {
    const place = reader.places.get(before);
    const detail = `message ${before.name} has the id ${before.id}, as ${after.name} does`;
    const same = describeLayout(before, markOf) === describeLayout(after, markOf);
    reader.report(same ? 'MESSAGE_REPEATED' : 'MESSAGE_DUPLICATE', place?.at ?? 0, detail);
    reader.places.delete(before);
    dropped.add(before);
  }
  reader.database.messages = reader.database.messages.filter((message) => !dropped.has(message));
}

/** All that BO_ and SG_ say, but for what numbers look like. */
function describeLayout(message: Message, markOf: ReadonlyMap<Signal, bigint>): string {
  const { name, length, sender, signals } = message;
  const layouts = signals.map((signal) => {
    const { minText, maxText, scaleText, offsetText, ...layout } = signal;
    return { ...layout, mark: markOf.get(signal)?.toString() };
  });
  return JSON.stringify([name, length, sender, layouts]);
}

/** Reports each sender and receiver that BU_ does not list, once, where it is first named. */
function checkNodes(reader: Reader): void {
  const seen = new Set<string>([noNode, ...reader.nodes.keys()]);
  for (const [message, place] of reader.places) {
    checkNode(reader, seen, message.sender, place.at);
    for (let i = 0; i < message.signals.length; i++) {
      for (const receiver of message.signals[i].receivers) checkNode(reader, seen, receiver, place.signalsAt[i]);
    }
  }
}

function checkNode(reader: Reader, seen: Set<string>, name: string, at: number): void {
  if (seen.has(name)) return;
  seen.add(name);
  reader.report('NODE_UNDECLARED', at, `node ${name}`);
}
