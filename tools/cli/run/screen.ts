/** Where `miner run` prints: lines that stay and, on a terminal, one line of status below them. */
import { type LineOutput, StreamLines, standardOutput } from '../../logging/index.ts';

const eraseLine = '\r\x1b[K';

export class Screen implements LineOutput {
  readonly #lines: StreamLines;
  readonly #hasStatus: boolean;
  #status = '';

  /**
   * @param options.status whether to keep a line of status, where there is a terminal
   * @param options.onGone nobody reads any more
   */
  constructor({ status, lossLine, onGone }: ScreenOptions) {
    // Ours from here on: without it the command would end on the spot, with samples unsigned.
    process.stdout.removeAllListeners('error');
    process.stdout.on('error', () => {});
    this.#lines = new StreamLines(standardOutput(), { lossLine, onGone });
    this.#hasStatus = status && process.stdout.isTTY === true;
  }

  get hasStatus(): boolean {
    return this.#hasStatus;
  }

  get dropped(): number {
    return this.#lines.dropped;
  }

  write(line: string): void {
    if (this.#status) this.#lines.write(`${eraseLine}${line}`, this.#status);
    else this.#lines.write(line);
  }

  /** @param text for this many columns; a line that wraps could not be erased */
  showStatus(text: (columns: number) => string): void {
    if (!this.#hasStatus) return;
    const status = text((process.stdout.columns || 80) - 1);
    if (this.#lines.draw(`${eraseLine}${status}`)) this.#status = status;
  }

  clearStatus(): void {
    if (this.#status) this.#lines.draw(eraseLine);
    this.#status = '';
  }

  flush(timeoutMs: number): Promise<void> {
    return this.#lines.flush(timeoutMs);
  }
}

export interface ScreenOptions {
  status: boolean;
  lossLine: (count: number) => string;
  onGone: (reason: string) => void;
}
