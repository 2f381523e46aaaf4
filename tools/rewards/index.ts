export { computeEpoch, type EpochInputs, type RewardEpoch, type RewardLeaf } from './epoch.ts';
export { dataLevels, pointsOf, type VehicleActivity } from './points.ts';
