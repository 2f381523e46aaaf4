/** What this machine's memory can do, as the bound that no decoder passes. */
import { quantile } from './measure.ts';

export interface MemoryBandwidth {
  /** Copying half a megabyte to and fro, bytes read and bytes written counted: within a core's own cache. */
  cachedBytesPerSecond: number;
  /** The same with 128 MB, past the caches of most machines. */
  memoryBytesPerSecond: number;
}

const cachedBytes = 512 * 1024;
const memoryBytes = 128 * 1024 * 1024;
const rounds = 7;
const roundMs = 40;

/** Measures how fast `Float64Array.set` copies; medians of seven rounds, some 0.7 s. */
export function measureMemory(): MemoryBandwidth {
  return { cachedBytesPerSecond: copyRate(cachedBytes), memoryBytesPerSecond: copyRate(memoryBytes) };
}

function copyRate(bytes: number): number {
  const source = new Float64Array(bytes / 8).fill(1);
  const target = new Float64Array(bytes / 8);
  target.set(source);
  const rates = Array.from({ length: rounds }, () => {
    const start = performance.now();
    let copied = 0;
    let ms = 0;
    do {
      target.set(source);
      copied += 2 * bytes;
      ms = performance.now() - start;
    } while (ms < roundMs);
    return (copied * 1000) / ms;
  });
  return quantile(rates, 0.5);
}
