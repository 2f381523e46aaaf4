import type { FrameBatch } from '../can/index.ts';
import type { Transport } from '../transport/index.ts';
import { encodeSlcanFrame, slcanFrameBytesMax } from './encode.ts';

const bufferBytes = 64 * 1024;
/** Kept free of frames so that answers always find room. */
const answerBytes = 4096;
/** Serial lines carry a start and a stop bit with each byte. */
const bitsPerByte = 10;

/** The adapter's side of the line to its host: one buffer is filled while the other is written, at a chosen baud rate. */
export class AdapterLine {
  readonly #transport: Transport;
  readonly #onWritten: () => void;
  #out = new Uint8Array(bufferBytes);
  #spare = new Uint8Array(bufferBytes);
  #length = 0;
  #isWriting = false;
  /** When a paced line has carried what it was given. */
  #freeMs = 0;

  /** @param onWritten called when the transport took a piece: there is room, and more may follow */
  constructor(transport: Transport, onWritten: () => void) {
    this.#transport = transport;
    this.#onWritten = onWritten;
  }

  /** True when all bytes have left. */
  get isIdle(): boolean {
    return this.#length === 0 && !this.#isWriting;
  }

  /** Appends an answer, ASCII. @returns false when the host has left no room by not reading */
  answer(text: string): boolean {
    if (this.#length + text.length > bufferBytes) return false;
    for (let i = 0; i < text.length; i++) this.#out[this.#length++] = text.charCodeAt(i);
    return true;
  }

  /**
   * Whether a frame fits now. A slow line is not given seconds of frames in advance: they wait in the queue, where
   * they are counted.
   * @param baud bits a second, 0 for no pacing
   */
  hasRoom(baud: number): boolean {
    const limit = baud > 0 ? 2 * chunkBytes(baud) + slcanFrameBytesMax : bufferBytes - answerBytes;
    return this.#length + slcanFrameBytesMax <= limit;
  }

  /** Appends frame `index` of `frames`; see `hasRoom`. @param stamp and suffix as `encodeSlcanFrame` takes them */
  frame(frames: FrameBatch, index: number, stamp: number, suffix = 0): void {
    const { id, flags, data, stride, length } = frames;
    this.#length += encodeSlcanFrame(
      this.#out,
      this.#length,
      id[index],
      flags[index],
      data,
      index * stride,
      length[index],
      stamp,
      suffix,
    );
  }

  /**
   * Starts to write what is there, unless a write is under way.
   * @returns the time at which a paced line can take more, when that is why it waits
   */
  flush(nowMs: number, baud: number): number | undefined {
    if (this.#isWriting || this.#length === 0) return undefined;
    if (baud > 0 && this.#freeMs > nowMs) return this.#freeMs;
    const size = Math.min(this.#length, baud > 0 ? chunkBytes(baud) : bufferBytes);
    const writing = this.#out;
    this.#spare.set(writing.subarray(size, this.#length));
    this.#out = this.#spare;
    this.#spare = writing;
    this.#length -= size;
    if (baud > 0) this.#freeMs = Math.max(nowMs, this.#freeMs) + (size * bitsPerByte * 1000) / baud;
    this.#isWriting = true;
    const written = () => {
      this.#isWriting = false;
      this.#onWritten();
    };
    // A failed write comes with the end of the transport, which its owner is told of.
    this.#transport.write(writing.subarray(0, size)).then(written, written);
    return undefined;
  }
}

/** 10 ms worth of a paced line. */
function chunkBytes(baud: number): number {
  return Math.max(16, Math.floor(baud / bitsPerByte / 100));
}
