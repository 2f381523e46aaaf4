import { dlcToLength, type FrameBatch, FrameFlag } from '../can/index.ts';
import { BEL, CR, hexDigit, hexDigitHigh, LF, LineKind, lineKinds } from './letters.ts';
import type { SlcanProfile } from './profile.ts';
import { errorRegisterPrefix } from './status.ts';
import { TimestampUnwrapper } from './timestamp.ts';

/** What arrived, and what of it could not be used. Never reset. */
export interface SlcanCounters {
  bytes: number;
  frames: number;
  /** Lines that are no frame, no reply and no acknowledgement; each was skipped up to its terminator. */
  malformed: number;
  /** Longer than any line can be: the same, bounded in memory. */
  overlong: number;
  /** BEL: the other end refused something. */
  bells: number;
  /** Empty lines ended by CR: the other end accepted something. */
  acks: number;
  /** Frames whose time stamp lay past the wrap; they carry the host's time instead. */
  badTimestamps: number;
}

/** What comes between the frames, in the order of the stream. Absent handlers cost nothing. */
export interface SlcanEvents {
  /** An empty line ended by CR. */
  onAck?: () => void;
  onBell?: () => void;
  /** A reply (or, at the adapter, a command): its bytes without terminator, valid during the call. */
  onLine?: (bytes: Uint8Array, start: number, end: number) => void;
  onMalformed?: () => void;
  /**
   * A line that is no frame and no reply of the profile, ended by CR or LF.
   * @returns true when it was of use all the same, and so is not malformed
   */
  onUnknown?: (bytes: Uint8Array, start: number, end: number) => boolean;
  /** The number after `errorRegisterPrefix`, where the profile has that register. */
  onErrorRegister?: (value: number) => void;
}

/** The longest line: error registers, which have no terminator, then B, 8 id digits, DLC, 64 bytes, stamp, ESI. */
const lineMax = 2 * (errorRegisterPrefix.length + 2) + 1 + 8 + 1 + 128 + 8 + 1;

/** Where the microsecond stamps of `Z2` start again from 0: an hour. */
const microsecondWrapUs = 3_600_000_000;

/** No frame here: the line is incomplete, malformed or something else. */
const noFrame = -1;

/** Counters as a parser starts with them. */
export function emptySlcanCounters(): SlcanCounters {
  return { bytes: 0, frames: 0, malformed: 0, overlong: 0, bells: 0, acks: 0, badTimestamps: 0 };
}

/**
 * Reads SLCAN bytes of one direction into frames. However the stream is cut into chunks, the frames are the
 * same. Nothing is allocated per frame, and a frame that lies whole in a chunk is read where it stands.
 */
export class SlcanParser {
  readonly counters: SlcanCounters;
  readonly #kinds: Uint8Array;
  readonly #fd: boolean;
  readonly #wrapMs: number;
  /** Whether 8 digits of microseconds, and a digit of error state, may stand behind a frame. */
  readonly #hasMicroseconds: boolean;
  readonly #hasErrorState: boolean;
  readonly #hasErrorRegister: boolean;
  readonly #stamps: TimestampUnwrapper;
  readonly #microsecondStamps = new TimestampUnwrapper(microsecondWrapUs);
  readonly #events: SlcanEvents;
  /** A line whose terminator has not come yet. */
  readonly #line = new Uint8Array(lineMax + 1);
  #lineLength = 0;

  /**
   * @param from who sends these bytes: it decides which letters are known
   * @param counters those of an earlier parser to count on with
   */
  constructor(
    profile: SlcanProfile,
    from: 'adapter' | 'host' = 'adapter',
    events: SlcanEvents = {},
    counters: SlcanCounters = emptySlcanCounters(),
  ) {
    this.counters = counters;
    this.#kinds = lineKinds(profile, from === 'adapter' ? profile.replies : profile.commands);
    this.#fd = profile.fd;
    this.#wrapMs = profile.timestampWrapMs;
    this.#hasMicroseconds = profile.timestampMode === 2;
    this.#hasErrorState = profile.errorStateDigit;
    this.#hasErrorRegister = from === 'adapter' && profile.status === 'register';
    this.#stamps = new TimestampUnwrapper(profile.timestampWrapMs * 1000);
    this.#events = events;
  }

  /** Forgets a half-read line and the time stamps' offset: a new connection, or a channel opened anew. */
  reset(): void {
    this.#lineLength = 0;
    this.#stamps.reset();
    this.#microsecondStamps.reset();
  }

  /**
   * Appends every frame that `bytes` completes to `batch`.
   * @param nowUs time of frames without a time stamp, and the anchor of those with one
   * @param onFull takes the frames and clears the batch; called whenever it is full
   */
  push(bytes: Uint8Array, batch: FrameBatch, nowUs: number, onFull: (batch: FrameBatch) => void): void {
    if (this.#fd && batch.stride !== 64) throw new TypeError('a CAN FD profile needs batches with a stride of 64');
    if (batch.full) onFull(batch);
    this.counters.bytes += bytes.length;
    const size = bytes.length;
    let at = this.#lineLength === 0 ? 0 : this.#completeLine(bytes, batch, nowUs, onFull);
    while (at < size) {
      const frameEnd = this.#readFrame(bytes, at, size, batch, nowUs);
      if (frameEnd !== noFrame) {
        if (batch.full) onFull(batch);
        at = frameEnd + 1;
        continue;
      }
      const end = terminatorFrom(bytes, at);
      if (end === size) {
        this.#keep(bytes, at, size);
        return;
      }
      this.#readOther(bytes, at, end, batch, nowUs);
      if (batch.full) onFull(batch);
      at = end + 1;
    }
  }

  /** Finishes the kept line with the beginning of a chunk; returns where the next line starts. */
  #completeLine(bytes: Uint8Array, batch: FrameBatch, nowUs: number, onFull: (batch: FrameBatch) => void): number {
    const end = terminatorFrom(bytes, 0);
    this.#keep(bytes, 0, end);
    if (end === bytes.length) return end;
    const length = this.#lineLength;
    this.#lineLength = 0;
    if (length > lineMax) {
      this.#refuse(length, bytes[end]);
    } else {
      this.#line[length] = bytes[end];
      if (this.#readFrame(this.#line, 0, length + 1, batch, nowUs) === noFrame) {
        this.#readOther(this.#line, 0, length, batch, nowUs);
      }
      if (batch.full) onFull(batch);
    }
    return end + 1;
  }

  /** Keeps a beginning of a line; of an overlong one only the fact that it is. */
  #keep(bytes: Uint8Array, start: number, end: number): void {
    const length = Math.min(this.#lineLength + (end - start), lineMax + 1);
    for (let to = this.#lineLength, from = start; to < length; to++, from++) this.#line[to] = bytes[from];
    this.#lineLength = length;
  }

  /**
   * Reads the frame that starts at `start` and whose terminator lies before `limit`.
   * @returns the position of its terminator, or `noFrame` with nothing stored
   */
  #readFrame(bytes: Uint8Array, start: number, limit: number, batch: FrameBatch, nowUs: number): number {
    const kind = this.#kinds[bytes[start]];
    if (kind < LineKind.frame) return noFrame;
    let at = start + 1;
    let id: number;
    if ((kind & FrameFlag.extended) === 0) {
      if (at + 3 >= limit) return noFrame;
      id = (hexDigit[bytes[at]] << 8) | (hexDigit[bytes[at + 1]] << 4) | hexDigit[bytes[at + 2]];
      if (id < 0 || id > 0x7ff) return noFrame;
      at += 3;
    } else {
      if (at + 8 >= limit) return noFrame;
      id = 0;
      let valid = 0;
      for (const end = at + 8; at < end; at++) {
        const digit = hexDigit[bytes[at]];
        valid |= digit;
        id = (id << 4) | digit;
      }
      // The first digit may reach the sign bit; such an id has more than 29 bits anyway.
      if (valid < 0 || id < 0 || id > 0x1fff_ffff) return noFrame;
    }

    const index = batch.count;
    const isRemote = (kind & FrameFlag.remote) !== 0;
    let length = hexDigit[bytes[at]];
    if (length < 0) {
      // Some firmwares write a remote frame without its length.
      if (!isRemote || !isLineEnd(bytes[at])) return noFrame;
      length = 0;
    } else if (isRemote && at + 4 < limit && isLineEnd(bytes[at + 4]) && fourDigits(bytes, at) >= 0) {
      // Four digits after the id can only be a time stamp: a length would make it one or five.
      length = 0;
    } else {
      at++;
      if ((kind & FrameFlag.fd) !== 0) length = dlcToLength[length];
      else if (length > 8) return noFrame;
    }

    const data = batch.data;
    const stride = batch.stride;
    let to = index * stride;
    const dataEnd = to + (isRemote ? 0 : length);
    const strideEnd = to + stride;
    if (at + 2 * (dataEnd - to) >= limit) return noFrame;
    let valid = 0;
    while (to < dataEnd) {
      const byte = hexDigitHigh[bytes[at]] | hexDigit[bytes[at + 1]];
      valid |= byte;
      data[to++] = byte;
      at += 2;
    }
    while (to < strideEnd) data[to++] = 0;
    if (valid < 0) return noFrame;

    let timeUs = nowUs;
    let flags = kind & ~LineKind.frame;
    if (!isLineEnd(bytes[at])) {
      const stampMs = at + 4 < limit && isLineEnd(bytes[at + 4]) ? fourDigits(bytes, at) : -1;
      if (stampMs >= 0) {
        if (stampMs < this.#wrapMs) timeUs = this.#stamps.toHostUs(stampMs * 1000, nowUs);
        else this.counters.badTimestamps++;
        at += 4;
      } else {
        const end = this.#suffixEnd(bytes, at, limit);
        if (end === noFrame) return noFrame;
        timeUs = this.#timeOfSuffix(bytes, at, end, nowUs);
        if (((end - at) & 1) !== 0 && bytes[end - 1] === 0x31) flags |= FrameFlag.errorState;
        at = end;
      }
    }

    batch.timeUs[index] = timeUs;
    batch.id[index] = id;
    batch.flags[index] = flags;
    batch.length[index] = length;
    batch.count = index + 1;
    this.counters.frames++;
    return at;
  }

  /**
   * Where the digits behind the payload end: none, 4 (`Z1`) or 8 (`Z2`) of a time stamp, then one of error state,
   * as far as the profile has them. A payload has an even number, so an odd one ends with the error state.
   * @returns `noFrame` for anything else
   */
  #suffixEnd(bytes: Uint8Array, at: number, limit: number): number {
    let end = at;
    let valid = 0;
    while (end < limit && !isLineEnd(bytes[end])) valid |= hexDigit[bytes[end++]];
    const size = end - at;
    const stampSize = size & ~1;
    if (end >= limit || valid < 0 || size > 9) return noFrame;
    if (size !== stampSize && (!this.#hasErrorState || (bytes[end - 1] !== 0x30 && bytes[end - 1] !== 0x31))) {
      return noFrame;
    }
    return stampSize === 0 || stampSize === 4 || (stampSize === 8 && this.#hasMicroseconds) ? end : noFrame;
  }

  /** Host time of a frame whose stamp starts at `at`; the digit of error state, if any, is the last before `end`. */
  #timeOfSuffix(bytes: Uint8Array, at: number, end: number, nowUs: number): number {
    const stampEnd = at + ((end - at) & ~1);
    if (stampEnd === at) return nowUs;
    let stamp = 0;
    for (let i = at; i < stampEnd; i++) stamp = stamp * 16 + hexDigit[bytes[i]];
    const isMicroseconds = stampEnd - at === 8;
    if (isMicroseconds && stamp < microsecondWrapUs) return this.#microsecondStamps.toHostUs(stamp, nowUs);
    if (!isMicroseconds && stamp < this.#wrapMs) return this.#stamps.toHostUs(stamp * 1000, nowUs);
    this.counters.badTimestamps++;
    return nowUs;
  }

  /** A line that is no frame: an acknowledgement, a reply, a refusal, or garbage to skip. */
  #readOther(bytes: Uint8Array, start: number, end: number, batch: FrameBatch, nowUs: number): void {
    // Of an overlong line no more than its beginning may have been kept, so nothing of it counts.
    const mayBeRegister = this.#hasErrorRegister && end - start <= lineMax;
    const next = mayBeRegister ? this.#skipErrorRegister(bytes, start, end, batch, nowUs) : start;
    if (next > end) return;
    this.#readLine(bytes, next, end);
  }

  /**
   * Takes error registers off the beginning of a line. Their digits have no end of their own: what follows may begin
   * with a letter that is a digit too. A value is told only when it is certain where it ends.
   * @returns where the rest of the line starts, past `end` when that was a frame
   */
  #skipErrorRegister(bytes: Uint8Array, start: number, end: number, batch: FrameBatch, nowUs: number): number {
    let at = start;
    while (startsWithRegister(bytes, at, end)) {
      at += errorRegisterPrefix.length;
      const first = hexDigit[bytes[at]];
      if (first < 0) return at;
      at++;
      // Seven bits, without leading zeros.
      const second = first >= 1 && first <= 7 && at < end && bytes[at] < 0x61 ? hexDigit[bytes[at]] : -1;
      const isFollowed = startsWithRegister(bytes, at, end);
      const isFrame = !isFollowed && at < end && this.#readFrame(bytes, at, end + 1, batch, nowUs) !== noFrame;
      if (isFollowed || isFrame || second < 0) {
        this.#events.onErrorRegister?.(first);
        if (isFrame) return end + 1;
        continue;
      }
      at++;
      const isLongFrame = at < end && this.#readFrame(bytes, at, end + 1, batch, nowUs) !== noFrame;
      if (isLongFrame || startsWithRegister(bytes, at, end)) this.#events.onErrorRegister?.(first * 16 + second);
      if (isLongFrame) return end + 1;
    }
    return at;
  }

  #readLine(bytes: Uint8Array, start: number, end: number): void {
    const terminator = bytes[end];
    const length = end - start;
    if (length === 0) {
      if (terminator === BEL) this.#bell();
      // An empty line ended by LF is the second half of CR LF.
      if (terminator === CR) {
        this.counters.acks++;
        this.#events.onAck?.();
      }
    } else if (length <= lineMax && terminator !== BEL && this.#kinds[bytes[start]] === LineKind.reply) {
      this.#events.onLine?.(bytes, start, end);
    } else if (
      length > lineMax ||
      terminator === BEL ||
      this.#events.onUnknown === undefined ||
      !this.#events.onUnknown(bytes, start, end)
    ) {
      this.#refuse(length, terminator);
    }
  }

  #refuse(length: number, terminator: number): void {
    if (length > lineMax) this.counters.overlong++;
    else this.counters.malformed++;
    this.#events.onMalformed?.();
    if (terminator === BEL) this.#bell();
  }

  #bell(): void {
    this.counters.bells++;
    this.#events.onBell?.();
  }
}

/** The number of four hex digits, negative when one is none: the end of another line may lie among them. */
function fourDigits(bytes: Uint8Array, at: number): number {
  return (
    (hexDigitHigh[bytes[at]] << 8) |
    (hexDigitHigh[bytes[at + 1]] << 4) |
    hexDigitHigh[bytes[at + 2]] |
    hexDigit[bytes[at + 3]]
  );
}

function startsWithRegister(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + errorRegisterPrefix.length >= end) return false;
  for (let i = 0; i < errorRegisterPrefix.length; i++) {
    if (bytes[at + i] !== errorRegisterPrefix.charCodeAt(i)) return false;
  }
  return true;
}

function isLineEnd(byte: number): boolean {
  return byte === CR || byte === LF;
}

/** Position of the first terminator from `at` on, or the length when there is none. */
function terminatorFrom(bytes: Uint8Array, at: number): number {
  while (at < bytes.length && bytes[at] !== CR && bytes[at] !== LF && bytes[at] !== BEL) at++;
  return at;
}
