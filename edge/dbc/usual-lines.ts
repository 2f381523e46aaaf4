/**
 * The usual form of the statements that files consist of, each as one expression. Whatever is written otherwise, or
 * deserves a diagnostic, matches none of them and is left to the readers of tokens.
 */

/** Printable ASCII without quotes and backslashes. */
const text = '([ !#-\\[\\]-~]*)';
const name = '[A-Za-z_]\\w*';
/** Forms of which `Number` makes what the lexer does. */
const number = '(-?\\d{1,15}(?:\\.\\d{1,15})?(?:[eE][-+]?\\d{1,2})?)';
const blanks = '[ \\t]*';

/** After `SG_`: 1 name, 2 mark, 3 start, 4 length, 5 order, 6 sign, 7 scale, 8 offset, 9 minimum, 10 maximum, 11 unit, 12 receivers. */
export const usualSignal = new RegExp(
  ` (${name})(?: (M|m\\d{1,15}))?${blanks}:${blanks}(\\d{1,9})\\|(\\d{1,2})@([01])([+-])${blanks}` +
    `\\(${number},${number}\\)${blanks}\\[${number}\\|${number}\\]${blanks}"${text}"${blanks}` +
    `(${name}(?:,${name})*)${blanks}(?=\\r?\\n)`,
  'y',
);

/** After `BA_`: 1 name, 2 id of a message, 3 id and 4 name of a signal, 5 text or 6 number. */
export const usualAttribute = new RegExp(
  `[ \\t]+"${text}"[ \\t]+(?:BO_[ \\t]+(\\d{1,10})[ \\t]+|SG_[ \\t]+(\\d{1,10})[ \\t]+(${name})[ \\t]+)?` +
    `(?:"${text}"|(-?\\d{1,15}(?:\\.\\d{1,15})?));`,
  'y',
);

/** One label: 1 raw value, 2 text. */
export const usualLabel = new RegExp(`[ \\t]*(-?\\d{1,15})[ \\t]*"${text}"`, 'y');
