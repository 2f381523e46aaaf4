import { FrameBatch } from '../can/index.ts';

/** A bounded first-in-first-out queue of frames, in one ring of typed arrays. */
export class FrameQueue {
  /** The ring; the oldest frame stands at `head`. */
  readonly frames: FrameBatch;
  head = 0;
  count = 0;

  constructor(capacity: number, stride: 8 | 64) {
    this.frames = new FrameBatch(capacity, stride);
  }

  get free(): number {
    return this.frames.capacity - this.count;
  }

  /** Appends frame `index` of `batch` with another time. @returns false when there is no room */
  push(batch: FrameBatch, index: number, timeUs: number): boolean {
    if (this.free === 0) return false;
    const at = (this.head + this.count) % this.frames.capacity;
    const from = index * batch.stride;
    this.frames.timeUs[at] = timeUs;
    this.frames.id[at] = batch.id[index];
    this.frames.flags[at] = batch.flags[index];
    this.frames.length[at] = batch.length[index];
    for (let i = 0; i < batch.length[index]; i++) this.frames.data[at * this.frames.stride + i] = batch.data[from + i];
    this.count++;
    return true;
  }

  /** Forgets the oldest frame. */
  shift(): void {
    this.head = (this.head + 1) % this.frames.capacity;
    this.count--;
  }

  clear(): void {
    this.head = 0;
    this.count = 0;
  }
}
