/** SignalStatus as C constants. */
import { SignalStatus } from '../types.ts';

const upperSnake = (name: string): string => name.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase();

/** What stands behind the stem of the file, by status. */
export const statusSuffixes: Record<keyof typeof SignalStatus, string> = Object.fromEntries(
  Object.keys(SignalStatus).map((name) => [name, `STATUS_${upperSnake(name)}`]),
) as Record<keyof typeof SignalStatus, string>;

export const statusConstants: readonly string[] = Object.values(statusSuffixes);
