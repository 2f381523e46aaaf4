/** Comments of the file itself: which statement each belongs to, and how the writer finds that statement again. */
import type { Span } from './lexer.ts';
import type { SourceComment } from './model.ts';
import { messageKey, type Reader, writtenKey } from './reader.ts';

/** As many words as tell the statements of a file apart: `BA_ "name" SG_ id signal`. */
const wordsMax = 5;
/** What is looked at of a statement to name it. */
export const headCharsMax = 512;
/** Sections that a file has once. */
const once = new Set(['VERSION', 'NS_', 'BS_', 'BU_']);
const beforeId = new Set(['BO_', 'SG_', 'VAL_', 'SIG_GROUP_', 'SIG_VALTYPE_', 'SG_MUL_VAL_', 'BO_TX_BU_']);

/** Strings, and what stands between blanks and punctuation; without comments. */
export function wordsOf(text: string): string[] {
  const words = text.match(/"[^"]*"|\/\/[^\n]*|\/\*[\s\S]*?\*\/|[^\s:;,|@()[\]"]+/g) ?? [];
  return words.filter((word) => !word.startsWith('//') && !word.startsWith('/*'));
}

/** The first words of a statement, ids as the writer writes them; of a signal also the id of its message. */
export function statementWords(head: string, messageId: number | undefined): string[] {
  const words = wordsOf(head);
  const [keyword] = words;
  if (keyword === undefined || once.has(keyword)) return words.slice(0, 1);
  if (keyword === 'SG_') return messageId === undefined ? [keyword] : [keyword, `${messageId}`, ...words.slice(1, 2)];
  const text = words.findIndex((word, i) => i > 1 && word.startsWith('"'));
  const named = words.slice(0, text < 0 ? wordsMax : Math.min(text, wordsMax));
  return named.map((word, i) =>
    beforeId.has(words[i - 1]) && /^\d+$/.test(word) ? `${writtenKey(Number(word))}` : word,
  );
}

interface Found {
  span: Span;
  place: SourceComment['place'];
  statement: string;
}

/** Gathers the comments of a file while its statements are read. */
export class SourceComments {
  readonly #reader: Reader;
  readonly #found: Found[] = [];
  /** Where the last statement began and ended. */
  #last: Span | undefined;
  /** The last comment that goes behind a statement, and where that begins. */
  #follower: Found | undefined;
  #followed = -1;

  constructor(reader: Reader) {
    this.#reader = reader;
  }

  /** Before the statement at `from` is read: what was read since the last one, but for what stands on its line. */
  beforeStatement(from: number): void {
    const spans = this.#reader.lex.takeComments();
    if (spans.length === 0) return;
    const last = this.#last;
    const lineEnd = last === undefined ? -1 : this.#reader.lex.lineEndWithin(last.to, spans.at(-1)!.to);
    const onLine = spans.filter((span) => span.from < lineEnd);
    if (last !== undefined) this.#attach(onLine, last.from);
    const statement = this.#statement(from);
    for (const span of spans.slice(onLine.length)) this.#add(span, 'before', statement);
  }

  /** After the statement at `from` was read: what stood inside it. */
  afterStatement(from: number): void {
    const { lex } = this.#reader;
    this.#attach(lex.takeComments(), from);
    this.#last = { from, to: lex.pos };
  }

  /** Only the last can follow its statement on one line; the others go before it. */
  #attach(spans: readonly Span[], from: number): void {
    if (spans.length === 0) return;
    const statement = this.#statement(from);
    for (const span of spans) {
      if (this.#follower !== undefined && this.#followed === from) this.#follower.place = 'before';
      this.#follower = this.#add(span, 'after', statement);
      this.#followed = from;
    }
  }

  #add(span: Span, place: SourceComment['place'], statement: string): Found | undefined {
    if (!this.#reader.take('sourceComments', span.from)) return undefined;
    const found = { span, place, statement };
    this.#found.push(found);
    return found;
  }

  #statement(from: number): string {
    const { lex, current } = this.#reader;
    const head = lex.slice(from, Math.min(lex.end, from + headCharsMax));
    return statementWords(head, current && messageKey(current.id, current.extended)).join(' ');
  }

  /** Reports all, and hands out those that are not part of a text that was `kept` verbatim, spans that ascend. */
  finish(kept: readonly Span[]): SourceComment[] {
    const { lex } = this.#reader;
    let next = 0;
    const outside = this.#found.filter(({ span }) => {
      while (next < kept.length && kept[next].to <= span.from) next++;
      return next >= kept.length || span.from < kept[next].from;
    });
    for (const { span } of this.#found) this.#reader.report('SOURCE_COMMENT', span.from, 'this is no statement');
    return outside.map(({ span, place, statement }) => ({
      text: lex.slice(span.from, span.to).trimEnd(),
      place,
      statement,
    }));
  }
}
