import { FrameFlag } from '../can/index.ts';

/** Bits that are not stuffed: CRC delimiter, acknowledgement, end of frame, and the gap of three to the next frame. */
const unstuffedBits = 1 + 2 + 7 + 3;

/**
 * Bits that a classic frame takes on the bus, gap included. Stuffing depends on the payload; a random one gets one
 * stuff bit in thirty, which is what is added here (all-equal bits would get one in four).
 * @param length payload bytes, 0..8
 * @see ISO 11898-1:2015, 10.4.2 and 10.5
 */
export function typicalFrameBits(flags: number, length: number): number {
  const dataBits = (flags & FrameFlag.remote) !== 0 ? 0 : 8 * length;
  // SOF, id, RTR, IDE, reserved, DLC and CRC: 34 with 11 id bits, 54 with 29 (SRR and one reserved bit more).
  const stuffedBits = ((flags & FrameFlag.extended) !== 0 ? 54 : 34) + dataBits;
  return stuffedBits + Math.floor(stuffedBits / 30) + unstuffedBits;
}

/**
 * Bits that a CAN FD frame takes, gap included: those sent at the nominal rate, and those of the data phase.
 * @param length payload bytes, one of FD's steps
 * @see ISO 11898-1:2015, 10.4.2.4 and 10.5
 */
export function fdFrameBits(flags: number, length: number): { nominal: number; data: number } {
  // From SOF to BRS; an extended id adds 18 bits, IDE in their middle and SRR.
  const arbitrationBits = (flags & FrameFlag.extended) !== 0 ? 36 : 17;
  const stuffedBits = 5 + 8 * length;
  // Stuff count and CRC, with a fixed stuff bit before them and after every four.
  const checksumBits = length <= 16 ? 4 + 17 + 6 : 4 + 21 + 7;
  return {
    nominal: arbitrationBits + Math.floor(arbitrationBits / 30) + unstuffedBits,
    data: stuffedBits + Math.floor(stuffedBits / 30) + checksumBits,
  };
}

/** Milliseconds that a frame takes on a bus of these bit rates, gap included. */
export function frameTimeMs(flags: number, length: number, bitRate: number, dataBitRate: number): number {
  if ((flags & FrameFlag.fd) === 0) return (typicalFrameBits(flags, length) * 1000) / bitRate;
  const { nominal, data } = fdFrameBits(flags, length);
  const isSwitched = (flags & FrameFlag.bitRateSwitch) !== 0 && dataBitRate > 0;
  return (nominal * 1000) / bitRate + (data * 1000) / (isSwitched ? dataBitRate : bitRate);
}
