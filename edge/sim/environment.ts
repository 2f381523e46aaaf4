/** The outside world as arguments. Live code gets the real ones, simulations the ones of this folder. */

export interface Clock {
  /** Milliseconds since boot: monotonic, never stepped. */
  nowMs(): number;
  /** Unix time in milliseconds, or undefined while the device does not know it. */
  unixMs(): number | undefined;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  schedule(delayMs: number, task: () => void): () => void;
}

export interface Random {
  /** Uniform in 0..2^32-1. */
  nextUint32(): number;
  fill(bytes: Uint8Array): void;
}
