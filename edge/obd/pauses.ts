import type { Clock } from '../sim/index.ts';

/** Sleeps that can be ended early, all at once. */
export class Pauses {
  readonly #clock: Clock;
  readonly #sleepers = new Set<() => void>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  sleep(delayMs: number): Promise<void> {
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        this.#sleepers.delete(end);
        resolve();
      };
      const cancel = this.#clock.schedule(delayMs, end);
      this.#sleepers.add(end);
    });
  }

  wake(): void {
    for (const end of [...this.#sleepers]) end();
  }
}
