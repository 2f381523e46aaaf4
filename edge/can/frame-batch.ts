import { type CanFrame, FrameFlag } from './frame.ts';

/**
 * Frames as a struct of arrays: what every hot path carries. One is allocated, filled, handed on and
 * cleared; nothing is allocated per frame.
 */
export class FrameBatch {
  readonly capacity: number;
  /** Bytes reserved per payload: 8 for classic CAN, 64 once FD frames may come. */
  readonly stride: 8 | 64;
  /** Frames held, 0..capacity. */
  count = 0;
  /** Microseconds; the origin is the source's. */
  readonly timeUs: Float64Array;
  /** Arbitration ids without flag bits. */
  readonly id: Uint32Array;
  /** Bits of FrameFlag. */
  readonly flags: Uint8Array;
  /** Payload bytes, 0..stride. For a remote frame: the length asked for. */
  readonly length: Uint8Array;
  /** Number of the channel each frame came by, from 0; 0 where the source has but one. */
  readonly bus: Uint8Array;
  /** `capacity * stride` bytes; frame i's payload starts at `i * stride`, zero past its length. */
  readonly data: Uint8Array;

  constructor(capacity: number, stride: 8 | 64 = 8) {
    this.capacity = capacity;
    this.stride = stride;
    this.timeUs = new Float64Array(capacity);
    this.id = new Uint32Array(capacity);
    this.flags = new Uint8Array(capacity);
    this.length = new Uint8Array(capacity);
    this.bus = new Uint8Array(capacity);
    this.data = new Uint8Array(capacity * stride);
  }

  get full(): boolean {
    return this.count === this.capacity;
  }

  clear(): void {
    this.count = 0;
  }

  /**
   * Appends one frame, copying its payload.
   * @returns false, with nothing stored, when the batch is full or the payload is longer than the stride.
   */
  push(
    timeUs: number,
    id: number,
    flags: number,
    payload: Uint8Array,
    offset = 0,
    length = payload.length - offset,
    bus = 0,
  ): boolean {
    if (this.count === this.capacity || length > this.stride) return false;
    const index = this.count++;
    const at = index * this.stride;
    this.timeUs[index] = timeUs;
    this.id[index] = id;
    this.flags[index] = flags;
    this.length[index] = length;
    this.bus[index] = bus;
    this.data.fill(0, at, at + this.stride);
    if ((flags & FrameFlag.remote) === 0) {
      for (let i = 0; i < length; i++) this.data[at + i] = payload[offset + i];
    }
    return true;
  }

  /** Frame `index` as an object with a copied payload. */
  frame(index: number): CanFrame {
    const at = index * this.stride;
    const flags = this.flags[index];
    const length = (flags & FrameFlag.remote) !== 0 ? 0 : this.length[index];
    return { timeUs: this.timeUs[index], id: this.id[index], flags, data: this.data.slice(at, at + length) };
  }
}
