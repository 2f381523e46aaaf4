/** A value that somebody sent, in a message for a person. */
import type { CborValue } from './cbor-value.ts';

const textLengthMax = 40;
/** What JSON leaves as it is and a terminal may obey: C1 controls, line separators, bidirectional marks. */
const obeyed = /[\u007f-\u009f\u200e\u200f\u2028-\u202e\u2066-\u2069]/g;

/**
 * One short line, whatever the value: a text in quotes, its end cut off and every control character escaped; of what
 * holds others only how many.
 * @example shownValue('two\n')  // '"two\\n"'
 */
export function shownValue(value: CborValue | undefined): string {
  if (value === undefined) return 'missing';
  if (value instanceof Uint8Array) return `${value.length} bytes`;
  if (Array.isArray(value)) return `an array of ${value.length}`;
  if (value instanceof Map) return `a map of ${value.size}`;
  if (typeof value === 'object' && value !== null) return 'a tag or float';
  if (typeof value !== 'string') return String(value);
  const quoted = JSON.stringify(value.slice(0, textLengthMax)).replace(
    obeyed,
    (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
  return value.length > textLengthMax ? `${quoted}... (${value.length} characters)` : quoted;
}
