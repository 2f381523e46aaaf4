/** One device over its connections: it resets, its port comes and goes, and we ask on. */
import { MinerError } from '../../edge/errors/index.ts';
import { type Clock, liveRandom } from '../../edge/sim/index.ts';
import { ifSupported, readBuffers, type SmpBuffers, SmpClient } from '../../edge/smp/index.ts';
import { toolError } from '../errors/index.ts';
import { type FlashTarget, openTarget, targetName } from './target.ts';

export interface DeviceOptions {
  target: FlashTarget;
  clock: Clock;
  /** 2 unless told. */
  smpVersion?: 1 | 2;
  /** Until a request is repeated. */
  timeoutMs?: number;
  /** Longest message; as the device says unless told. */
  messageBytesMax?: number;
  /** Requests under way at once; as the device's buffers allow unless told, four at most. */
  window?: number;
  /** What the device prints on its console. */
  onText?: (text: Uint8Array) => void;
  /** Ends whatever is under way with INTERRUPTED. */
  signal?: AbortSignal;
}

/** What a client may send to a device that does not say: no SMP server has smaller buffers. */
const unknownBuffers: SmpBuffers = { bytes: 256, count: 1 };
const windowMax = 4;

/** How long a port may be the one of a moment ago, and how often it is looked at again. */
const staleWaitMs = 3000;
const staleLookMs = 50;

/** Faults that another connection may mend: the device resets, or its cable does. */
const passing: ReadonlySet<string> = new Set([
  'PORT_LOST',
  'PORT_MISSING',
  'PORT_BUSY',
  'PORT_UNUSABLE',
  'TCP_REFUSED',
  'SMP_NO_ANSWER',
]);

export class FlashDeviceSession {
  readonly name: string;
  readonly #options: DeviceOptions;
  #client: SmpClient | undefined;
  readonly #stop = () => void this.disconnect();
  /** Messages that may be under way, and how long they may be. */
  #limits: { messageBytesMax: number; window: number } | undefined;

  /** @throws {MinerError} DEVICE_TARGET */
  constructor(options: DeviceOptions) {
    this.#options = options;
    this.name = targetName(options.target);
    options.signal?.addEventListener('abort', this.#stop);
  }

  get clock(): Clock {
    return this.#options.clock;
  }

  /**
   * Runs what needs a connection; opens one where there is none. One that ends before anything was answered is opened
   * again: behind a name may still be the port of a moment ago.
   * @throws {MinerError} INTERRUPTED once asked to stop; those of openTarget and of the task
   */
  async run<Value>(task: (client: SmpClient) => Promise<Value>): Promise<Value> {
    const untilMs = this.clock.nowMs() + staleWaitMs;
    let hasBeenStale = false;
    for (;;) {
      this.requireGoing();
      let client: SmpClient | undefined;
      try {
        client = await this.#connect();
        return await task(client);
      } catch (problem) {
        // A connection that failed is not used again.
        if (isPassing(problem)) await this.disconnect();
        this.requireGoing(problem);
        const isFresh = client === undefined || client.counters.answered === 0;
        // Once it was, the port may be busy or missing for a moment too.
        hasBeenStale ||= isFresh && (problem as MinerError).code === 'PORT_LOST';
        if (!isFresh || !hasBeenStale || !isPassing(problem) || this.clock.nowMs() > untilMs) throw problem;
      }
      await this.pause(staleLookMs);
    }
  }

  /** @throws {MinerError} INTERRUPTED */
  requireGoing(cause?: unknown): void {
    if (this.#options.signal?.aborted) throw toolError('INTERRUPTED', {}, cause);
  }

  /** What one upload may use of the device's buffers. */
  async limits(client: SmpClient): Promise<{ messageBytesMax: number; window: number }> {
    if (this.#limits === undefined) {
      const { messageBytesMax, window } = this.#options;
      const buffers = (await ifSupported(readBuffers(client))) ?? unknownBuffers;
      this.#limits = {
        messageBytesMax: messageBytesMax ?? client.link.messageBytesMax(buffers.bytes),
        // One buffer is left to the device for its answer.
        window: window ?? Math.max(1, Math.min(windowMax, buffers.count - 1)),
      };
    }
    return this.#limits;
  }

  async disconnect(): Promise<void> {
    const client = this.#client;
    this.#client = undefined;
    // Another image may have other buffers.
    this.#limits = undefined;
    await client?.close();
  }

  /** Disconnects, and lets go of the signal. */
  async close(): Promise<void> {
    this.#options.signal?.removeEventListener('abort', this.#stop);
    await this.disconnect();
  }

  /** Ends early when asked to stop. */
  pause(delayMs: number): Promise<void> {
    const { clock, signal } = this.#options;
    return new Promise((resolve) => {
      const end = () => {
        cancel();
        signal?.removeEventListener('abort', end);
        resolve();
      };
      const cancel = clock.schedule(delayMs, end);
      signal?.addEventListener('abort', end);
    });
  }

  async #connect(): Promise<SmpClient> {
    if (this.#client === undefined) {
      const { target, clock, onText, smpVersion, timeoutMs } = this.#options;
      const link = await openTarget(target, { clock, onText });
      const client = new SmpClient({
        link,
        clock,
        version: smpVersion,
        ...(timeoutMs !== undefined && { timeoutMs }),
        firstSequence: liveRandom().nextUint32() % 256,
      });
      this.#client = client;
      link.onClose(() => {
        if (this.#client === client) this.#client = undefined;
      });
    }
    return this.#client;
  }
}

/** Whether it may go by itself. */
export function isPassing(problem: unknown): boolean {
  return problem instanceof MinerError && passing.has(problem.code);
}
