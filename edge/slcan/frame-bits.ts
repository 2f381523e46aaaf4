import { FrameFlag } from '../can/index.ts';

/** Bits that are not stuffed: CRC delimiter, acknowledgement, end of frame, and the gap of three to the next frame. */
const unstuffedBits = 1 + 2 + 7 + 3;

/**
 * Bits that a classic frame takes on the bus, gap included. Stuffing depends on the payload; a random one gets one
 * stuff bit in thirty, which is what is added here (all-equal bits would get one in four).
 * @param length payload bytes, 0..8
 * @see ISO 11898-1:2015, 10.4.2 and 10.5
 */
export function frameBits(flags: number, length: number): number {
  const dataBits = (flags & FrameFlag.remote) !== 0 ? 0 : 8 * length;
  // SOF, id, RTR, IDE, reserved, DLC and CRC: 34 with 11 id bits, 54 with 29 (SRR and one reserved bit more).
  const stuffedBits = ((flags & FrameFlag.extended) !== 0 ? 54 : 34) + dataBits;
  return stuffedBits + Math.floor(stuffedBits / 30) + unstuffedBits;
}
