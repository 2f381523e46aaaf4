/**
 * Unpacks zlib streams where no library is at hand: a browser's own unpacks asynchronously only, and a reader's `push`
 * cannot wait.
 * @see RFC 1950 (zlib), RFC 1951 (deflate)
 */

const codeBitsMax = 15;
/** Base and extra bits of the length codes 257 to 285, and of the distance codes (RFC 1951, 3.2.5). */
const lengthBase = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227, 258,
];
const lengthBits = [0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0];
const distanceBase = [
  1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537, 2049, 3073, 4097, 6145,
  8193, 12289, 16385, 24577,
];
const distanceBits = [0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13, 13];
/** In which order the lengths of the code lengths' own code stand (3.2.7). */
const orderOfLengths = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];
const endOfBlock = 256;

/** A prefix code: of the next `bits` bits, the symbol times 16 plus its length; 0 where no symbol begins so. */
interface Code {
  bits: number;
  table: Uint16Array;
}

/**
 * @param packed a whole zlib stream; bytes behind it are not looked at
 * @param bytesMax the most that may come out
 * @throws {RangeError} when the stream is broken, cut or unpacks to more
 * @example inflateZlib(deflateSync('hello'), 100)  // the bytes of 'hello'
 */
export function inflateZlib(packed: Uint8Array, bytesMax: number): Uint8Array {
  const header = packed[0] * 256 + packed[1];
  if ((packed[0] & 15) !== 8 || header % 31 !== 0 || (packed[1] & 0x20) !== 0) throw new RangeError('no zlib stream');
  const stream = new Inflating(packed, bytesMax);
  const bytes = stream.unpack();
  if (stream.trailer() !== adler32(bytes)) throw new RangeError('wrong checksum');
  return bytes;
}

class Inflating {
  readonly #packed: Uint8Array;
  readonly #bytesMax: number;
  #at = 2;
  /** Bits taken from the stream and not used yet, the next lowest. */
  #held = 0;
  #heldBits = 0;
  #out: Uint8Array;
  #length = 0;

  constructor(packed: Uint8Array, bytesMax: number) {
    this.#packed = packed;
    this.#bytesMax = bytesMax;
    this.#out = new Uint8Array(Math.min(bytesMax, packed.length * 4));
  }

  unpack(): Uint8Array {
    for (let isLast = false; !isLast; ) {
      isLast = this.#take(1) === 1;
      const kind = this.#take(2);
      if (kind === 0) this.#stored();
      else if (kind === 1) this.#fixed();
      else if (kind === 2) this.#dynamic();
      else throw new RangeError('unknown kind of block');
    }
    return this.#out.subarray(0, this.#length);
  }

  /** The checksum behind the blocks. */
  trailer(): number {
    this.#align();
    const [a, b, c, d] = this.#packed.subarray(this.#at, this.#at + 4);
    if (d === undefined) throw new RangeError('cut off');
    return ((a << 24) | (b << 16) | (c << 8) | d) >>> 0;
  }

  #take(count: number): number {
    while (this.#heldBits < count) this.#fill();
    const value = this.#held & ((1 << count) - 1);
    this.#held >>>= count;
    this.#heldBits -= count;
    return value;
  }

  #fill(): void {
    if (this.#at >= this.#packed.length) throw new RangeError('cut off');
    this.#held |= this.#packed[this.#at++] << this.#heldBits;
    this.#heldBits += 8;
  }

  /** Gives whole bytes back, so that the stream goes on at a byte. */
  #align(): void {
    this.#at -= this.#heldBits >> 3;
    this.#held = 0;
    this.#heldBits = 0;
  }

  #symbol({ bits, table }: Code): number {
    // The stream may end with a code shorter than the longest.
    while (this.#heldBits < bits && this.#at < this.#packed.length) this.#fill();
    const entry = table[this.#held & ((1 << bits) - 1)];
    const length = entry & 15;
    if (length === 0 || length > this.#heldBits) throw new RangeError('no code of the block');
    this.#held >>>= length;
    this.#heldBits -= length;
    return entry >> 4;
  }

  #room(count: number): void {
    const length = this.#length + count;
    if (length > this.#bytesMax) throw new RangeError(`more than ${this.#bytesMax} bytes`);
    if (length <= this.#out.length) return;
    const grown = new Uint8Array(Math.min(this.#bytesMax, Math.max(length, this.#out.length * 2)));
    grown.set(this.#out.subarray(0, this.#length));
    this.#out = grown;
  }

  #stored(): void {
    this.#align();
    const packed = this.#packed;
    const count = packed[this.#at] | (packed[this.#at + 1] << 8);
    const check = packed[this.#at + 2] | (packed[this.#at + 3] << 8);
    const from = this.#at + 4;
    if (from + count > packed.length || (count ^ check) !== 0xffff) throw new RangeError('broken stored block');
    this.#room(count);
    this.#out.set(packed.subarray(from, from + count), this.#length);
    this.#length += count;
    this.#at = from + count;
  }

  #dynamic(): void {
    const literalCount = this.#take(5) + 257;
    const distanceCount = this.#take(5) + 1;
    const lengthCount = this.#take(4) + 4;
    const ofLengths = new Uint8Array(19);
    for (let i = 0; i < lengthCount; i++) ofLengths[orderOfLengths[i]] = this.#take(3);
    const code = makeCode(ofLengths);
    const lengths = new Uint8Array(literalCount + distanceCount);
    for (let i = 0; i < lengths.length; ) {
      const symbol = this.#symbol(code);
      if (symbol < 16) {
        lengths[i++] = symbol;
        continue;
      }
      if (symbol === 16 && i === 0) throw new RangeError('nothing to repeat');
      const value = symbol === 16 ? lengths[i - 1] : 0;
      const times = symbol === 16 ? 3 + this.#take(2) : symbol === 17 ? 3 + this.#take(3) : 11 + this.#take(7);
      if (i + times > lengths.length) throw new RangeError('too many code lengths');
      lengths.fill(value, i, i + times);
      i += times;
    }
    this.#block(makeCode(lengths.subarray(0, literalCount)), makeCode(lengths.subarray(literalCount)));
  }

  #fixed(): void {
    const { literals, distances } = fixedCodes();
    this.#block(literals, distances);
  }

  #block(literals: Code, distances: Code): void {
    for (;;) {
      const symbol = this.#symbol(literals);
      if (symbol === endOfBlock) return;
      if (symbol < endOfBlock) {
        this.#room(1);
        this.#out[this.#length++] = symbol;
        continue;
      }
      const index = symbol - endOfBlock - 1;
      if (index >= lengthBase.length) throw new RangeError('unknown length');
      const count = lengthBase[index] + this.#take(lengthBits[index]);
      const far = this.#symbol(distances);
      if (far >= distanceBase.length) throw new RangeError('unknown distance');
      const distance = distanceBase[far] + this.#take(distanceBits[far]);
      if (distance > this.#length) throw new RangeError('a distance before the beginning');
      this.#room(count);
      const out = this.#out;
      let to = this.#length;
      // Byte by byte: what is copied may include what was copied just before.
      for (let from = to - distance, end = to + count; to < end; ) out[to++] = out[from++];
      this.#length = to;
    }
  }
}

/** The code that lengths of 0 (unused) to 15 bits define (3.2.2). */
function makeCode(lengths: Uint8Array): Code {
  const counts = new Uint16Array(codeBitsMax + 2);
  let bits = 1;
  for (const length of lengths) {
    if (length > 0) counts[length + 1]++;
    if (length > bits) bits = length;
  }
  const next = new Uint32Array(codeBitsMax + 2);
  for (let length = 1; length <= codeBitsMax; length++) next[length] = (next[length - 1] + counts[length]) << 1;
  const table = new Uint16Array(1 << bits);
  for (const [symbol, length] of lengths.entries()) {
    if (length === 0) continue;
    const code = next[length]++;
    if (code >= 1 << length) throw new RangeError('more codes than fit');
    let reversed = 0;
    for (let bit = 0; bit < length; bit++) reversed |= ((code >> bit) & 1) << (length - 1 - bit);
    for (let at = reversed; at < table.length; at += 1 << length) table[at] = symbol * 16 + length;
  }
  return { bits, table };
}

/** Of blocks that bring no code (3.2.6). */
let fixed: { literals: Code; distances: Code } | undefined;

function fixedCodes(): { literals: Code; distances: Code } {
  if (fixed !== undefined) return fixed;
  const lengths = new Uint8Array(288).fill(8, 0, 144).fill(9, 144, 256).fill(7, 256, 280).fill(8, 280);
  fixed = { literals: makeCode(lengths), distances: makeCode(new Uint8Array(30).fill(5)) };
  return fixed;
}

function adler32(bytes: Uint8Array): number {
  let a = 1;
  let b = 0;
  for (let at = 0; at < bytes.length; ) {
    // So many sums stay below 2^32.
    for (const end = Math.min(bytes.length, at + 3800); at < end; at++) {
      a += bytes[at];
      b += a;
    }
    a %= 65_521;
    b %= 65_521;
  }
  return b * 65_536 + a;
}
