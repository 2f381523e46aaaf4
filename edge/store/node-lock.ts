/** One process at a time: a file that holds its number. */
import { readFileSync, unlinkSync, writeFileSync } from 'node:fs';
import type { MinerError } from '../errors/index.ts';

/** Locks this process holds: after a crash, in a container, its number may be the one in a stale lock. */
const heldHere = new Set<string>();

/**
 * Takes the lock, from a process that is gone as well.
 * @param heldBy the error to throw while another process, or another part of this one, holds it
 * @returns a function that releases it
 */
export function takeLock(file: string, heldBy: (pid: number) => MinerError): () => void {
  for (let attempt = 0; ; attempt++) {
    try {
      writeFileSync(file, String(process.pid), { flag: 'wx' });
      heldHere.add(file);
      return () => {
        heldHere.delete(file);
        unlinkSync(file);
      };
    } catch (cause) {
      if ((cause as NodeJS.ErrnoException).code !== 'EEXIST') throw cause;
    }
    const pid = Number(readFileSync(file, 'utf8'));
    const isHeld = pid === process.pid ? heldHere.has(file) : isRunning(pid);
    if (isHeld || attempt > 0) throw heldBy(pid);
    unlinkSync(file);
  }
}

function isRunning(pid: number): boolean {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
