/** One message on its way: what was announced, and the packets seen so far. */
import type { Announcement } from './connection-management.ts';
import { bytesPerPacket, TimeoutUs } from './transport-table.ts';

/** What a packet did. */
export type PacketOutcome = 'stored' | 'completed' | 'repeated' | 'malformed' | 'conflict';

export class Session {
  readonly announcement: Announcement;
  readonly startUs: number;
  readonly priority: number;
  /** Made when the first packet comes: a flood of announcements allocates nothing big. */
  #data: Uint8Array | undefined;
  /** Bit k of word j: packet 32 j + k was seen. */
  readonly #seen = [0, 0, 0, 0, 0, 0, 0, 0];
  #seenCount = 0;
  /** Last packet of the window that the receiver opened; -1 when no CTS was seen. */
  #windowEnd = -1;
  #lastUs: number;
  #patienceUs: number;

  constructor(announcement: Announcement, priority: number, timeUs: number) {
    this.announcement = announcement;
    this.priority = priority;
    this.startUs = timeUs;
    this.#lastUs = timeUs;
    this.#patienceUs = announcement.kind === 'requestToSend' ? TimeoutUs.T3 : TimeoutUs.T1;
  }

  /** As announced, zeros where nothing came yet. */
  get data(): Uint8Array {
    this.#data ??= new Uint8Array(this.announcement.size);
    return this.#data;
  }

  /** A complete session stays for a while, so that repeated packets are known as such. */
  get isComplete(): boolean {
    return this.#seenCount === this.announcement.packetCount;
  }

  /** Time that runs backwards (merged logs) or is not known (NaN) expires nothing. */
  isExpired(timeUs: number): boolean {
    return timeUs - this.#lastUs > this.#patienceUs;
  }

  /** Whether it was announced in these words and nothing of it came yet: its sender tries again. */
  isAnnouncedAgainBy({ kind, pgn, size }: Announcement): boolean {
    const known = this.announcement;
    return this.#seenCount === 0 && known.kind === kind && known.pgn === pgn && known.size === size;
  }

  /** The announcement came again. */
  touch(timeUs: number): void {
    this.#lastUs = timeUs;
  }

  /** The receiver opens a window of `count` packets from `next` on; none is a request to wait. */
  openWindow(count: number, next: number, timeUs: number): void {
    this.#lastUs = timeUs;
    this.#windowEnd = Math.min(next + count - 1, this.announcement.packetCount);
    this.#patienceUs = count === 0 ? TimeoutUs.T4 : TimeoutUs.T2;
  }

  /**
   * Takes one TP.DT frame of `length` bytes at `at`. Packets may come in any order and again; one that says something
   * else than it did before belongs to another message, whose announcement was not seen.
   */
  take(data: Uint8Array, at: number, length: number, timeUs: number): PacketOutcome {
    const sequence = data[at];
    if (sequence < 1 || sequence > this.announcement.packetCount) return 'malformed';
    const start = (sequence - 1) * bytesPerPacket;
    const size = Math.min(bytesPerPacket, this.announcement.size - start);
    if (length < size + 1) return 'malformed';
    this.#lastUs = timeUs;
    const bit = 1 << (sequence & 31);
    if ((this.#seen[sequence >> 5] & bit) !== 0)
      return this.#holds(start, size, data, at + 1) ? 'repeated' : 'conflict';
    const payload = this.data;
    for (let i = 0; i < size; i++) payload[start + i] = data[at + 1 + i];
    this.#seen[sequence >> 5] |= bit;
    this.#seenCount++;
    this.#patienceUs = this.#patienceAfter(sequence);
    return this.isComplete ? 'completed' : 'stored';
  }

  #holds(start: number, size: number, data: Uint8Array, at: number): boolean {
    const payload = this.data;
    for (let i = 0; i < size; i++) if (payload[start + i] !== data[at + i]) return false;
    return true;
  }

  /** After the last packet of a window the receiver speaks next; without a CTS seen, any packet may be that one. */
  #patienceAfter(sequence: number): number {
    if (this.announcement.kind === 'broadcastAnnounce') return TimeoutUs.T1;
    return this.#windowEnd < 0 || sequence >= this.#windowEnd ? TimeoutUs.T3 : TimeoutUs.T1;
  }
}
