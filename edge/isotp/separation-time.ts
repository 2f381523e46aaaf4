/** STmin: the least time between two consecutive frames, as its byte and in milliseconds. */

/** Of reserved values: the longest there is (ISO 15765-2, 9.6.5.4). */
const longestMs = 127;

/**
 * @param code 0x00 to 0x7F are milliseconds, 0xF1 to 0xF9 hundreds of microseconds, all others reserved
 * @returns milliseconds; 127 for a reserved code
 */
export function separationMsOf(code: number): number {
  if (code <= 0x7f) return code;
  if (code >= 0xf1 && code <= 0xf9) return (code - 0xf0) / 10;
  return longestMs;
}

/** The smallest code whose time is at least `separationMs`; 0x7F beyond 127 ms. */
export function separationCodeOf(separationMs: number): number {
  if (!(separationMs > 0)) return 0;
  // 0.3 * 10 is a little more than 3, and no step should be skipped for that.
  if (separationMs <= 0.9) return 0xf0 + Math.ceil(separationMs * 10 - 1e-9);
  return Math.min(longestMs, Math.ceil(separationMs));
}
