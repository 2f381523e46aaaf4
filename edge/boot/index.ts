export { bootOnce } from './boot.ts';
export { decide, decisionTable } from './decision.ts';
export { type Geometry, geometryOf, type TrailerPlace } from './geometry.ts';
export { ImageSlots } from './image-slots.ts';
export { UploadJournal } from './journal.ts';
export { type Flag, magicOf, SwapType, Trailer, type TrailerState } from './trailer.ts';
export { runTrial, type SelfTestResult, Watchdog } from './trial.ts';
export type * from './types.ts';
export { imageVerifier } from './verifier.ts';
