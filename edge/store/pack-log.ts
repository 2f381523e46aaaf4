/**
 * The Miner's memory of what it signed: an append-only log of packs that forgets one only when a gateway signed for
 * it, or when there is no room, and then says so. docs/pack.md, "The log", tells the rules.
 */
import { edgeError, MinerError } from '../errors/index.ts';
import { GapReason, type SeqGap } from '../pack/index.ts';
import { addGap, gapsDeclaredMax, isInGap } from './gaps.ts';
import { encodeState, type LogState } from './log-state.ts';
import { encodeRecord, headLength, RecordType, readRecord, recordOverhead } from './record.ts';
import { type RecoveryReport, recover } from './recovery.ts';
import { Segment } from './segment.ts';
import type { Storage } from './storage.ts';

export interface LogOptions {
  /** A new segment begins past this; 256 KiB unless told. */
  segmentBytes?: number;
  /** Quota over all segments; the oldest goes when it is passed. Unlimited unless told: then the disk says when. */
  bytesMax?: number;
  /** Numbers reserved ahead in one write; 64 unless told. A power cut skips at most this many. */
  reserveCount?: number;
  /** Packs between syncs; 1 unless told. Only synced packs are handed to the uplink. */
  syncEvery?: number;
}

export interface LogStatus {
  segments: number;
  bytes: number;
  /** Packs evicted since boot. */
  evicted: number;
  /** Packs that could not be stored since boot. */
  dropped: number;
  /** Of the storage, since boot; the last one is `lastFault`. */
  faults: number;
  lastFault: MinerError | undefined;
}

const reserveCountUsual = 64;

/** A pack that cannot be read as often as this is lost. */
const readFaultsMax = 8;

export class PackLog {
  private readonly storage: Storage;
  private readonly options: Required<LogOptions>;
  private readonly segments: Segment[];
  private readonly state: LogState;
  private next: number;
  /** The last number appended, or given up. */
  private last: number;
  private durable: number;
  /** Appended since the last sync; kept to be written again should that fail. */
  private unsynced: { seq: number; bytes: Uint8Array }[] = [];
  private lastIndex: number;
  /** The active segment cannot be trusted with another write. */
  private broken = false;
  /** How often each pack could not be read. */
  private readonly readFaults = new Map<number, number>();
  private readonly pins = new Set<{ from: number; to: number }>();
  private readonly counts = { evicted: 0, dropped: 0, faults: 0 };
  private fault: MinerError | undefined;

  /**
   * Recovers the log of a storage and begins a new boot.
   * @throws {MinerError} STORAGE_IO, STORAGE_FULL: without a log there is nothing to run on
   */
  static open(storage: Storage, options: LogOptions = {}): { log: PackLog; report: RecoveryReport } {
    const recovered = recover(storage, options.reserveCount ?? reserveCountUsual);
    const log = new PackLog(storage, options, recovered);
    log.begin();
    return { log, report: recovered.report };
  }

  private constructor(storage: Storage, options: LogOptions, recovered: ReturnType<typeof recover>) {
    const {
      segmentBytes = 1 << 18,
      bytesMax = Number.POSITIVE_INFINITY,
      reserveCount = reserveCountUsual,
      syncEvery = 1,
    } = options;
    this.storage = storage;
    this.options = { segmentBytes, bytesMax, reserveCount, syncEvery };
    this.segments = recovered.segments;
    this.state = recovered.state;
    this.next = recovered.next;
    this.last = recovered.next - 1;
    this.durable = this.last;
    this.lastIndex = this.segments.at(-1)?.index ?? 0;
    this.broken = recovered.isLastDamaged;
  }

  private begin(): void {
    this.state.bootCount++;
    this.state.reservedTo = this.next - 1;
    const begun = this.segments.length === 0 ? this.beginSegment() : this.writeState() && this.sync();
    if (!begun) throw this.fault;
    this.storage.syncDirectory();
    this.removeDead();
  }

  /** Times this log was opened, this one included. */
  get bootCount(): number {
    return this.state.bootCount;
  }

  /** A gateway signed for everything up to here. */
  get receipted(): number {
    return this.state.receipted;
  }

  /** Numbers that will never come and that no receipt covers yet; ascending. */
  get gaps(): readonly SeqGap[] {
    return this.state.gaps;
  }

  /** Whether the pack is stored, durable or not. */
  holds(seq: number): boolean {
    return this.segments.some((segment) => segment.find(seq) !== undefined);
  }

  get status(): LogStatus {
    const bytes = this.bytes;
    return { segments: this.segments.length, bytes, ...this.counts, lastFault: this.fault };
  }

  /**
   * A number never handed out before, in this boot or any other.
   * @returns undefined when the reservation could not be made durable: then no pack may be signed now
   */
  nextSeq(): number | undefined {
    if (this.next > this.state.reservedTo) {
      const before = this.state.reservedTo;
      this.state.reservedTo = this.next + this.options.reserveCount - 1;
      if (!this.writeState() || !this.sync()) {
        // The write may have reached the disk all the same: higher on disk than here only skips numbers.
        this.state.reservedTo = before;
        return undefined;
      }
    }
    return this.next++;
  }

  /** For field 11 of the pack about to be signed: numbers that will never come and no receipt covers yet. */
  gapsToDeclare(): SeqGap[] {
    const { gaps } = this.state;
    for (const gap of gaps.slice(gapsDeclaredMax)) gap.declaredFrom = this.next;
    return gaps.slice(0, gapsDeclaredMax).map(({ from, to, reason }) => ({ from, to, reason }));
  }

  /**
   * Stores a signed pack. Never throws on a storage's fault: what cannot be stored becomes a gap.
   * @param seq from nextSeq, ascending; numbers left out become gaps
   * @returns whether it is stored
   */
  append(seq: number, bytes: Uint8Array): boolean {
    if (seq <= this.last || seq >= this.next)
      throw new TypeError(`seq ${seq}: not between ${this.last} and ${this.next}`);
    this.addGap(this.last + 1, seq - 1, GapReason.skipped);
    const record = encodeRecord(RecordType.pack, seq, bytes);
    const { active } = this;
    if (active.seqs.length > 0 && active.size + record.length > this.options.segmentBytes) this.beginSegment();
    const evicted = this.counts.evicted;
    const at = this.put(record);
    this.last = seq;
    if (at === undefined) {
      this.counts.dropped++;
      this.addGap(seq, seq, GapReason.evicted);
      return false;
    }
    this.active.add(seq, at + headLength, bytes.length);
    this.unsynced.push({ seq, bytes });
    if (this.counts.evicted > evicted) this.writeState();
    if (this.unsynced.length >= this.options.syncEvery) this.sync();
    return true;
  }

  /** Makes everything appended durable. @returns false when the storage refuses; it is tried again next time */
  sync(): boolean {
    if (!this.broken && this.syncActive()) return true;
    return this.beginSegment();
  }

  /**
   * Gives back the numbers reserved ahead and makes everything durable, so that the next boot skips none. What a
   * power cut leaves unsaid here costs numbers, nothing else.
   */
  close(): void {
    this.state.reservedTo = this.next - 1;
    this.writeState();
    this.sync();
  }

  /** The least seq above `seq` that is stored, durable, and wanted by a gateway. */
  packAfter(seq: number): number | undefined {
    let candidate = Math.max(seq, this.state.receipted);
    for (const segment of this.segments) {
      for (;;) {
        const found = segment.after(candidate);
        if (found === undefined) break;
        if (found > this.durable) return undefined;
        if (!isInGap(this.state.gaps, found)) return found;
        candidate = found;
      }
    }
    return undefined;
  }

  /** Packs stored without receipt, in one step a segment: for showing, however long the log has grown. */
  get waitingCount(): number {
    const { receipted, gaps } = this.state;
    const givenUp = gaps.filter(({ reason }) => reason === GapReason.refused);
    let count = 0;
    for (const segment of this.segments) {
      count += segment.countBetween(receipted + 1, Number.POSITIVE_INFINITY);
      for (const { from, to } of givenUp) count -= segment.countBetween(from, to);
    }
    return count;
  }

  /**
   * The bytes of a stored pack, exactly as they were appended.
   * @returns undefined when there is none, or when it cannot be read now; what turns out to be damaged becomes a gap
   */
  read(seq: number): Uint8Array | undefined {
    // The latest copy first: after a failed sync there may be two.
    for (let i = this.segments.length - 1; i >= 0; i--) {
      const segment = this.segments[i];
      const place = segment.find(seq);
      if (place) return this.readAt(segment, seq, place);
    }
    return undefined;
  }

  private readAt(
    { name }: Segment,
    seq: number,
    { offset, length }: { offset: number; length: number },
  ): Uint8Array | undefined {
    let bytes: Uint8Array | undefined;
    const isRead = this.attempt(() => {
      bytes = this.storage.read(name, offset - headLength, length + recordOverhead);
    });
    const record = bytes && readRecord(bytes, 0);
    if (record?.seq === seq) {
      this.readFaults.delete(seq);
      return record.payload;
    }
    const faults = isRead ? readFaultsMax : (this.readFaults.get(seq) ?? 0) + 1;
    this.readFaults.set(seq, faults);
    if (faults >= readFaultsMax) this.giveUpDamaged(seq);
    return undefined;
  }

  private giveUpDamaged(seq: number): void {
    this.readFaults.delete(seq);
    if (!this.isWanted(seq)) return;
    this.addGap(seq, seq, GapReason.damaged);
    this.writeState();
  }

  /**
   * When gaps keep the next receipt from coming: the first stored pack that declares them.
   * @returns undefined when what follows the receipt is a pack, or none declares the gaps yet
   */
  packDeclaringNextGap(): number | undefined {
    const from = this.nextGapDeclaredFrom();
    return from === undefined ? undefined : this.packAfter(from - 1);
  }

  /**
   * True while receipts wait for a gap that no stored pack declares, or may come to: the next pack should be signed
   * soon, even an empty one. Also when the packs before the gap are there: their gateway may hold one that was lost
   * here, and name it in a receipt that nobody can check any more; one for a pack behind it can be.
   */
  get declarationWanted(): boolean {
    if (this.nextGapDeclaredFrom() === undefined && this.packAfter(0) === undefined) return false;
    const declarable = this.state.gaps.slice(0, gapsDeclaredMax);
    return declarable.some(({ declaredFrom }) => this.packAfter(declaredFrom - 1) === undefined);
  }

  /** From which pack on all gaps are declared that follow the receipt without a pack between. */
  private nextGapDeclaredFrom(): number | undefined {
    let declaredFrom: number | undefined;
    let expected = this.state.receipted + 1;
    for (const gap of this.state.gaps) {
      if (gap.from !== expected) break;
      declaredFrom = Math.max(declaredFrom ?? 0, gap.declaredFrom);
      expected = gap.to + 1;
    }
    return declaredFrom;
  }

  /** Forgets what a gateway signed for. @param seq everything up to it */
  dropThrough(seq: number): void {
    if (seq <= this.state.receipted) return;
    this.state.receipted = seq;
    this.state.gaps = this.state.gaps.filter((gap) => gap.to > seq);
    for (const gap of this.state.gaps) gap.from = Math.max(gap.from, seq + 1);
    this.writeState();
    for (const known of this.readFaults.keys()) if (known <= seq) this.readFaults.delete(known);
    // Were a segment gone before the receipt is durable, a power cut would turn its packs into gaps.
    if (this.segments.length > 2 && this.isDead(this.segments[0]) && this.sync()) this.removeDead();
  }

  /** Gives up on a pack, for good: it becomes a gap. For packs that a gateway will never take. */
  discard(seq: number): void {
    if (seq <= this.state.receipted || seq > this.last) return;
    this.addGap(seq, seq, GapReason.refused);
    this.writeState();
  }

  /** Keeps a range from being evicted, until the returned function is called or power goes. */
  pin(from: number, to: number): () => void {
    const pin = { from, to };
    this.pins.add(pin);
    return () => this.pins.delete(pin);
  }

  private get active(): Segment {
    return this.segments[this.segments.length - 1];
  }

  private get bytes(): number {
    return this.segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  private addGap(from: number, to: number, reason: number): void {
    const above = Math.max(from, this.state.receipted + 1);
    if (above <= to) addGap(this.state.gaps, { from: above, to, reason, declaredFrom: this.next });
  }

  /** Runs what may fail for the storage's reasons. A power cut, or a mistake of ours, is not one of them. */
  private attempt(action: () => void): boolean {
    try {
      action();
      return true;
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.fault = error;
      this.counts.faults++;
      return false;
    }
  }

  private writeState(): boolean {
    for (;;) {
      const evicted = this.counts.evicted;
      if (this.put(this.stateRecord()) === undefined) return false;
      // What made room for this record is not in it yet.
      if (this.counts.evicted === evicted) return true;
    }
  }

  private stateRecord(): Uint8Array {
    this.state.version++;
    return encodeRecord(RecordType.state, this.state.version, encodeState(this.state));
  }

  /**
   * Appends a record to the active segment, making room as long as there is something to evict.
   * @returns where it begins, or undefined when the storage refuses
   */
  private put(record: Uint8Array): number | undefined {
    if (this.broken && !this.beginSegment()) return undefined;
    const { active } = this;
    while (this.bytes + record.length > this.options.bytesMax) if (!this.evictOldest()) return this.refuseFull(record);
    while (!this.attempt(() => this.storage.append(active.name, record))) {
      const full = this.fault?.code === 'STORAGE_FULL';
      this.broken = !this.attempt(() => this.storage.truncate(active.name, active.size)) || !full;
      if (this.broken || !this.evictOldest()) return undefined;
    }
    const at = active.size;
    active.size += record.length;
    return at;
  }

  private refuseFull(record: Uint8Array): undefined {
    this.fault = edgeError('STORAGE_FULL', { name: this.active.name, bytes: record.length });
  }

  private evictOldest(): boolean {
    const at = this.segments.findIndex((segment, index) => index < this.segments.length - 1 && !this.isPinned(segment));
    if (at < 0) return false;
    const segment = this.segments[at];
    if (!this.attempt(() => this.storage.remove(segment.name))) return false;
    this.segments.splice(at, 1);
    for (const seq of segment.seqs) {
      // Packs written a second time, after a failed sync, live on in another segment.
      if (!this.isWanted(seq) || this.segments.some((other) => other.find(seq))) continue;
      this.counts.evicted++;
      this.addGap(seq, seq, GapReason.evicted);
    }
    return true;
  }

  /** Whether a gateway has yet to sign for it. */
  private isWanted(seq: number): boolean {
    return seq > this.state.receipted && !isInGap(this.state.gaps, seq);
  }

  private isPinned({ firstSeq, lastSeq }: Segment): boolean {
    for (const pin of this.pins) if (pin.from <= lastSeq && firstSeq <= pin.to) return true;
    return false;
  }

  private syncActive(): boolean {
    // After a failed sync the pages may be gone: a later one that succeeds says nothing of them.
    this.broken = !this.attempt(() => this.storage.sync(this.active.name));
    if (!this.broken) this.settled();
    return !this.broken;
  }

  private settled(): void {
    this.unsynced = [];
    this.durable = this.last;
  }

  private beginSegment(): boolean {
    while (!this.attempt(() => this.rotate())) {
      if (this.fault?.code !== 'STORAGE_FULL' || !this.evictOldest()) return false;
    }
    return true;
  }

  /**
   * Begins a segment with the whole state. What the old one could not sync is written again.
   */
  private rotate(): void {
    const carried = this.segments.length > 0 && (this.broken || !this.syncActive()) ? this.unsynced : [];
    // Each attempt takes a fresh name: the file of one that failed may not be gone.
    const segment = new Segment(++this.lastIndex);
    const parts = [this.stateRecord()];
    for (const { seq, bytes } of carried) parts.push(encodeRecord(RecordType.pack, seq, bytes));
    try {
      for (const [i, part] of parts.entries()) {
        this.storage.append(segment.name, part);
        segment.size += part.length;
        if (i > 0)
          segment.add(carried[i - 1].seq, segment.size - part.length + headLength, carried[i - 1].bytes.length);
      }
      this.storage.sync(segment.name);
      this.storage.syncDirectory();
    } catch (error) {
      if (error instanceof MinerError) this.attempt(() => this.storage.remove(segment.name));
      throw error;
    }
    this.segments.push(segment);
    this.broken = false;
    this.settled();
  }

  private isDead(segment: Segment): boolean {
    return !segment.seqs.some((seq) => this.isWanted(seq));
  }

  /** The one before the active segment stays, dead or not: should the active one's state be damaged, its own is left. */
  private removeDead(): void {
    for (const segment of this.segments.slice(0, -2)) {
      if (!this.isDead(segment)) continue;
      if (!this.attempt(() => this.storage.remove(segment.name))) return;
      this.segments.splice(this.segments.indexOf(segment), 1);
    }
  }
}
