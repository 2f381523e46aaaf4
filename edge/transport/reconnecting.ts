import type { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Transport } from './transport.ts';

export interface ReconnectingOptions {
  clock: Clock;
  /** A fresh connection. When it throws or rejects, the connection is closed and opened anew later. */
  onUp: (transport: Transport) => void | Promise<void>;
  /** The connection went away, or another attempt failed while it is away. */
  onDown?: (fault: MinerError) => void;
  /** Delay before the first and before later attempts: doubled each time, up to `maxMs`. Default 50 ms up to 1 s. */
  backoff?: { firstMs: number; maxMs: number };
}

export interface ReconnectingStats {
  /** Times that an established connection went away. */
  outages: number;
  /** Time spent without one, of ended outages. */
  downMs: number;
  /** Attempts that failed. */
  failures: number;
}

export interface Reconnecting {
  readonly stats: Readonly<ReconnectingStats>;
  /** True between `onUp` having succeeded and the loss. */
  readonly up: boolean;
  /** Ends the connection as lost, with this fault, and opens another: for one that is up but of no use. */
  drop(fault: MinerError): void;
  /** Ends it and the connection; no further attempt is made. */
  close(): Promise<void>;
}

/**
 * Opens a connection and opens it again whenever it is lost, until closed.
 * @param open one attempt, e.g. `() => openTransport('/dev/ttyACM0')`
 * @throws {MinerError} the fault of the very first attempt: a wrong path should fail at once, not be retried
 */
export async function reconnecting(
  open: () => Promise<Transport>,
  options: ReconnectingOptions,
): Promise<Reconnecting> {
  const supervisor = new Supervisor(open, options);
  await supervisor.connect();
  return supervisor;
}

class Supervisor implements Reconnecting {
  readonly stats: ReconnectingStats = { outages: 0, downMs: 0, failures: 0 };
  readonly #open: () => Promise<Transport>;
  readonly #options: ReconnectingOptions;
  readonly #backoff: { firstMs: number; maxMs: number };
  #transport: Transport | undefined;
  #up = false;
  #closed = false;
  #delayMs: number;
  #downSinceMs = 0;
  #cancelRetry: () => void = () => {};

  constructor(open: () => Promise<Transport>, options: ReconnectingOptions) {
    this.#open = open;
    this.#options = options;
    this.#backoff = options.backoff ?? { firstMs: 50, maxMs: 1000 };
    this.#delayMs = this.#backoff.firstMs;
  }

  get up(): boolean {
    return this.#up;
  }

  async connect(): Promise<void> {
    const transport = await this.#open();
    if (this.#closed) return transport.close();
    this.#transport = transport;
    let fault: MinerError | undefined;
    let lost = false;
    transport.onClose((reason) => {
      lost = true;
      fault = reason;
      if (this.#up && transport === this.#transport) this.#wentDown(reason);
    });
    try {
      await this.#options.onUp(transport);
      // Lost between opening and the end of onUp: as good as not opened.
      if (lost && fault !== undefined) throw fault;
    } catch (problem) {
      await transport.close();
      throw problem;
    }
    this.#up = !lost && !this.#closed;
  }

  drop(fault: MinerError): void {
    if (!this.#up) return;
    const transport = this.#transport;
    this.#wentDown(fault);
    // A port whose device stalls may take its time to close, or fail to; the next attempt does not wait for it.
    transport?.close().catch(() => {});
  }

  #wentDown(fault: MinerError | undefined): void {
    this.#up = false;
    if (this.#closed || fault === undefined) return;
    this.stats.outages++;
    this.#downSinceMs = this.#options.clock.nowMs();
    this.#options.onDown?.(fault);
    this.#delayMs = this.#backoff.firstMs;
    this.#retryLater();
  }

  #retryLater(): void {
    if (this.#closed) return;
    this.#cancelRetry = this.#options.clock.schedule(this.#delayMs, () => this.#retry());
    this.#delayMs = Math.min(this.#delayMs * 2, this.#backoff.maxMs);
  }

  async #retry(): Promise<void> {
    try {
      await this.connect();
      this.stats.downMs += this.#options.clock.nowMs() - this.#downSinceMs;
    } catch (problem) {
      this.stats.failures++;
      this.#options.onDown?.(problem as MinerError);
      this.#retryLater();
    }
  }

  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    this.#up = false;
    this.#cancelRetry();
    await this.#transport?.close();
  }
}
