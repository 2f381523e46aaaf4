import type { MinerError } from '../../edge/errors/index.ts';
import type { Clock } from '../../edge/sim/index.ts';

/** What is to happen later, and must not once everything is closed. */
export class ScheduledTasks {
  readonly #clock: Clock;
  readonly #onFault: (problem: MinerError) => void;
  readonly #cancels = new Set<() => void>();

  /** @param onFault takes what a task failed with */
  constructor(clock: Clock, onFault: (problem: MinerError) => void) {
    this.#clock = clock;
    this.#onFault = onFault;
  }

  after(delayMs: number, task: () => unknown): void {
    const cancel = this.#clock.schedule(delayMs, () => {
      this.#cancels.delete(cancel);
      Promise.resolve().then(task).catch(this.#onFault);
    });
    this.#cancels.add(cancel);
  }

  cancelAll(): void {
    for (const cancel of this.#cancels) cancel();
    this.#cancels.clear();
  }
}
