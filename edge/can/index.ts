export type { Inflate } from './blf.ts';
export type { Deflate } from './blf-writer.ts';
export { candumpLine } from './candump.ts';
export { detectLogFormat } from './detect-log.ts';
export { type CanFrame, dlcToLength, FrameFlag, lengthToDlc } from './frame.ts';
export { FrameBatch } from './frame-batch.ts';
export { type FrameBits, frameBits } from './frame-bits.ts';
export {
  createFrameFileReader,
  type FrameFileReader,
  frameRecordBytes,
  frameRecords,
} from './frame-file.ts';
export { type LogFormat, logFormatNames, logFormatOfName, logFormats } from './log-format.ts';
export { createLogReader, type EmitBatch, type LogReader, type LogReaderOptions } from './log-reader.ts';
export type { LogStats, MalformedLine } from './log-stats.ts';
export {
  createLogWriter,
  type LogPatch,
  type LogWriter,
  type LogWriterOptions,
  type LogWriterStats,
} from './log-writer.ts';
