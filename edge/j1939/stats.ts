/** What a reassembler saw and could not use, by reason: nothing is lost silently. */

/** Why an announced message never came together. */
export type LossReason =
  /** The next frame of it came later than T1 to T4 allow. */
  | 'timedOut'
  /** Sender or receiver gave up. */
  | 'aborted'
  /** The sender announced another message before this one was whole. */
  | 'restarted'
  /** The receiver acknowledged it, but some packets are not in the log. */
  | 'incomplete'
  /** A packet came twice with different bytes: two messages are mixed. */
  | 'conflict'
  /** More messages were on their way at once than are kept. */
  | 'evicted'
  /** The log ended before the message did. */
  | 'unfinished';

/** Why a TP frame had no effect. */
export type IgnoredReason =
  /** Fewer bytes than its kind needs, an unknown control byte, a PGN past 18 bits, a sequence number out of range. */
  | 'malformed'
  /** An announcement of fewer than 9 or more than 1785 bytes. */
  | 'size'
  /** An announcement whose number of packets is not its size / 7, rounded up. */
  | 'packetCount'
  /** Nothing was announced that it could belong to. */
  | 'orphan'
  /** It said the same as one before. */
  | 'repeated';

/** `announced = completed + all of lost + the reassembler's openCount`, at any time. */
export interface J1939Stats {
  /** TP.CM and TP.DT frames. */
  frames: number;
  announced: number;
  completed: number;
  lost: Record<LossReason, number>;
  ignored: Record<IgnoredReason, number>;
}

/** All counts at zero. */
export function newStats(): J1939Stats {
  return {
    frames: 0,
    announced: 0,
    completed: 0,
    lost: { timedOut: 0, aborted: 0, restarted: 0, incomplete: 0, conflict: 0, evicted: 0, unfinished: 0 },
    ignored: { malformed: 0, size: 0, packetCount: 0, orphan: 0, repeated: 0 },
  };
}
