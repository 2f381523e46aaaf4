/**
 * A Miner's log and outbox, a gateway, and a storage that loses power: one run from one seed, every rule checked
 * on the way. Packs and receipts are plain CBOR here, since signatures have tests of their own.
 */
import { MinerError } from '../../../edge/errors/index.ts';
import { type CborValue, decodeCbor, encodeCbor, packHash, type SeqGap, toHex } from '../../../edge/pack/index.ts';
import { MemoryStorage, PowerCut, SeededRandom, VirtualClock } from '../../../edge/sim/index.ts';
import { type LogOptions, PackLog } from '../../../edge/store/index.ts';
import { MemoryUplink, Outbox, type Receipt, SeqTracker } from '../../../edge/uplink/index.ts';

export interface WorldOptions {
  seed: number;
  log?: LogOptions;
  capacity?: number;
  /** Chances in 100. */
  lossPercent?: number;
  storage?: (random: SeededRandom, capacity?: number) => MemoryStorage;
}

const device = new Uint8Array(20);

export class World {
  readonly options: WorldOptions;
  readonly clock = new VirtualClock();
  readonly random: SeededRandom;
  readonly storage: MemoryStorage;
  readonly violations: string[] = [];
  readonly tracker = new SeqTracker();
  cuts = 0;
  private log: PackLog | undefined;
  private outbox: Outbox | undefined;
  private uplink: MemoryUplink | undefined;
  private lossPercent: number;
  private readonly handedOut = new Set<number>();
  /** What append said it stored, by seq. */
  readonly stored = new Map<number, string>();
  /** What the gateway has, by seq. */
  readonly accepted = new Map<number, string>();
  readonly declared: SeqGap[] = [];

  constructor(options: WorldOptions) {
    this.options = options;
    this.random = new SeededRandom(options.seed);
    this.lossPercent = options.lossPercent ?? 0;
    this.storage =
      options.storage?.(this.random, options.capacity) ??
      new MemoryStorage({ random: this.random, capacity: options.capacity });
  }

  /** Runs `count` packs, booting again after every power cut. `beforePack` may schedule the next cut. */
  run(count: number, beforePack: () => void = () => {}): void {
    for (let made = 0; made < count; ) {
      this.survive(() => {
        this.log ?? this.boot();
        while (made < count) {
          beforePack();
          made++;
          this.makePack();
          this.clock.advance(this.random.below(3000));
        }
      });
    }
  }

  /** No more faults: everything has to arrive or be declared. */
  settle(): void {
    this.lossPercent = 0;
    this.storage.failingSyncs = 0;
    this.storage.cutPower();
    this.power();
    this.boot();
    // One pack more has to be enough, also for gaps in front of everything else; unless storing it evicts others.
    for (let packs = 0; packs < 1 || (packs < 4 && this.log?.declarationWanted); packs++) {
      this.makePack();
      this.log?.sync();
      this.outbox?.notify();
      this.clock.advance(1_000_000);
    }
    const { last } = this;
    if (this.tracker.contiguous !== last) this.violate(`settled at ${this.tracker.contiguous}, of ${last} handed out`);
    if (this.log?.receipted !== last) this.violate(`receipted ${this.log?.receipted} of ${last}`);
    if (this.log?.gapsToDeclare().length !== 0) this.violate('gaps are still declared that a receipt covers');
    for (const [seq, hash] of this.stored) {
      if (this.accepted.get(seq) === hash) continue;
      if (!this.isDeclared(seq)) this.violate(`pack ${seq} was stored, never arrived, and no gap says so`);
    }
  }

  isDeclared(seq: number): boolean {
    return this.declared.some(({ from, to }) => from <= seq && seq <= to);
  }

  private noteGap(gap: SeqGap): void {
    this.declared.push(gap);
    if (this.evicts) return;
    for (let seq = gap.from; seq <= gap.to; seq++) {
      if (this.accepted.has(seq)) this.violate(`pack ${seq} declared lost after it had been sent and taken`);
    }
  }

  private get evicts(): boolean {
    return this.options.capacity !== undefined || this.options.log?.bytesMax !== undefined;
  }

  private get last(): number {
    return Math.max(0, ...this.handedOut);
  }

  private violate(what: string): void {
    this.violations.push(`seed ${this.options.seed}, cut ${this.cuts}: ${what}`);
  }

  /** A cut ends the boot; power comes back, and the caller goes on. */
  private survive(action: () => void): void {
    try {
      action();
    } catch (error) {
      // A storage too ill to begin on is tried again, as a person would by switching off and on.
      const ill = error instanceof MinerError && error.code === 'STORAGE_IO' && this.log === undefined;
      if (!(error instanceof PowerCut) && !ill) throw error;
      if (ill) this.storage.cutPower();
      else this.cuts++;
      this.power();
    }
  }

  private power(): void {
    this.outbox?.close();
    this.clock.reset();
    this.storage.restart();
    this.log = undefined;
  }

  private boot(): void {
    const { log } = PackLog.open(this.storage, this.options.log);
    this.log = log;
    if (log.receipted > this.tracker.contiguous) this.violate(`recovered receipt ${log.receipted}, never given`);
    this.uplink = new MemoryUplink((seq, bytes) => this.transmit(seq, bytes));
    this.outbox = new Outbox({
      log,
      port: this.uplink,
      clock: this.clock,
      windowCount: 4,
      resendMs: 2000,
      openReceipt: (bytes) => {
        const [seq, hash] = decodeCbor(bytes) as [number, Uint8Array];
        return { device, seq, hash } satisfies Receipt;
      },
    });
  }

  private makePack(): void {
    const log = this.log as PackLog;
    const seq = log.nextSeq();
    if (seq === undefined) return;
    if (this.handedOut.has(seq)) this.violate(`seq ${seq} handed out twice`);
    this.handedOut.add(seq);
    const filler = new Uint8Array(this.random.below(60));
    this.random.fill(filler);
    const gaps = log.gapsToDeclare();
    const pack = encodeCbor([seq, gaps.map(({ from, to, reason }) => [from, to, reason]), filler]);
    if (log.append(seq, pack)) this.stored.set(seq, toHex(packHash(pack)));
    this.outbox?.notify();
  }

  private lost(): boolean {
    return this.random.chance(this.lossPercent, 100);
  }

  private transmit(sent: number, bytes: Uint8Array): void {
    const copy = bytes.slice();
    for (let copies = this.lossPercent > 0 ? 1 + this.random.below(2) : 1; copies > 0; copies--) {
      if (!this.lost()) this.clock.schedule(this.random.below(500), () => this.arrive(sent, copy));
    }
  }

  private arrive(sent: number, bytes: Uint8Array): void {
    const [seq, gaps] = decodeCbor(bytes) as [number, [number, number, number][], CborValue];
    const hash = toHex(packHash(bytes));
    if (seq !== sent) this.violate(`pack ${seq} sent as ${sent}`);
    const known = this.accepted.get(seq);
    if (known !== undefined && known !== hash) this.violate(`seq ${seq} reused for another pack`);
    if (known === undefined) {
      // With evictions a copy still under way may be overtaken by the pack that declares it lost.
      if (this.isDeclared(seq) && !this.evicts) this.violate(`pack ${seq} came after it was declared lost`);
      this.accepted.set(seq, hash);
      for (const [from, to, reason] of gaps) this.noteGap({ from, to, reason });
      this.tracker.accept(
        seq,
        gaps.map(([from, to, reason]) => ({ from, to, reason })),
      );
    }
    const { receiptable } = this.tracker;
    if (receiptable === 0 || this.lost()) return;
    const receipt = encodeCbor([receiptable, Buffer.from(this.accepted.get(receiptable) as string, 'hex')]);
    const { uplink } = this;
    this.clock.schedule(this.random.below(500), () => uplink?.deliver({ kind: 'receipt', bytes: receipt }));
  }
}
