/** From a port's name to frames: opens the port, the adapter's CAN channel on it, and both again when they are lost. */
import type { CanFrame, FrameBatch } from './can/index.ts';
import { edgeError, type MinerError } from './errors/index.ts';
import type { Clock } from './sim/index.ts';
import {
  type CanErrorState,
  type SlcanBusEvent,
  type SlcanDevice,
  SlcanHost,
  type SlcanHostCounters,
  type SlcanProfile,
} from './slcan/index.ts';
import { reconnecting, type Transport, type TransportOpener } from './transport/index.ts';

export interface CanLinkOptions {
  /** One attempt to open the port; of `transportOpener` where the port may move. The link closes it in the end. */
  open: TransportOpener;
  clock: Clock;
  /** How the adapter speaks; found out unless told. */
  profile?: SlcanProfile | 'auto';
  /** Of the CAN bus, bit/s; 500,000 unless told. */
  bitRate?: number;
  /** Of CAN FD's data phase, bit/s; as the adapter has it unless told. */
  dataBitRate?: number;
  /** Never acknowledge or send on the bus; true unless told, for a Miner listens. */
  listenOnly?: boolean;
  /** How often the adapter is asked for its status, and a silent one whether it is there; 2000 ms, 0 for never. */
  statusIntervalMs?: number;
  /** Milliseconds after which a channel that went bus-off is opened anew; 1000 unless told, 0 for never. */
  restartMs?: number;
  /** Times in microseconds since boot; the batch is valid during the call. Error frames are among them. */
  onFrames: (batch: FrameBatch) => void;
  onUp?: (adapter: SlcanDevice) => void;
  onDown?: (fault: MinerError) => void;
  /** State changes, bus errors and overruns, as the adapter tells them. */
  onBus?: (event: SlcanBusEvent) => void;
  /** Frames were or may have been lost, and where. */
  onLoss?: (loss: CanLinkLoss) => void;
}

/** A gap in what was received, told when it is noticed. */
export type CanLinkLoss =
  /** The adapter had no room for at least one frame: from the bus (`receive`), or of ours (`transmit`). */
  | { kind: 'overrun'; where: 'receive' | 'transmit' }
  /** Lines came that cannot be read; each may have been a frame. */
  | { kind: 'garbage'; lines: number }
  /** The connection was away and is back. */
  | { kind: 'outage'; downMs: number }
  /** The adapter left the bus: it hears nothing until it is back on. */
  | { kind: 'bus-off' };

/** Of all connections so far. */
export interface CanLinkCounters {
  /** Lines that are neither frame nor answer. */
  malformed: number;
  /** Lines longer than any can be. */
  overlong: number;
  /** Times that the connection went away, and how long it was away in all. */
  outages: number;
  downMs: number;
  /** Times that the adapter said it had no room; each stands for at least one frame. */
  overruns: number;
  busOffs: number;
  errorFrames: number;
  /** Frames whose time stamp was past its wrap. */
  badTimestamps: number;
  transmitted: number;
  /** Frames known to be lost, at least: overruns, and lines that cannot be read. */
  lostFramesKnown: number;
}

export interface CanLink {
  counters(): CanLinkCounters;
  /** What the adapter at hand said it is. */
  readonly adapter: SlcanDevice;
  /** Fault confinement of the adapter as it last told. */
  readonly errorState: CanErrorState;
  /**
   * Sends one frame; see `SlcanHost.transmit`.
   * @throws {MinerError} SLCAN_FRAME (also while the port is away), SLCAN_SEND_QUEUE, SLCAN_REFUSED, SLCAN_NO_ANSWER, PORT_LOST
   */
  transmit(frame: Pick<CanFrame, 'id' | 'flags' | 'data'>): Promise<void>;
  /** Closes the channel and the port. */
  close(): Promise<void>;
}

/** @throws {MinerError} the fault of the first attempt; later ones are retried */
export async function openCanLink(options: CanLinkOptions): Promise<CanLink> {
  const link = new ReopenedLink(options);
  await link.start();
  return link;
}

type Summed = Pick<
  SlcanHostCounters,
  'malformed' | 'overlong' | 'overruns' | 'busOffs' | 'errorFrames' | 'badTimestamps' | 'transmitted'
>;

const nothing: Summed = {
  malformed: 0,
  overlong: 0,
  overruns: 0,
  busOffs: 0,
  errorFrames: 0,
  badTimestamps: 0,
  transmitted: 0,
};

class ReopenedLink implements CanLink {
  readonly #options: CanLinkOptions;
  #host: SlcanHost | undefined;
  #connection: Awaited<ReturnType<typeof reconnecting>> | undefined;
  /** Of earlier hosts. */
  #before = nothing;
  #adapter: SlcanDevice | undefined;
  #isClosed = false;
  #garbageTold = 0;
  #downSinceMs: number | undefined;
  #cancelRestart: () => void = () => {};

  constructor(options: CanLinkOptions) {
    this.#options = options;
  }

  async start(): Promise<void> {
    const { clock, onDown } = this.#options;
    try {
      this.#connection = await reconnecting(() => this.#openPort(), {
        clock,
        onUp: (transport) => this.#cameUp(transport),
        onDown: (fault) => {
          this.#downSinceMs ??= clock.nowMs();
          // Closing ends an attempt under way, which is no news of the port.
          if (!this.#isClosed) onDown?.(fault);
        },
      });
    } catch (problem) {
      await this.#options.open.close?.();
      throw problem;
    }
  }

  get adapter(): SlcanDevice {
    return this.#adapter ?? { version: '', serialNumber: '', profile: '' };
  }

  get errorState(): CanErrorState {
    return this.#host?.errorState ?? 'error-active';
  }

  counters(): CanLinkCounters {
    const summed = add(this.#before, this.#host?.counters ?? nothing);
    return {
      ...summed,
      outages: this.#connection?.stats.outages ?? 0,
      downMs: this.#connection?.stats.downMs ?? 0,
      lostFramesKnown: summed.overruns + summed.malformed + summed.overlong,
    };
  }

  transmit(frame: Pick<CanFrame, 'id' | 'flags' | 'data'>): Promise<void> {
    const host = this.#host;
    if (host !== undefined) return host.transmit(frame);
    return Promise.reject(edgeError('SLCAN_FRAME', { problem: 'the port is away', profile: this.adapter.profile }));
  }

  async close(): Promise<void> {
    this.#isClosed = true;
    this.#cancelRestart();
    await this.#host?.close();
    await this.#connection?.close();
    await this.#options.open.close?.();
  }

  #newHost(transport: Transport): SlcanHost {
    const { clock, profile = 'auto', listenOnly = true, bitRate, dataBitRate, statusIntervalMs = 2000 } = this.#options;
    return new SlcanHost(transport, {
      clock,
      profile,
      listenOnly,
      statusIntervalMs,
      ...(bitRate && { bitRate }),
      ...(dataBitRate && { dataBitRate }),
      onFrames: (batch) => this.#options.onFrames(batch),
      onGarbage: () => this.#tellGarbage(),
      onBus: (event) => this.#tellBus(event),
      onStall: (fault) => this.#connection?.drop(fault),
    });
  }

  async #cameUp(transport: Transport): Promise<void> {
    this.#before = add(this.#before, this.#host?.counters ?? nothing);
    this.#host = this.#newHost(transport);
    this.#adapter = await this.#host.open();
    // What came before the channel was ours is another program's, and no loss of ours.
    this.#garbageTold = this.#garbage();
    if (this.#downSinceMs !== undefined) {
      this.#options.onLoss?.({ kind: 'outage', downMs: this.#options.clock.nowMs() - this.#downSinceMs });
    }
    this.#downSinceMs = undefined;
    this.#options.onUp?.(this.#adapter);
  }

  /**
   * Opens the port. Where its name stands for several devices and one of them was ours before, the one that bears
   * its adapter's serial number is taken, and the first otherwise.
   */
  async #openPort(): Promise<Transport> {
    const { open } = this.#options;
    const serialNumber = this.#adapter?.serialNumber ?? '';
    const candidates = serialNumber === '' ? [] : ((await open.candidates?.()) ?? []);
    if (candidates.length < 2) return open();
    for (const candidate of candidates) {
      const transport = await candidate().catch(() => undefined);
      if (transport === undefined) continue;
      const device = await this.#newHost(transport)
        .identify()
        .catch(() => undefined);
      if (device?.serialNumber === serialNumber) return transport;
      await transport.close();
    }
    return open();
  }

  #tellBus(event: SlcanBusEvent): void {
    const { onBus, onLoss } = this.#options;
    if (event.type === 'overrun') onLoss?.({ kind: 'overrun', where: event.where });
    if (event.type === 'state') this.#cancelRestart();
    if (event.type === 'state' && event.state === 'bus-off') {
      onLoss?.({ kind: 'bus-off' });
      this.#restartLater();
    }
    onBus?.(event);
  }

  /** Most controllers stay off the bus until their channel is opened anew. */
  #restartLater(): void {
    const { clock, restartMs = 1000 } = this.#options;
    const host = this.#host;
    if (restartMs <= 0 || host === undefined) return;
    this.#cancelRestart = clock.schedule(restartMs, async () => {
      if (this.#isClosed || host !== this.#host || !host.isOpen) return;
      await host.close();
      await host.open().catch((fault: MinerError) => this.#connection?.drop(fault));
    });
  }

  #tellGarbage(): void {
    const lines = this.#garbage() - this.#garbageTold;
    this.#garbageTold += lines;
    if (lines > 0) this.#options.onLoss?.({ kind: 'garbage', lines });
  }

  /** Unreadable lines so far. */
  #garbage(): number {
    const { malformed, overlong } = this.counters();
    return malformed + overlong;
  }
}

function add(a: Summed, b: Summed): Summed {
  return {
    malformed: a.malformed + b.malformed,
    overlong: a.overlong + b.overlong,
    overruns: a.overruns + b.overruns,
    busOffs: a.busOffs + b.busOffs,
    errorFrames: a.errorFrames + b.errorFrames,
    badTimestamps: a.badTimestamps + b.badTimestamps,
    transmitted: a.transmitted + b.transmitted,
  };
}
