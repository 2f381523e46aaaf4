/** Writes a signal's value with what stands before and after it, straight from the decoder's arrays. */
import { type FrameDecoder, type PlanSignal, physicalAt } from '../../../edge/decode/index.ts';
import type { LineBuffer } from './line-buffer.ts';
import { numberText } from './number-text.ts';

/** Signals up to this length keep the text of every raw value they had. */
const keptBitsMax = 12;
/** All signals of a database together keep no more than so many bytes of text, and know where, of so many values. */
const keptBytesMax = 16 * 2 ** 20;
const keptValuesMax = 2 ** 21;

/** The longest number: an integer past 2^53 times a scale, with sign and quotes. */
const numberBytesMax = 48;

export interface SignalPiece {
  /** Bytes that `write` takes at most. */
  readonly bytesMax: number;
  /** Writes the value of the decoder's last result. */
  write(out: LineBuffer, decoder: FrameDecoder): void;
}

/** Makes pieces; one for all signals, because they share its bounds. */
export class SignalPieces {
  readonly #quote: string;
  /** Texts that were made once, one behind the other, each after its length. */
  #kept = new Uint8Array(1 << 16);
  #keptBytes = 0;
  #keptValues = 0;

  /** @param quote goes around what JSON has no number for: integers past 2^53, NaN and the infinities */
  constructor(quote: '"' | '') {
    this.#quote = quote;
  }

  of(signal: PlanSignal, before: string, after: string): SignalPiece {
    const encoder = new TextEncoder();
    const [head, tail] = [encoder.encode(before), encoder.encode(after)];
    const bytesMax = head.length + tail.length + numberBytesMax;
    const write = (out: LineBuffer, decoder: FrameDecoder): void => {
      out.piece(head);
      out.ascii(this.#text(decoder, signal));
      out.piece(tail);
    };
    const values = 2 ** signal.length;
    const isKept = signal.valueType === 'integer' && signal.length <= keptBitsMax && bytesMax < 2 ** 16;
    if (!isKept || this.#keptValues + values > keptValuesMax) return { bytesMax, write };
    this.#keptValues += values;
    return { bytesMax, write: this.#keeping(signal, write) };
  }

  #keeping({ slot, length, signed }: PlanSignal, write: SignalPiece['write']): SignalPiece['write'] {
    const least = signed ? 2 ** (length - 1) : 0;
    /** Where the text of a raw value begins in what is kept; 0 for nowhere. */
    const places = new Uint32Array(2 ** length);
    return (out, decoder) => {
      const index = decoder.raw[slot] + least;
      const place = places[index];
      if (place !== 0) {
        const kept = this.#kept;
        out.copy(kept, place, place + kept[place - 2] + kept[place - 1] * 256);
        return;
      }
      const from = out.at;
      write(out, decoder);
      places[index] = this.#keep(out.bytes, from, out.at);
    };
  }

  /** @returns where it stands, 0 when there is no more room */
  #keep(bytes: Uint8Array, from: number, to: number): number {
    const length = to - from;
    const place = this.#keptBytes + 2;
    if (place + length > keptBytesMax) return 0;
    if (place + length > this.#kept.length) {
      const larger = new Uint8Array(this.#kept.length * 2 + length);
      larger.set(this.#kept);
      this.#kept = larger;
    }
    this.#kept[place - 2] = length & 0xff;
    this.#kept[place - 1] = length >>> 8;
    this.#kept.set(bytes.subarray(from, to), place);
    this.#keptBytes = place + length;
    return place;
  }

  #text(decoder: FrameDecoder, signal: PlanSignal): string {
    const value = physicalAt(decoder, signal);
    if (typeof value === 'number' && Number.isFinite(value)) return numberText(value);
    return `${this.#quote}${value}${this.#quote}`;
  }
}
