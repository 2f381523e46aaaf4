import { createWriteStream, mkdirSync, openSync, renameSync, statSync, type WriteStream } from 'node:fs';
import path from 'node:path';
import { toolError } from '../errors/index.ts';
import { type LineOutput, StreamLines } from './line-output.ts';

export interface FileLinesOptions {
  lossLine: (count: number) => string;
  /** Past this the file becomes `<file>.1`, in place of the one before, and a new one begins; 16 MiB unless told. */
  fileBytesMax?: number;
  /** The file can't be written for now. It is tried again with later lines. */
  onFault?: (reason: string) => void;
}

/** After a fault, lines are left out for this long before the file is opened again. */
const retryMs = 10_000;

/** Lines appended to a file of bounded size, that a full disk only interrupts. */
export class FileLines implements LineOutput {
  readonly #file: string;
  readonly #options: Required<FileLinesOptions>;
  readonly #nowMs: () => number;
  #lines: StreamLines | undefined;
  #stream: WriteStream | undefined;
  #bytes = 0;
  #retryAtMs = 0;
  #dropped = 0;
  #untold = 0;

  /**
   * @param nowMs monotonic
   * @throws {MinerError} LOG_FILE when it can't be opened now: later on that is only told
   */
  constructor(file: string, nowMs: () => number, options: FileLinesOptions) {
    this.#file = file;
    this.#nowMs = nowMs;
    this.#options = { fileBytesMax: 16 << 20, onFault: () => {}, ...options };
    try {
      mkdirSync(path.dirname(path.resolve(file)), { recursive: true });
      this.#open();
    } catch (cause) {
      throw toolError('LOG_FILE', { path: file, reason: (cause as Error).message }, cause);
    }
  }

  get dropped(): number {
    return this.#dropped + (this.#lines?.dropped ?? 0);
  }

  write(line: string): void {
    if (!this.#isReady()) {
      this.#dropped++;
      this.#untold++;
      return;
    }
    if (this.#untold > 0) this.#put(this.#options.lossLine(this.#untold));
    this.#untold = 0;
    this.#put(line);
  }

  async flush(timeoutMs: number): Promise<void> {
    await this.#lines?.flush(timeoutMs);
  }

  #put(line: string): void {
    this.#lines?.write(line);
    this.#bytes += Buffer.byteLength(line) + 1;
  }

  #isReady(): boolean {
    try {
      if (!this.#lines && this.#nowMs() >= this.#retryAtMs) this.#open();
      else if (this.#lines && this.#bytes > this.#options.fileBytesMax) this.#rotate();
    } catch (problem) {
      this.#failed((problem as NodeJS.ErrnoException).message);
    }
    return this.#lines !== undefined;
  }

  #open(): void {
    this.#bytes = sizeOf(this.#file);
    // Opened here and now, so that a path that can't be is told to whoever gave it.
    const stream = createWriteStream('', { fd: openSync(this.#file, 'a') });
    const lines = new StreamLines(stream, {
      lossLine: this.#options.lossLine,
      onGone: (reason) => {
        this.#dropped += lines.dropped;
        if (this.#lines === lines) this.#failed(reason);
      },
    });
    this.#lines = lines;
    this.#stream = stream;
  }

  /** What the old stream still holds goes to the renamed file: it has it open. */
  #rotate(): void {
    renameSync(this.#file, `${this.#file}.1`);
    this.#stream?.end();
    this.#dropped += this.#lines?.dropped ?? 0;
    this.#open();
  }

  #failed(reason: string): void {
    this.#lines = undefined;
    this.#retryAtMs = this.#nowMs() + retryMs;
    this.#options.onFault(reason);
  }
}

function sizeOf(file: string): number {
  return statSync(file, { throwIfNoEntry: false })?.size ?? 0;
}
