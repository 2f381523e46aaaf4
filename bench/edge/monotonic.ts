/**
 * Milliseconds of the system's monotonic clock (CLOCK_MONOTONIC on Linux, mach_absolute_time on macOS): the same for
 * every process of a machine, and never stepped, which performance.timeOrigin, taken from the wall clock, may be.
 */
export function monotonicMs(): number {
  const [seconds, nanoseconds] = process.hrtime();
  return seconds * 1000 + nanoseconds / 1e6;
}
