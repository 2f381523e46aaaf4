/** Short forms for the tests of log readers and writers. */
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import {
  createLogReader,
  createLogWriter,
  dlcToLength,
  FrameBatch,
  FrameFlag,
  type LogFormat,
  type LogReaderOptions,
  type LogStats,
  type LogWriterOptions,
  type LogWriterStats,
} from '../../../edge/can/index.ts';

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

/** A frame as one line of text: all that a batch holds of it. */
export function showFrames(batches: readonly FrameBatch[]): string[] {
  return batches.flatMap((batch) =>
    Array.from({ length: batch.count }, (_, index) => {
      const data = Buffer.from(batch.frame(index).data).toString('hex');
      const { timeUs, id, flags, length, bus } = batch;
      return `${timeUs[index]} ${bus[index]} ${id[index].toString(16)} ${flags[index]} ${length[index]} ${data}`;
    }),
  );
}

const inflate = (packed: Uint8Array, bytesMax: number) => inflateSync(packed, { maxOutputLength: bytesMax });

/** All frames of a log, pushed in chunks of some bytes. */
export function read(
  format: LogFormat,
  log: string | Uint8Array,
  chunkBytes = 1 << 16,
  options: LogReaderOptions = {},
): { frames: ReadFrame[]; batches: FrameBatch[]; stats: LogStats } {
  const bytes = typeof log === 'string' ? new TextEncoder().encode(log) : log;
  const reader = createLogReader(format, { inflate, ...options });
  const batches: FrameBatch[] = [];
  const emit = (batch: FrameBatch) => batches.push(batch);
  for (let at = 0; at < bytes.length; at += chunkBytes) {
    // The chunk is the caller's again after push, and is overwritten as a re-used buffer would be.
    const chunk = Buffer.from(bytes.subarray(at, at + chunkBytes));
    reader.push(chunk, emit);
    chunk.fill(0x58);
  }
  reader.end(emit);
  return { frames: framesOf(batches), batches, stats: reader.stats };
}

/** A whole log out of batches. */
export function write(
  format: LogFormat,
  batches: readonly FrameBatch[],
  options?: LogWriterOptions,
): { bytes: Uint8Array; stats: LogWriterStats } {
  const writer = createLogWriter(format, options);
  const parts = batches.map((batch) => writer.write(batch));
  const bytes = Buffer.concat([...parts, writer.end()]);
  for (const { at, bytes: patch } of writer.patches()) bytes.set(patch, at);
  return { bytes, stats: writer.stats };
}

export interface DrawnFrame {
  timeUs: number;
  id: number;
  flags: number;
  bus: number;
  length: number;
  bytes: Uint8Array;
}

export interface DrawOptions {
  kinds?: readonly number[];
  timeUsMin?: number;
}

const { remote, error, fd, bitRateSwitch, errorState, extended, transmitted } = FrameFlag;
export const allKinds = [0, remote, fd, fd | bitRateSwitch, fd | errorState, fd | bitRateSwitch | errorState, error];

/** Frames of any kind, in order of time. */
export function drawnFrames({ kinds = allKinds, timeUsMin = 0 }: DrawOptions = {}): fc.Arbitrary<DrawnFrame[]> {
  const frame = fc
    .record({
      laterUs: fc.oneof(fc.nat(2000), fc.nat(5e6)),
      isLong: fc.boolean(),
      id: fc.nat(0x1fffffff),
      kind: fc.constantFrom(...kinds),
      isSent: fc.boolean(),
      bus: fc.nat(3),
      dlc: fc.nat(15),
      bytes: fc.uint8Array({ minLength: 64, maxLength: 64 }),
    })
    .map(({ laterUs, isLong, id, kind, isSent, bus, dlc, bytes }) => {
      const isError = (kind & error) !== 0;
      const length = isError ? 8 : dlcToLength[(kind & fd) !== 0 ? dlc : Math.min(dlc, 8)];
      const flags = kind | (isLong && !isError ? extended : 0) | (isSent && !isError ? transmitted : 0);
      return { timeUs: laterUs, id: isLong || isError ? id : id & 0x7ff, flags, bus, length, bytes };
    });
  return fc.array(frame, { minLength: 1, maxLength: 30 }).map((frames) => {
    let timeUs = timeUsMin;
    return frames.map((each) => {
      timeUs += each.timeUs;
      return { ...each, timeUs };
    });
  });
}

export function batchOf(frames: readonly DrawnFrame[]): FrameBatch {
  const batch = new FrameBatch(Math.max(1, frames.length), 64);
  for (const { timeUs, id, flags, bytes, length, bus } of frames) {
    batch.push(timeUs, id, flags, bytes, 0, length, bus);
  }
  return batch;
}
