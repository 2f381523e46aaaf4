export { type Finding, type Job, planOf, type Tally } from './campaign.ts';
export { cutPlan, everyCut, mixedPlan } from './draw.ts';
export { type FaultKind, faultKinds } from './fault-kinds.ts';
export {
  type FlashCampaignResult,
  type FlashFinding,
  type FlashJob,
  flashPlanOf,
  runFlashCampaign,
} from './flash-campaign.ts';
export { FlashWorld } from './flash-world.ts';
export type { InvariantName } from './invariants.ts';
export { type Fault, type Plan, readPlan, type WorldSettings } from './plan.ts';
export { type Replayed, replay } from './replay.ts';
export { type CampaignOptions, type CampaignResult, runCampaign } from './run-campaign.ts';
export { shrinkPlan } from './shrink.ts';
export { type Outcome, type Parts, type Violation, World } from './world.ts';
