import { limits } from './limits.ts';
import type { Diagnostic, Severity } from './model.ts';
import type { SourceText } from './source.ts';

interface CodeSpec {
  severity: Severity;
  /** What was found, for the catalogue. */
  found: string;
  /** What the parser assumed; ends the message of every diagnostic of this code. */
  assumed: string;
}

const error = (found: string, assumed: string): CodeSpec => ({ severity: 'error', found, assumed });
const warning = (found: string, assumed: string): CodeSpec => ({ severity: 'warning', found, assumed });
const info = (found: string, assumed: string): CodeSpec => ({ severity: 'info', found, assumed });

/**
 * Every deviation the parser can report. An error dropped something and names it; a warning kept it under an
 * assumption that may be wrong; an info is harmless. docs/diagnostics.md is held to this table by a test.
 */
export const diagnosticTable = {
  // the file
  FILE_TOO_LARGE: error('the file is larger than the parser reads', 'nothing was read'),
  FILE_UTF16: warning('the file is UTF-16', 'it was read as such; save it as UTF-8'),
  FILE_BOM: info('a UTF-8 byte order mark precedes the text', 'it was skipped'),
  FILE_LINE_ENDS: info('lines end with CR alone', 'each CR was read as LF'),
  LIMIT_REACHED: error('more entries than any real database has', 'the rest of them was dropped'),
  DIAGNOSTICS_TRUNCATED: info('more diagnostics than are kept', 'its severity is the worst of those left out'),
  PREAMBLE_MISSING: info('no VERSION, NS_, BS_ or BU_ section', 'each was taken as empty'),
  SECTION_ORDER: info('a message follows a section that refers to messages', 'order does not matter'),
  SECTION_UNKNOWN: warning('a section or text that the language does not have', 'it was kept verbatim'),
  SECTION_KEPT: info('a section of the language that has no bearing on decoding', 'it was kept verbatim'),
  SOURCE_COMMENT: info('a // or /* */ comment', 'it was kept beside the database, for the writer'),
  BLOCK_COMMENT_UNCLOSED: warning('a /* without its */', 'the two characters were skipped'),

  // statements and tokens
  STATEMENT_SYNTAX: error('a statement that cannot be understood', 'it was dropped'),
  TERMINATOR_MISSING: warning('a statement without its ;', 'it ends where the next one begins'),
  TERMINATOR_EXTRA: info('a ; where none belongs', 'it was skipped'),
  TEXT_IGNORED: error('text after the end of a statement', 'that text was dropped'),
  COLON_MISSING: warning('a name without the : that follows it', 'the name ends at the blank'),
  STRING_UNCLOSED: warning('a string without its closing quote', 'it ends with the line'),
  STRING_QUOTE: warning('a quote inside a string without a backslash', 'it belongs to the text'),
  NAME_IRREGULAR: warning('a name that is not a C identifier', 'it was kept as it is'),
  NUMBER_FORM: info('a number written in a form outside the grammar', 'it was read as usual'),
  NUMBER_UNREADABLE: warning('a limit that is not a number', 'it was read as 0, and its text kept'),

  // nodes
  NODE_REPEATED: info('a node listed twice', 'the second mention was skipped'),
  NODE_UNDECLARED: info('a sender or receiver that BU_ does not list', 'the name was kept'),

  // messages
  MESSAGE_SYNTAX: error('a BO_ line that cannot be understood', 'the message was dropped'),
  MESSAGE_ID_EXTENDED: warning('an id above 0x7FF without bit 31', 'it is a 29-bit id'),
  MESSAGE_ID_RANGE: warning('an id above 29 bits', 'the message was kept, and matches no frame'),
  MESSAGE_INDEPENDENT: info('the holder of signals that belong to no message', 'it was kept, and is never decoded'),
  MESSAGE_LENGTH_MISSING: warning('a message without a readable length', 'it is just long enough for its signals'),
  MESSAGE_SENDER_MISSING: info('a message without a sender', 'Vector__XXX sends it'),
  MESSAGE_DUPLICATE: error('two different messages with one id', 'the last was kept, the earlier one dropped'),
  MESSAGE_REPEATED: info('the same message twice', 'the second mention was kept'),

  // signals
  SIGNAL_SYNTAX: error('an SG_ line that cannot be understood', 'the signal was dropped'),
  SIGNAL_ORPHAN: error('a signal that follows no message', 'the signal was dropped'),
  SIGNAL_LENGTH: error('a signal of 0 or more than 64 bits', 'the signal was dropped'),
  SIGNAL_SCALE_ZERO: warning('a scale of 0', 'every physical value is the offset'),
  SIGNAL_RANGE_MISSING: warning('a signal without [minimum|maximum]', 'it has no range'),
  SIGNAL_UNIT_MISSING: warning('a signal without a unit', 'its unit is empty'),
  RECEIVERS_MISSING: info('a signal without receivers', 'Vector__XXX receives it'),
  RECEIVERS_BLANKS: info('receivers separated by blanks', 'each word is a receiver'),
  SIGNAL_DUPLICATE: warning('two signals of one message with one name', 'both were kept; references mean the last'),
  SIGNAL_BEYOND_MESSAGE: warning('a signal that reaches past its message', 'it is decoded from frames that hold it'),
  SIGNAL_OVERLAP: warning('two signals that share bits and may both be active', 'both are decoded'),
  OVERLAP_UNCHECKED: info('too many multiplexer branches to compare', 'overlaps between some were not looked for'),
  VALUE_TYPE: error('a SIG_VALTYPE_ that does not fit its signal', 'the signal stays an integer'),

  // multiplexing
  MULTIPLEXER_MISSING: error(
    'a multiplexed signal in a message without a selector',
    'its multiplexer value was dropped; it is decoded from every frame',
  ),
  MULTIPLEXER_AMBIGUOUS: warning('several selectors, and no SG_MUL_VAL_ that names one', 'the first selects'),
  MULTIPLEXER_UNMARKED: warning('an SG_MUL_VAL_ against the marks in SG_', 'the SG_MUL_VAL_ holds'),
  MULTIPLEXER_CYCLE: error('a selector that selects itself', 'its SG_MUL_VAL_ was dropped'),
  MULTIPLEXER_CONFLICT: error('a second SG_MUL_VAL_ that names another selector', 'the last was kept'),
  MULTIPLEXER_VALUE: warning('a multiplexer value that its selector cannot have', 'it was kept, and no frame has it'),
  MULTIPLEXER_RANGE: warning('a range whose end lies before its start', 'the two were swapped'),

  // references
  REFERENCE_UNKNOWN: warning('a reference to something the file does not define', 'it was kept verbatim'),
  COMMENT_NO_SIGNAL: warning('a CM_ SG_ without a signal name', 'it is a comment on the message'),
  COMMENT_UNTYPED: warning('a CM_ with an id and no BO_ or SG_', 'it is a comment on the message, or its signal'),
  COMMENT_STATEMENT: warning('a comment with a line that looks like a statement', 'the line belongs to the text'),
  COMMENT_REPEATED: info('a second comment on one thing', 'it was appended on a new line'),
  VALUE_LABEL: error('a value label that cannot be understood', 'the rest of its statement was dropped'),
  VALUES_REPEATED: warning('a second VAL_ for one signal', 'its labels were appended'),
  VALUES_FROM_TABLE: info('a VAL_ that names a value table', 'the labels of the table were copied'),
  TABLE_DUPLICATE: error('two different value tables with one name', 'the last was kept'),

  // attributes
  ATTRIBUTE_UNDEFINED: warning('an attribute without a BA_DEF_', 'its kind follows from its value'),
  ATTRIBUTE_REDEFINED: error('a second BA_DEF_ of one attribute', 'the last was kept'),
  ATTRIBUTE_TARGET: warning(
    'an attribute on something its BA_DEF_ does not name',
    'the definition was used all the same',
  ),
  ATTRIBUTE_KIND: warning('an attribute value of another kind than its BA_DEF_ says', 'it was kept as written'),
  ATTRIBUTE_ENUM_FORM: info('an enum by name where an index belongs, or the reverse', 'it means the same'),
  ATTRIBUTE_ENUM_VALUE: warning('an enum value that its BA_DEF_ does not list', 'it was kept as written'),
  ATTRIBUTE_REPEATED: warning('an attribute set twice', 'the last value holds'),
} as const satisfies Record<string, CodeSpec>;

export type DiagnosticCode = keyof typeof diagnosticTable;

const severityRank: Record<Severity, number> = { info: 0, warning: 1, error: 2 };
const excerptCharsMax = 100;

interface Found {
  code: DiagnosticCode;
  severity: Severity;
  at: number;
  detail: string;
}

/** Collects deviations by byte offset while the file is read; lines and columns are worked out once, at the end. */
export class DiagnosticCollector {
  readonly #found: Found[] = [];
  #leftOut = 0;
  #worstLeftOut: Severity = 'info';

  /**
   * @param at byte offset of the offending token
   * @param detail names the offending value and what was expected; the code's assumption is appended
   */
  report(code: DiagnosticCode, at: number, detail: string): void {
    const { severity } = diagnosticTable[code];
    if (this.#found.length < limits.diagnostics) {
      this.#found.push({ code, severity, at, detail });
      return;
    }
    this.#leftOut++;
    if (severityRank[severity] > severityRank[this.#worstLeftOut]) this.#worstLeftOut = severity;
  }

  /** Everything reported, in the order of the file. */
  finish(source: SourceText): Diagnostic[] {
    if (this.#leftOut > 0) {
      const detail = `${this.#leftOut} more diagnostics`;
      const at = source.bytes.length;
      this.#found.push({ code: 'DIAGNOSTICS_TRUNCATED', severity: this.#worstLeftOut, at, detail });
    }
    this.#found.sort((a, b) => a.at - b.at);
    const positions = source.locate(this.#found.map((found) => found.at));
    return this.#found.map(({ code, severity, at, detail }, index) => ({
      code,
      severity,
      ...positions[index],
      message: `${detail}; ${diagnosticTable[code].assumed}`,
      excerpt: excerpt(source, at),
    }));
  }
}

/** The line around an offset, without its indentation, cut on both sides when it is long. */
function excerpt(source: SourceText, at: number): string {
  const { bytes } = source;
  let from = Math.min(at, bytes.length);
  const fromMin = Math.max(0, from - excerptCharsMax / 2);
  while (from > fromMin && bytes[from - 1] !== 0x0a && bytes[from - 1] !== 0x0d) from--;
  let to = from;
  const toMax = Math.min(bytes.length, from + excerptCharsMax);
  while (to < toMax && bytes[to] !== 0x0a && bytes[to] !== 0x0d) to++;
  return source.slice(from, to).trim();
}
