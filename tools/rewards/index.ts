export {
  type BountyLeaf,
  bountyLeafHash,
  computeEpoch,
  type EpochInputs,
  type RewardEpoch,
  type RewardLeaf,
  rewardLeafHash,
} from './epoch.ts';
export {
  dataLevelMin,
  dataLevelOf,
  firstPointsTable,
  lockLevelMax,
  nextStreak,
  type PointsTable,
  pointsOf,
  type Streak,
  streakLevelOf,
  type VehicleActivity,
} from './points.ts';
