/**
 * Clean shutdown: the first Ctrl-C (or SIGTERM, SIGHUP) asks everything to stop in order, a second one insists.
 */
export interface Stop {
  /** Aborts when the user asks to stop. */
  readonly signal: AbortSignal;
  /** Resolves then. */
  readonly requested: Promise<void>;
  /** Asks for it as Ctrl-C would; a second time does not insist. */
  request(reason: string): void;
  /** Lets go of the process signals. */
  release(): void;
}

const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

export function stopOnSignals(note: (text: string) => void = () => {}): Stop {
  const controller = new AbortController();
  const onSignal = (signal: NodeJS.Signals) => {
    if (controller.signal.aborted) process.exit(130);
    note(`${signal === 'SIGINT' ? 'Ctrl-C' : signal}: stopping (again to insist)`);
    controller.abort(signal);
  };
  for (const name of signals) process.on(name, onSignal);
  return {
    signal: controller.signal,
    requested: new Promise((resolve) => controller.signal.addEventListener('abort', () => resolve(), { once: true })),
    request: (reason) => {
      if (controller.signal.aborted) return;
      note(`${reason}: stopping`);
      controller.abort(reason);
    },
    release: () => {
      for (const name of signals) process.off(name, onSignal);
    },
  };
}
