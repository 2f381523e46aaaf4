import type { SlcanProfile } from './profile.ts';

/** SJA1000 clock of the Lawicel adapters, Hz. */
const controllerClockHz = 16_000_000;
/** CAN clock of a CANable 2 with the `slcanfd` firmware, Hz. @see its doc/1.-Command-List.md, "s", example */
const fdClockHz = 160_000_000;

/**
 * Bit rate that the `s` command's two registers set.
 * @param registers `sxxyy` as a number: 0xXXYY, BTR0 then BTR1.
 * @see SJA1000 data sheet, 6.5.1 and 6.5.2
 */
export function bitRateOfRegisters(registers: number): number {
  const prescaler = ((registers >> 8) & 0x3f) + 1;
  const timeSegment1 = (registers & 0x0f) + 1;
  const timeSegment2 = ((registers >> 4) & 0x07) + 1;
  return Math.round(controllerClockHz / (2 * prescaler * (1 + timeSegment1 + timeSegment2)));
}

/**
 * Bit rate that `sddxxyyzz` or `yddxxyyzz` sets: prescaler, time segments 1 and 2, jump width, two hex digits each.
 * @returns undefined when a part is out of its range
 */
export function bitRateOfTiming(digits: string): number | undefined {
  if (!/^[\da-f]{8}$/i.test(digits)) return undefined;
  const [prescaler, timeSegment1, timeSegment2] = [0, 2, 4].map((at) => Number.parseInt(digits.slice(at, at + 2), 16));
  if (prescaler === 0 || timeSegment1 === 0 || timeSegment2 === 0 || timeSegment2 > 0x80) return undefined;
  return Math.round(fdClockHz / (prescaler * (1 + timeSegment1 + timeSegment2)));
}

/** Whether people mean the same rate: a third of a bit a second is often cut off, 83,333 becoming 83,300. */
export function isSameBitRate(a: number, b: number): boolean {
  const cut = (rate: number) => rate - (rate % 100);
  return a === b || (a % 1000 !== 0 && cut(a) === b) || (b % 1000 !== 0 && cut(b) === a);
}

/** The hex digit that `S` takes for a bit rate, upper case, or undefined when the profile has none. */
export function bitRateDigit(profile: SlcanProfile, bitRate: number): string | undefined {
  const digit = profile.bitRates.findIndex((rate) => isSameBitRate(rate, bitRate));
  return digit < 0 ? undefined : digit.toString(16).toUpperCase();
}

/** The digit that `Y` takes for a bit rate of the data phase, or undefined. */
export function dataBitRateDigit(profile: SlcanProfile, bitRate: number): string | undefined {
  return Object.keys(profile.dataBitRates).find((digit) => profile.dataBitRates[Number(digit)] === bitRate);
}
