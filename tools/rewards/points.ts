/**
 * A vehicle's points for one epoch, from what its device delivered, its streak and its lock. Integers only, so that
 * everyone who computes them gets the same bytes. RewardLevels computes the same on chain, and the tests hold the two
 * together.
 */

/** What one device delivered in an epoch, as the gateway's ledger has it, and what the chain says of it. */
export interface VehicleActivity {
  /** Address of the device, checksummed. */
  device: `0x${string}`;
  /** Who is paid: the device's owner on chain. */
  account: `0x${string}`;
  packs: number;
  samples: number;
  /** Distinct signals with at least one sample. */
  signals: number;
  /** Weeks of its streak, this one included; see `nextStreak`. 0 where it is not known. */
  connectedWeeks?: number;
  /** In a row, up to this week; 0 unless told otherwise. The next epoch goes on from it; it earns and costs nothing. */
  missedWeeks?: number;
  /** 0 to 3: VehicleLocks.lockLevelOf at the last second of the epoch. */
  lockLevel?: number;
  /** Key of its platform as in the DecoderRegistry; none where it is not known. */
  platform?: `0x${string}`;
  /** Whether the platform had a listed decoder at the epoch's end; true unless told otherwise. */
  decoded?: boolean;
}

/** The thresholds of IRewardLevels.Table that points need; what a lock costs is the contract's business. */
export interface PointsTable {
  /** Levels 3 to 6: the least packs (cadence) and the least distinct signals (coverage), both to be reached. */
  data: readonly { packsMin: number; signalsMin: number }[];
  /** Connected weeks from which a streak is of level 1, 2 and 3. */
  streakWeeksMin: readonly number[];
  /** Missed weeks in a row that cost a level. */
  missedWeeksMax: number;
}

export interface Streak {
  connectedWeeks: number;
  /** In a row, since the last connected week or the last fall. */
  missedWeeks: number;
}

export const dataLevelMin = 3;
export const lockLevelMax = 3;

/** Version 1, with which the contract starts: a pack a week, one a day, ten a day, fifty a day. */
export const firstPointsTable: PointsTable = {
  data: [
    { packsMin: 1, signalsMin: 1 },
    { packsMin: 7, signalsMin: 10 },
    { packsMin: 70, signalsMin: 25 },
    { packsMin: 350, signalsMin: 50 },
  ],
  streakWeeksMin: [4, 21, 36],
  missedWeeksMax: 3,
};

/**
 * No data, no points.
 * @returns 0, or 3 to 12
 */
export function pointsOf(activity: VehicleActivity, table: PointsTable = firstPointsTable): number {
  const { connectedWeeks = 0, lockLevel = 0 } = activity;
  if (!Number.isInteger(lockLevel) || lockLevel < 0 || lockLevel > lockLevelMax) {
    throw new RangeError(`lock level ${lockLevel} of ${activity.device}: expected 0 to ${lockLevelMax}`);
  }
  const dataLevel = dataLevelOf(activity, table);
  return dataLevel === 0 ? 0 : dataLevel + streakLevelOf(connectedWeeks, table) + lockLevel;
}

/** @returns 0 without data, or 3 to 6 */
export function dataLevelOf(
  { packs, samples, signals }: Pick<VehicleActivity, 'packs' | 'samples' | 'signals'>,
  { data }: PointsTable = firstPointsTable,
): number {
  if (samples === 0) return 0;
  const index = data.findLastIndex((level) => packs >= level.packsMin && signals >= level.signalsMin);
  return index < 0 ? 0 : dataLevelMin + index;
}

/** @returns 0 to 3 */
export function streakLevelOf(connectedWeeks: number, table: PointsTable = firstPointsTable): number {
  return table.streakWeeksMin.filter((weeksMin) => connectedWeeks >= weeksMin).length;
}

/** A streak one week further; too many missed weeks in a row drop it to the bottom of the level below. */
export function nextStreak(streak: Streak, connected: boolean, table: PointsTable = firstPointsTable): Streak {
  const { connectedWeeks, missedWeeks } = streak;
  if (connected) return { connectedWeeks: connectedWeeks + 1, missedWeeks: 0 };
  if (missedWeeks + 1 < table.missedWeeksMax) return { connectedWeeks, missedWeeks: missedWeeks + 1 };
  return { connectedWeeks: table.streakWeeksMin[streakLevelOf(connectedWeeks, table) - 2] ?? 0, missedWeeks: 0 };
}
