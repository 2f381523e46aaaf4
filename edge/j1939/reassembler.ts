/** Puts messages of more than 8 bytes together again, by listening only. */
import { FrameFlag } from '../can/index.ts';
import { type Announcement, type ConnectionManagement, parseConnectionManagement } from './connection-management.ts';
import { buildJ1939Id } from './id.ts';
import { Session } from './session.ts';
import { type IgnoredReason, type J1939Stats, type LossReason, newStats } from './stats.ts';
import { globalAddress, TransportPgn } from './transport-table.ts';

/** One message, whole. */
export interface J1939Message {
  pgn: number;
  source: number;
  /** 255: everybody. */
  destination: number;
  /** Of the frame that announced it; the group's own priority does not travel with the packets. */
  priority: number;
  /** 29-bit id made of the four above: a decode plan finds its message by it. */
  id: number;
  /** FrameFlag.extended, for `decode`. */
  flags: number;
  /** Microseconds: of its announcement, and of the packet that made it whole. */
  startUs: number;
  timeUs: number;
  /** 9 to 1785 bytes; overwritten by nobody, yet valid only until the next `push`. */
  data: Uint8Array;
}

export interface J1939Reassembler {
  readonly stats: Readonly<J1939Stats>;
  /** Messages announced and not whole yet. */
  readonly openCount: number;
  /**
   * Takes one frame, of any kind; all but TP.CM and TP.DT pass by. Never throws on frame data.
   * @param timeUs microseconds from any origin; NaN where none is known: nothing times out then
   * @param id arbitration id without flag bits
   * @param flags bits of FrameFlag
   * @param data holds the payload at `offset`, `length` bytes
   * @returns the message that this frame completed
   */
  push(
    timeUs: number,
    id: number,
    flags: number,
    data: Uint8Array,
    offset: number,
    length: number,
  ): J1939Message | undefined;
  /** The log is over: what is still on its way is counted as unfinished. */
  end(): void;
}

export interface J1939Options {
  /** Most messages on their way at once, so that a flood of announcements costs bounded memory. Default 512. */
  sessionsMax?: number;
}

/**
 * Makes a listener to the transport protocol of SAE J1939-21: broadcasts (BAM) and connections (RTS, CTS,
 * acknowledgment, abort), many at once, one per sender and receiver. A message is whole when all its packets were
 * seen, in any order. Not here: the extended protocol of ISO 11783-3 (more than 1785 bytes) and that of J1939-22.
 * @example
 *   const whole = reassembler.push(timeUs, id, flags, data, 0, data.length);
 *   if (whole) decoder.decode(whole.id, whole.flags, whole.data, 0, whole.data.length);
 */
export function createJ1939Reassembler(options: J1939Options = {}): J1939Reassembler {
  return new Listener(options.sessionsMax ?? 512);
}

class Listener implements J1939Reassembler {
  readonly stats: J1939Stats = newStats();
  readonly #sessionsMax: number;
  /** By sender * 256 + receiver; the oldest first, for eviction. */
  readonly #sessions = new Map<number, Session>();

  constructor(sessionsMax: number) {
    this.#sessionsMax = Math.max(1, sessionsMax);
  }

  get openCount(): number {
    let count = 0;
    for (const session of this.#sessions.values()) if (!session.isComplete) count++;
    return count;
  }

  push(
    timeUs: number,
    id: number,
    flags: number,
    data: Uint8Array,
    offset: number,
    length: number,
  ): J1939Message | undefined {
    const pgn = (id >>> 8) & 0x3ff00;
    if (pgn !== TransportPgn.tpDt && pgn !== TransportPgn.tpCm) return undefined;
    if ((flags & (FrameFlag.extended | FrameFlag.remote | FrameFlag.error)) !== FrameFlag.extended) return undefined;
    this.stats.frames++;
    const present = Math.min(length, data.length - offset);
    if (pgn === TransportPgn.tpDt) return this.#takePacket(timeUs, id, data, offset, present);
    const management = present < 8 ? 'malformed' : parseConnectionManagement(data, offset);
    if (typeof management === 'string') this.#ignore(management);
    else this.#manage(management, timeUs, id);
    return undefined;
  }

  end(): void {
    for (const key of [...this.#sessions.keys()]) this.#close(key, 'unfinished');
  }

  #takePacket(timeUs: number, id: number, data: Uint8Array, at: number, length: number): J1939Message | undefined {
    const source = id & 0xff;
    const destination = (id >>> 8) & 0xff;
    const key = source * 256 + destination;
    const session = this.#alive(key, timeUs);
    if (length < 1) this.#ignore('malformed');
    else if (session === undefined) this.#ignore('orphan');
    else {
      const outcome = session.take(data, at, length, timeUs);
      if (outcome === 'malformed' || outcome === 'repeated') this.#ignore(outcome);
      if (outcome === 'conflict') this.#disown(key, session);
      if (outcome === 'completed') return this.#complete(session, source, destination, timeUs);
    }
    return undefined;
  }

  /** A packet of another message than the session's: of a whole one nothing is lost. */
  #disown(key: number, session: Session): void {
    if (session.isComplete) this.#ignore('orphan');
    this.#close(key, 'conflict');
  }

  #complete(session: Session, source: number, destination: number, timeUs: number): J1939Message {
    this.stats.completed++;
    const { announcement, priority, startUs, data } = session;
    const address = { priority, pgn: announcement.pgn, source, destination };
    return { ...address, id: buildJ1939Id(address), flags: FrameFlag.extended, startUs, timeUs, data };
  }

  #manage(management: ConnectionManagement, timeUs: number, id: number): void {
    const sender = id & 0xff;
    const receiver = (id >>> 8) & 0xff;
    const sent = sender * 256 + receiver;
    // What a receiver says belongs to the session in the other direction.
    const answered = receiver * 256 + sender;
    const isAnswer = this.#isConnection(answered, management.pgn, timeUs);
    if (management.kind === 'requestToSend' || management.kind === 'broadcastAnnounce') {
      // A connection with everybody cannot be: nobody could answer for all.
      const isImpossible = management.kind === 'requestToSend' && receiver === globalAddress;
      if (isImpossible) this.#ignore('malformed');
      else this.#announce(sent, management, (id >>> 26) & 7, timeUs);
    } else if (management.kind === 'abort' && !isAnswer && this.#isConnection(sent, management.pgn, timeUs))
      this.#close(sent, 'aborted');
    else if (!isAnswer) this.#ignore('orphan');
    else if (management.kind === 'clearToSend')
      this.#sessions.get(answered)!.openWindow(management.count, management.next, timeUs);
    else this.#close(answered, management.kind === 'abort' ? 'aborted' : 'incomplete');
  }

  #announce(key: number, announcement: Announcement, priority: number, timeUs: number): void {
    const current = this.#alive(key, timeUs);
    if (current?.isAnnouncedAgainBy(announcement)) {
      current.touch(timeUs);
      this.#ignore('repeated');
      return;
    }
    if (current !== undefined) this.#close(key, 'restarted');
    if (this.#sessions.size >= this.#sessionsMax) this.#evict(timeUs);
    this.#sessions.set(key, new Session(announcement, priority, timeUs));
    this.stats.announced++;
  }

  /** The oldest goes; it has most likely ended without a word. */
  #evict(timeUs: number): void {
    const [oldest] = this.#sessions.keys();
    if (this.#alive(oldest, timeUs) !== undefined) this.#close(oldest, 'evicted');
  }

  /** The session of this key, unless its time is over. */
  #alive(key: number, timeUs: number): Session | undefined {
    const session = this.#sessions.get(key);
    if (!session?.isExpired(timeUs)) return session;
    this.#close(key, 'timedOut');
    return undefined;
  }

  #isConnection(key: number, pgn: number, timeUs: number): boolean {
    const announcement = this.#alive(key, timeUs)?.announcement;
    return announcement?.kind === 'requestToSend' && announcement.pgn === pgn;
  }

  /** Forgets a session; only one that was not whole is a loss. */
  #close(key: number, reason: LossReason): void {
    if (!this.#sessions.get(key)!.isComplete) this.stats.lost[reason]++;
    this.#sessions.delete(key);
  }

  #ignore(reason: IgnoredReason): void {
    this.stats.ignored[reason]++;
  }
}
