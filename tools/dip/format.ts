/** Amounts, shares and times as people read them. */
import { formatUnits } from 'viem';

/** Token units of 18 decimals as `5,000,000` or `0.5`. */
export function tokens(units: bigint): string {
  const [whole = '0', fraction] = formatUnits(units, 18).split('.');
  const grouped = whole.replace(/\B(?=(\d{3})+$)/g, ',');
  return fraction ? `${grouped}.${fraction}` : grouped;
}

/** Hundredths of a percent as `66.67 %`. */
export function percent(bps: number): string {
  return `${bps / 100} %`;
}

/** The last second that a Date can hold. */
const dateSecondsMax = 8_640_000_000_000;

/** Unix seconds as `2026-03-01 12:00:00 UTC`; what no calendar reaches as it stands. */
export function utc(seconds: number): string {
  if (!(Math.abs(seconds) <= dateSecondsMax)) return `second ${seconds} of Unix time`;
  return `${new Date(seconds * 1000).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** A duration as `2 days`, `3 hours`, `40 s`. */
export function duration(seconds: number): string {
  const units: [number, string][] = [
    [86_400, 'day'],
    [3_600, 'hour'],
    [60, 'minute'],
  ];
  for (const [length, name] of units) {
    if (seconds >= length) {
      const count = Math.round((seconds / length) * 10) / 10;
      return `${count} ${name}${count === 1 ? '' : 's'}`;
    }
  }
  return `${seconds} s`;
}
