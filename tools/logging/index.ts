export { EventLog, type EventLogOptions, type Level, type LogEvent } from './event-log.ts';
export { FileLines, type FileLinesOptions } from './file-lines.ts';
export { type LineOutput, StreamLines, type StreamLinesOptions, standardOutput } from './line-output.ts';
