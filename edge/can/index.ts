export { type CanFrame, dlcToLength, FrameFlag, lengthToDlc } from './frame.ts';
export { FrameBatch } from './frame-batch.ts';
