/** Tables from a byte to what it means, so that the codec never branches on characters or makes strings. */
import { FrameFlag } from '../can/index.ts';
import type { SlcanProfile } from './profile.ts';

export const CR = 0x0d;
export const LF = 0x0a;
export const BEL = 0x07;

/** Value of a hex digit of either case, -1 for any other byte: a run of digits is valid when the OR of all is >= 0. */
export const hexDigit = new Int16Array(256).fill(-1);
/** The same, shifted to the high half of a byte. */
export const hexDigitHigh = new Int16Array(256).fill(-1);
for (const digits of ['0123456789ABCDEF', '0123456789abcdef']) {
  for (let value = 0; value < 16; value++) {
    hexDigit[digits.charCodeAt(value)] = value;
    hexDigitHigh[digits.charCodeAt(value)] = value << 4;
  }
}

/** Upper-case hex digits as ASCII. */
export const hexAscii = new Uint8Array(16);
for (let value = 0; value < 16; value++) hexAscii[value] = '0123456789ABCDEF'.charCodeAt(value);

/** Kinds of lines by first letter. A frame's kind is `LineKind.frame` plus its bits of FrameFlag. */
export const LineKind = { garbage: 0, reply: 1, frame: 128 } as const;

const frameFlags: Readonly<Record<string, number>> = {
  t: 0,
  T: FrameFlag.extended,
  r: FrameFlag.remote,
  R: FrameFlag.extended | FrameFlag.remote,
  d: FrameFlag.fd,
  D: FrameFlag.fd | FrameFlag.extended,
  b: FrameFlag.fd | FrameFlag.bitRateSwitch,
  B: FrameFlag.fd | FrameFlag.bitRateSwitch | FrameFlag.extended,
};

/** Line kind by first byte. @param others the profile's `replies` or `commands`, whichever the other end sends */
export function lineKinds(profile: SlcanProfile, others: string): Uint8Array {
  const kinds = new Uint8Array(256);
  for (const letter of others) kinds[letter.charCodeAt(0)] = LineKind.reply;
  for (const letter of profile.fd ? 'tTrRdDbB' : 'tTrR') {
    kinds[letter.charCodeAt(0)] = LineKind.frame | frameFlags[letter];
  }
  return kinds;
}

/** First letter by bits of FrameFlag, of those the letters can express. */
export const letterOfFlags = new Uint8Array(32);
for (const [letter, flags] of Object.entries(frameFlags)) letterOfFlags[flags] = letter.charCodeAt(0);
