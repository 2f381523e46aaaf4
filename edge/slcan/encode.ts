import { dlcToLength, FrameFlag, lengthToDlc } from '../can/index.ts';
import { CR, hexAscii, letterOfFlags } from './letters.ts';

/** Bytes that any encoded frame fits in. */
export const slcanFrameBytesMax = 1 + 8 + 1 + 128 + 4 + 1;

const expressible = FrameFlag.extended | FrameFlag.remote | FrameFlag.fd | FrameFlag.bitRateSwitch;

/**
 * Writes one frame as an SLCAN line ended by CR, in upper-case hex.
 * @param out holds `slcanFrameBytesMax` bytes from `at` on
 * @param flags bits of FrameFlag; what no letter expresses (error state, transmitted) is left out
 * @param length payload bytes, 0..8, with FD up to 64; a length between FD's steps is padded with zeros to the next
 * @param stampMs time stamp as `Z1` adds it, 0..59,999; negative for none
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
  stampMs = -1,
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
  if (stampMs >= 0) {
    for (let shift = 12; shift >= 0; shift -= 4) out[at++] = hexAscii[(stampMs >> shift) & 15];
  }
  out[at++] = CR;
  return at - start;
}
