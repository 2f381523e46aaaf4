/** Where the frames come from: a log, or a file of frame records. */
import { openFrameFile } from '../../edge/can/frame-file-node.ts';
import type { FrameBatch, LogStats } from '../../edge/can/index.ts';
import { openLogFile } from '../../edge/can/node.ts';

export interface Input {
  /** What a unit of it is called: lines of a log, records of a frame file. */
  readonly unit: 'line' | 'record';
  readonly stats: LogStats;
  /** Undefined for a pipe. */
  readonly totalBytes: number | undefined;
  readonly bytesRead: () => number;
  batches(): AsyncGenerator<FrameBatch>;
  /** Hands a batch back, to be filled again. */
  recycle(batch: FrameBatch): void;
  /** Closes what was opened and not read. */
  close(): Promise<void>;
}

/** @throws {MinerError} when it can't be opened, or is in no known format */
export async function openInput(source: { log: string } | { frames: string; fd: boolean }): Promise<Input> {
  if ('frames' in source) {
    const file = openFrameFile(source.frames, source.fd ? 64 : 8);
    const { stats, totalBytes } = file;
    const bytesRead = () => file.bytesRead;
    return {
      unit: 'record',
      stats,
      totalBytes,
      bytesRead,
      batches: () => file.batches(),
      recycle() {},
      close: async () => file.close(),
    };
  }
  const log = await openLogFile(source.log);
  return {
    unit: 'line',
    stats: log.stats,
    totalBytes: log.totalBytes,
    bytesRead: () => log.bytesRead,
    batches: () => log.batches(),
    recycle: (batch) => log.recycle(batch),
    close: () => log.close(),
  };
}
