/** When samples are written: every so often, sooner when many wait, and at the end. */
import { repeat } from './repeat.ts';
import type { SampleStore } from './sample-store.ts';

export interface SampleWriterOptions {
  store: SampleStore;
  intervalMs: number;
  /** Samples that make it write before the interval is over; 500,000 unless told: a file of some megabytes. */
  samplesMax?: number;
  /** A flush that failed; what it left is tried again. */
  onError: (error: Error) => void;
}

export class SampleWriter {
  readonly #options: Required<SampleWriterOptions>;
  readonly #flushes: ReturnType<typeof repeat>;
  #waiting = 0;

  constructor(options: SampleWriterOptions) {
    this.#options = { samplesMax: 500_000, ...options };
    this.#flushes = repeat(options.intervalMs, () => this.#flush(), options.onError);
  }

  /** To be told of every accepted pack. */
  note(samples: number): void {
    this.#waiting += samples;
    if (this.#waiting < this.#options.samplesMax) return;
    // Also when the flush fails: a full disk is asked again after the interval, not at every pack.
    this.#waiting = 0;
    this.#flushes.soon();
  }

  async stop(): Promise<void> {
    await this.#flushes.stop();
    await this.#flush().catch(this.#options.onError);
  }

  async #flush(): Promise<void> {
    this.#waiting = 0;
    await this.#options.store.flush();
  }
}
