/** From an arbitration id to the message it carries: a table for 11 bits, a hash for 29, the PGN for J1939. */
import { parseJ1939Id } from '../j1939/index.ts';
import { idMax } from './layout.ts';

/** What the index needs to know of a message. */
export interface Identified {
  id: number;
  extended: boolean;
  j1939: boolean;
}

/** The null address: databases use it for "any source". */
const nullAddress = 0xfe;

/** Keys of the three look-ups for 29-bit ids, and the message each leads to. */
export interface ExtendedEntries {
  /** By id. */
  exact: Map<number, number>;
  /** By PGN * 256 + source address. */
  bySource: Map<number, number>;
  /** By PGN alone: the message of the null address, else the one with the lowest id. */
  byPgn: Map<number, number>;
}

/** Lists what the extended messages answer to. Only J1939 messages answer to their PGN. */
export function extendedEntries(messages: readonly Identified[]): ExtendedEntries {
  const exact = new Map<number, number>();
  const bySource = new Map<number, number>();
  const byPgn = new Map<number, number>();
  messages.forEach((message, index) => {
    if (!message.extended || message.id > idMax(true)) return;
    exact.set(message.id, index);
    if (!message.j1939) return;
    const { pgn } = parseJ1939Id(message.id);
    const source = message.id & 0xff;
    if (!bySource.has(pgn * 256 + source)) bySource.set(pgn * 256 + source, index);
    const current = byPgn.get(pgn);
    const currentIsAny = current !== undefined && (messages[current].id & 0xff) === nullAddress;
    if (current === undefined || (source === nullAddress && !currentIsAny)) byPgn.set(pgn, index);
  });
  return { exact, bySource, byPgn };
}

/** Open addressing with linear probing, at most half full: three times as fast as a Map of numbers. */
class IntegerHash {
  readonly #keys: Float64Array;
  readonly #values: Int32Array;
  readonly #shift: number;

  constructor(entries: Map<number, number>) {
    const bits = Math.max(2, Math.ceil(Math.log2(entries.size * 2 + 1)));
    this.#shift = 32 - bits;
    this.#keys = new Float64Array(1 << bits).fill(-1);
    this.#values = new Int32Array(1 << bits).fill(-1);
    for (const [key, value] of entries) {
      let at = this.#slot(key);
      while (this.#keys[at] !== -1) at = (at + 1) & (this.#keys.length - 1);
      this.#keys[at] = key;
      this.#values[at] = value;
    }
  }

  /** Knuth's multiplicative hash: the high bits of key * 2^32 / golden ratio. */
  #slot(key: number): number {
    return Math.imul(key, 0x9e3779b1) >>> this.#shift;
  }

  /** The value of the key, or -1. */
  get(key: number): number {
    const keys = this.#keys;
    let at = this.#slot(key);
    while (keys[at] !== key) {
      if (keys[at] === -1) return -1;
      at = (at + 1) & (keys.length - 1);
    }
    return this.#values[at];
  }
}

/** Finds a frame's message: the exact id; for J1939 else its PGN and source address; else its PGN. */
export class MessageIndex {
  readonly #standard = new Int32Array(2048).fill(-1);
  readonly #exact: IntegerHash;
  readonly #bySource: IntegerHash;
  readonly #byPgn: IntegerHash;
  readonly #hasPgns: boolean;

  constructor(messages: readonly Identified[]) {
    messages.forEach((message, index) => {
      if (!message.extended && message.id <= idMax(false)) this.#standard[message.id] = index;
    });
    const entries = extendedEntries(messages);
    this.#exact = new IntegerHash(entries.exact);
    this.#bySource = new IntegerHash(entries.bySource);
    this.#byPgn = new IntegerHash(entries.byPgn);
    this.#hasPgns = entries.byPgn.size > 0;
  }

  /**
   * @param id arbitration id without flag bits
   * @returns the position of the message in the array the index was made from, or -1
   */
  indexOf(id: number, extended: boolean): number {
    if (!extended) return id >= 0 && id < 2048 ? this.#standard[id] : -1;
    const index = this.#exact.get(id);
    if (index >= 0 || !this.#hasPgns) return index;
    if (id < 0 || id > idMax(true)) return -1;
    const { pgn } = parseJ1939Id(id);
    const ofSource = this.#bySource.get(pgn * 256 + (id & 0xff));
    return ofSource >= 0 ? ofSource : this.#byPgn.get(pgn);
  }
}
