/** The payload of one frame at a place that never changes. */

/**
 * Generated code reads its payload here instead of in the caller's array: a load from a constant address is one
 * instruction, where one from an array that could be any costs four checks, in each of hundreds of functions.
 */
export class PayloadScratch {
  /** Bytes of older frames may stand behind those of the last one. */
  readonly view: DataView;
  /** The array of the last frame; a batch hands in the same one for all of its frames. */
  #data: Uint8Array | undefined;
  /** The bytes of #data in words, once it came twice in a row: for an array of one frame it would not pay. */
  #words: DataView | undefined;

  /** @param size the most bytes that are ever loaded */
  constructor(size: number) {
    this.view = new DataView(new ArrayBuffer(Math.max(8, Math.ceil(size / 4) * 4)));
  }

  /** Copies `count` bytes of `data`, which has them, from `offset`. */
  load(data: Uint8Array, offset: number, count: number): void {
    const { view } = this;
    const words = data === this.#data ? this.#words : undefined;
    if (words === undefined || data.length - offset < 8) {
      this.#loadBytes(data, offset, count);
      return;
    }
    // 8 bytes at least, whether the message needs them all or not.
    view.setInt32(0, words.getInt32(offset));
    view.setInt32(4, words.getInt32(offset + 4));
    let at = 8;
    for (; at + 4 <= count; at += 4) view.setInt32(at, words.getInt32(offset + at));
    for (; at < count; at++) view.setUint8(at, data[offset + at]);
  }

  #loadBytes(data: Uint8Array, offset: number, count: number): void {
    const { view } = this;
    const isKnown = data === this.#data;
    this.#data = data;
    this.#words = undefined;
    let at = 0;
    // Never true of a buffer that was given away: its arrays are empty.
    if (data.length - offset >= 8) {
      // Without a length the view follows a buffer that grows or shrinks.
      if (isKnown) this.#words = new DataView(data.buffer, data.byteOffset);
      view.setInt32(0, wordAt(data, offset), true);
      view.setInt32(4, wordAt(data, offset + 4), true);
      for (at = 8; at + 4 <= count; at += 4) view.setInt32(at, wordAt(data, offset + at), true);
    }
    for (; at < count; at++) view.setUint8(at, data[offset + at]);
  }
}

function wordAt(data: Uint8Array, at: number): number {
  return data[at] | (data[at + 1] << 8) | (data[at + 2] << 16) | (data[at + 3] << 24);
}
