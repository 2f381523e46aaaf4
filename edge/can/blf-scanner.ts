import { objectHeader, objectSignature } from './blf-format.ts';

/** Larger objects are passed over: no frame is, and containers of Vector's programs unpack to 128 KiB. */
export const objectBytesMax = 1 << 25;

/** Finds the objects in a stream of bytes that is cut anywhere. */
export interface ObjectHandler {
  /** Whether the object is to be handed over whole; others are passed over. */
  wants(type: number): boolean;
  /** The object is `bytes` from..to, its header included, until the call returns. */
  object(type: number, bytes: Uint8Array, from: number, to: number): void;
  skipped(type: number): void;
  malformed(place: string, reason: string): void;
}

const emptyBytes = new Uint8Array(0);
/** Objects are padded with fewer bytes than this. */
const paddingMax = 4;

export class ObjectScanner {
  readonly #handler: ObjectHandler;
  readonly #place: string;
  /** What the last chunk ended with: part of an object that is wanted. */
  #rest: Uint8Array = emptyBytes;
  #restBytes = 0;
  #skip = 0;
  /** Where the rest begins in the stream. */
  #position = 0;
  #isLost = false;

  /** @param place what the stream is, for messages */
  constructor(place: string, handler: ObjectHandler) {
    this.#place = place;
    this.#handler = handler;
  }

  /** Passes over so many bytes that are no objects. */
  skip(bytes: number): void {
    this.#skip += bytes;
  }

  push(chunk: Uint8Array): void {
    const bytes = this.#joined(chunk);
    const used = this.#scan(bytes);
    this.#keep(bytes, used);
    this.#position += used;
  }

  end(): void {
    const isCut = this.#skip > 0 || (this.#restBytes >= paddingMax && !this.#isLost);
    if (isCut) this.#malformed(this.#position, 'the log ends inside this object');
    this.#restBytes = 0;
    this.#skip = 0;
  }

  #scan(bytes: Uint8Array): number {
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    let at = 0;
    for (;;) {
      const skipped = Math.min(this.#skip, bytes.length - at);
      at += skipped;
      this.#skip -= skipped;
      if (bytes.length - at < objectHeader.bytes) return at;
      if (view.getUint32(at, true) !== objectSignature) {
        at = this.#resynchronise(bytes, at);
        continue;
      }
      const size = view.getUint32(at + objectHeader.objectSize, true);
      const type = view.getUint32(at + objectHeader.objectType, true);
      if (size < objectHeader.bytes) {
        this.#malformed(this.#position + at, `expected an object of at least ${objectHeader.bytes} bytes, not ${size}`);
        this.#isLost = true;
        at += 4;
        continue;
      }
      if (!this.#handler.wants(type)) {
        this.#handler.skipped(type);
        this.#skip = size;
      } else if (size > objectBytesMax) {
        this.#malformed(this.#position + at, `expected an object of at most ${objectBytesMax} bytes, not ${size}`);
        this.#skip = size;
      } else {
        if (bytes.length - at < size) return at;
        this.#handler.object(type, bytes, at, at + size);
        at += size;
      }
      this.#isLost = false;
    }
  }

  /** The next object's beginning: up to three bytes of padding are usual, more are a fault, told once. */
  #resynchronise(bytes: Uint8Array, from: number): number {
    let at = from + 1;
    while (at + 4 <= bytes.length && !isSignature(bytes, at)) at++;
    const isFound = at + 4 <= bytes.length;
    if (!this.#isLost && (!isFound || at - from >= paddingMax)) {
      this.#malformed(this.#position + from, 'expected an object, which begins with LOBJ');
      this.#isLost = true;
    }
    return at;
  }

  #joined(chunk: Uint8Array): Uint8Array {
    if (this.#restBytes === 0) return chunk;
    const length = this.#restBytes + chunk.length;
    if (this.#rest.length < length) {
      // Doubling keeps a large object that comes in small pieces from being copied again and again.
      const grown = new Uint8Array(Math.max(length, this.#rest.length * 2));
      grown.set(this.#rest.subarray(0, this.#restBytes));
      this.#rest = grown;
    }
    this.#rest.set(chunk, this.#restBytes);
    return this.#rest.subarray(0, length);
  }

  #keep(bytes: Uint8Array, used: number): void {
    const left = bytes.length - used;
    if (left > this.#rest.length) this.#rest = new Uint8Array(bytes.subarray(used));
    else if (bytes.buffer === this.#rest.buffer && bytes.byteOffset === this.#rest.byteOffset) {
      this.#rest.copyWithin(0, used, bytes.length);
    } else this.#rest.set(bytes.subarray(used));
    this.#restBytes = left;
  }

  #malformed(position: number, reason: string): void {
    this.#handler.malformed(`byte ${position} of ${this.#place}`, reason);
  }
}

function isSignature(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === 0x4c && bytes[at + 1] === 0x4f && bytes[at + 2] === 0x42 && bytes[at + 3] === 0x4a;
}
