/**
 * Vector's ASC: `0.003040 1  123  Rx  d 2 00 00`, `0.35 CANFD 1 Rx 100 1 0 f 64 00 01 ...`, under a header that says
 * when the measurement began, which base numbers have and what times count from.
 * @see Vector, CAN, Log & Trigger ASC Logging Format Specification
 */
import { dlcToLength, FrameFlag } from './frame.ts';
import type { FrameSink } from './frame-sink.ts';
import { LineOutcome, type Lines } from './line-log-reader.ts';
import { parseLogDateAsUs } from './log-date.ts';
import { parseDecimal, parseHex, parseSecondsAsUs } from './text-number.ts';
import { Words } from './words.ts';

const letterX = 0x78;
const minus = 0x2d;

/** Bits of a CANFD line's flags. */
const fdLineFlag = { remote: 0x10, fd: 0x1000, bitRateSwitch: 0x2000, errorState: 0x4000 } as const;

export class AscLines implements Lines {
  readonly #words = new Words();
  #isHex = true;
  #isRelative = false;
  /** Begin of the measurement, microseconds since the Unix epoch; 0 when the log has no date. */
  #originUs = 0;
  /** A trigger block's own date, which counts for its first line. */
  #blockUs: number | undefined;
  #hasBlock = false;
  /** Of the line before, from the begin of the measurement. */
  #elapsedUs = 0;

  get isRelative(): boolean {
    return this.#isRelative;
  }

  readLine(bytes: Uint8Array, from: number, to: number, sink: FrameSink): string | undefined {
    const words = this.#words;
    words.start(bytes, from, to);
    words.next();
    const isNegative = bytes[from] === minus;
    if (!isDigit(bytes[isNegative ? from + 1 : from])) return this.#readHeader();
    const stampUs = parseSecondsAsUs(bytes, isNegative ? from + 1 : from, words.to);
    if (stampUs < 0) return 'expected a time in seconds';
    const timeUs = this.#time(isNegative ? -stampUs : stampUs);
    if (!words.next()) return 'expected a channel, or an event';
    if (words.is('canfd')) return this.#readFd(timeUs, sink);
    if (words.is('canxl')) return LineOutcome.framesXl;
    const channel = words.decimal();
    if (channel < 0) return LineOutcome.ignored;
    return this.#readClassic(timeUs, channel, sink);
  }

  #time(stampUs: number): number {
    this.#elapsedUs = this.#isRelative ? this.#elapsedUs + stampUs : stampUs;
    if (this.#blockUs !== undefined) {
      this.#originUs = this.#blockUs - this.#elapsedUs;
      this.#blockUs = undefined;
    }
    return this.#originUs + this.#elapsedUs;
  }

  #readHeader(): string {
    const words = this.#words;
    const { bytes, from } = words;
    if (bytes[from] === 0x2f && bytes[from + 1] === 0x2f) return LineOutcome.ignored;
    if (words.is('date')) {
      words.next();
      this.#originUs = parseLogDateAsUs(words.restText()) ?? 0;
      return LineOutcome.ignored;
    }
    if (words.is('base') || words.is('timestamps')) {
      const text = words.restText().toLowerCase();
      if (text.includes('dec')) this.#isHex = false;
      if (text.includes('hex')) this.#isHex = true;
      this.#isRelative = text.includes('relative');
      return LineOutcome.ignored;
    }
    if (words.is('begin') || words.is('end')) {
      // The date beside the first block fits the times in it; programs that join logs leave an older one in the header.
      const isBlock = words.is('begin') && words.next() && words.is('triggerblock') && words.next();
      if (isBlock && !this.#hasBlock) this.#blockUs = parseLogDateAsUs(words.restText());
      this.#hasBlock ||= isBlock;
      return LineOutcome.ignored;
    }
    if (words.is('internal') || words.is('no') || words.is('start')) return LineOutcome.ignored;
    return 'expected a time in seconds';
  }

  /** Behind the channel: `123 Rx d 2 00 00`, `123x Tx r`, `ErrorFrame`, or another event. */
  #readClassic(timeUs: number, channel: number, sink: FrameSink): string | undefined {
    const words = this.#words;
    if (!words.next()) return 'expected an id, or an event';
    if (words.is('errorframe')) {
      sink.addError(timeUs, sink.busOfChannel(channel));
      return undefined;
    }
    const written = this.#id();
    const nameFrom = words.from;
    const hasDirection = words.next() && (words.is('rx') || words.is('tx'));
    // A request to send is no frame on the bus: the frame itself follows as Tx.
    if (words.is('txrq')) return LineOutcome.ignored;
    if (!hasDirection) return written < 0 ? LineOutcome.ignored : 'expected Rx or Tx behind the id';
    let flags = words.is('tx') ? FrameFlag.transmitted : 0;
    words.next();
    const isRemote = words.is('r');
    if (!isRemote && !words.is('d')) return 'expected d or r behind the direction';
    const dlc = words.next() && words.length <= 2 ? this.#number() : -1;
    if (isRemote) flags |= FrameFlag.remote;
    else if (dlc < 0 || dlc > 15) return 'expected a DLC of 0 to 15';
    const length = Math.min(Math.max(dlc, 0), 8);
    if (!isRemote) {
      const fault = this.#payload(length, sink.payload);
      if (fault !== undefined) return fault;
    }
    const id = this.#resolveId(written, nameFrom);
    if (id < 0) return 'expected an id of 11 bits, or of 29 bits and an x; a name needs ID = behind the bytes';
    sink.add(timeUs, id >> 1, flags | (id & 1), length, sink.busOfChannel(channel));
    return undefined;
  }

  /** `CANFD 1 Rx 100 name 1 0 f 64 00 ... duration bits flags crc ...` */
  #readFd(timeUs: number, sink: FrameSink): string | undefined {
    const words = this.#words;
    const channel = words.next() ? words.decimal() : -1;
    if (channel < 0) return 'expected a channel behind CANFD';
    if (!words.next()) return 'expected Rx or Tx behind the channel';
    let flags = words.is('tx') ? FrameFlag.transmitted : 0;
    const hasDirection = words.is('rx') || words.is('tx');
    if (words.is('txrq')) return LineOutcome.ignored;
    if (hasDirection) words.next();
    if (words.is('errorframe')) {
      sink.addError(timeUs, sink.busOfChannel(channel));
      return undefined;
    }
    if (!hasDirection) return 'expected Rx or Tx behind the channel';
    const id = this.#resolveId(this.#id(), words.from);
    words.next();
    if (!words.is('0') && !words.is('1')) words.next();
    const hasSwitch = words.is('1');
    if (!hasSwitch && !words.is('0')) return 'expected BRS, 0 or 1';
    const hasState = words.next() && words.is('1');
    if (!hasState && !words.is('0')) return 'expected ESI, 0 or 1';
    const dlc = words.next() ? words.hex() : -1;
    const length = words.next() ? words.decimal() : -1;
    if (dlc < 0 || dlc > 15) return 'expected a DLC of 0 to f';
    if (length !== 0 && length !== dlcToLength[dlc] && !(dlc > 8 && length === 8)) {
      return `expected a length of ${dlcToLength[dlc]} bytes`;
    }
    const fault = this.#payload(length, sink.payload);
    if (fault !== undefined) return fault;
    // Duration and bits are passed over; a line without flags is an FD frame.
    const lineFlags = words.next() && words.next() && words.next() ? words.hex() : fdLineFlag.fd;
    if (id < 0) return 'expected an id of 11 bits, or of 29 bits and an x';
    const isFd = (lineFlags & fdLineFlag.fd) !== 0 || length > 8;
    if (isFd) flags |= FrameFlag.fd;
    if (isFd && hasSwitch) flags |= FrameFlag.bitRateSwitch;
    if (isFd && hasState) flags |= FrameFlag.errorState;
    const isRemote = !isFd && (lineFlags & fdLineFlag.remote) !== 0;
    if (isRemote) flags |= FrameFlag.remote;
    sink.add(timeUs, id >> 1, flags | (id & 1), isRemote ? Math.min(dlc, 8) : length, sink.busOfChannel(channel));
    return undefined;
  }

  #number(): number {
    return this.#isHex ? this.#words.hex() : this.#words.decimal();
  }

  /** The current word as an id, times two, plus one when it is extended; -1 for a name or too many bits. */
  #id(): number {
    return parseId(this.#words.bytes, this.#words.from, this.#words.to, this.#isHex);
  }

  /** A name in place of the id, even one that looks like a number, is resolved by `ID = 837` at the line's end. */
  #resolveId(written: number, from: number): number {
    const words = this.#words;
    if (written >= 0 && isDigit(words.bytes[from])) return written;
    const match = / ID = (\d+)(x?)/.exec(words.lineText());
    if (match === null) return written;
    const id = Number(match[1]);
    return packedId(id, match[2] !== '');
  }

  #payload(length: number, payload: Uint8Array): string | undefined {
    const words = this.#words;
    for (let i = 0; i < length; i++) {
      const value = words.next() ? this.#number() : -1;
      if (value < 0 || value > 0xff) return `expected ${length} bytes`;
      payload[i] = value;
    }
    return undefined;
  }
}

function parseId(bytes: Uint8Array, from: number, to: number, isHex: boolean): number {
  const isExtended = (bytes[to - 1] | 0x20) === letterX;
  const end = isExtended ? to - 1 : to;
  const id = isHex ? parseHex(bytes, from, end) : parseDecimal(bytes, from, end);
  return id < 0 ? -1 : packedId(id, isExtended);
}

/** Both facts in one number: the id times two, plus FrameFlag.extended. */
function packedId(id: number, isExtended: boolean): number {
  if (isExtended) return id <= 0x1fffffff ? id * 2 + 1 : -1;
  return id <= 0x7ff ? id * 2 : -1;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}
