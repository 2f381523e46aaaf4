/** Finds messages in what arrives on a console; everything else is text that passes on. */
import { crc16Xmodem } from './crc16.ts';
import { Base64, base64Values, checksumBytes, LineMark, lengthBytes, lineBytesMax, newline } from './serial-framing.ts';

export interface SerialDecoderOptions {
  /** Longest message that is put together, header included; what announces more is dropped unread. */
  messageBytesMax: number;
  /** One whole message whose checksum holds; the view is only valid during the call. */
  onMessage: (message: Uint8Array) => void;
  /** A run of bytes that belongs to no message, as it came; the view is only valid during the call. */
  onText?: (text: Uint8Array) => void;
  /** Longest line, marks and newline included; 127 unless told. */
  lineBytesMax?: number;
  /**
   * Lines of one delivery that are kept, the rest is lost; all unless told. A small device has two or so: its receive
   * interrupt outruns what empties them, which is why some clients pause before each continuation.
   */
  linesPerDeliveryMax?: number;
}

/** What was dropped, by reason; and what was not. */
export interface SerialDecoderCounters {
  messages: number;
  badChecksums: number;
  /** With a character that is not base64, or more bytes than the message has. */
  badLines: number;
  overlongLines: number;
  overlongMessages: number;
  /** Continuations of nothing. */
  strayLines: number;
  /** Begun, and never finished before the next began. */
  tornMessages: number;
  /** For want of buffers: see linesPerDeliveryMax. */
  overrunLines: number;
}

const carriageReturn = 0x0d;

const State = { text: 0, mark: 1, line: 2, skippedLine: 3 } as const;

export class SerialDecoder {
  readonly counters: SerialDecoderCounters = {
    messages: 0,
    badChecksums: 0,
    badLines: 0,
    overlongLines: 0,
    overlongMessages: 0,
    strayLines: 0,
    tornMessages: 0,
    overrunLines: 0,
  };
  readonly #options: Required<Omit<SerialDecoderOptions, 'onText'>> & Pick<SerialDecoderOptions, 'onText'>;
  readonly #payload: Uint8Array;
  #state: (typeof State)[keyof typeof State] = State.text;
  /** The first byte of a mark whose second has not come yet. */
  #half = 0;
  #linesOfDelivery = 0;
  /** A message has begun and is worth going on with. */
  #open = false;
  #length = 0;
  #lineBytes = 0;
  /** The base64 group that is not full yet. */
  #group = 0;
  #groupCharacters = 0;
  /** Padding came: nothing but its second half may follow in this line. */
  #padded = false;

  constructor(options: SerialDecoderOptions) {
    this.#options = { lineBytesMax, linesPerDeliveryMax: Number.POSITIVE_INFINITY, ...options };
    this.#payload = new Uint8Array(lengthBytes + options.messageBytesMax + checksumBytes);
  }

  /** Takes what arrived, in any pieces. Text and messages are given on in the order they came. */
  push(bytes: Uint8Array): void {
    this.#linesOfDelivery = 0;
    for (let at = 0; at < bytes.length; ) {
      if (this.#state === State.text) at = this.#takeText(bytes, at);
      else if (this.#state === State.mark) at = this.#takeMark(bytes, at);
      else if (this.#state === State.line) at = this.#takeLine(bytes, at);
      else at = this.#skipLine(bytes, at);
    }
  }

  #takeText(bytes: Uint8Array, start: number): number {
    let at = start;
    while (at < bytes.length && !isHalfMark(bytes[at])) at++;
    if (at > start) this.#options.onText?.(bytes.subarray(start, at));
    if (at < bytes.length) this.#beginMark(bytes[at++]);
    return at;
  }

  #beginMark(byte: number): void {
    this.#half = byte;
    this.#state = State.mark;
  }

  #takeMark(bytes: Uint8Array, at: number): number {
    const isFirst = this.#half === LineMark.first[0];
    const second = isFirst ? LineMark.first[1] : LineMark.continuation[1];
    if (bytes[at] !== second) {
      // Somebody typed Ctrl-D or Ctrl-F.
      this.#state = State.text;
      this.#options.onText?.(Uint8Array.of(this.#half));
      return at;
    }
    this.#beginLine(isFirst);
    return at + 1;
  }

  #beginLine(isFirst: boolean): void {
    this.#state = State.skippedLine;
    if (++this.#linesOfDelivery > this.#options.linesPerDeliveryMax) {
      this.counters.overrunLines++;
      return;
    }
    if (isFirst) {
      if (this.#open) this.counters.tornMessages++;
      this.#open = true;
      this.#length = 0;
      this.#groupCharacters = 0;
    } else if (!this.#open) {
      this.counters.strayLines++;
      return;
    }
    this.#state = State.line;
    this.#lineBytes = 2;
    this.#padded = false;
  }

  #takeLine(bytes: Uint8Array, start: number): number {
    const payload = this.#payload;
    let at = start;
    while (at < bytes.length) {
      // Whole groups of four characters are the most of it.
      if (this.#groupCharacters === 0 && !this.#padded) {
        const from = at;
        const room = Math.min(this.#options.lineBytesMax - 1 - this.#lineBytes, bytes.length - at);
        const groups = Math.min(room >> 2, Math.floor((payload.length - this.#length) / 3));
        for (const end = at + 4 * groups; at < end; at += 4) {
          const a = base64Values[bytes[at]];
          const b = base64Values[bytes[at + 1]];
          const c = base64Values[bytes[at + 2]];
          const d = base64Values[bytes[at + 3]];
          if ((a | b | c | d) > 63) break;
          payload[this.#length++] = (a << 2) | (b >> 4);
          payload[this.#length++] = (b << 4) | (c >> 2);
          payload[this.#length++] = (c << 6) | d;
        }
        this.#lineBytes += at - from;
        if (at === bytes.length) break;
      }
      const byte = bytes[at];
      if (isHalfMark(byte)) {
        // The newline was lost; the message may still be whole.
        this.#endLine();
        this.#beginMark(byte);
        return at + 1;
      }
      at++;
      if (byte === newline) {
        this.#endLine();
        return at;
      }
      if (byte !== carriageReturn && !this.#takeCharacter(byte)) return at;
    }
    return at;
  }

  /** One character that came outside a whole group. @returns false when it spoilt the message */
  #takeCharacter(byte: number): boolean {
    if (++this.#lineBytes >= this.#options.lineBytesMax) return this.#abandon('overlongLines');
    const value = base64Values[byte];
    if (value === Base64.other) return this.#abandon('badLines');
    if (value === Base64.pad) return this.#takePad();
    if (this.#padded) return this.#abandon('badLines');
    this.#group = ((this.#group << 6) | value) & 0xffffff;
    if (++this.#groupCharacters < 4) return true;
    this.#groupCharacters = 0;
    return this.#store(this.#group >> 16) && this.#store(this.#group >> 8) && this.#store(this.#group);
  }

  #takePad(): boolean {
    const characters = this.#groupCharacters;
    if (characters < 2) return this.#abandon('badLines');
    // Two characters are closed by two pads, three by one.
    if (this.#padded || characters === 3) this.#groupCharacters = 0;
    if (this.#padded) return true;
    this.#padded = true;
    if (characters === 2) return this.#store(this.#group >> 4);
    return this.#store(this.#group >> 10) && this.#store(this.#group >> 2);
  }

  #store(byte: number): boolean {
    if (this.#length === this.#payload.length) return this.#abandon('overlongMessages');
    this.#payload[this.#length++] = byte;
    return true;
  }

  #abandon(reason: keyof SerialDecoderCounters): false {
    this.counters[reason]++;
    this.#open = false;
    this.#state = State.skippedLine;
    return false;
  }

  #endLine(): void {
    this.#state = State.text;
    if (this.#length < lengthBytes) return;
    const payload = this.#payload;
    const end = lengthBytes + ((payload[0] << 8) | payload[1]);
    if (end > payload.length) {
      this.#abandonAtEnd('overlongMessages');
    } else if (this.#length > end || end < lengthBytes + checksumBytes) {
      this.#abandonAtEnd('badLines');
    } else if (this.#length === end) {
      this.#open = false;
      if (crc16Xmodem(payload, lengthBytes, end) !== 0) {
        this.counters.badChecksums++;
      } else {
        this.counters.messages++;
        this.#options.onMessage(payload.subarray(lengthBytes, end - checksumBytes));
      }
    }
  }

  #abandonAtEnd(reason: keyof SerialDecoderCounters): void {
    this.#abandon(reason);
    this.#state = State.text;
  }

  #skipLine(bytes: Uint8Array, start: number): number {
    for (let at = start; at < bytes.length; at++) {
      if (bytes[at] === newline) {
        this.#state = State.text;
        return at + 1;
      }
      if (isHalfMark(bytes[at])) {
        this.#beginMark(bytes[at]);
        return at + 1;
      }
    }
    return bytes.length;
  }
}

function isHalfMark(byte: number): boolean {
  return byte === LineMark.first[0] || byte === LineMark.continuation[0];
}
