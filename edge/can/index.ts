export { candumpLine } from './candump.ts';
export { detectLogFormat } from './detect-log.ts';
export { type CanFrame, dlcToLength, FrameFlag, lengthToDlc } from './frame.ts';
export { FrameBatch } from './frame-batch.ts';
export {
  createLogReader,
  type EmitBatch,
  type LogFormat,
  type LogReader,
  type LogStats,
  type MalformedLine,
} from './log-reader.ts';
