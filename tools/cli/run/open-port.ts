/** Opens the port of `miner run`, or waits for it, until somebody wants to stop. */
import { type CanLink, type CanLinkOptions, openCanLink } from '../../../edge/can-link.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import type { Stop } from '../stop.ts';

export interface OpenPortOptions extends CanLinkOptions {
  /** Try again while the port, or an adapter on it, is not there. */
  wait: boolean;
  stop: Stop;
  /** An attempt that failed; another one follows. */
  onWaiting: (fault: MinerError) => void;
}

const retryMsMin = 100;
const retryMsMax = 1500;

/**
 * @returns undefined when it was stopped before the port came
 * @throws {MinerError} the fault of the first attempt, unless told to wait; wrong usage either way
 */
export async function openPort({ wait, stop, onWaiting, ...options }: OpenPortOptions): Promise<CanLink | undefined> {
  for (let retryMs = retryMsMin; !stop.signal.aborted; retryMs = Math.min(2 * retryMs, retryMsMax)) {
    try {
      return await unlessStopped(openCanLink(options), stop);
    } catch (error) {
      // What a person mistyped does not get better by waiting.
      if (!wait || !(error instanceof MinerError) || error.exitCode !== 3) throw error;
      onWaiting(error);
    }
    await pause(retryMs, stop.signal);
  }
  return undefined;
}

/** An attempt under way when somebody stops is not waited for; a link that it brings after all is closed again. */
function unlessStopped(opening: Promise<CanLink>, stop: Stop): Promise<CanLink | undefined> {
  const stopped = stop.requested.then(() => {
    opening.then(
      (link) => link.close(),
      () => {},
    );
    return undefined;
  });
  return Promise.race([opening, stopped]);
}

/** Ends early when aborted. */
export function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) return resolve();
    const timer = setTimeout(resolve, ms);
    signal.addEventListener(
      'abort',
      () => {
        clearTimeout(timer);
        resolve();
      },
      { once: true },
    );
  });
}
