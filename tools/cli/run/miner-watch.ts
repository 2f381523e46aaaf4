/** Looks at a running Miner once a second, and so knows rates, and since when a side is up or down. */
import type { CanLink } from '../../../edge/can-link.ts';
import type { Miner } from '../../../edge/miner.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { PackLog } from '../../../edge/store/index.ts';
import type { OpenedTrust } from './open-trust.ts';
import type { Side, Snapshot } from './snapshot.ts';

export interface WatchOptions {
  clock: Clock;
  miner: Pick<Miner, 'backlog' | 'busBusyMs' | 'counters' | 'outbox' | 'decoders'>;
  log: PackLog;
  trust: OpenedTrust;
  /** The uplink is there, at first or again. */
  onUplink?: () => void;
  /** A storage that failed this long ago counts as failing still. */
  storageFaultMs: number;
}

export class MinerWatch {
  readonly #options: WatchOptions;
  readonly #startMs: number;
  #link: CanLink | undefined;
  #linkSide: { up: boolean; sinceMs: number };
  #uplinkSide: { up: boolean; sinceMs: number };
  #last: { ms: number; frames: number; decoded: number; busyMs: number };
  #rates: Pick<Snapshot, 'framesPerSecond' | 'busLoad' | 'decodedShare'> = {
    framesPerSecond: 0,
    busLoad: 0,
    decodedShare: undefined,
  };
  #storageFaults: number;
  #storageFaultMs = Number.NEGATIVE_INFINITY;
  #downMs = 0;

  constructor(options: WatchOptions) {
    this.#options = options;
    const nowMs = options.clock.nowMs();
    this.#startMs = nowMs;
    this.#linkSide = { up: false, sinceMs: nowMs };
    this.#uplinkSide = { up: false, sinceMs: nowMs };
    this.#last = { ms: nowMs, frames: 0, decoded: 0, busyMs: 0 };
    this.#storageFaults = options.log.status.faults;
  }

  /** The link, once there is one. */
  set link(link: CanLink) {
    this.#link = link;
  }

  portIs(up: boolean): void {
    this.#linkSide = this.#turned(this.#linkSide, up);
  }

  tick(): void {
    const { clock, miner, log, onUplink = () => {} } = this.#options;
    const nowMs = clock.nowMs();
    const uplinkWasUp = this.#uplinkSide.up;
    this.#uplinkSide = this.#turned(this.#uplinkSide, miner.outbox?.status.up ?? false);
    if (this.#uplinkSide.up && !uplinkWasUp) onUplink();
    const { faults } = log.status;
    if (faults > this.#storageFaults) this.#storageFaultMs = nowMs;
    this.#storageFaults = faults;
    const seconds = (nowMs - this.#last.ms) / 1000;
    if (seconds <= 0) return;
    const { framesReceived, framesDecoded } = miner.counters;
    const frames = framesReceived - this.#last.frames;
    this.#rates = {
      framesPerSecond: frames / seconds,
      busLoad: (miner.busBusyMs - this.#last.busyMs) / (1000 * seconds),
      decodedShare: frames > 0 ? (framesDecoded - this.#last.decoded) / frames : undefined,
    };
    this.#last = { ms: nowMs, frames: framesReceived, decoded: framesDecoded, busyMs: miner.busBusyMs };
  }

  snapshot(): Snapshot {
    const { clock, miner, log, trust, storageFaultMs } = this.#options;
    const nowMs = clock.nowMs();
    const sideOf = ({ up, sinceMs }: { up: boolean; sinceMs: number }): Side => ({ up, forMs: nowMs - sinceMs });
    const { outages = 0, downMs = 0, ...counters } = this.#link?.counters() ?? {};
    // An outage under way counts too; the link adds it only when it has ended.
    const underWayMs = this.#link && !this.#linkSide.up ? nowMs - this.#linkSide.sinceMs : 0;
    this.#downMs = Math.max(this.#downMs, downMs + underWayMs);
    return {
      uptimeMs: nowMs - this.#startMs,
      link: { ...sideOf(this.#linkSide), outages, downMs: this.#downMs, counters, busState: this.#link?.errorState },
      ...this.#rates,
      samples: miner.counters.samples,
      packs: { signed: miner.counters.packsSigned, receipted: log.receipted, waiting: log.waitingCount },
      counters: miner.counters,
      log: log.status,
      uplink: miner.outbox && { ...sideOf(this.#uplinkSide), ...miner.outbox.status },
      backlog: miner.backlog.samples + miner.backlog.frames,
      trust: {
        ...trust.watch.now,
        decoders: miner.decoders.length,
        checkpointExpires: trust.trust.checkpoint?.checkpoint.expires,
      },
      storage: { failing: nowMs - this.#storageFaultMs < storageFaultMs },
    };
  }

  #turned(side: { up: boolean; sinceMs: number }, up: boolean): { up: boolean; sinceMs: number } {
    return side.up === up ? side : { up, sinceMs: this.#options.clock.nowMs() };
  }
}
