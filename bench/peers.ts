/** Decoders from npm, run on the same frames: how fast, and how many of their values are wrong. */
import { createRequire } from 'node:module';
import { type FrameBatch, FrameFlag } from '../edge/can/index.ts';
import type { PlanMessage } from '../edge/decode/index.ts';
import type { Contestant } from './measure.ts';
import { hasValue, type Readings } from './readings.ts';

/** The packages that are tried, in the order of the table. */
export const peerNames: readonly string[] = ['candied', 'dbc-can'];

/** How a peer's values compare with the interpreter's. */
export interface PeerVerdict {
  /** Values that the checked frames hold. */
  values: number;
  /** Further from the right value than a billionth of it. */
  wrong: number;
  /** How many of the wrong ones are the signal's minimum or maximum instead of a value that lies outside. */
  clamped: number;
  /** Not given at all. */
  missing: number;
  /** Given for a signal that the frame does not hold: another branch of a multiplexer, past a short payload. */
  invented: number;
  /** What the peer threw at the first frame it refused. */
  firstError?: string;
}

export interface Peer {
  name: string;
  version: string;
  /** Frames as the peer wants them are made beforehand: only its decoding is timed. */
  contestant(frames: FrameBatch, count: number): Contestant;
  check(expected: Readings): PeerVerdict;
}

/** A peer, or why it does not take part. */
export type PeerOrReason = { name: string; peer: Peer } | { name: string; reason: string };

/** What candied and its predecessor dbc-can have in common of what is used here; see their documentation. */
interface DbcClass {
  new (): {
    load(content: string): PeerDatabase;
    loadSync?(path: string): PeerDatabase;
  };
}
interface CanClass {
  new (database?: PeerDatabase): { database: PeerDatabase; decode(frame: PeerFrame): PeerMessage | undefined };
}
interface PeerDatabase {
  messages: Map<unknown, { id: number }>;
}
interface PeerFrame {
  id: number;
  dlc: number;
  isExtended: boolean;
  payload: number[];
}
interface PeerMessage {
  boundSignals?: Map<string, { value: number }>;
  signals?: Map<string, { value: number }>;
}

const firstLine = (error: unknown): string => (error instanceof Error ? error.message : String(error)).split('\n')[0];

/**
 * Loads a peer and has it read a database.
 * @param file for a peer that reads paths
 * @param content the file's text
 */
export async function loadPeer(name: string, file: string, content: string): Promise<PeerOrReason> {
  const require = createRequire(import.meta.url);
  let version: string;
  try {
    ({ version } = require(`${name}/package.json`) as { version: string });
  } catch {
    return { name, reason: 'not installed: peers are development dependencies of a checkout' };
  }
  let classes: { Dbc: DbcClass; Can: CanClass };
  try {
    classes = classesOf(await import(require.resolve(name)));
  } catch (error) {
    return { name, reason: `${version} cannot be loaded: ${firstLine(error)}` };
  }
  try {
    const dbc = new classes.Dbc();
    const database = dbc.loadSync === undefined ? dbc.load(content) : dbc.loadSync(file);
    if (database.messages.size === 0) return { name, reason: `${version} finds no message in the file` };
    return { name, peer: new ObjectPeer(name, version, classes.Can, database) };
  } catch (error) {
    return { name, reason: `${version} refuses the file: ${firstLine(error)}` };
  }
}

/** A CommonJS package shows its exports at the top, under `default`, or both. */
function classesOf(module: unknown): { Dbc: DbcClass; Can: CanClass } {
  const top = module as Record<string, unknown>;
  const inner = (top.default ?? {}) as Record<string, unknown>;
  const Can = top.Can ?? inner.Can;
  const Dbc = top.Dbc ?? inner.Dbc ?? inner.default ?? top.default;
  if (typeof Can !== 'function' || typeof Dbc !== 'function') throw new Error('it exports no Dbc and Can');
  return { Dbc: Dbc as unknown as DbcClass, Can: Can as unknown as CanClass };
}

/** Far enough from the right value to be called wrong, whatever the order of the multiplications was. */
const tolerance = 1e-9;
const blockFrames = 64;

class ObjectPeer implements Peer {
  readonly name: string;
  readonly version: string;
  readonly #can: InstanceType<CanClass>;
  readonly #ids: Set<number>;

  constructor(name: string, version: string, Can: CanClass, database: PeerDatabase) {
    this.name = name;
    this.version = version;
    this.#can = new Can(database);
    this.#can.database = database;
    this.#ids = new Set([...database.messages.values()].map(({ id }) => id));
  }

  contestant(frames: FrameBatch, count: number): Contestant {
    const prepared = Array.from({ length: count }, (_, i) => this.#frame(frames, i));
    return {
      name: this.name,
      frameCount: count,
      blockFrames,
      runBlock: (from, to) => {
        let decoded = 0;
        for (let i = from; i < to; i++) if (this.#decode(prepared[i]) !== undefined) decoded++;
        return decoded;
      },
    };
  }

  check(expected: Readings): PeerVerdict {
    const verdict: PeerVerdict = { values: 0, wrong: 0, clamped: 0, missing: 0, invented: 0 };
    const { frames, messages, starts, count } = expected.layout;
    for (let i = 0; i < count; i++) {
      const message = messages[i];
      if (message === undefined) continue;
      const found = this.#decode(this.#frame(frames, i), verdict);
      judge(message, expected, starts[i], found, verdict);
    }
    return verdict;
  }

  /** Databases mark 29-bit ids by bit 31, and so do these peers; a file without the mark is met without it. */
  #frame(frames: FrameBatch, i: number): PeerFrame {
    const isExtended = (frames.flags[i] & FrameFlag.extended) !== 0;
    const marked = (frames.id[i] | 0x80000000) >>> 0;
    const at = i * frames.stride;
    return {
      id: isExtended && this.#ids.has(marked) ? marked : frames.id[i],
      dlc: frames.length[i],
      isExtended,
      payload: Array.from(frames.data.subarray(at, at + frames.length[i])),
    };
  }

  #decode(frame: PeerFrame, verdict?: PeerVerdict): Map<string, { value: number }> | undefined {
    try {
      const message = this.#can.decode(frame);
      return message?.boundSignals ?? message?.signals;
    } catch (error) {
      if (verdict !== undefined) verdict.firstError ??= firstLine(error);
      return undefined;
    }
  }
}

function judge(
  message: PlanMessage,
  { physical, status }: Readings,
  start: number,
  found: Map<string, { value: number }> | undefined,
  verdict: PeerVerdict,
): void {
  for (const { name, slot, hasRange, minimum, maximum } of message.signals) {
    const given = found?.get(name)?.value;
    const right = physical[start + slot];
    if (!hasValue(status[start + slot])) {
      if (given !== undefined && !Number.isNaN(given)) verdict.invented++;
      continue;
    }
    verdict.values++;
    if (given === undefined || (Number.isNaN(given) && !Number.isNaN(right))) verdict.missing++;
    else if (!isClose(given, right)) {
      verdict.wrong++;
      if (hasRange && given === Math.min(Math.max(right, minimum), maximum)) verdict.clamped++;
    }
  }
}

function isClose(given: number, right: number): boolean {
  return Object.is(given, right) || given === right || Math.abs(given - right) <= tolerance * Math.abs(right);
}
