/**
 * A text that somebody else wrote, for Markdown: as code it can't pretend to be a heading or a link, and characters that
 * are not seen, or turn the line around, are replaced.
 */
export function inlineCode(text: string): string {
  const plain = text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu, '\uFFFD').replaceAll('`', "'");
  return `\`${plain.slice(0, 300)}\``;
}
