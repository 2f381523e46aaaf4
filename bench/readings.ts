/** What a decoder says about the checked frames, laid out so that two decoders can be compared value by value. */
import { createHash } from 'node:crypto';
import { type FrameBatch, FrameFlag } from '../edge/can/index.ts';
import { type FrameDecoder, type Plan, type PlanMessage, SignalStatus } from '../edge/decode/index.ts';

/** Not a SignalStatus: the decoder said nothing about this signal. */
export const unsaid = 255;

/** Where the values of each frame stand. */
export interface ReadingsLayout {
  frames: FrameBatch;
  /** Of frames 0 to `count`. */
  count: number;
  /** By frame: its message, or undefined when the plan has none. */
  messages: (PlanMessage | undefined)[];
  /** By frame: where its first signal stands; one more at the end. */
  starts: Uint32Array;
}

/** Values by frame and slot: the physical value (NaN where there is none) and the SignalStatus, or `unsaid`. */
export interface Readings {
  layout: ReadingsLayout;
  physical: Float64Array;
  status: Uint8Array;
}

/** Lays out the first `count` frames. */
export function layoutReadings(plan: Plan, frames: FrameBatch, count: number): ReadingsLayout {
  const messages: (PlanMessage | undefined)[] = [];
  const starts = new Uint32Array(count + 1);
  for (let i = 0; i < count; i++) {
    const isData = (frames.flags[i] & (FrameFlag.remote | FrameFlag.error)) === 0;
    const message = isData ? plan.find(frames.id[i], (frames.flags[i] & FrameFlag.extended) !== 0) : undefined;
    messages.push(message);
    starts[i + 1] = starts[i] + (message?.signals.length ?? 0);
  }
  return { frames, count, messages, starts };
}

/** Readings in which nothing is said yet. */
export function emptyReadings(layout: ReadingsLayout): Readings {
  const size = layout.starts[layout.count];
  return {
    layout,
    physical: new Float64Array(size).fill(Number.NaN),
    status: new Uint8Array(size).fill(unsaid),
  };
}

/** Reads every frame with a decoder of one frame at a time. */
export function readFrames(decoder: FrameDecoder, layout: ReadingsLayout): Readings {
  const readings = emptyReadings(layout);
  const { id, flags, length, data, stride } = layout.frames;
  for (let i = 0; i < layout.count; i++) {
    const message = decoder.decode(id[i], flags[i], data, i * stride, length[i]);
    if (message === undefined || message !== layout.messages[i]) continue;
    const slots = message.signals.length;
    readings.physical.set(decoder.physical.subarray(0, slots), layout.starts[i]);
    readings.status.set(decoder.status.subarray(0, slots), layout.starts[i]);
  }
  return readings;
}

/** SHA-256 over message, statuses and physical values of every frame, as hex. */
export function checksum({ layout, physical, status }: Readings): string {
  const hash = createHash('sha256');
  // WebAssembly leaves open which bits a computed NaN has.
  const canonical = physical.map((value) => (Number.isNaN(value) ? Number.NaN : value));
  for (let i = 0; i < layout.count; i++) {
    const message = layout.messages[i];
    if (message === undefined) continue;
    hash.update(`${message.extended} ${message.id};`);
    hash.update(status.subarray(layout.starts[i], layout.starts[i + 1]));
    hash.update(canonical.subarray(layout.starts[i], layout.starts[i + 1]));
  }
  return hash.digest('hex');
}

/** Whether the frame holds a value of the signal. */
export const hasValue = (status: number): boolean => status !== SignalStatus.absent && status !== SignalStatus.inactive;

/** Signals that the frames hold, all together. */
export function valueCount({ status }: Readings): number {
  return status.reduce((sum, each) => sum + Number(hasValue(each)), 0);
}

/** Signals on which two of our back ends differ by as much as a bit, or in status. */
export function differences(expected: Readings, found: Readings): number {
  let count = 0;
  for (let at = 0; at < expected.status.length; at++) {
    const isSame = Object.is(expected.physical[at], found.physical[at]) && expected.status[at] === found.status[at];
    if (!isSame) count++;
  }
  return count;
}
