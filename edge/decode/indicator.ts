/** The reserved raw values by which a J1939 sender says that it has no value to give. */
import type { PlanMessage, PlanSignal } from './types.ts';

/**
 * Bits at the high end that decide, read as an unsigned number. SAE J1939-71 divides parameters of 1, 2 and 4 bytes
 * by their top byte: up to 0xFA valid, 0xFB specific to the parameter, 0xFC and 0xFD reserved, 0xFE error, 0xFF not
 * available; whatever stands in the bytes below. 0xFB to 0xFD have no status: they count as values, and leave the
 * range where the file gives one. The rules below reach as far as the standard's own tables and examples:
 * - any length of a byte and more follows its top 8 bits (a 12-bit 0xFFx is not available);
 * - discrete parameters, of 2 to 7 bits, have the last two values: 2 bits 10 and 11, 4 bits 1110 and 1111;
 * - signed parameters of a byte and more have the top of their own range, 0x7E and 0x7F: all bits set is -1, a value.
 *   J1939-71 itself has none, since its parameters are unsigned with an offset; NMEA 2000, which shares the bus and
 *   the DBC attribute, does it so;
 * - one bit has no room for either, and floats have NaN.
 *
 * A sender may still use a reserved pattern as a value (files exist whose 2-bit state 11 means something): that is
 * why a status never takes the value away.
 */
export interface Indicator {
  /** Bits to drop at the low end before comparing. */
  shift: number;
  error: number;
  notAvailable: number;
}

/**
 * @returns undefined when the signal has no reserved values
 * @see SAE J1939-71, tables "Transmitted signal ranges" and "Transmitted values for discrete parameters"
 * @see github.com/ttlappalainen/NMEA2000, N2kMsg.h: N2kInt8NA 0x7F, N2kInt16NA 0x7FFF; and its issue 483
 * @see github.com/Equipment-and-Tool-Institute/j1939-84, issue 1171: 0xFF00 is not available
 * @see github.com/Equipment-and-Tool-Institute/j1939-84, issue 1078: states of 2 to 5 bits, where the last but one is an
 *   error unless the parameter's own list gives it another meaning
 * @see github.com/danielhrisca/asammdf, issue 1237: 2-bit states that use 11
 */
export function j1939Indicator(message: PlanMessage, signal: PlanSignal): Indicator | undefined {
  if (!message.j1939 || signal.valueType !== 'integer' || signal.length < 2) return undefined;
  const bits = Math.min(signal.length, 8);
  const last = signal.signed && bits === 8 ? 0x7f : 2 ** bits - 1;
  return { shift: signal.length - bits, error: last - 1, notAvailable: last };
}
