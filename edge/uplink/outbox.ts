/**
 * Sends what the log holds, in order, until a gateway has signed for it. The log is the queue; a bounded window of
 * it is in flight, and what gets no receipt is sent again.
 */
import { edgeError, MinerError } from '../errors/index.ts';
import {
  CborTag,
  CoseHeader,
  cborMap,
  coseSign1Tag,
  encodeCbor,
  equalBytes,
  packHash,
  parseCose,
} from '../pack/index.ts';
import type { Clock } from '../sim/index.ts';
import type { PackLog } from '../store/index.ts';
import type { Receipt } from './receipt.ts';
import type { UplinkMessage, UplinkPort } from './uplink-port.ts';

export interface OutboxOptions {
  log: PackLog;
  port: UplinkPort;
  clock: Clock;
  /** Verifies a receipt for this device, or throws RECEIPT_INVALID: openReceipt with the trusted gateways. */
  openReceipt: (bytes: Uint8Array) => Receipt;
  /** Packs sent and without receipt; 16 unless told, below a broker's usual limit of 20. */
  windowCount?: number;
  /** Without a receipt for this long, a pack is sent again; doubled each time up to 8 times. 10 s unless told. */
  resendMs?: number;
  /** A refused pack is tried again after this long; 60 s unless told. */
  refusedRetryMs?: number;
  onEvent?: (event: OutboxEvent) => void;
}

export type OutboxEvent =
  | { kind: 'receipted'; seq: number }
  | { kind: 'refused'; seq: number; code: string; reason: string }
  | { kind: 'receipt-refused'; error: MinerError }
  | { kind: 'send-failed'; seq: number; error: unknown };

export interface OutboxStatus {
  up: boolean;
  inFlight: number;
  sent: number;
  resent: number;
  receipts: number;
  receiptsRefused: number;
  refusals: number;
}

interface Flight {
  /** When it is due to be sent again. */
  dueMs: number;
  attempts: number;
}

const backOffMax = 8;

export class Outbox {
  private readonly options: Required<Omit<OutboxOptions, 'onEvent'>>;
  private readonly emit: (event: OutboxEvent) => void;
  /** Sent, and without an answer; no more than the window, and a pack that declares a gap. */
  private readonly flights = new Map<number, Flight>();
  /** Refused, by when each is due again. All wait equally long, so the first is due first. */
  private readonly refusals = new Map<number, number>();
  /** Every pack of the log up to here is in one of the two. */
  private cursor = 0;
  private readonly counts = { sent: 0, resent: 0, receipts: 0, receiptsRefused: 0, refusals: 0 };
  private up = false;
  private closed = false;
  private pumping = false;
  private pumpAgain = false;
  private cancelTimer: (() => void) | undefined;
  private timerMs = Number.POSITIVE_INFINITY;

  constructor({ onEvent = () => {}, ...options }: OutboxOptions) {
    this.options = { windowCount: 16, resendMs: 10_000, refusedRetryMs: 60_000, ...options };
    this.emit = onEvent;
    options.port.onMessage((message) => this.receive(message));
    options.port.onDown(() => this.wentDown());
    options.port.onUp(() => this.cameUp());
  }

  get status(): OutboxStatus {
    return { up: this.up, inFlight: this.flights.size, ...this.counts };
  }

  /** To be called when the log has something new. */
  notify(): void {
    this.pump();
  }

  /** Forgets refusals, so that what was refused goes out again at once: the licence came back. */
  retryRefused(): void {
    this.refusals.clear();
    this.cursor = 0;
    this.pump();
  }

  close(): void {
    this.closed = true;
    this.cancelTimer?.();
  }

  private cameUp(): void {
    this.up = true;
    // The next hop may have forgotten what it took.
    this.flights.clear();
    this.cursor = 0;
    this.pump();
  }

  private wentDown(): void {
    this.up = false;
    this.cancelTimer?.();
    this.timerMs = Number.POSITIVE_INFINITY;
  }

  /** Sending may answer at once, and the answer asks to send on: one loop, not a recursion as deep as the log. */
  private pump(): void {
    this.pumpAgain = true;
    if (this.pumping) return;
    this.pumping = true;
    try {
      while (this.pumpAgain && this.up && !this.closed) {
        this.pumpAgain = false;
        this.fillWindow();
      }
    } finally {
      this.pumping = false;
    }
    if (this.up && !this.closed) this.setTimer();
  }

  private fillWindow(): void {
    this.sendDue();
    const urgent = this.options.log.packDeclaringNextGap();
    // Until a gateway knows of the gap it cannot sign for anything after it: this pack goes first, window or not.
    if (urgent !== undefined && !this.isUnderWay(urgent)) this.send(urgent);
    this.sendRefused();
    while (this.hasRoom) {
      const seq = this.options.log.packAfter(this.cursor);
      if (seq === undefined) return;
      this.cursor = seq;
      if (!this.isUnderWay(seq)) this.send(seq);
    }
  }

  /** Sent, or refused and waiting for its next try. */
  private isUnderWay(seq: number): boolean {
    return this.flights.has(seq) || this.refusals.has(seq);
  }

  /** Refused packs wait without taking room in the window, or they would block all others. */
  private get hasRoom(): boolean {
    return this.up && this.flights.size < this.options.windowCount;
  }

  private sendDue(): void {
    const now = this.options.clock.nowMs();
    for (const [seq, flight] of this.flights) {
      if (flight.dueMs > now) continue;
      if (!this.up) return;
      this.send(seq, flight.attempts);
    }
  }

  /** One beyond the window is theirs, so that a full one does not hold them back for good. */
  private get hasRoomForRefused(): boolean {
    return this.up && this.flights.size <= this.options.windowCount;
  }

  /** Of a long backlog that was refused, not all goes out at once. */
  private sendRefused(): void {
    const now = this.options.clock.nowMs();
    for (const [seq, dueMs] of this.refusals) {
      const isReceipted = seq <= this.options.log.receipted;
      if (!isReceipted && (dueMs > now || !this.hasRoomForRefused)) return;
      this.refusals.delete(seq);
      if (!isReceipted) this.send(seq, 1);
    }
  }

  private send(seq: number, attempts = 0): void {
    const { log } = this.options;
    // Evicted, damaged or given up meanwhile: a gap says so.
    if (log.packAfter(seq - 1) !== seq) {
      this.flights.delete(seq);
      return;
    }
    const delayMs = this.options.resendMs * Math.min(2 ** attempts, backOffMax);
    this.flights.set(seq, { dueMs: this.options.clock.nowMs() + delayMs, attempts: attempts + 1 });
    const bytes = log.read(seq);
    // Not readable now: it is due again after the delay.
    if (!bytes) return;
    this.counts.sent++;
    if (attempts > 0) this.counts.resent++;
    try {
      // A failed one stays in flight: it is due again after the delay, or at the next up.
      this.options.port.send(seq, bytes)?.catch((error: unknown) => this.emit({ kind: 'send-failed', seq, error }));
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.emit({ kind: 'send-failed', seq, error });
    }
  }

  private setTimer(): void {
    let next = Number.POSITIVE_INFINITY;
    for (const { dueMs } of this.flights.values()) next = Math.min(next, dueMs);
    const [firstRefused] = this.refusals.values();
    if (firstRefused !== undefined && this.hasRoomForRefused) next = Math.min(next, firstRefused);
    if (next === this.timerMs) return;
    this.cancelTimer?.();
    this.timerMs = next;
    if (next === Number.POSITIVE_INFINITY) return;
    this.cancelTimer = this.options.clock.schedule(next - this.options.clock.nowMs(), () => {
      this.timerMs = Number.POSITIVE_INFINITY;
      this.pump();
    });
  }

  private receive(message: UplinkMessage): void {
    if (this.closed) return;
    if (message.kind === 'refusal') this.refused(message);
    else this.receipted(message.bytes);
  }

  private refused({ seq, code, reason }: { seq: number; code: string; reason: string }): void {
    if (!this.flights.delete(seq)) return;
    this.refusals.set(seq, this.options.clock.nowMs() + this.options.refusedRetryMs);
    this.counts.refusals++;
    this.emit({ kind: 'refused', seq, code, reason });
    this.pump();
  }

  private receipted(bytes: Uint8Array): void {
    let receipt: Receipt;
    try {
      receipt = this.options.openReceipt(bytes);
      // Late or repeated ones say nothing new.
      if (receipt.seq <= this.options.log.receipted) return;
      this.requireOurs(receipt);
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.counts.receiptsRefused++;
      this.emit({ kind: 'receipt-refused', error });
      return;
    }
    this.options.log.dropThrough(receipt.seq);
    for (const seq of this.flights.keys()) if (seq <= receipt.seq) this.flights.delete(seq);
    this.counts.receipts++;
    this.emit({ kind: 'receipted', seq: receipt.seq });
    this.pump();
  }

  /** A gateway that holds other bytes under this number holds somebody else's pack, or a forged one. */
  private requireOurs({ seq, hash }: Receipt): void {
    const bytes = this.options.log.read(seq);
    if (bytes && isHashOf(hash, bytes)) return;
    if (bytes) throw edgeError('RECEIPT_INVALID', { problem: `its hash is not that of pack ${seq}` });
    // The pack was evicted after it had been sent. Where nothing below it is left, there is nothing to forget either.
    const least = this.options.log.packAfter(0) ?? Number.POSITIVE_INFINITY;
    if (least === seq) throw edgeError('RECEIPT_INVALID', { problem: `pack ${seq} cannot be read now` });
    if (least < seq) throw edgeError('RECEIPT_INVALID', { problem: `pack ${seq} is not in the log, but ${least} is` });
  }
}

/**
 * The recovery hint of a pack is not signed. Whoever carries the pack could leave it out or turn it over, and the
 * gateway, which then holds the same signed content, would name another hash: that must not keep a pack here for good.
 */
function isHashOf(hash: Uint8Array, pack: Uint8Array): boolean {
  if (equalBytes(packHash(pack), hash)) return true;
  try {
    const { protectedBytes, payload, signature } = parseCose(pack);
    return [undefined, 0, 1].some((hint) => {
      const unprotected = cborMap([[CoseHeader.recoveryHint, hint]]);
      const other = encodeCbor(new CborTag(coseSign1Tag, [protectedBytes, unprotected, payload, signature]));
      return equalBytes(packHash(other), hash);
    });
  } catch (error) {
    if (error instanceof MinerError) return false;
    throw error;
  }
}
