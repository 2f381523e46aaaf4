/** Commands from standard input. */
import { readFileSync } from 'node:fs';
import { createInterface, type Interface } from 'node:readline';
import type { MinerError } from '../../edge/errors/index.ts';
import { obeyLine } from './obey.ts';
import type { Vehicle } from './vehicle.ts';

/** How often a background job looks whether it came to the foreground. */
const lookMs = 500;

/**
 * Obeys the lines of standard input until it ends; its end ends nothing. A terminal is read only in the foreground:
 * a background job that reads its terminal is stopped by it, and a stopped vehicle hangs whoever reads its port.
 * @returns what lets go of standard input
 */
export function readCommands(vehicle: Vehicle, refused: (problem: MinerError) => void): () => void {
  let lines: Interface | undefined;
  const leave = () => {
    lines?.close();
    lines = undefined;
  };
  const follow = () => {
    leave();
    if (process.stdin.isTTY && isInBackground()) return;
    lines = createInterface({ input: process.stdin });
    lines.on('line', (line) => obeyLine(vehicle, line, refused));
  };
  // A terminal that went away reads as an error.
  process.stdin.on('error', leave);
  // Sent by a shell's `bg` after a stop; `fg` tells nothing to a job that runs.
  process.on('SIGCONT', follow);
  const timer = setInterval(() => {
    if (process.stdin.isTTY && lines === undefined) follow();
  }, lookMs).unref();
  follow();
  return () => {
    clearInterval(timer);
    process.off('SIGCONT', follow);
    leave();
    process.stdin.unref?.();
  };
}

/** Whether the terminal belongs to another job now. @see proc(5), /proc/pid/stat: fields 5 pgrp and 8 tpgid */
export function isInBackground(): boolean {
  try {
    const stat = readFileSync('/proc/self/stat', 'utf8');
    // The name, field 2, may hold anything, spaces and brackets too.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[2] !== fields[5];
  } catch {
    return false;
  }
}
