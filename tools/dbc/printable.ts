/** Text from a file, made safe for a terminal. */

/** Control characters and bidirectional overrides: what a hostile comment would steer a terminal with. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const unprintable = /[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * One line, every control character as its escape.
 * @example printable('a\x1b[2J')  // 'a\\x1b[2J'
 */
export function printable(text: string): string {
  return text.replace(unprintable, (char) => {
    const code = char.charCodeAt(0);
    if (char === '\n') return '\\n';
    if (char === '\t') return ' ';
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u${code.toString(16)}`;
  });
}

/**
 * Prose in lines of at most `width` characters, kept as its author broke it; a word longer than a line stays whole.
 * @param indent put before each line, and counted
 */
export function wrap(text: string, width: number, indent = ''): string[] {
  const room = Math.max(width - indent.length, 16);
  return text.split(/\r\n|[\r\n]/).flatMap((line) => {
    const lines: string[] = [];
    let current = '';
    for (const word of printable(line).split(' ').filter(Boolean)) {
      if (current !== '' && current.length + 1 + word.length > room) {
        lines.push(indent + current);
        current = '';
      }
      current = current === '' ? word : `${current} ${word}`;
    }
    if (current !== '' || lines.length === 0) lines.push((indent + current).trimEnd());
    return lines;
  });
}

/** A line of a table, its end cut off with an ellipsis where the terminal has no room for it. */
export function cut(line: string, width: number): string {
  return line.length <= width ? line : `${line.slice(0, Math.max(1, width - 1))}…`;
}
