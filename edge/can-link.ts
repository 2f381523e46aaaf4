/** From a port's name to frames: opens the port, the adapter's CAN channel on it, and both again when they are lost. */
import type { FrameBatch } from './can/index.ts';
import type { MinerError } from './errors/index.ts';
import type { Clock } from './sim/index.ts';
import { type SlcanCounters, type SlcanDevice, SlcanHost } from './slcan/index.ts';
import { reconnecting, type Transport } from './transport/index.ts';

export interface CanLinkOptions {
  /** One attempt to open the port. */
  open: () => Promise<Transport>;
  clock: Clock;
  /** Of the CAN bus, bit/s; 500,000 unless told. */
  bitRate?: number;
  /** Never acknowledge or send on the bus; true unless told, for a Miner listens. */
  listenOnly?: boolean;
  /** Times in microseconds since boot; the batch is valid during the call. */
  onFrames: (batch: FrameBatch) => void;
  onUp?: (adapter: SlcanDevice) => void;
  onDown?: (fault: MinerError) => void;
}

export interface CanLinkCounters {
  /** Of all connections so far. */
  malformed: number;
  /** Times that the connection went away, and how long it was away in all. */
  outages: number;
  downMs: number;
}

export interface CanLink {
  counters(): CanLinkCounters;
  /** Closes the channel and the port. */
  close(): Promise<void>;
}

/** @throws {MinerError} the fault of the first attempt; later ones are retried */
export async function openCanLink(options: CanLinkOptions): Promise<CanLink> {
  const { open, clock, bitRate, listenOnly = true, onFrames, onUp, onDown } = options;
  let host: SlcanHost | undefined;
  let malformedBefore = 0;
  let closed = false;
  const connection = await reconnecting(open, {
    clock,
    onUp: async (transport) => {
      malformedBefore += malformedOf(host?.counters);
      host = new SlcanHost(transport, { clock, listenOnly, onFrames, ...(bitRate && { bitRate }) });
      const adapter = await host.open();
      onUp?.(adapter);
    },
    onDown: (fault) => {
      // Closing ends an attempt under way, which is no news of the port.
      if (!closed) onDown?.(fault);
    },
  });
  return {
    counters: () => ({
      malformed: malformedBefore + malformedOf(host?.counters),
      outages: connection.stats.outages,
      downMs: connection.stats.downMs,
    }),
    async close() {
      closed = true;
      await host?.close();
      await connection.close();
    },
  };
}

function malformedOf(counters: SlcanCounters | undefined): number {
  return counters?.malformed ?? 0;
}
