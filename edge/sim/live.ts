/** The real clock and the real randomness, for everything that is not a simulation. Runs in Node and in browsers. */
import type { Clock, Random } from './environment.ts';

/** A timer's longest delay, 2^31 - 1 ms; a longer one would fire at once. */
const delayMsMax = 2 ** 31 - 1;

export function liveClock(): Clock {
  const bootMs = performance.now();
  return {
    nowMs: () => performance.now() - bootMs,
    unixMs: () => Date.now(),
    schedule(delayMs, task) {
      const timer = setTimeout(task, Math.min(Math.max(0, delayMs), delayMsMax));
      return () => clearTimeout(timer);
    },
  };
}

/** Cryptographic randomness of the platform. */
export function liveRandom(): Random {
  const word = new Uint32Array(1);
  return {
    nextUint32: () => crypto.getRandomValues(word)[0],
    fill(bytes) {
      // getRandomValues takes 65,536 bytes at most.
      for (let at = 0; at < bytes.length; at += 65536) {
        const random = crypto.getRandomValues(new Uint8Array(Math.min(65536, bytes.length - at)));
        bytes.set(random, at);
      }
    },
  };
}
