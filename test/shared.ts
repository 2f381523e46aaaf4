/** Real DBC files, logs and published vectors stand beside the repository; a clone without them skips by name. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Absolute path of a file or folder in `../shared`, or undefined when it is not there. */
export function sharedPath(relative: string): string | undefined {
  const path = fileURLToPath(new URL(`../../shared/${relative}`, import.meta.url));
  return existsSync(path) ? path : undefined;
}

/** For a test's options: `false`, or the reason to show beside the skipped test. */
export function skipWithout(relative: string): false | string {
  return sharedPath(relative) ? false : `needs ../shared/${relative}`;
}
