/**
 * A vehicle's points for one epoch, from what its device delivered. Integers only, so that everyone who computes
 * them gets the same bytes.
 */

/** What one device delivered in an epoch, as the gateway's ledger has it. */
export interface VehicleActivity {
  /** Address of the device, checksummed. */
  device: `0x${string}`;
  /** Who is paid: the device's owner on chain. */
  account: `0x${string}`;
  packs: number;
  samples: number;
  /** Distinct signals with at least one sample. */
  signals: number;
}

/** Data levels by coverage: the least number of distinct signals, and the points of that level. */
export const dataLevels: readonly { signalsMin: number; points: number }[] = [
  { signalsMin: 50, points: 6 },
  { signalsMin: 25, points: 5 },
  { signalsMin: 10, points: 4 },
  { signalsMin: 1, points: 3 },
];

/** No data, no points. */
export function pointsOf(activity: VehicleActivity): number {
  if (activity.packs === 0 || activity.samples === 0) return 0;
  return dataLevels.find((level) => activity.signals >= level.signalsMin)?.points ?? 0;
}
