/** Commands from standard input. */
import { readFileSync } from 'node:fs';
import { createInterface } from 'node:readline';
import type { MinerError } from '../../edge/errors/index.ts';
import { obeyLine } from './obey.ts';
import type { Vehicle } from './vehicle.ts';

/**
 * Obeys the lines of standard input until it ends; its end ends nothing.
 * @returns what lets go of standard input
 */
export function readCommands(vehicle: Vehicle, refused: (problem: MinerError) => void): () => void {
  // A background job that reads its terminal is stopped by it, and a stopped vehicle hangs whoever reads its port.
  if (process.stdin.isTTY && isInBackground()) return () => {};
  const lines = createInterface({ input: process.stdin });
  lines.on('line', (line) => obeyLine(vehicle, line, refused));
  // A terminal that went away reads as an error.
  process.stdin.on('error', () => lines.close());
  return () => {
    lines.close();
    process.stdin.unref?.();
  };
}

/** Whether the terminal belongs to another job now. @see proc(5), /proc/pid/stat: fields 5 pgrp and 8 tpgid */
function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The name, field 2, may hold anything, spaces and brackets too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] !== fields[5];
  } catch {
    return false;
  }
}
