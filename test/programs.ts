/** Programs of other people that some tests use as an outside check; a machine without one skips by name. */
import { spawnSync } from 'node:child_process';

/** For a test's options: `false` when the program is on the PATH, or the reason to show beside the skipped test. */
export function skipWithoutProgram(name: string, debianPackage = name): false | string {
  const found = spawnSync('which', [name]).status === 0;
  return found ? false : `needs the program ${name} (Debian package ${debianPackage})`;
}
