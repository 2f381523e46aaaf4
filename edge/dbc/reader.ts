import type { DiagnosticCode, DiagnosticCollector } from './diagnostics.ts';
import { closedStatement } from './kept-statement.ts';
import { Byte, Lexer, type Span } from './lexer.ts';
import { type LimitName, limits } from './limits.ts';
import type { AttributeDefinition, Database, EnvironmentVariable, Message, Node, Signal } from './model.ts';
import { SourceText } from './source.ts';

/** Where a message and its signals stand in the file, for what is found out about them later. */
export interface MessagePlace {
  at: number;
  signalsAt: number[];
  /** BO_ gave no readable length. */
  lengthMissing: boolean;
}

/** A signal marked `mN`, until its selector is known. */
export interface MultiplexMark {
  message: Message;
  signal: Signal;
  value: bigint;
  at: number;
}

/** SG_MUL_VAL_, until all marks are known. */
export interface MultiplexRule {
  message: Message;
  signal: Signal;
  selector: Signal;
  ranges: { from: bigint; to: bigint }[];
  at: number;
}

/** What the readers of all sections share: the lexer, the model as it grows, and what has to wait for its end. */
export class Reader {
  readonly lex: Lexer;
  readonly database: Database = emptyDatabase();
  readonly nodes = new Map<string, Node>();
  readonly environmentVariables = new Map<string, EnvironmentVariable>();
  readonly definitions = new Map<string, AttributeDefinition[]>();
  /** By `messageKey`; of duplicates the last. */
  readonly messages = new Map<number, Message>();
  readonly places = new Map<Message, MessagePlace>();
  /** Messages that a later one with the same id replaced. */
  readonly replaced: { before: Message; after: Message }[] = [];
  readonly marks: MultiplexMark[] = [];
  readonly rules: MultiplexRule[] = [];
  /** The message that SG_ lines belong to. */
  current: Message | undefined;
  preambleSeen = false;
  referencesSeen = false;
  orderReported = false;
  readonly #source: SourceText;
  readonly #diagnostics: DiagnosticCollector;
  readonly #waiting: ((() => void) | number)[] = [];
  readonly #verbatim: { keyword: string; text: string; from: number; to: number }[] = [];
  readonly #left: Record<LimitName, number> = { ...limits };
  readonly #signalIndex = new Map<Message, Map<string, Signal>>();

  constructor(bytes: Uint8Array, diagnostics: DiagnosticCollector) {
    this.#source = new SourceText(bytes);
    this.#diagnostics = diagnostics;
    this.lex = new Lexer(this.#source, diagnostics);
  }

  get source(): SourceText {
    return this.#source;
  }

  report(code: DiagnosticCode, at: number, detail: string) {
    this.#diagnostics.report(code, at, detail);
  }

  /** Takes one entry of what a limit counts; false once it is used up, which is reported once. */
  take(name: LimitName, at: number): boolean {
    const left = this.#left[name]--;
    if (left > 0) return true;
    if (left === 0) this.report('LIMIT_REACHED', at, `more than ${limits[name]} ${name}`);
    return false;
  }

  /** Runs `bind` once the whole file is read, in the order of the file: what a reference names may follow it. */
  later(at: number, bind: () => void) {
    if (this.take('references', at)) this.#waiting.push(bind);
  }

  /** As `later`, for a statement in a form so usual that it is quicker to read it again than to keep what it says. */
  laterAgain(at: number) {
    if (this.take('references', at)) this.#waiting.push(at);
  }

  /** @param readAgain reads and binds the statement at an offset */
  bindReferences(readAgain: (at: number) => void) {
    for (const [index, bind] of this.#waiting.entries()) {
      if (typeof bind === 'number') readAgain(bind);
      else bind();
      // What is bound need not stay in memory while the rest is.
      this.#waiting[index] = 0;
    }
  }

  /** Keeps the text of a section that has no rule of its own. */
  keep(keyword: string, from: number, to: number) {
    if (!this.take('verbatimSections', from)) return;
    this.#verbatim.push({ keyword, text: this.#source.slice(from, this.lex.withoutBlanks(from, to)), from, to });
  }

  /** Keeps a statement, closed if it was not: whatever is written after it must not become a part of it. */
  keepStatement(keyword: string, from: number, to: number) {
    if (!this.take('verbatimSections', from)) return;
    this.#verbatim.push({ keyword, text: closedStatement(this.lex, from, to), from, to });
  }

  /** Puts the kept texts into the database; returns where they stood, in the order of the file. */
  finishVerbatim(): Span[] {
    this.#verbatim.sort((a, b) => a.from - b.from);
    const positions = this.#source.locate(this.#verbatim.map((section) => section.from));
    this.database.unknownSections = this.#verbatim.map(({ keyword, text }, index) => ({
      keyword,
      text,
      line: positions[index].line,
    }));
    return this.#verbatim;
  }

  /** Keeps a statement that refers to something the file does not define. */
  keepDangling(keyword: string, statement: { from: number; to: number }, missing: string) {
    this.report('REFERENCE_UNKNOWN', statement.from, `${keyword} refers to ${missing}, which is not defined`);
    this.keepStatement(keyword, statement.from, statement.to);
  }

  /** Drops the statement that began at `from`, which was expected to go on otherwise. */
  dropStatement(from: number, keyword: string, expected: string) {
    const to = this.lex.statementEnd(from);
    this.report('STATEMENT_SYNTAX', Math.min(this.lex.pos, to), `${keyword}: expected ${expected}`);
    this.lex.pos = to;
  }

  /**
   * Consumes the `;` of the statement that began at `from`, or what stands in its place.
   * @returns the offset where what was understood ends
   */
  endStatement(from: number, keyword: string): number {
    const { lex } = this;
    if (lex.accept(Byte.semicolon)) return lex.pos;
    const at = lex.pos;
    if (at >= lex.end || lex.atKeyword()) {
      this.report('TERMINATOR_MISSING', from, `${keyword} has no ;`);
      return at;
    }
    const to = Math.max(lex.statementEnd(at), at + 1);
    this.report('TEXT_IGNORED', at, `${keyword}: expected ;`);
    lex.pos = to;
    return at;
  }

  /** Reports a name that no programming language would take. */
  checkName(what: string, name: string) {
    if (this.lex.irregular) this.report('NAME_IRREGULAR', this.lex.from, `${what} ${JSON.stringify(name)}`);
  }

  /** The signal of that name in a message; of several the last. */
  signal(message: Message, name: string): Signal | undefined {
    return this.signalsOf(message).get(name);
  }

  signalsOf(message: Message): Map<string, Signal> {
    let index = this.#signalIndex.get(message);
    if (index === undefined) {
      index = new Map(message.signals.map((signal) => [signal.name, signal]));
      this.#signalIndex.set(message, index);
    }
    return index;
  }
}

/** Above any 29-bit id: the pseudo message that holds signals of no message has it, with bit 31. */
export const independentMessageId = 0x40000000;
export const extendedBit = 0x80000000;
export const noNode = 'Vector__XXX';

/** Arbitration id and format from the id as a DBC writes it; an id above 11 bits is extended with or without bit 31. */
export function splitMessageId(written: number): { id: number; extended: boolean } {
  if (written >= extendedBit) return { id: written - extendedBit, extended: true };
  return { id: written, extended: written > 0x7ff };
}

/** One number for an id and its format: the id as a DBC should write it. */
export function messageKey(id: number, extended: boolean): number {
  return extended ? id + extendedBit : id;
}

/** The key of a message from its id as a reference writes it. */
export function writtenKey(written: number): number {
  const { id, extended } = splitMessageId(written);
  return messageKey(id, extended);
}

/** A database with nothing in it. */
export function emptyDatabase(): Database {
  return {
    version: '',
    newSymbols: [],
    bitTiming: '',
    nodes: [],
    valueTables: new Map(),
    messages: [],
    environmentVariables: [],
    attributeDefinitions: [],
    attributes: new Map(),
    relationAttributes: [],
    signalTypes: [],
    unknownSections: [],
    sourceComments: [],
  };
}
