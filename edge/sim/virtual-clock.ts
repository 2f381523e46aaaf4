import type { Clock } from './environment.ts';

interface Timer {
  atMs: number;
  /** Timers of one instant run in the order they were scheduled. */
  order: number;
  task: () => void;
}

/** Time that passes only when told to: hours of a Miner's life in milliseconds, always the same way. */
export class VirtualClock implements Clock {
  private now = 0;
  private scheduled = 0;
  /** Sorted, the next one last. */
  private readonly timers: Timer[] = [];
  /** Unix time at boot, or undefined while the device does not know the time. */
  unixAtBootMs: number | undefined;

  constructor(unixAtBootMs?: number) {
    this.unixAtBootMs = unixAtBootMs;
  }

  nowMs(): number {
    return this.now;
  }

  unixMs(): number | undefined {
    return this.unixAtBootMs === undefined ? undefined : this.unixAtBootMs + this.now;
  }

  schedule(delayMs: number, task: () => void): () => void {
    const timer = { atMs: this.now + Math.max(0, delayMs), order: this.scheduled++, task };
    let at = this.timers.length;
    while (at > 0 && isBefore(this.timers[at - 1], timer)) at--;
    this.timers.splice(at, 0, timer);
    return () => {
      const index = this.timers.indexOf(timer);
      if (index >= 0) this.timers.splice(index, 1);
    };
  }

  /** Tasks not yet run. */
  get pending(): number {
    return this.timers.length;
  }

  /** Runs every task that falls due in the next `durationMs`, also those scheduled on the way. */
  advance(durationMs: number): void {
    const endMs = this.now + durationMs;
    while (this.timers.length > 0 && this.timers[this.timers.length - 1].atMs <= endMs) this.runNext();
    this.now = endMs;
  }

  /** Jumps to the next task and runs it. @returns false when there is none */
  runNext(): boolean {
    const timer = this.timers.pop();
    if (!timer) return false;
    this.now = timer.atMs;
    timer.task();
    return true;
  }

  /** Forgets every task, as a reset does, and starts again at 0. */
  reset(): void {
    this.timers.length = 0;
    this.now = 0;
  }
}

function isBefore(a: Timer, b: Timer): boolean {
  return a.atMs < b.atMs || (a.atMs === b.atMs && a.order < b.order);
}
