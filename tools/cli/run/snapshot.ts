/** How a Miner does at a moment: what the status line, the health check and the metrics are made of. */
import type { MinerCounters } from '../../../edge/miner.ts';
import type { CanErrorState } from '../../../edge/slcan/index.ts';
import type { LogStatus } from '../../../edge/store/index.ts';
import type { TrustSource } from '../../../edge/trust/index.ts';
import type { OutboxStatus } from '../../../edge/uplink/index.ts';

/** A side that is up or down, and since when. */
export interface Side {
  up: boolean;
  forMs: number;
}

export interface Snapshot {
  uptimeMs: number;
  link: Side & {
    /** Times it went away, and how long in all, an outage under way included. */
    outages: number;
    downMs: number;
    counters: Readonly<Record<string, number>>;
    /** Fault confinement of the adapter as it last told; undefined before there is one. */
    busState: CanErrorState | undefined;
  };
  framesPerSecond: number;
  /** Of the bus's time, 0 to 1, stuff bits included; beyond 1 when the bit rate given is too low. */
  busLoad: number;
  /** Of the last second's frames, 0 to 1; undefined when there were none. */
  decodedShare: number | undefined;
  samples: number;
  packs: {
    signed: number;
    /** Everything up to this number. */
    receipted: number;
    /** Stored and without receipt. */
    waiting: number;
  };
  counters: Readonly<MinerCounters>;
  /** Sampled or recorded, and not yet signed. */
  backlog: number;
  log: LogStatus;
  /** Undefined when there is none. */
  uplink: (Side & OutboxStatus) | undefined;
  trust: {
    /** Undefined before the first answer. */
    source: TrustSource | undefined;
    forMs: number;
    /** Approved and in use. */
    decoders: number;
    /** Unix seconds; undefined without an accepted checkpoint. */
    checkpointExpires: number | undefined;
  };
  /** A write to the log failed not long ago. */
  storage: { failing: boolean };
}
