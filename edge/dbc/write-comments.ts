/** Puts the comments of a file back, each with the statement that it belongs to. */
import type { SourceComment } from './model.ts';
import { headCharsMax, statementWords, wordsOf } from './source-comments.ts';

/** Statements that are written under one another. */
export interface Block {
  statements: string[];
  /** No rule describes where such a statement ends: a comment on its line would become a part of it. */
  verbatim?: boolean;
}

interface Place {
  before: string[];
  after: string;
  block: Block;
}

/**
 * Each comment before or behind its statement, else before the first statement that begins like it, else at the end.
 * @returns the blocks with the comments in them
 */
export function withComments(blocks: readonly Block[], comments: readonly SourceComment[]): readonly Block[] {
  if (comments.length === 0) return blocks;
  const places = blocks.map((block) => block.statements.map((): Place => ({ before: [], after: '', block })));
  const { whole, begun } = indexStatements(blocks, places);
  const rest: string[] = [];
  for (const { text, place, statement } of comments) {
    const exact = whole.get(statement);
    if (exact !== undefined && place === 'after' && exact.after === '' && exact.block.verbatim !== true) {
      exact.after = ` ${text}`;
    } else (exact?.before ?? nearest(begun, statement)?.before ?? rest).push(text);
  }
  const annotated = blocks.map(({ statements }, b) => ({
    statements: statements.flatMap((text, i) => [...places[b][i].before, text + places[b][i].after]),
  }));
  return [...annotated, { statements: rest }];
}

/** The first statement of each beginning, whole and cut short. */
function indexStatements(blocks: readonly Block[], places: readonly Place[][]) {
  const whole = new Map<string, Place>();
  const begun = new Map<string, Place>();
  blocks.forEach(({ statements }, b) => {
    let messageId: number | undefined;
    statements.forEach((text, i) => {
      const words = statementWords(text.slice(0, headCharsMax), messageId);
      if (words[0] === 'BO_') messageId = Number(words[1]);
      const name = words.join(' ');
      if (!whole.has(name)) whole.set(name, places[b][i]);
      for (let count = words.length; count > 0; count--) {
        const beginning = words.slice(0, count).join(' ');
        if (!begun.has(beginning)) begun.set(beginning, places[b][i]);
      }
    });
  });
  return { whole, begun };
}

function nearest(begun: ReadonlyMap<string, Place>, statement: string): Place | undefined {
  const words = wordsOf(statement);
  for (let count = words.length; count > 0; count--) {
    const place = begun.get(words.slice(0, count).join(' '));
    if (place !== undefined) return place;
  }
  return undefined;
}
