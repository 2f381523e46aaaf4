/**
 * Frames kept as they came, for packs whose values nobody may decode: which ones are worth their bytes, and the
 * columns they make. A bus repeats itself, so an id is kept when its payload changed, within bounds on how often.
 */
import { type FrameBatch, FrameFlag } from './can/index.ts';
import type { FrameColumn } from './pack/index.ts';
import type { SamplingPolicy } from './sampler.ts';

/** Bits of a frame column's id, as SocketCAN has them. */
const extendedBit = 0x8000_0000;
const remoteBit = 0x4000_0000;

/** The frames of one id since the last pack, and what is needed to tell a change after it. */
class Series {
  timesMs = new Float64Array(16);
  lengths = new Uint8Array(16);
  /** Payloads behind one another. */
  bytes = new Uint8Array(128);
  count = 0;
  bytesUsed = 0;
  lastMs = Number.NEGATIVE_INFINITY;
  readonly last = new Uint8Array(64);
  lastLength = -1;

  push(timeMs: number, data: Uint8Array, offset: number, length: number): void {
    if (this.count === this.timesMs.length) {
      this.timesMs = grown(new Float64Array(2 * this.count), this.timesMs);
      this.lengths = grown(new Uint8Array(2 * this.count), this.lengths);
    }
    if (this.bytesUsed + length > this.bytes.length)
      this.bytes = grown(new Uint8Array(2 * this.bytes.length), this.bytes);
    this.timesMs[this.count] = timeMs;
    this.lengths[this.count++] = length;
    for (let i = 0; i < length; i++) {
      const byte = data[offset + i];
      this.bytes[this.bytesUsed++] = byte;
      this.last[i] = byte;
    }
    this.lastLength = length;
    this.lastMs = timeMs;
  }

  isLast(data: Uint8Array, offset: number, length: number): boolean {
    if (length !== this.lastLength) return false;
    for (let i = 0; i < length; i++) if (this.last[i] !== data[offset + i]) return false;
    return true;
  }

  column(id: number): FrameColumn {
    let at = 0;
    const payloads = Array.from(this.lengths.subarray(0, this.count), (length) => {
      at += length;
      return this.bytes.subarray(at - length, at);
    });
    return { id, timesMs: this.timesMs.subarray(0, this.count), payloads };
  }
}

function grown<Values extends Float64Array | Uint8Array>(larger: Values, values: Values): Values {
  larger.set(values);
  return larger;
}

export class RawFrames {
  /** Frames since the last `clear`. */
  count = 0;
  /** May be changed at any time. */
  policy: SamplingPolicy;
  readonly #idsMax: number;
  readonly #series = new Map<number, Series>();

  /**
   * @param policy as for values: a changed payload at most every `intervalMsMin`, the same one every `intervalMsMax`
   * @param idsMax ids kept apart at most: a node that makes up ids must not cost memory without end
   */
  constructor(policy: SamplingPolicy, idsMax = 2048) {
    this.policy = policy;
    this.#idsMax = idsMax;
  }

  /** Takes frame `index` of the batch, or leaves it out. @returns whether it was taken */
  add(batch: FrameBatch, index: number): boolean {
    const { id, flags, data, stride } = batch;
    const timeMs = Math.floor(batch.timeUs[index] / 1000);
    const isRemote = (flags[index] & FrameFlag.remote) !== 0;
    const isExtended = (flags[index] & FrameFlag.extended) !== 0;
    const key = (id[index] | (isExtended ? extendedBit : 0) | (isRemote ? remoteBit : 0)) >>> 0;
    let series = this.#series.get(key);
    if (series === undefined) {
      if (this.#series.size >= this.#idsMax) return false;
      series = new Series();
      this.#series.set(key, series);
    }
    const length = isRemote ? 0 : batch.length[index];
    const elapsedMs = timeMs - series.lastMs;
    if (elapsedMs < this.policy.intervalMsMin) return false;
    if (elapsedMs < this.policy.intervalMsMax && series.isLast(data, index * stride, length)) return false;
    series.push(timeMs, data, index * stride, length);
    this.count++;
    return true;
  }

  /** Time of the earliest frame; infinite without one. */
  get firstMs(): number {
    let firstMs = Number.POSITIVE_INFINITY;
    for (const { count, timesMs } of this.#series.values()) if (count > 0) firstMs = Math.min(firstMs, timesMs[0]);
    return firstMs;
  }

  /** Views that hold until the next `add` or `clear`, ids ascending. */
  columns(): FrameColumn[] {
    return [...this.#series]
      .filter(([, series]) => series.count > 0)
      .sort(([a], [b]) => a - b)
      .map(([id, series]) => series.column(id));
  }

  /** Begins anew; what came last of each id is still known. */
  clear(): void {
    this.count = 0;
    for (const series of this.#series.values()) {
      series.count = 0;
      series.bytesUsed = 0;
    }
  }
}
