import { dlcToLength, FrameFlag, lengthToDlc } from '../can/index.ts';
import { CR, hexAscii, letterOfFlags } from './letters.ts';

/** Bytes that any encoded frame fits in. */
export const slcanFrameBytesMax = 1 + 8 + 1 + 128 + 8 + 1 + 1;

/** What may stand behind a frame's payload, besides the four digits of `Z1`. */
export const SlcanSuffix = {
  /** The stamp has eight digits and counts microseconds. */
  microseconds: 1,
  /** A last digit tells whether the sender is error-passive. */
  errorState: 2,
} as const;

const expressible = FrameFlag.extended | FrameFlag.remote | FrameFlag.fd | FrameFlag.bitRateSwitch;

/**
 * Writes one frame as an SLCAN line ended by CR, in upper-case hex.
 * @param out holds `slcanFrameBytesMax` bytes from `at` on
 * @param flags bits of FrameFlag; what no letter expresses (error state, transmitted) is left out
 * @param length payload bytes, 0..8, with FD up to 64; a length between FD's steps is padded with zeros to the next
 * @param stamp time stamp as `Z1` adds it, 0..59,999 ms, or `Z2`, 0..3,599,999,999 us; negative for none
 * @param suffix bits of SlcanSuffix: what stands behind the payload besides
 * @returns bytes written
 * @see LAWICEL CAN232 manual, "t", "T", "r", "R", "Z"
 */
export function encodeSlcanFrame(
  out: Uint8Array,
  at: number,
  id: number,
  flags: number,
  data: Uint8Array,
  offset: number,
  length: number,
  stamp = -1,
  suffix = 0,
): number {
  const start = at;
  out[at++] = letterOfFlags[flags & expressible];
  for (let shift = (flags & FrameFlag.extended) !== 0 ? 28 : 8; shift >= 0; shift -= 4) {
    out[at++] = hexAscii[(id >>> shift) & 15];
  }
  const dlc = lengthToDlc(length);
  out[at++] = hexAscii[dlc];
  if ((flags & FrameFlag.remote) === 0) {
    for (let i = offset; i < offset + length; i++) {
      const byte = data[i];
      out[at++] = hexAscii[byte >> 4];
      out[at++] = hexAscii[byte & 15];
    }
    for (let padding = 2 * (dlcToLength[dlc] - length); padding > 0; padding--) out[at++] = hexAscii[0];
  }
  if (stamp >= 0 || suffix !== 0) at = writeSuffix(out, at, flags, stamp, suffix);
  out[at++] = CR;
  return at - start;
}

function writeSuffix(out: Uint8Array, at: number, flags: number, stamp: number, suffix: number): number {
  if (stamp >= 0) {
    const firstShift = (suffix & SlcanSuffix.microseconds) !== 0 ? 28 : 12;
    for (let shift = firstShift; shift >= 0; shift -= 4) out[at++] = hexAscii[(stamp >>> shift) & 15];
  }
  if ((suffix & SlcanSuffix.errorState) !== 0) out[at++] = (flags & FrameFlag.errorState) !== 0 ? 0x31 : 0x30;
  return at;
}
