/**
 * What candump shows on a screen: `can0  123   [4]  DE AD BE EF`; `[04]` is CAN FD and `[0004]` CAN XL; with `-x`,
 * `RX B E` stands before the id. Behind the bytes come `-a`'s text in quotes, or `ERRORFRAME`.
 */
import { candumpIdFlags } from './candump.ts';
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { LineOutcome } from './line-log-reader.ts';
import { isWord, parseDecimal, parseHex, parseHexByte, skipBlanks, wordEnd } from './text-number.ts';

const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const backquote = 0x60;
const errorBit = 0x20000000;

/** Reads a frame from `from`, behind the interface; `bus` is asked once the line is known to be good. */
export function readScreenFrame(
  bytes: Uint8Array,
  from: number,
  to: number,
  timeUs: number,
  bus: () => number,
  sink: FrameSink,
): string | undefined {
  let at = from;
  let flags = 0;
  let end = wordEnd(bytes, at, to);
  const isSent = isWord(bytes, at, end, 'tx');
  if (isSent || isWord(bytes, at, end, 'rx')) {
    if (isSent) flags |= FrameFlag.transmitted;
    at = skipBlanks(bytes, end, to);
    if (bytes[at] === 0x42) flags |= FrameFlag.bitRateSwitch;
    at = skipBlanks(bytes, at + 1, to);
    if (bytes[at] === 0x45) flags |= FrameFlag.errorState;
    at = skipBlanks(bytes, at + 1, to);
    end = wordEnd(bytes, at, to);
  }
  const written = parseHex(bytes, at, end);
  const idDigits = end - at;
  if (written < 0 || (idDigits !== 3 && idDigits !== 8)) {
    return 'expected (seconds), an interface, an id, # and a payload, or a line as candump shows it';
  }
  const idFlags = candumpIdFlags(written, idDigits);
  if (idFlags < 0) return `expected an id of at most ${idDigits === 3 ? 11 : 29} bits`;

  const lengthAt = skipBlanks(bytes, end, to);
  const lengthEnd = wordEnd(bytes, lengthAt, to) - 1;
  const digits = lengthEnd - lengthAt - 1;
  // `candump -8` writes a raw DLC beyond 8 in braces; the payload is 8 bytes all the same.
  const isRawDlc = bytes[lengthAt] === openBrace && bytes[lengthEnd] === closeBrace && digits === 1;
  if (!isRawDlc && (bytes[lengthAt] !== openBracket || bytes[lengthEnd] !== closeBracket)) {
    return 'expected an id, # and a payload, or an id and a [length]';
  }
  if (digits > 2) return LineOutcome.framesXl;
  const isFd = digits === 2;
  const length = isRawDlc ? 8 : parseDecimal(bytes, lengthAt + 1, lengthEnd);
  if (length < 0 || (isFd ? !dlcToLength.includes(length) : length > 8)) return 'expected a [length] of CAN or CAN FD';

  flags = isFd ? flags | FrameFlag.fd : flags & FrameFlag.transmitted;
  const id = (idFlags & FrameFlag.error) !== 0 ? written - errorBit : written;
  const payloadAt = skipBlanks(bytes, lengthEnd + 1, to);
  if (isWord(bytes, payloadAt, wordEnd(bytes, payloadAt, to), 'remote')) {
    sink.add(timeUs, id, flags | idFlags | FrameFlag.remote, length, bus());
    return undefined;
  }
  if (!readBytes(bytes, payloadAt, to, length, sink.payload)) return `expected ${length} bytes`;
  sink.add(timeUs, id, flags | idFlags, length, bus());
  return undefined;
}

/** Bytes in hex, in binary (`-i`), or in hex from the last to the first with backquotes between them (`-S`). */
function readBytes(bytes: Uint8Array, from: number, to: number, length: number, payload: Uint8Array): boolean {
  let at = from;
  if (length > 1 && bytes[from + 2] === backquote) {
    for (let i = length - 1; i >= 0; i--, at += 3) {
      const value = parseHexByte(bytes, at, to);
      if (value < 0) return false;
      payload[i] = value;
    }
    return true;
  }
  for (let i = 0; i < length; i++) {
    const end = wordEnd(bytes, at, to);
    const value = end - at === 8 ? parseBinary(bytes, at) : end - at === 2 ? parseHexByte(bytes, at, end) : -1;
    if (value < 0) return false;
    payload[i] = value;
    at = skipBlanks(bytes, end, to);
  }
  return true;
}

function parseBinary(bytes: Uint8Array, from: number): number {
  let value = 0;
  for (let at = from; at < from + 8; at++) {
    const bit = bytes[at] - 0x30;
    if (bit !== 0 && bit !== 1) return -1;
    value = value * 2 + bit;
  }
  return value;
}
