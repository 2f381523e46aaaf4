/** The stream that text goes to: standard output, or a file. */
import { closeSync, openSync, statSync, writeSync } from 'node:fs';
import { toolError } from '../errors/index.ts';
import { reasonOf } from './reason.ts';

export interface Output {
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
}

/**
 * @param path undefined for standard output
 * @throws {MinerError} `OUTPUT_EXISTS` when a file is there and `force` is not given, `OUTPUT_UNWRITABLE`
 */
export function openOutput(path: string | undefined, force: boolean): Output {
  if (path === undefined) return { write: writeToStdout, close() {} };
  const fd = openFile(path, force);
  return {
    async write(bytes) {
      try {
        for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
      } catch (cause) {
        throw toolError('OUTPUT_UNWRITABLE', { path, reason: reasonOf(cause) }, cause);
      }
    },
    close: () => closeSync(fd),
  };
}

function openFile(path: string, force: boolean): number {
  const found = statSync(path, { throwIfNoEntry: false });
  // A pipe or a device that stands there is meant.
  if (found?.isFile() && !force) throw toolError('OUTPUT_EXISTS', { path, what: 'a file' });
  try {
    return openSync(path, 'w');
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path, reason: reasonOf(cause) }, cause);
  }
}

/** Waits until the reader at the other end has taken it, so that a slow one costs no memory. */
function writeToStdout(bytes: Uint8Array): Promise<void> {
  if (bytes.length === 0) return Promise.resolve();
  return new Promise((resolve, reject) => {
    process.stdout.write(bytes, (error) => {
      // Whoever read us has gone: the process is about to end, quietly.
      if (error && (error as NodeJS.ErrnoException).code !== 'EPIPE') reject(error);
      else resolve();
    });
  });
}
