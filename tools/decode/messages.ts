/** What the reading thread and the sink's thread say to each other. */
import { FrameBatch } from '../../edge/can/index.ts';
import type { Tally } from './tally.ts';

/** The parts of a FrameBatch, whose memory goes over to the other thread. */
export type FrameBatchParts = Pick<
  FrameBatch,
  'capacity' | 'stride' | 'count' | 'timeUs' | 'id' | 'flags' | 'length' | 'bus' | 'data'
>;

export type ToSink = { kind: 'frames'; frames: FrameBatchParts } | { kind: 'end' } | { kind: 'discard' };

export type FromSink =
  /** The database was read; frames may come. */
  | { kind: 'ready' }
  /** One batch was taken in, and its memory comes back; `bytes` go to the output stream. */
  | { kind: 'taken'; bytes: Uint8Array<ArrayBuffer> | undefined; frames: FrameBatchParts }
  | { kind: 'ended'; bytes: Uint8Array<ArrayBuffer> | undefined; tally: Tally; files: number }
  | { kind: 'discarded' }
  /** An error of the catalogue, which would lose its class on the way. */
  | {
      kind: 'refused';
      code: string;
      message: string;
      hint: string;
      exitCode: 1 | 2 | 3;
      facts: Record<string, unknown>;
    };

export function partsOf(batch: FrameBatch): FrameBatchParts {
  const { capacity, stride, count, timeUs, id, flags, length, bus, data } = batch;
  return { capacity, stride, count, timeUs, id, flags, length, bus, data };
}

/** The memory of a batch, for the list of what a message transfers. */
export function buffersOf({ timeUs, id, flags, length, bus, data }: FrameBatchParts): ArrayBuffer[] {
  return [timeUs, id, flags, length, bus, data].map(({ buffer }) => buffer as ArrayBuffer);
}

/** The batch whose parts came over from the other thread. */
export function batchOf(parts: FrameBatchParts): FrameBatch {
  return Object.assign(Object.create(FrameBatch.prototype) as FrameBatch, parts);
}
