/** The clocks inside one device: monotonic from its boot, and a wall clock that may be absent, wrong, stepped or drifting. */
import type { Clock } from './environment.ts';
import type { VirtualClock } from './virtual-clock.ts';

export interface DeviceClockOptions {
  /** What the monotonic clock shows at once; more than 0 puts a device late in a long life. */
  startMs?: number;
  /** How much faster than the world's this clock runs, parts in a million. */
  driftPpm?: number;
  /** Unix time now, or undefined while the device does not know it. */
  unixMs?: number | undefined;
  /** Runs every task of the device, so that a power cut in one ends the device and not the world. */
  run?: (task: () => unknown) => void;
}

/** A device's view of a world's time. After `powerOff` none of its tasks runs any more. */
export class DeviceClock implements Clock {
  readonly #world: VirtualClock;
  readonly #run: (task: () => unknown) => void;
  readonly #rate: number;
  readonly #startMs: number;
  readonly #bootMs: number;
  readonly #cancels = new Set<() => void>();
  #unixAtStartMs: number | undefined;

  constructor(world: VirtualClock, options: DeviceClockOptions = {}) {
    const { startMs = 0, driftPpm = 0, unixMs, run = (task) => task() } = options;
    this.#world = world;
    this.#run = run;
    this.#rate = 1 + driftPpm / 1e6;
    this.#startMs = startMs;
    this.#bootMs = world.nowMs();
    this.setUnixMs(unixMs);
  }

  nowMs(): number {
    return this.#startMs + (this.#world.nowMs() - this.#bootMs) * this.#rate;
  }

  unixMs(): number | undefined {
    return this.#unixAtStartMs === undefined ? undefined : Math.round(this.#unixAtStartMs + this.nowMs());
  }

  /** Sets the wall clock, forwards or backwards; undefined makes the device forget it. */
  setUnixMs(unixMs: number | undefined): void {
    this.#unixAtStartMs = unixMs === undefined ? undefined : unixMs - this.nowMs();
  }

  schedule(delayMs: number, task: () => void): () => void {
    // Whole milliseconds, rounded up: a timer that comes a rounding error early would be set again without end.
    const cancelInWorld = this.#world.schedule(Math.max(0, Math.ceil(delayMs / this.#rate)), () => {
      this.#cancels.delete(cancel);
      this.#run(task);
    });
    const cancel = () => {
      this.#cancels.delete(cancel);
      cancelInWorld();
    };
    this.#cancels.add(cancel);
    return cancel;
  }

  /** Tasks not yet run. */
  get pending(): number {
    return this.#cancels.size;
  }

  powerOff(): void {
    for (const cancel of [...this.#cancels]) cancel();
  }
}
