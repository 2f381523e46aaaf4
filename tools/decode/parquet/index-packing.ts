/** Positions in a small dictionary, as Parquet's RLE / bit-packing hybrid packs them. */
import type { ByteWriter } from 'hyparquet-writer';

/** Bits per position that divide a byte, so that packing is a shift and an or. */
export function widthFor(largest: number): 1 | 2 | 4 | 8 {
  return largest < 2 ? 1 : largest < 4 ? 2 : largest < 16 ? 4 : 8;
}

/** A page's positions: the width, then one run. @see parquet-format, Encodings.md, "Dictionary Encoding" */
export function writePacked(writer: ByteWriter, positions: Uint8Array, largest: number): void {
  const width = widthFor(largest);
  const groups = Math.ceil(positions.length / 8);
  writer.appendUint8(width);
  writer.appendVarInt((groups << 1) | 1);
  const bytes = groups * width;
  writer.ensure(bytes);
  const packed = new Uint8Array(writer.buffer, writer.index, bytes);
  packed.fill(0);
  if (width === 8) packed.set(positions);
  else {
    const perByteBits = width === 1 ? 3 : width === 2 ? 2 : 1;
    const within = (1 << perByteBits) - 1;
    for (let i = 0; i < positions.length; i++) packed[i >> perByteBits] |= positions[i] << ((i & within) * width);
  }
  writer.index += bytes;
  writer.offset += bytes;
}

/** The same position `count` times. */
export function writeRepeated(writer: ByteWriter, position: 0 | 1, count: number): void {
  writer.appendVarInt(count << 1);
  writer.appendUint8(position);
}
