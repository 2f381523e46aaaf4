import { FrameFlag } from './frame.ts';
import { FrameBatch } from './frame-batch.ts';
import type { EmitBatch } from './log-reader.ts';
import { emptyStats } from './log-stats.ts';

const batchFramesDefault = 8192;
/** Batches kept for re-use: more would only fall out of the cache. */
const sparesMax = 4;
const busMax = 255;

/** Where the readers of all formats put their frames: one batch after the other, numbers and names of buses. */
export class FrameSink {
  readonly stats = emptyStats();
  /** Scratch for the payload of the frame being read. */
  readonly payload = new Uint8Array(64);
  /** The batch being filled; its payloads past `count` are zero. */
  batch: FrameBatch;
  emit: EmitBatch = () => {};
  readonly #batchFrames: number;
  readonly #spares: FrameBatch[] = [];
  readonly #busByName = new Map<string, number>();

  constructor(batchFrames = batchFramesDefault) {
    this.#batchFrames = batchFrames;
    this.batch = new FrameBatch(batchFrames);
  }

  /** Takes a frame whose payload stands in `payload`. */
  add(timeUs: number, id: number, flags: number, length: number, bus: number): void {
    if (this.batch.full) this.flush(this.batch.stride);
    // Once a log has shown a long payload, more of them will come.
    if (length > this.batch.stride) this.flush(64);
    const { batch } = this;
    const index = batch.count++;
    batch.timeUs[index] = timeUs;
    batch.id[index] = id;
    batch.flags[index] = flags;
    batch.length[index] = length;
    batch.bus[index] = bus;
    this.stats.frames++;
    if ((flags & FrameFlag.remote) !== 0) return;
    const { data } = batch;
    const at = index * batch.stride;
    for (let i = 0; i < length; i++) data[at + i] = this.payload[i];
  }

  /** An error frame of a format that tells too little for Linux's classes: a bus error, without details. */
  addError(timeUs: number, bus: number): void {
    this.payload.fill(0, 0, errorFrameLength);
    this.add(timeUs, busErrorClass, FrameFlag.error, errorFrameLength, bus);
  }

  flush(stride: 8 | 64): void {
    const { batch } = this;
    if (batch.count === 0 && batch.stride === stride) return;
    let next = this.#spares.pop();
    while (next !== undefined && next.stride !== stride) next = this.#spares.pop();
    this.batch = next ?? new FrameBatch(this.#batchFrames, stride);
    if (batch.count > 0) this.emit(batch);
  }

  recycle(batch: FrameBatch): void {
    if (batch.capacity !== this.#batchFrames || batch.stride !== this.batch.stride) return;
    if (this.#spares.length === sparesMax) return;
    batch.data.fill(0, 0, batch.count * batch.stride);
    batch.clear();
    this.#spares.push(batch);
  }

  /** The number of a bus by its name: the one its name ends with while that is free, else the next that is. */
  busOfName(name: string): number {
    const known = this.#busByName.get(name);
    if (known !== undefined) return known;
    const { buses } = this.stats;
    const isFree = (bus: number) => (buses[bus] ?? '') === '';
    let bus = Number(/(\d{1,3})$/.exec(name)?.[1] ?? 0);
    if (bus > busMax || !isFree(bus)) {
      bus = 0;
      while (bus < busMax && !isFree(bus)) bus++;
    }
    // A log of garbage could name buses without end; those past the last share its number.
    if (this.#busByName.size > busMax) return busMax;
    this.#busByName.set(name, bus);
    this.#name(bus, name);
    return bus;
  }

  /** The number of a bus that the log numbers itself, from 1; numbers out of range share the last. */
  busOfChannel(channel: number): number {
    const bus = Math.min(Math.max(channel - 1, 0), busMax);
    if ((this.stats.buses[bus] ?? '') === '') this.#name(bus, String(channel));
    return bus;
  }

  #name(bus: number, name: string): void {
    const { buses } = this.stats;
    while (buses.length <= bus) buses.push('');
    buses[bus] = name;
  }
}

/** CAN_ERR_BUSERROR of linux/can/error.h. */
const busErrorClass = 0x80;
/** CAN_ERR_DLC of linux/can/error.h. */
const errorFrameLength = 8;
