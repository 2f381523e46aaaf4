/** Checks a DIP before it is proposed, and tries it on a copy of the chain. */
export type { Change, SlotChange } from './changes.ts';
export { type CheckOptions, checkDip, type DipCheck, type Trial } from './check.ts';
export { type AccountChange, type Execution, type ExecutionEvent, executeOn, type Failure } from './execute.ts';
export { type Fork, isStillWaiting, openFork, type TrialChain, trialChain } from './fork.ts';
export { addressesIn, findTwinAddress, findTwinName, skeleton } from './look-alike.ts';
export { reportCheck, warningText } from './report.ts';
export { type Needs, type ProposerStanding, readTimetable, type Timetable } from './timetable.ts';
export type { Warning } from './warnings/index.ts';
