/** What became of the frames: what was decoded, and what was left out and why. */

/** Ids are kept apart up to this many; a fuzzed log has millions. */
const idsMax = 10_000;

export interface Tally {
  frames: number;
  /** Frames that a message of the database answers to. */
  decoded: number;
  /** Data frames that no message answers to. */
  unknown: number;
  /** How many of each, by id, plus 2^31 for 29-bit ids. */
  unknownIds: Map<number, number>;
  remote: number;
  error: number;
  /** Frames of the J1939 transport protocol; counted only where its messages are put together. */
  transport: number;
  /** Messages put together from them that the database knows. */
  reassembled: number;
  /** Messages begun and never whole. */
  transportLost: number;
}

export function newTally(): Tally {
  return {
    frames: 0,
    decoded: 0,
    unknown: 0,
    unknownIds: new Map(),
    remote: 0,
    error: 0,
    transport: 0,
    reassembled: 0,
    transportLost: 0,
  };
}

/** Counts a data frame that no message answers to. */
export function countUnknown(tally: Tally, id: number, extended: boolean): void {
  tally.unknown++;
  const key = extended ? id + 0x80000000 : id;
  const known = tally.unknownIds.get(key);
  if (known !== undefined || tally.unknownIds.size < idsMax) tally.unknownIds.set(key, (known ?? 0) + 1);
}
