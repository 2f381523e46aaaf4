/** The statistics group over counters as the parts of a device keep them. */
import type { SmpStatistics } from './types.ts';

/**
 * @param groups by name, an object whose numbers are the counters; what else it has is left out
 * @returns the counters as they are at each request
 * @example countersOf({ can: () => miner.counters, log: () => log.status })
 */
export function countersOf(groups: Readonly<Record<string, () => object>>): SmpStatistics {
  return () => new Map(Object.entries(groups).map(([name, read]) => [name, wholeNumbers(read())]));
}

function wholeNumbers(counters: object): ReadonlyMap<string, number | bigint> {
  const values = new Map<string, number | bigint>();
  for (const [name, value] of Object.entries(counters)) {
    if (typeof value === 'bigint') values.set(name, BigInt.asUintN(64, value));
    // Times are kept as fractions of milliseconds.
    else if (typeof value === 'number' && value >= 0 && value <= Number.MAX_SAFE_INTEGER)
      values.set(name, Math.floor(value));
  }
  return values;
}
