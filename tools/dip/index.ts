/** DIPs: build the actions, take a proposal through its life, and say in plain words what it does. */
export {
  type Action,
  assertGovernable,
  awardBounty,
  contractCall,
  type DecoderConsent,
  type DecoderListing,
  deprecateDecoder,
  fundBounty,
  grantLicence,
  listDecoder,
  rawCall,
  reinstateLicence,
  revokeDecoder,
  revokeLicence,
  suspendLicence,
  treasurySpend,
} from './actions.ts';
export { type Ballot, type CarriedDip, type CarryOptions, carryDip, type Stage, type StageName } from './carry.ts';
export { firstDifference } from './compare.ts';
export { type ExplainedDip, explainDip, type NextStep, nextStep } from './explain.ts';
export { duration, percent, tokens, utc } from './format.ts';
export {
  grantRole,
  replaceGovernor,
  revokeRole,
  setActionLevels,
  setLevelTerms,
  setProposalGuardian,
  setProposalThreshold,
  setTimelockDelay,
  setVotingDelay,
  setVotingPeriod,
  upgradeContract,
} from './governance-actions.ts';
export { asGuardian } from './guardian.ts';
export {
  burnTokens,
  divestTreasury,
  fundRewards,
  investTreasury,
  mintTokens,
  type RewardTerms,
  setBountyLifetime,
  setRewardParameters,
  spendEther,
  treasuryCall,
} from './money-actions.ts';
export {
  cancelStream,
  changeStream,
  clawBackGrant,
  closeReferrals,
  extendGrant,
  fundReferrals,
  type GrantTerms,
  type LevelTable,
  openGrant,
  openStream,
  type ReferralTerms,
  releaseTranche,
  removeCommittee,
  type StreamTerms,
  setCommittee,
  setLevelTable,
  setReferralTerms,
  sweepSurplus,
} from './program-actions.ts';
export {
  cancel,
  columns,
  type Dip,
  description,
  execute,
  guardianCancel,
  type LevelReason,
  levelOf,
  type ProposalState,
  type ProposalStatus,
  parseDescription,
  proposalId,
  proposalStates,
  propose,
  queue,
  readState,
  readStatus,
  type Support,
  vote,
} from './proposal.ts';
export { findProposed, listProposed, type NumberedDip, type ProposedDip } from './proposed.ts';
export {
  certifyModel,
  type ModelCertificate,
  reinstateDecoder,
  retireDecoder,
  retireDevice,
  setCheckpointSigners,
  setDeviceCap,
  setVerifier,
  slashLicence,
  suspendDecoder,
  withdrawCertificate,
} from './registry-actions.ts';
export {
  checkBallot,
  formatBallot,
  parseBallot,
  type SignedBallot,
  signBallot,
  submitCall,
} from './signed-ballot.ts';
export { type AccountStanding, type LiveDip, readStanding } from './standing.ts';
export {
  type Choice,
  type Context,
  cancelStep,
  chooseBallot,
  type Done,
  delegateStep,
  executeStep,
  proposeStep,
  queueStep,
  type Step,
  submitStep,
  voteStep,
} from './steps/index.ts';
export {
  type Call,
  type PreparedTransaction,
  prepare,
  type SendEvent,
  type SendOptions,
  sendPrepared,
  settle,
} from './transaction.ts';
export { isUnanswered } from './unanswered.ts';
export {
  type BallotCall,
  ballotCall,
  type Fractions,
  readVoter,
  splitBallot,
  splitOf,
  tallyWords,
  type VoterStanding,
  votesNow,
  wholeBallot,
} from './voting.ts';
export { type WatchEvent, watchDips } from './watch.ts';
export { type ExplainedAction, explainAction } from './words.ts';
