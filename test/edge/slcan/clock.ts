/** Virtual time for code that waits on promises between its timers. */
import type { VirtualClock } from '../../../edge/sim/index.ts';

/** Runs what falls due in the next `byMs`, letting promises settle after each task. */
export async function advance(clock: VirtualClock, byMs: number): Promise<void> {
  let isOver = false;
  await settled();
  clock.schedule(byMs, () => {
    isOver = true;
  });
  while (!isOver) {
    clock.runNext();
    await settled();
  }
}

/** Lets everything that waits on promises run. */
export function settled(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
