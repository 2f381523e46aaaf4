/** The steps in the life of a DIP, each of which can be taken twice and is done once. */
export { cancelStep, executeStep, guardianRole, queueStep } from './carry-out.ts';
export { delegateStep, proposeStep } from './propose.ts';
export type { Context, Done, Step } from './step.ts';
export { type Choice, chooseBallot, submitStep, voteStep } from './vote.ts';
