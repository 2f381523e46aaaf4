/** Numbers out of bytes, for log lines: no string is made of them. */

/** The value of each hex digit, 255 for every other byte. */
export const hexValue = (() => {
  const table = new Uint8Array(256).fill(255);
  for (let value = 0; value < 16; value++) {
    const digit = value.toString(16);
    table[digit.charCodeAt(0)] = value;
    table[digit.toUpperCase().charCodeAt(0)] = value;
  }
  return table;
})();

/** Hex digits at `from`..`to` as a number of at most 32 bits, or -1. */
export function parseHex(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = hexValue[bytes[at]];
    if (digit === 255) return -1;
    value = value * 16 + digit;
  }
  return value <= 0xffffffff ? value : -1;
}

/** The two hex digits at `from` as a byte, or -1. */
export function parseHexByte(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 2) return -1;
  const value = (hexValue[bytes[from]] << 4) | hexValue[bytes[from + 1]];
  return value <= 0xff ? value : -1;
}

/** The first byte at or after `from` that is no blank or control character, or `to`. */
export function skipBlanks(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] <= 0x20) at++;
  return at;
}

/** The first blank or control character at or after `from`, or `to`. */
export function wordEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] > 0x20) at++;
  return at;
}

/** Whether the bytes at `from`..`to` are these lower-case letters, in either case. */
export function isWord(bytes: Uint8Array, from: number, to: number, word: string): boolean {
  if (to - from !== word.length) return false;
  for (let i = 0; i < word.length; i++) if ((bytes[from + i] | 0x20) !== word.charCodeAt(i)) return false;
  return true;
}

/** Decimal digits at `from`..`to`, at most 2^53, or -1. */
export function parseDecimal(bytes: Uint8Array, from: number, to: number): number {
  if (to <= from || to - from > 16) return -1;
  let value = 0;
  for (let at = from; at < to; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    value = value * 10 + digit;
  }
  return value <= Number.MAX_SAFE_INTEGER ? value : -1;
}

/** Seconds with up to nine decimals at `from`..`to` as whole microseconds, or -1. */
export function parseSecondsAsUs(bytes: Uint8Array, from: number, to: number): number {
  let dot = from;
  while (dot < to && bytes[dot] !== 0x2e) dot++;
  const seconds = parseDecimal(bytes, from, Math.min(dot, from + 10));
  if (seconds < 0 || dot - from > 10) return -1;
  if (dot === to) return seconds * 1e6;
  let us = 0;
  let unit = 100_000;
  if (dot + 1 === to) return -1;
  for (let at = dot + 1; at < to; at++) {
    const digit = bytes[at] - 0x30;
    if (digit < 0 || digit > 9) return -1;
    us += digit * unit;
    // Past the sixth decimal nothing is added: nanoseconds are cut off.
    unit = Math.trunc(unit / 10);
  }
  return seconds * 1e6 + us;
}
