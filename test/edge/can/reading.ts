/** Short forms for the tests of log readers. */
import { createLogReader, type FrameBatch, type LogFormat, type LogStats } from '../../../edge/can/index.ts';

export interface ReadFrame {
  timeUs: number;
  id: number;
  flags: number;
  /** In hex. */
  data: string;
}

export function framesOf(batches: readonly FrameBatch[]): ReadFrame[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) => {
      const { timeUs, id, flags, data } = batch.frame(index);
      return { timeUs, id, flags, data: Buffer.from(data).toString('hex') };
    }),
  );
}

/** All frames of a log, pushed in chunks of some bytes. */
export function read(
  format: LogFormat,
  log: string | Uint8Array,
  chunkBytes = 1 << 16,
): { frames: ReadFrame[]; batches: FrameBatch[]; stats: LogStats } {
  const bytes = typeof log === 'string' ? new TextEncoder().encode(log) : log;
  const reader = createLogReader(format);
  const batches: FrameBatch[] = [];
  const emit = (batch: FrameBatch) => batches.push(batch);
  for (let at = 0; at < bytes.length; at += chunkBytes) reader.push(bytes.subarray(at, at + chunkBytes), emit);
  reader.end(emit);
  return { frames: framesOf(batches), batches, stats: reader.stats };
}
