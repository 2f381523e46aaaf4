/**
 * can-utils' candump: the log form of `-L`, `(1436509052.249713) can0 123#DEADBEEF`, and the screen form
 * `can0  123   [4]  DE AD BE EF` with any of its time stamps before it.
 * @see linux-can/can-utils, lib.h, "CAN frames in ASCII": `#R` remote, `##` CAN FD, 8 id digits extended
 */
import { readCandumpRun } from './candump-run.ts';
import { readScreenFrame } from './candump-screen.ts';
import { CandumpClock } from './candump-time.ts';
import { type CanFrame, dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { LineOutcome, type Lines } from './line-log-reader.ts';
import { hexValue, parseHex, parseHexByte, skipBlanks, wordEnd } from './text-number.ts';

const openParen = 0x28;
const hash = 0x23;
const dot = 0x2e;
const tab = 0x09;
const underscore = 0x5f;
const remoteMark = 0x52;

/** CAN_ERR_FLAG of linux/can.h: an id with it is an error frame, and carries its class. */
const errorBit = 0x20000000;

/** An interface's name as bytes, and its number. */
export interface KnownBus {
  name: Uint8Array;
  bus: number;
}

export class CandumpLines implements Lines {
  readonly #clock: CandumpClock;
  /** The interface of the line before stands first. */
  readonly #known: KnownBus[] = [];

  constructor(times?: 'absolute' | 'delta') {
    this.#clock = new CandumpClock(times);
  }

  get isRelative(): boolean {
    return this.#clock.isDelta;
  }

  look(head: Uint8Array, isWhole: boolean): boolean {
    return this.#clock.look(head, isWhole);
  }

  readLines(bytes: Uint8Array, from: number, to: number, sink: FrameSink): number {
    return this.#clock.isDelta ? from : readCandumpRun(bytes, from, to, sink.batch, this.#known);
  }

  readLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
    const isStamped = bytes[from] === openParen;
    if (!isStamped && isCommentary(bytes, from, to)) return LineOutcome.ignored;
    let at = isStamped ? this.#clock.read(bytes, from, to) : from;
    if (at < 0) return 'expected (seconds) or (date time)';
    const timeUs = isStamped ? this.#clock.timeUs : 0;
    const nameFrom = skipBlanks(bytes, at, to);
    const nameTo = wordEnd(bytes, nameFrom, to);
    at = skipBlanks(bytes, nameTo, to);
    if (at >= to)
      return isStamped ? 'expected an id, # and a payload' : 'expected (seconds), or an interface and a frame';
    const frameEnd = wordEnd(bytes, at, to);
    const mark = bytes.indexOf(hash, at);
    const bus = () => this.#bus(bytes, nameFrom, nameTo, sink);
    if (mark >= at && mark < frameEnd) {
      if (!isStamped) return 'expected (seconds) before the interface';
      return readLogFrame(bytes, at, mark, frameEnd, to, timeUs, bus, sink);
    }
    return readScreenFrame(bytes, at, to, timeUs, bus, sink);
  }

  #bus(bytes: Uint8Array, from: number, to: number, sink: FrameSink): number {
    const known = this.#known;
    for (let i = 0; i < known.length; i++) {
      if (!isName(known[i].name, bytes, from, to)) continue;
      if (i > 0) [known[0], known[i]] = [known[i], known[0]];
      return known[0].bus;
    }
    const name = new Uint8Array(bytes.subarray(from, Math.min(to, from + nameBytesMax)));
    const bus = sink.busOfName(new TextDecoder().decode(name));
    if (known.length < knownMax && to - from <= nameBytesMax) known.unshift({ name, bus });
    return bus;
  }
}

/** IFNAMSIZ of linux/if.h; what is longer is no interface of Linux, and is cut. */
const nameBytesMax = 16;
const knownMax = 8;

function isName(name: Uint8Array, bytes: Uint8Array, from: number, to: number): boolean {
  if (name.length !== to - from) return false;
  for (let i = 0; i < name.length; i++) if (name[i] !== bytes[from + i]) return false;
  return true;
}

const dropCount = [...'DROPCOUNT'].map((letter) => letter.charCodeAt(0));

/** `candump -e` explains an error frame on lines that begin with a tab, `-d` reports lost frames. */
function isCommentary(bytes: Uint8Array, from: number, to: number): boolean {
  if (from > 0 && bytes[from - 1] === tab && bytes[from] >= 0x61 && bytes[from] <= 0x7a) return true;
  return to - from > dropCount.length && dropCount.every((letter, i) => bytes[from + i] === letter);
}

/** Reads `123#DEADBEEF R`: the id at `at`, its # at `mark`. */
function readLogFrame(
  bytes: Uint8Array,
  at: number,
  mark: number,
  frameEnd: number,
  to: number,
  timeUs: number,
  bus: () => number,
  sink: FrameSink,
): string | undefined {
  const idDigits = mark - at;
  const written = parseHex(bytes, at, mark);
  if (written < 0 || (idDigits !== 3 && idDigits !== 8)) return 'expected an id of 3 or 8 hex digits';
  if (isXl(bytes, mark + 1, frameEnd)) return LineOutcome.framesXl;
  let flags = candumpIdFlags(written, idDigits);
  if (flags < 0) return `expected an id of at most ${idDigits === 3 ? 11 : 29} bits`;
  const id = (flags & FrameFlag.error) !== 0 ? written - errorBit : written;
  if (isTransmitted(bytes, frameEnd, to)) flags |= FrameFlag.transmitted;

  const kind = mark + 1 < frameEnd ? bytes[mark + 1] : 0;
  if (kind === remoteMark || kind === remoteMark + 0x20) {
    const length = remoteLength(bytes, mark + 2, frameEnd);
    if (length > 8) return 'expected a length of 0 to 8 after #R';
    sink.add(timeUs, id, flags | FrameFlag.remote, length, bus());
    return undefined;
  }
  let payloadFrom = mark + 1;
  if (kind === hash) {
    const fdFlags = mark + 2 < frameEnd ? hexValue[bytes[mark + 2]] : 255;
    if (fdFlags === 255) return 'expected a hex digit of flags after ##';
    flags |= FrameFlag.fd;
    if ((fdFlags & 1) !== 0) flags |= FrameFlag.bitRateSwitch;
    if ((fdFlags & 2) !== 0) flags |= FrameFlag.errorState;
    payloadFrom = mark + 3;
  }
  const length = readPayload(bytes, payloadFrom, frameEnd, sink.payload);
  if (length < 0) return 'expected pairs of hex digits as the payload';
  if (length > 8 && (kind !== hash || !dlcToLength.includes(length))) {
    return kind === hash ? `expected a CAN FD length, not ${length} bytes` : 'expected at most 8 bytes';
  }
  sink.add(timeUs, id, flags, length, bus());
  return undefined;
}

/** Flags that an id of 3 or 8 digits tells; -1 when it has too many bits. */
export function candumpIdFlags(written: number, digits: number): number {
  if (digits === 3) return written <= 0x7ff ? 0 : -1;
  if (written <= 0x1fffffff) return FrameFlag.extended;
  return written < errorBit * 2 ? FrameFlag.error : -1;
}

/** `#81:00:12345678#11223344`: flags, SDU type and acceptance field stand between two #. */
function isXl(bytes: Uint8Array, from: number, to: number): boolean {
  return (
    to - from >= 6 && bytes[from + 2] === 0x3a && bytes[from + 5] === 0x3a && parseHexByte(bytes, from, from + 2) >= 0
  );
}

/** `candump -x` ends lines with R or T. */
function isTransmitted(bytes: Uint8Array, frameEnd: number, to: number): boolean {
  return to - frameEnd >= 2 && bytes[skipBlanks(bytes, frameEnd, to)] === 0x54;
}

/** The length digit that may follow `#R`; more than 8 when it is none. */
function remoteLength(bytes: Uint8Array, from: number, to: number): number {
  return from < to && bytes[from] !== underscore ? hexValue[bytes[from]] : 0;
}

/**
 * Pairs of hex digits, `.` between them allowed; `_` and a raw DLC may end a payload of 8 bytes.
 * @returns how many bytes, at most 65 of which 64 are stored; -1 for anything but hex
 */
function readPayload(bytes: Uint8Array, from: number, to: number, payload: Uint8Array): number {
  let length = 0;
  let at = from;
  while (at < to && length <= 64) {
    const high = hexValue[bytes[at]];
    if (high === 255) {
      if (bytes[at] === underscore && length === 8) break;
      if (bytes[at] !== dot) return -1;
      at++;
      continue;
    }
    const low = at + 1 < to ? hexValue[bytes[at + 1]] : 255;
    if (low === 255) return -1;
    payload[length++] = (high << 4) | low;
    at += 2;
  }
  return length;
}

/**
 * One line of a candump log, without its line end. For many frames, `createLogWriter('candump')` is much faster.
 * @param channel the interface name, without blanks
 * @example candumpLine({ timeUs: 1.5e6, id: 0x123, flags: 0, data: Uint8Array.of(0xde, 0xad) }, 'can0')
 * // '(1.500000) can0 123#DEAD'
 */
export function candumpLine(frame: CanFrame, channel: string): string {
  const { timeUs, id, flags, data } = frame;
  const us = Math.round(timeUs);
  const seconds = Math.floor(us / 1e6);
  const time = `${seconds}.${String(us - seconds * 1e6).padStart(6, '0')}`;
  const is = (flag: number) => (flags & flag) !== 0;
  const long = is(FrameFlag.extended) || is(FrameFlag.error);
  const written = is(FrameFlag.error) ? id + errorBit : id;
  const idText = written
    .toString(16)
    .toUpperCase()
    .padStart(long ? 8 : 3, '0');
  const direction = is(FrameFlag.transmitted) ? ' T' : '';
  return `(${time}) ${channel} ${idText}#${payloadText(flags, data)}${direction}`;
}

function payloadText(flags: number, data: Uint8Array): string {
  if ((flags & FrameFlag.remote) !== 0) return 'R';
  let text = '';
  if ((flags & FrameFlag.fd) !== 0) {
    const brs = (flags & FrameFlag.bitRateSwitch) !== 0 ? 1 : 0;
    const esi = (flags & FrameFlag.errorState) !== 0 ? 2 : 0;
    text = `#${brs | esi}`;
  }
  for (const byte of data) text += byte.toString(16).toUpperCase().padStart(2, '0');
  return text;
}
