/** Text to stdout as fast as its reader takes it, and no faster: memory stays bounded; Ctrl-C stops in between. */
import { once } from 'node:events';
import { toolError } from '../errors/index.ts';
import { stopOnSignals } from './stop.ts';

export interface TextOutput {
  write(text: string): void;
  /**
   * Waits until what was written is taken.
   * @throws {MinerError} INTERRUPTED once the user asked to stop
   */
  pause(): Promise<void>;
  /** Writes what is left, and lets go of the signals. */
  end(): Promise<void>;
}

const pieceLength = 1 << 16;

export function textOutput(stream: NodeJS.WriteStream = process.stdout): TextOutput {
  const stop = stopOnSignals((text) => process.stderr.write(`${text}\n`));
  let pending: string[] = [];
  let length = 0;
  let isFull = false;
  const flush = (): void => {
    if (length > 0) isFull = !stream.write(pending.join(''));
    pending = [];
    length = 0;
  };
  const drained = async (): Promise<void> => {
    if (isFull) await once(stream, 'drain');
    isFull = false;
  };
  return {
    write(text) {
      pending.push(text);
      length += text.length;
      if (length >= pieceLength) flush();
    },
    async pause() {
      await drained();
      // Signals are heard between turns only.
      await new Promise((resolve) => setImmediate(resolve));
      if (stop.signal.aborted) throw toolError('INTERRUPTED', {});
    },
    async end() {
      flush();
      await drained();
      stop.release();
    },
  };
}
