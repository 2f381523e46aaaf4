/** Rewards: from accepted packs and chain state to shares, a root, payments, and back: anyone recomputes an epoch. */
export { type Delivery, type DeviceHistory, signalCount, tallyActivity } from './activity.ts';
export { chainClock } from './chain-clock.ts';
export { type ChainFacts, readChainFacts } from './chain-facts.ts';
export { type ClaimedRoot, compareFiles, compareInputs, compareRoot, type Difference } from './compare.ts';
export {
  type BountyLeaf,
  bountyLeafHash,
  computeEpoch,
  type RewardEpoch,
  type RewardLeaf,
  rewardLeafHash,
} from './epoch.ts';
export {
  type DeliveryLedger,
  fromLedger,
  type Gathered,
  type GatherOptions,
  gatherEpoch,
  gatherInputs,
  type PackSource,
} from './gather.ts';
export { type EpochInputs, formatInputs, hashOfText, parseInputs } from './inputs.ts';
export { formatListedPack, type ListedPack, readPacksList, weekMs } from './packs-list.ts';
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
export {
  challengeRoot,
  type EpochState,
  type EpochStatus,
  epochStatus,
  type Payee,
  type Payment,
  type PoolContext,
  type PostedEpoch,
  payLeaves,
  postedEpoch,
  postRoot,
  readPool,
} from './pool.ts';
export { epochFolder, type PublishedEpoch, publishEpoch, type RootRecord, readInputs, readText } from './publish.ts';
export {
  type ProgramStanding,
  payReferral,
  programStanding,
  type ReferralOutcome,
  type ReferralStanding,
  referralOf,
  referredDeviceOf,
  registerReferral,
} from './referrals.ts';
