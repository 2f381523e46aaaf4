/** The firmware's part: a trial ends with a confirmation, or with a reset that reverts it. */
import type { Clock } from '../sim/index.ts';
import type { ImageManagement } from './types.ts';

/** Resets the device unless it is fed in time: whatever hangs, hangs no longer than that. */
export class Watchdog {
  readonly #clock: Clock;
  readonly #timeoutMs: number;
  readonly #reset: (cause: 'watchdog') => void;
  #cancel: (() => void) | undefined;
  #hasReset = false;

  constructor(options: { clock: Clock; timeoutMs: number; reset: (cause: 'watchdog') => void }) {
    this.#clock = options.clock;
    this.#timeoutMs = options.timeoutMs;
    this.#reset = options.reset;
  }

  /** Starts it, or starts it anew. */
  feed(): void {
    this.#cancel?.();
    this.#cancel = this.#clock.schedule(this.#timeoutMs, () => {
      this.#cancel = undefined;
      this.#hasReset = true;
      this.#reset('watchdog');
    });
  }

  /** Whether it came to that; then nothing of what ran before counts any more. */
  get hasReset(): boolean {
    return this.#hasReset;
  }

  stop(): void {
    this.#cancel?.();
    this.#cancel = undefined;
  }
}

export interface SelfTestResult {
  passed: boolean;
  /** What failed, in one line. */
  reason?: string;
}

/**
 * Runs the self-test of an image on trial, and confirms the image when it passes.
 * @param options.selfTest one that throws has failed; one that never ends is ended by the watchdog's reset
 * @returns whether the image was confirmed; when not, the device is to be reset
 */
export async function runTrial(options: {
  images: Pick<ImageManagement, 'confirm'>;
  watchdog: Watchdog;
  selfTest: () => Promise<SelfTestResult> | SelfTestResult;
}): Promise<{ confirmed: boolean; reason?: string }> {
  const { images, watchdog, selfTest } = options;
  watchdog.feed();
  const { passed, reason } = await resultOf(selfTest);
  if (watchdog.hasReset) return { confirmed: false, reason: 'the watchdog reset the device' };
  if (!passed) return { confirmed: false, ...(reason !== undefined && { reason }) };
  images.confirm();
  watchdog.stop();
  return { confirmed: true };
}

async function resultOf(selfTest: () => Promise<SelfTestResult> | SelfTestResult): Promise<SelfTestResult> {
  try {
    return await selfTest();
  } catch (error) {
    return { passed: false, reason: (error as Error).message };
  }
}
