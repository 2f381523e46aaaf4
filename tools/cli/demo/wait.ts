import { toolError } from '../../errors/index.ts';

/**
 * Waits until something holds, looking every 20 ms.
 * @throws {MinerError} INTERRUPTED on Ctrl-C, TOO_SLOW when the time is up
 */
export async function waitUntil(
  what: string,
  holds: () => boolean,
  options: { signal: AbortSignal; timeoutMs: number },
): Promise<void> {
  const deadlineMs = performance.now() + options.timeoutMs;
  while (!holds()) {
    if (options.signal.aborted) throw toolError('INTERRUPTED', {});
    if (performance.now() > deadlineMs) throw toolError('TOO_SLOW', { what, seconds: options.timeoutMs / 1000 });
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** The promise, or INTERRUPTED as soon as the user asks to stop. */
export function orInterrupted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  return new Promise((resolve, reject) => {
    const interrupt = () => reject(toolError('INTERRUPTED', {}));
    if (signal.aborted) interrupt();
    signal.addEventListener('abort', interrupt, { once: true });
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', interrupt));
  });
}
