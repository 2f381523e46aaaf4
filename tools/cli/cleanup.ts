/** What to undo, last first; each step goes on when another failed. */
export class Cleanup {
  readonly #steps: (() => unknown)[] = [];
  #hasRun = false;

  /** What comes up after the end, because it was under way, is undone at once. */
  add(step: () => unknown): void {
    this.#steps.push(step);
    if (this.#hasRun) void this.run();
  }

  async run(): Promise<void> {
    this.#hasRun = true;
    for (const step of this.#steps.splice(0).reverse()) {
      try {
        await step();
      } catch (error) {
        process.stderr.write(`while stopping: ${(error as Error).message}\n`);
      }
    }
  }
}
