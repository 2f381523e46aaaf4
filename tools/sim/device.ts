/** One boot of a Miner: the code that runs live, on the clocks, storage, line, network and registry of a world. */
import type { DecoderFile } from '../../edge/approved-decoder.ts';
import type { FrameBatch } from '../../edge/can/index.ts';
import { type CanLink, openCanLink } from '../../edge/can-link.ts';
import { Miner, type MinerEvent } from '../../edge/miner.ts';
import type { DeviceClock, MemoryStorage } from '../../edge/sim/index.ts';
import { PackLog } from '../../edge/store/index.ts';
import type { Transport } from '../../edge/transport/index.ts';
import type { TrustView } from '../../edge/trust/index.ts';
import type { UplinkPort } from '../../edge/uplink/index.ts';
import type { WorldSettings } from './plan.ts';
import type { Signatures } from './signatures.ts';

export interface DeviceOptions {
  clock: DeviceClock;
  storage: MemoryStorage;
  settings: WorldSettings;
  signatures: Signatures;
  trust: TrustView;
  files: readonly DecoderFile[];
  /** One attempt to open the adapter's port. */
  openPort: () => Promise<Transport>;
  connect: (run: (task: () => unknown) => void) => UplinkPort;
  /** A number was handed out for a pack about to be signed. */
  onSeq: (seq: number) => void;
  /** A signed pack is about to be given to the log. */
  onPack: (seq: number, bytes: Uint8Array) => void;
  onEvent: (event: MinerEvent) => void;
  /** The power went, or something was thrown that nothing caught: this device is dead. */
  onDeath: (error: unknown) => void;
}

export class Device {
  readonly log: PackLog;
  readonly miner: Miner;
  /** Frames given to the Miner. */
  handedOver = 0;
  readonly #options: DeviceOptions;
  #link: CanLink | undefined;
  #checks = 0;
  #isDead = false;

  /** Recovers the log. @throws {MinerError} STORAGE_IO, STORAGE_FULL @throws {PowerCut} */
  constructor(options: DeviceOptions) {
    const { clock, storage, settings, signatures, trust, onEvent } = options;
    this.#options = options;
    const { segmentBytes, reserveCount, syncEvery, bytesMax, packIntervalMs } = settings;
    const { log } = PackLog.open(storage, { segmentBytes, reserveCount, syncEvery, ...(bytesMax && { bytesMax }) });
    this.log = watched(log, options);
    const port = options.connect(this.run);
    this.miner = new Miner({
      signer: signatures.device,
      trust,
      log,
      clock,
      uplink: port,
      outbox: { openReceipt: signatures.openReceipt },
      settings: {
        packIntervalMs,
        trustIntervalMs: 5_000,
        sampling: { intervalMsMin: 0, intervalMsMax: 60_000 },
      },
      onEvent,
    });
    const checkTrust = this.miner.checkTrust.bind(this.miner);
    this.miner.checkTrust = () => this.#asking(checkTrust);
  }

  /** True while the Miner asks which decoders it may use: what it hears then, it has to obey. */
  get isAskingTrust(): boolean {
    return this.#checks > 0;
  }

  async #asking(ask: () => Promise<void>): Promise<void> {
    this.#checks++;
    try {
      await ask();
    } finally {
      this.#checks--;
    }
  }

  get isDead(): boolean {
    return this.#isDead;
  }

  /** Runs something of this device's: what it throws is the device's end, and not the world's. */
  readonly run = (task: () => unknown): void => {
    if (this.#isDead) return;
    try {
      const result = task();
      if (result instanceof Promise) result.catch((error) => this.#died(error));
    } catch (error) {
      this.#died(error);
    }
  };

  #died(error: unknown): void {
    if (this.#isDead) return;
    this.powerOff();
    this.#options.onDeath(error);
  }

  /** Loads decoders and opens the port. */
  start(): void {
    const { files, clock } = this.#options;
    const startMiner = async () => {
      try {
        await this.#asking(() => this.miner.start(files));
      } catch (error) {
        if ((error as { code?: string }).code !== 'CHAIN_UNREACHABLE') throw error;
        // Without a first answer the program ends, and whoever watches over it starts it again.
        clock.schedule(1_000, startMiner);
      }
    };
    this.run(startMiner);
    this.run(() => this.#openLink());
  }

  async #openLink(): Promise<void> {
    const { clock, openPort } = this.#options;
    try {
      this.#link = await openCanLink({ open: openPort, clock, onFrames: (batch) => this.receive(batch) });
    } catch {
      clock.schedule(1_000, () => this.run(() => this.#openLink()));
    }
  }

  receive(batch: FrameBatch): void {
    this.run(() => {
      this.handedOver += batch.count;
      this.miner.receive(batch);
    });
  }

  /** An orderly end, as on Ctrl-C. */
  stop(): void {
    this.run(() => this.miner.stop());
    this.run(() => this.#link?.close());
  }

  /** From here on nothing of it runs any more. */
  powerOff(): void {
    this.#isDead = true;
    this.#options.clock.powerOff();
  }
}

/** The same log, which tells of what it is asked: a power cut may leave neither an answer nor an event behind. */
function watched(log: PackLog, { onSeq, onPack }: DeviceOptions): PackLog {
  const nextSeq = log.nextSeq.bind(log);
  const append = log.append.bind(log);
  log.nextSeq = () => {
    const seq = nextSeq();
    if (seq !== undefined) onSeq(seq);
    return seq;
  };
  log.append = (seq, bytes) => {
    onPack(seq, bytes);
    return append(seq, bytes);
  };
  return log;
}
