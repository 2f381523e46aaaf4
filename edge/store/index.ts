export { crc32c } from './crc32c.ts';
export type { LogState } from './log-state.ts';
export { type LogOptions, type LogStatus, PackLog } from './pack-log.ts';
export { type LogEntry, type ReadableStorage, readLog } from './read-log.ts';
export type { RecoveryReport } from './recovery.ts';
export type { Storage } from './storage.ts';
