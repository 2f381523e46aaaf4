/**
 * The emulated bus between the vehicle's nodes and the adapter. Frames pass as they come, until a node babbles: then
 * every frame competes for its place, the lowest id wins as ISO 11898-1 has it, and who loses waits.
 */
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import type { Clock } from '../../edge/sim/index.ts';
import { typicalFrameBits } from '../../edge/slcan/index.ts';
import { LoadMeter } from './load-meter.ts';

export interface BusOptions {
  clock: Clock;
  /** bit/s */
  bitRate: number;
  /** Takes frames `from` up to `to` as the bus has carried them; copies them or counts them. */
  deliver: (batch: FrameBatch, from: number, to: number) => void;
  /** Frames that all nodes together hold while they lose arbitration, default 4096. */
  queueFrames?: number;
}

export interface BusCounters {
  /** From a node that babbled. */
  babbled: number;
  /** Given up by their nodes: they lost arbitration until the queue was full. */
  starved: number;
  /** Waiting for arbitration now. */
  waiting: number;
}

const tickMs = 1;

export class Bus {
  readonly #options: BusOptions;
  readonly #load: LoadMeter;
  readonly #slots: FrameBatch;
  readonly #freeSlots: number[];
  /** Slots by arbitration, the next winner last. */
  readonly #order: number[] = [];
  readonly #keys: Float64Array;
  readonly #out = new FrameBatch(256, 64);
  #babbler: { id: number; flags: number; untilMs: number } | undefined;
  #isContended = false;
  /** When the bus has carried what it was given. */
  #freeMs = 0;
  #cancelTick: () => void = () => {};
  #calming: (() => void)[] = [];
  #babbled = 0;
  #starved = 0;
  #arrivals = 0;

  constructor(options: BusOptions) {
    this.#options = options;
    this.#load = new LoadMeter(options.bitRate);
    const capacity = options.queueFrames ?? 4096;
    this.#slots = new FrameBatch(capacity, 64);
    this.#slots.count = capacity;
    this.#freeSlots = Array.from({ length: capacity }, (_, slot) => slot);
    this.#keys = new Float64Array(capacity);
  }

  counters(): BusCounters {
    return { babbled: this.#babbled, starved: this.#starved, waiting: this.#order.length };
  }

  /** Shares of the bit rate: mean since the first frame, and the busiest second. */
  load(): { mean: number; peak: number } {
    return this.#load.load(this.#options.clock.nowMs());
  }

  /** Frames `from` up to `to` want on to the bus, now. */
  offer(batch: FrameBatch, from: number, to: number): void {
    if (this.#isContended) {
      for (let index = from; index < to; index++) this.#enqueue(batch, index);
    } else {
      this.#carry(batch, from, to);
    }
  }

  #carry(batch: FrameBatch, from: number, to: number): void {
    this.#note(batch, from, to);
    this.#options.deliver(batch, from, to);
  }

  /** Frames that the host put on the bus: they take its time. */
  note(batch: FrameBatch): void {
    this.#note(batch, 0, batch.count);
  }

  #note(batch: FrameBatch, from: number, to: number): void {
    let bits = 0;
    for (let index = from; index < to; index++) bits += typicalFrameBits(batch.flags[index], batch.length[index]);
    this.#load.add(bits, this.#options.clock.nowMs());
  }

  /** A node sends 8 bytes under `id` whenever the bus is free, for `durationMs`. */
  babble(id: number, durationMs: number): void {
    const nowMs = this.#options.clock.nowMs();
    this.#babbler = { id, flags: id > 0x7ff ? FrameFlag.extended : 0, untilMs: nowMs + durationMs };
    if (this.#isContended) return;
    this.#isContended = true;
    this.#freeMs = nowMs;
    this.#tickLater();
  }

  /** Resolves when nothing waits for arbitration; at once unless a node babbles or has just done so. */
  whenCalm(): Promise<void> {
    if (!this.#isContended) return Promise.resolve();
    return new Promise((resolve) => this.#calming.push(resolve));
  }

  #calm(): void {
    this.#isContended = false;
    for (const resolve of this.#calming.splice(0)) resolve();
  }

  /** Forgets what waits; whoever keeps offering is heard as before. */
  close(): void {
    this.#cancelTick();
    this.#babbler = undefined;
    this.#starved += this.#order.length;
    this.#freeSlots.push(...this.#order.splice(0));
    this.#calm();
  }

  #tickLater(): void {
    this.#cancelTick = this.#options.clock.schedule(tickMs, () => this.#tick());
  }

  #tick(): void {
    const nowMs = this.#options.clock.nowMs();
    this.#out.clear();
    while (this.#freeMs < nowMs && this.#sendWinner()) if (this.#out.full) this.#handOver();
    this.#handOver();
    if (this.#babbler !== undefined || this.#order.length > 0) this.#tickLater();
    else this.#calm();
  }

  /** @returns false when nobody wants the bus */
  #sendWinner(): boolean {
    const babbler = this.#babbler;
    if (babbler !== undefined && this.#freeMs >= babbler.untilMs) this.#babbler = undefined;
    const slot = this.#order.at(-1);
    const babblerKey =
      this.#babbler === undefined ? Number.POSITIVE_INFINITY : keyOf(this.#babbler.id, this.#babbler.flags);
    if (slot === undefined || babblerKey <= this.#keys[slot]) {
      if (this.#babbler === undefined) return false;
      this.#out.push(0, this.#babbler.id, this.#babbler.flags, babble, 0, babble.length);
      this.#babbled++;
    } else {
      const { id, flags, data, length, stride } = this.#slots;
      this.#out.push(0, id[slot], flags[slot], data, slot * stride, length[slot]);
      this.#order.pop();
      this.#freeSlots.push(slot);
    }
    const index = this.#out.count - 1;
    this.#freeMs += (typicalFrameBits(this.#out.flags[index], this.#out.length[index]) * 1000) / this.#options.bitRate;
    return true;
  }

  #handOver(): void {
    if (this.#out.count > 0) this.#carry(this.#out, 0, this.#out.count);
    this.#out.clear();
  }

  #enqueue(batch: FrameBatch, index: number): void {
    const slot = this.#freeSlots.pop();
    if (slot === undefined) {
      this.#starved++;
      return;
    }
    const from = index * batch.stride;
    this.#slots.id[slot] = batch.id[index];
    this.#slots.flags[slot] = batch.flags[index];
    this.#slots.length[slot] = batch.length[index];
    this.#slots.data.set(batch.data.subarray(from, from + batch.length[index]), slot * this.#slots.stride);
    this.#keys[slot] = keyOf(batch.id[index], batch.flags[index]) + (this.#arrivals++ % arrivalsMax) / arrivalsMax;
    this.#order.splice(this.#placeOf(this.#keys[slot]), 0, slot);
  }

  /** Where a key belongs in the order, which falls. */
  #placeOf(key: number): number {
    let low = 0;
    let high = this.#order.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if (this.#keys[this.#order[middle]] > key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

/** What the flooding node sends. */
const babble = new Uint8Array(8);

/** Frames of one id keep their order through this many arrivals; their share of a key stays exact in a double. */
const arrivalsMax = 2 ** 20;

/** Lower wins: eleven bits of id, then a standard frame before an extended one, then the other eighteen. */
function keyOf(id: number, flags: number): number {
  return (flags & FrameFlag.extended) !== 0 ? (id >>> 18) * 2 ** 19 + 2 ** 18 + (id & 0x3ffff) : id * 2 ** 19;
}
