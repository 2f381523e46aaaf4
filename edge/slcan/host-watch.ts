import type { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';

export interface HostWatchOptions {
  clock: Clock;
  /** 0 for never. */
  intervalMs: number;
  bytesReceived: () => number;
  /** Reads the adapter's status and makes what it says known. */
  askStatus: () => Promise<unknown>;
  askVersion: () => Promise<unknown>;
  onStall: (fault: MinerError) => void;
}

/**
 * Looks after an open adapter at an interval: what it lost, and whether it is still there. A USB device that stalls
 * leaves its line up, so silence alone proves nothing; an adapter that was silent and does not answer either is gone.
 */
export class HostWatch {
  readonly #options: HostWatchOptions;
  #asksStatus = false;
  #asksVersion = false;
  #bytesBefore = 0;
  #cancel: () => void = () => {};
  /** Counts starts and stops, so that an answer that comes late belongs to nothing. */
  #run = 0;

  constructor(options: HostWatchOptions) {
    this.#options = options;
  }

  /** @param what whether the adapter has a status to ask for, and whether it has answered `V` before */
  start(what: { asksStatus: boolean; asksVersion: boolean }): void {
    this.stop();
    this.#asksStatus = what.asksStatus;
    this.#asksVersion = what.asksVersion;
    this.#scheduleNext();
  }

  stop(): void {
    this.#run++;
    this.#cancel();
    this.#cancel = () => {};
  }

  #scheduleNext(): void {
    const { clock, intervalMs, bytesReceived } = this.#options;
    if (intervalMs <= 0) return;
    this.#bytesBefore = bytesReceived();
    this.#cancel = clock.schedule(intervalMs, () => void this.#look());
  }

  async #look(): Promise<void> {
    const run = this.#run;
    try {
      await this.#ask();
    } catch (problem) {
      if (run !== this.#run) return;
      const { code } = problem as MinerError;
      const isSilent = this.#options.bytesReceived() === this.#bytesBefore;
      if (code === 'SLCAN_NO_ANSWER' && isSilent) {
        this.stop();
        this.#options.onStall(problem as MinerError);
        return;
      }
      // Whoever sends frames but not this answer lacks the command: from now on only silence makes us ask.
      this.#asksStatus = false;
    }
    if (run === this.#run) this.#scheduleNext();
  }

  async #ask(): Promise<void> {
    const { bytesReceived, askStatus, askVersion } = this.#options;
    if (this.#asksStatus) await askStatus();
    else if (this.#asksVersion && bytesReceived() === this.#bytesBefore) await askVersion();
  }
}
