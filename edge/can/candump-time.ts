/** candump's time stamps: `(1436509052.249713)`, `(000.012345)` and `(2015-07-10 08:17:32.249713)`. */
import { parseDecimal, parseSecondsAsUs } from './text-number.ts';

const openParen = 0x28;
const closeParen = 0x29;
const dash = 0x2d;
const dot = 0x2e;
const zero = 0x30;
const newline = 0x0a;

export class CandumpClock {
  /** Stamps count from the line before, as `-t d` writes them. */
  isDelta: boolean;
  /** Of the last stamp read; deltas are summed. */
  timeUs = 0;
  readonly #isGiven: boolean;

  constructor(times: 'absolute' | 'delta' | undefined) {
    this.isDelta = times === 'delta';
    this.#isGiven = times !== undefined;
  }

  /** See `Lines`. */
  look(head: Uint8Array, isWhole: boolean): boolean {
    if (this.#isGiven) return true;
    if (!isWhole && !hasShortStamp(head)) return true;
    if (isWhole) this.isDelta = hasShortStamp(head) && areDeltas(head);
    return isWhole;
  }

  /**
   * Reads the stamp at `from`, with its parentheses, into `timeUs`.
   * @returns where it ends, or -1
   */
  read(bytes: Uint8Array, from: number, to: number): number {
    let end = from + 1;
    while (end < to && bytes[end] !== closeParen) end++;
    if (end === to) return -1;
    const stampUs =
      bytes[from + 5] === dash ? parseDateAsUs(bytes, from + 1, end) : parseSecondsAsUs(bytes, from + 1, end);
    if (stampUs < 0) return -1;
    this.timeUs = this.isDelta ? this.timeUs + stampUs : stampUs;
    return end + 1;
  }
}

/** `-t d` and `-t z` pad the seconds to three digits, `(000.012345)`; times of the day have ten. */
function hasShortStamp(head: Uint8Array): boolean {
  let from = 0;
  while (from < head.length && head[from] <= 0x20) from++;
  return head[from] === openParen && head[from + 1] === zero && head[from + 2] === zero && head[from + 3] !== dot;
}

/**
 * A log of one origin is in order but for the odd neighbours; distances between frames fall back at every other line.
 */
function areDeltas(head: Uint8Array): boolean {
  let pairs = 0;
  let falls = 0;
  let before = -1;
  for (const stampUs of stamps(head)) {
    if (before >= 0) pairs++;
    if (stampUs < before) falls++;
    before = stampUs;
  }
  return falls >= 2 && falls * 10 >= pairs;
}

/** The seconds of all whole lines that begin with a stamp, as microseconds. */
function* stamps(head: Uint8Array): Generator<number> {
  let from = 0;
  for (let to = head.indexOf(newline); to >= 0; to = head.indexOf(newline, from)) {
    while (from < to && head[from] <= 0x20) from++;
    if (head[from] === openParen) {
      const end = head.indexOf(closeParen, from);
      const stampUs = end > from && end < to ? parseSecondsAsUs(head, from + 1, end) : -1;
      if (stampUs >= 0) yield stampUs;
    }
    from = to + 1;
  }
}

const dateChars = 10;

/** `2015-07-10 08:17:32.249713`; candump writes local time without its zone, so it is taken as UTC. */
function parseDateAsUs(bytes: Uint8Array, from: number, to: number): number {
  const year = parseDecimal(bytes, from, from + 4);
  const month = parseDecimal(bytes, from + 5, from + 7);
  const day = parseDecimal(bytes, from + 8, from + dateChars);
  const hourAt = from + dateChars + 1;
  const hour = parseDecimal(bytes, hourAt, hourAt + 2);
  const minute = parseDecimal(bytes, hourAt + 3, hourAt + 5);
  const secondUs = parseSecondsAsUs(bytes, hourAt + 6, to);
  if (year < 1970 || month < 1 || month > 12 || day < 1 || day > 31) return -1;
  if (hour < 0 || hour > 23 || minute < 0 || minute > 59 || secondUs < 0 || secondUs >= 61e6) return -1;
  return Date.UTC(year, month - 1, day, hour, minute) * 1000 + secondUs;
}
