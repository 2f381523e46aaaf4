/** Lines of text with one line of status kept below them on a terminal; without a terminal, only the lines. */
export class StatusLine {
  readonly #isTerminal = process.stdout.isTTY === true;
  #status = '';

  /** A line that stays. */
  print(text: string): void {
    this.#erase();
    process.stdout.write(`${text}\n`);
    this.#draw();
  }

  /** Draws `text()` anew at an interval. @returns what ends that */
  every(intervalMs: number, text: () => string): () => void {
    if (!this.#isTerminal) return () => {};
    const timer = setInterval(() => {
      this.#erase();
      // One terminal line at most, or erasing would miss the rest.
      this.#status = text().slice(0, (process.stdout.columns || 80) - 1);
      this.#draw();
    }, intervalMs);
    return () => clearInterval(timer);
  }

  clear(): void {
    this.#erase();
    this.#status = '';
  }

  #erase(): void {
    if (this.#isTerminal && this.#status) process.stdout.write('\r\x1b[K');
  }

  #draw(): void {
    if (this.#isTerminal) process.stdout.write(this.#status);
  }
}
