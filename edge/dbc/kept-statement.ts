/** Statements that are kept as text, such that the file they are written to reads them as the same again. */
import { Byte, type Lexer } from './lexer.ts';

/**
 * The statement from..to such that whatever follows it stays apart: with its ;, and a string that was cut for want
 * of its closing quote gets one where it was cut, and one whose quote follows a backslash a blank between the two.
 */
export function closedStatement(lex: Lexer, from: number, to: number): string {
  const { bytes } = lex;
  let open = -1;
  let last = -1;
  let commentTo = from;
  for (let at = from; at < to; at++) {
    if (bytes[at] === Byte.quote) {
      last = at;
      if (open < 0) open = at;
      else if (bytes[at - 1] !== Byte.backslash) open = -1;
    } else if (open < 0 && bytes[at] === Byte.slash && bytes[at + 1] === Byte.slash) {
      commentTo = Math.min(to, lex.lineEnd(at));
      at = commentTo;
    }
  }
  const end = lex.withoutBlanks(from, to);
  const terminated = bytes[to - 1] === Byte.semicolon && commentTo < to;
  if (open < 0) return terminated ? lex.slice(from, end) : withTerminator(lex.slice(from, end));
  if (last > open && terminated && lex.afterSpaces(last + 1) === to - 1) {
    return `${lex.slice(from, last)} ${lex.slice(last, end)}`;
  }
  // A comment is cut before a line that begins with a keyword, any other string at the end of its line.
  const isComment = bytes[from] === 0x43;
  const limit = isComment ? end : Math.min(end, lex.lineEndWithin(open, to));
  let cut = limit;
  while (cut > open + 1 && trailsOpenString(bytes[cut - 1])) cut--;
  const closed = `${lex.slice(from, cut)}"${lex.slice(limit, end)}`;
  return closed.endsWith(';') ? closed : withTerminator(closed);
}

/** What does not count as the end of a string that has no closing quote. */
function trailsOpenString(byte: number): boolean {
  return byte <= Byte.space || byte === Byte.semicolon || byte === Byte.backslash;
}

/** Behind a line comment the ; would be a part of it. */
function withTerminator(text: string): string {
  return text + (text.includes('//') ? '\n;' : ' ;');
}
