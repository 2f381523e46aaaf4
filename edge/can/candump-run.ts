/**
 * The quick way over the lines that make up nearly all of a candump log: `(1436509052.249713) can0 123#DEADBEEF`,
 * with ten digits of seconds and six of microseconds. Everything else is left to the careful reader.
 */
import type { KnownBus } from './candump.ts';
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameBatch } from './frame-batch.ts';
import { hexValue } from './text-number.ts';

const newline = 0x0a;
const carriageReturn = 0x0d;
const space = 0x20;
const hash = 0x23;
const openParen = 0x28;
const closeParen = 0x29;
const dot = 0x2e;
const letterR = 0x52;
const letterT = 0x54;

/** `(1436509052.249713) ` */
const stampBytes = 20;
/** Of stamp, name, id and marks: so far the loop looks without asking where the bytes end. */
const readAhead = 48;

const isFdLength = new Uint8Array(65);
for (const length of dlcToLength) isFdLength[length] = 1;

/**
 * Reads lines from `from`, where one begins, into the batch until it is full or a line has another form.
 * @param known interfaces seen; a line by another one ends the run
 * @returns where the first line begins that was not read
 */
export function readCandumpRun(
  bytes: Uint8Array,
  from: number,
  to: number,
  batch: FrameBatch,
  known: readonly KnownBus[],
): number {
  if (known.length === 0) return from;
  const { timeUs, id, flags, length, bus, data, stride, capacity } = batch;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let { name, bus: busNumber } = known[0];
  // The seconds of the line before: most lines share them.
  let seconds0 = 0;
  let seconds4 = 0;
  let seconds8 = 0;
  let secondsUs = -1;
  let index = batch.count;
  let at = from;
  const last = Math.min(to, bytes.length - readAhead);
  lines: while (index < capacity && at < last) {
    if (bytes[at] !== openParen || bytes[at + 11] !== dot || bytes[at + 18] !== closeParen) break;
    if (bytes[at + 19] !== space) break;
    const first = view.getUint32(at + 1, true);
    const second = view.getUint32(at + 5, true);
    const third = view.getUint16(at + 9, true);
    if (first !== seconds0 || second !== seconds4 || third !== seconds8) {
      const tail = twoDigits(third);
      if (!areDigits(first) || !areDigits(second) || tail < 0) break;
      secondsUs = (fourDigits(first) * 1e6 + fourDigits(second) * 100 + tail) * 1e6;
      seconds0 = first;
      seconds4 = second;
      seconds8 = third;
    }
    const micros = view.getUint32(at + 12, true);
    const rest = twoDigits(view.getUint16(at + 16, true));
    if (!areDigits(micros) || rest < 0) break;

    let p = at + stampBytes;
    if (!startsWith(bytes, p, name)) {
      const other = known.find((each) => startsWith(bytes, p, each.name));
      if (other === undefined) break;
      name = other.name;
      busNumber = other.bus;
    }
    p += name.length + 1;

    const digit0 = hexValue[bytes[p]];
    const digit1 = hexValue[bytes[p + 1]];
    const digit2 = hexValue[bytes[p + 2]];
    if ((digit0 | digit1 | digit2) > 15) break;
    let frameId = (digit0 << 8) | (digit1 << 4) | digit2;
    let frameFlags = 0;
    p += 3;
    if (bytes[p] === hash) {
      if (frameId > 0x7ff) break;
    } else {
      const digit3 = hexValue[bytes[p]];
      const digit4 = hexValue[bytes[p + 1]];
      const digit5 = hexValue[bytes[p + 2]];
      const digit6 = hexValue[bytes[p + 3]];
      const digit7 = hexValue[bytes[p + 4]];
      p += 5;
      if ((digit3 | digit4 | digit5 | digit6 | digit7) > 15 || bytes[p] !== hash || digit0 > 1) break;
      frameId = (frameId << 20) | (digit3 << 16) | (digit4 << 12) | (digit5 << 8) | (digit6 << 4) | digit7;
      frameFlags = FrameFlag.extended;
    }
    p++;

    let most = 8;
    if (bytes[p] === hash) {
      const fdFlags = hexValue[bytes[p + 1]];
      if (fdFlags > 15 || stride === 8) break;
      frameFlags |= FrameFlag.fd | ((fdFlags & 3) << 4);
      p += 2;
      most = 64;
    }
    const start = index * stride;
    let count = 0;
    for (;;) {
      const high = hexValue[bytes[p]];
      if (high > 15) break;
      const low = hexValue[bytes[p + 1]];
      if (low > 15 || count === most) {
        data.fill(0, start, start + count);
        break lines;
      }
      data[start + count++] = (high << 4) | low;
      p += 2;
    }
    let isGood = isFdLength[count] === 1;
    if (bytes[p] === space && (bytes[p + 1] === letterR || bytes[p + 1] === letterT)) {
      if (bytes[p + 1] === letterT) frameFlags |= FrameFlag.transmitted;
      p += 2;
    }
    if (bytes[p] === carriageReturn) p++;
    isGood &&= bytes[p] === newline;
    if (!isGood) {
      data.fill(0, start, start + count);
      break;
    }
    timeUs[index] = secondsUs + fourDigits(micros) * 100 + rest;
    id[index] = frameId;
    flags[index] = frameFlags;
    length[index] = count;
    bus[index] = busNumber;
    index++;
    at = p + 1;
  }
  batch.count = index;
  return at;
}

/** Whether the name stands there, with one blank behind it. */
function startsWith(bytes: Uint8Array, at: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) if (bytes[at + i] !== name[i]) return false;
  return bytes[at + name.length] === space;
}

/** Of four characters, read as one little-endian number: whether all are decimal digits. */
function areDigits(four: number): boolean {
  return (((four - 0x30303030) | (four + 0x46464646)) & 0x80808080) === 0;
}

/** Their value: pairs first, then the two pairs. */
function fourDigits(four: number): number {
  const digits = four - 0x30303030;
  const pairs = (digits * 10 + (digits >>> 8)) & 0x00ff00ff;
  return (pairs & 0xff) * 100 + (pairs >>> 16);
}

/** Of two characters, read as one little-endian number; -1 when one is no decimal digit. */
function twoDigits(two: number): number {
  const tens = (two & 0xff) - 0x30;
  const ones = (two >>> 8) - 0x30;
  return tens >= 0 && tens <= 9 && ones >= 0 && ones <= 9 ? tens * 10 + ones : -1;
}
