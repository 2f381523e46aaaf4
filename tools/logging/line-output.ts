/** Lines to a stream whose reader may be slow, or gone: memory stays bounded, and what was left out is counted. */
import { createWriteStream } from 'node:fs';
import { Socket } from 'node:net';
import type { Writable } from 'node:stream';

export interface LineOutput {
  write(line: string): void;
  /** Lines left out so far. */
  readonly dropped: number;
  /** Resolves when what was written has left our hands, or after this time. */
  flush(timeoutMs: number): Promise<void>;
}

export interface StreamLinesOptions {
  /** Beyond this many bytes that the reader has not taken, lines are left out; 1 MiB unless told. */
  bytesMax?: number;
  /** Stands, once the reader takes more again, where lines were left out. */
  lossLine: (count: number) => string;
  /** The reader went away, for good. Called once. */
  onGone?: (reason: string) => void;
}

export class StreamLines implements LineOutput {
  readonly #stream: Writable;
  readonly #options: Required<Omit<StreamLinesOptions, 'onGone'>>;
  #dropped = 0;
  /** Left out and not yet told of. */
  #untold = 0;
  #isGone = false;

  constructor(stream: Writable, { bytesMax = 1 << 20, lossLine, onGone = () => {} }: StreamLinesOptions) {
    this.#stream = stream;
    this.#options = { bytesMax, lossLine };
    stream.on('error', (problem: NodeJS.ErrnoException) => {
      if (this.#isGone) return;
      this.#isGone = true;
      onGone(problem.code ?? problem.message);
    });
  }

  get dropped(): number {
    return this.#dropped;
  }

  /** Bytes that the reader has not taken yet. */
  get waitingBytes(): number {
    return this.#stream.writableLength;
  }

  /** @param below drawn under the line, without a line end */
  write(line: string, below = ''): void {
    if (!this.#isGone && this.waitingBytes <= this.#options.bytesMax) {
      this.#tellLoss();
      this.#stream.write(`${line}\n${below}`);
    } else {
      this.#dropped++;
      this.#untold++;
    }
  }

  /** Text that is drawn over soon: left out without a word while anything waits. */
  draw(text: string): boolean {
    if (this.#isGone || this.waitingBytes > 0) return false;
    this.#stream.write(text);
    return true;
  }

  flush(timeoutMs: number): Promise<void> {
    if (this.#isGone) return Promise.resolve();
    this.#tellLoss();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, timeoutMs);
      this.#stream.write('', () => {
        clearTimeout(timer);
        resolve();
      });
    });
  }

  #tellLoss(): void {
    if (this.#untold === 0) return;
    this.#stream.write(`${this.#options.lossLine(this.#untold)}\n`);
    this.#untold = 0;
  }
}

/**
 * Standard output as a stream on which no write ever holds this process: to a pipe Node writes without waiting, but to
 * a terminal (which Ctrl-S stops) or a file it waits, so there the writes go through its threads.
 */
export function standardOutput(): Writable {
  const isPipe = process.stdout instanceof Socket && process.stdout.isTTY !== true;
  return isPipe ? process.stdout : createWriteStream('', { fd: 1, autoClose: false });
}
