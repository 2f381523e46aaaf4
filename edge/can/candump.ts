/**
 * can-utils' log format, as `candump -L` writes and `canplayer` reads it: `(1436509052.249713) can0 123#DEADBEEF`.
 * @see linux-can/can-utils, lib.h, "CAN frames in ASCII": `#R` remote, `##` CAN FD, 8 id digits extended
 */
import { type CanFrame, dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './log-reader.ts';
import { hexValue, parseHex, parseSecondsAsUs } from './text-number.ts';

const space = 0x20;
const hash = 0x23;
const dot = 0x2e;
const closeParen = 0x29;
const underscore = 0x5f;
const remoteMark = 0x52;

/** CAN_ERR_FLAG of linux/can.h: an id with it is an error frame, and carries its class. */
const errorBit = 0x20000000;

/** Reads one line into the sink; see `ReadLine`. */
export function readCandumpLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
  if (bytes[from] !== 0x28) return 'expected (seconds)';
  let at = from + 1;
  while (at < to && bytes[at] !== closeParen) at++;
  const timeUs = parseSecondsAsUs(bytes, from + 1, at);
  if (timeUs < 0 || at === to) return 'expected (seconds)';
  at = skipSpaces(bytes, at + 1, to);
  // The interface.
  while (at < to && bytes[at] > space) at++;
  at = skipSpaces(bytes, at, to);
  const idFrom = at;
  while (at < to && bytes[at] !== hash && bytes[at] > space) at++;
  if (at === to || bytes[at] !== hash) return 'expected an id, # and a payload';
  const idDigits = at - idFrom;
  const written = parseHex(bytes, idFrom, at);
  if (written < 0 || (idDigits !== 3 && idDigits !== 8)) return 'expected an id of 3 or 8 hex digits';
  const frameEnd = wordEnd(bytes, at, to);
  let flags = idFlags(written, idDigits);
  if (flags < 0) return `expected an id of at most ${idDigits === 3 ? 11 : 29} bits`;
  if (isTransmitted(bytes, frameEnd, to)) flags |= FrameFlag.transmitted;
  const id = (flags & FrameFlag.error) !== 0 ? written - errorBit : written;

  const mark = at + 1 < frameEnd ? bytes[at + 1] : 0;
  if (mark === remoteMark || mark === remoteMark + 0x20) {
    const length = remoteLength(bytes, at + 2, frameEnd);
    if (length > 8) return 'expected a length of 0 to 8 after #R';
    sink.add(timeUs, id, flags | FrameFlag.remote, length);
    return undefined;
  }
  let payloadFrom = at + 1;
  if (mark === hash) {
    const fdFlags = hexValue[bytes[at + 2]];
    if (at + 2 >= frameEnd || fdFlags === 255) return 'expected a hex digit of flags after ##';
    flags |= FrameFlag.fd;
    if ((fdFlags & 1) !== 0) flags |= FrameFlag.bitRateSwitch;
    if ((fdFlags & 2) !== 0) flags |= FrameFlag.errorState;
    payloadFrom = at + 3;
  }
  const length = readPayload(bytes, payloadFrom, frameEnd, sink.payload);
  if (length < 0) return 'expected pairs of hex digits as the payload';
  if (length > 8 && (mark !== hash || !dlcToLength.includes(length))) {
    return mark === hash ? `expected a CAN FD length, not ${length} bytes` : 'expected at most 8 bytes';
  }
  sink.add(timeUs, id, flags, length);
  return undefined;
}

function idFlags(written: number, digits: number): number {
  if (digits === 3) return written <= 0x7ff ? 0 : -1;
  if (written <= 0x1fffffff) return FrameFlag.extended;
  return written < errorBit * 2 ? FrameFlag.error : -1;
}

function skipSpaces(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] <= space) at++;
  return at;
}

function wordEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] > space) at++;
  return at;
}

/** `candump -x` ends lines with R or T. */
function isTransmitted(bytes: Uint8Array, frameEnd: number, to: number): boolean {
  return to - frameEnd >= 2 && bytes[skipSpaces(bytes, frameEnd, to)] === 0x54;
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
 * One line of a candump log, without its line end.
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
