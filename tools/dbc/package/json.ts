/** Values from JSON files that nobody has checked yet. */

/** An object as JSON gives it: no array, no null. */
export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A value from a file in a message: whole when short, never looked into, however deep it is nested. */
export function shown(value: unknown): string {
  if (Array.isArray(value)) {
    const isShort = value.length <= 4 && value.every((one) => typeof one === 'number');
    return isShort ? JSON.stringify(value) : `an array of ${value.length}`;
  }
  if (typeof value === 'object' && value !== null) return 'an object';
  if (value === undefined) return 'missing';
  const text = JSON.stringify(typeof value === 'string' ? value.slice(0, 80) : value);
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
