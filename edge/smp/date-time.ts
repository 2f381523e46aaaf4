/** Dates as the protocol writes them: `2026-11-30T02:56:17.250`, in UTC, whatever follows being optional. */

const pattern = /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,6}))?(?:Z|([+-])(\d\d):(\d\d))?$/;

/** To the millisecond. */
export function formatDateTime(unixMs: number): string {
  return new Date(unixMs).toISOString().slice(0, -1);
}

/**
 * @param text a zone offset may follow, and is taken off; without one the time is UTC
 * @returns Unix time in milliseconds, or undefined for what is no date from 1970 on, such as the 30th of February
 */
export function parseDateTime(text: string): number | undefined {
  const parts = pattern.exec(text);
  if (parts === null) return undefined;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const zoneMinutes = parts[8] === undefined ? 0 : Number(`${parts[8]}1`) * (60 * Number(parts[9]) + Number(parts[10]));
  if (hour > 23 || minute > 59 || second > 59 || Number(parts[9] ?? 0) > 23 || Number(parts[10] ?? 0) > 59)
    return undefined;
  const date = new Date(Date.UTC(year, month - 1, day, hour, minute, second));
  // A day that the month does not have comes out in the next one.
  if (date.getUTCMonth() !== month - 1) return undefined;
  const milliseconds = Math.floor(Number(`0.${parts[7] ?? 0}`) * 1000);
  const unixMs = date.getTime() + milliseconds - zoneMinutes * 60_000;
  return unixMs < 0 ? undefined : unixMs;
}
