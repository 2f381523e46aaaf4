/** What a log holds: frames by id with their rates and intervals, the load of each bus, gaps. */
import { type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { BusLoad } from './bus-load.ts';

export interface TallyOptions {
  /** Bits per second of the arbitration phase. */
  bitRate: number;
  /** Bits per second of CAN FD's data phase. */
  dataBitRate: number;
  /** Microseconds without any frame that count as a gap. */
  gapUs: number;
}

/** One id of one bus. */
export interface IdTally {
  readonly bus: number;
  readonly id: number;
  readonly isExtended: boolean;
  count: number;
  remotes: number;
  transmitted: number;
  /** CAN FD frames among them. */
  fd: number;
  firstUs: number;
  lastUs: number;
  intervalUsMin: number;
  intervalUsMax: number;
  /** How many frames have each length, by length. */
  readonly lengths: Map<number, number>;
}

export interface Gap {
  /** Of the frame before it. */
  fromUs: number;
  toUs: number;
}

const gapsMax = 10;

export class LogTally {
  frames = 0;
  errors = 0;
  /** Frames older than the one before them. */
  backward = 0;
  firstUs = Number.NaN;
  lastUs = Number.NaN;
  gapCount = 0;
  /** The longest ten, in order of time. */
  gaps: Gap[] = [];
  readonly loads: BusLoad[] = [];
  readonly #options: TallyOptions;
  readonly #ids = new Map<number, IdTally>();
  #beforeUs = Number.NaN;

  constructor(options: TallyOptions) {
    this.#options = options;
  }

  /** By bus, then by id, 11-bit ids first. */
  ids(): IdTally[] {
    const order = (each: IdTally) => each.bus * 2 ** 30 + (each.isExtended ? 2 ** 29 : 0) + each.id;
    return [...this.#ids.values()].sort((a, b) => order(a) - order(b));
  }

  add(batch: FrameBatch): void {
    for (let index = 0; index < batch.count; index++) {
      const timeUs = batch.timeUs[index];
      this.#time(timeUs);
      const bus = batch.bus[index];
      this.loads[bus] ??= new BusLoad(this.#options);
      this.loads[bus].add(batch, index);
      if ((batch.flags[index] & FrameFlag.error) !== 0) this.errors++;
      else this.#count(batch, index, timeUs, bus);
    }
    this.frames += batch.count;
  }

  #time(timeUs: number): void {
    if (Number.isNaN(this.#beforeUs)) {
      this.firstUs = timeUs;
      this.lastUs = timeUs;
    } else if (timeUs < this.#beforeUs) this.backward++;
    else if (timeUs - this.#beforeUs >= this.#options.gapUs) this.#gap({ fromUs: this.#beforeUs, toUs: timeUs });
    if (timeUs < this.firstUs) this.firstUs = timeUs;
    if (timeUs > this.lastUs) this.lastUs = timeUs;
    this.#beforeUs = timeUs;
  }

  #gap(gap: Gap): void {
    this.gapCount++;
    this.gaps.push(gap);
    if (this.gaps.length <= gapsMax) return;
    const shortest = this.gaps.reduce((least, each) => (lengthOf(each) < lengthOf(least) ? each : least));
    this.gaps = this.gaps.filter((each) => each !== shortest);
  }

  #count(batch: FrameBatch, index: number, timeUs: number, bus: number): void {
    const flags = batch.flags[index];
    const isExtended = (flags & FrameFlag.extended) !== 0;
    const id = batch.id[index];
    const key = bus * 2 ** 30 + (isExtended ? 2 ** 29 : 0) + id;
    let entry = this.#ids.get(key);
    if (entry === undefined) {
      entry = newEntry(bus, id, isExtended, timeUs);
      this.#ids.set(key, entry);
    } else {
      const interval = timeUs - entry.lastUs;
      if (interval < entry.intervalUsMin) entry.intervalUsMin = interval;
      if (interval > entry.intervalUsMax) entry.intervalUsMax = interval;
    }
    entry.lastUs = timeUs;
    entry.count++;
    if ((flags & FrameFlag.remote) !== 0) entry.remotes++;
    if ((flags & FrameFlag.transmitted) !== 0) entry.transmitted++;
    if ((flags & FrameFlag.fd) !== 0) entry.fd++;
    const length = batch.length[index];
    entry.lengths.set(length, (entry.lengths.get(length) ?? 0) + 1);
  }
}

function newEntry(bus: number, id: number, isExtended: boolean, timeUs: number): IdTally {
  return {
    bus,
    id,
    isExtended,
    count: 0,
    remotes: 0,
    transmitted: 0,
    fd: 0,
    firstUs: timeUs,
    lastUs: timeUs,
    intervalUsMin: Number.POSITIVE_INFINITY,
    intervalUsMax: Number.NEGATIVE_INFINITY,
    lengths: new Map(),
  };
}

function lengthOf(gap: Gap): number {
  return gap.toUs - gap.fromUs;
}
