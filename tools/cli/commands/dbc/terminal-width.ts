/** Columns of the terminal that standard output is; without end where it is none, so that files and pipes get all. */
export function terminalWidth(): number {
  return process.stdout.isTTY ? (process.stdout.columns ?? 80) : Number.POSITIVE_INFINITY;
}
