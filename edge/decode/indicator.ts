/** The reserved raw values by which a J1939 sender says that it has no value to give. */
import type { PlanMessage, PlanSignal } from './types.ts';

/**
 * The shortest pattern that decides: SAE J1939-71 reserves, of parameters of a byte and more, the values whose top
 * byte is 0xFE (error) and 0xFF (not available); of shorter, discrete ones, the last two values. One bit has
 * no room for either, and floats have NaN.
 */
export interface Indicator {
  /** Bits to drop at the low end before comparing. */
  shift: number;
  error: number;
  notAvailable: number;
}

/**
 * @returns undefined when the signal has no reserved values
 * @see SAE J1939-71, table "Transmitted signal ranges"
 */
export function j1939Indicator(message: PlanMessage, signal: PlanSignal): Indicator | undefined {
  if (!message.j1939 || signal.valueType !== 'integer' || signal.length < 2) return undefined;
  const bits = Math.min(signal.length, 8);
  return { shift: signal.length - bits, error: 2 ** bits - 2, notAvailable: 2 ** bits - 1 };
}
