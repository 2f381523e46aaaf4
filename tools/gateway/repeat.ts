/** Work that is done again and again while a gateway runs: one at a time, and finished before the end. */
export interface Repeated {
  /** Does it now, or as soon as the one under way has ended. */
  soon(): void;
  /** Waits for the one under way, and begins no other. */
  stop(): Promise<void>;
}

/**
 * @param delayMs from the end of one to the beginning of the next
 * @param onError what one of them threw; the next comes all the same
 */
export function repeat(delayMs: number, action: () => Promise<unknown>, onError: (error: Error) => void): Repeated {
  let stopped = false;
  let wanted = false;
  let running: Promise<void> | undefined;
  let timer: NodeJS.Timeout;
  const schedule = (waitMs: number) => {
    clearTimeout(timer);
    if (!stopped) timer = setTimeout(run, waitMs);
  };
  const run = () => {
    wanted = false;
    running = action()
      .then(() => {}, onError)
      .finally(() => {
        running = undefined;
        schedule(wanted ? 0 : delayMs);
      });
  };
  schedule(delayMs);
  return {
    soon: () => {
      wanted = true;
      if (!running) schedule(0);
    },
    stop: async () => {
      stopped = true;
      clearTimeout(timer);
      await running;
    },
  };
}
