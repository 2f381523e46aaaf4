/** Decoded frames as objects, for tools and tests. The hot path reads the decoder's arrays instead. */
import { GeneratedFrameDecoder } from './frame-decoder.ts';
import { readSignals, readStatus, type StatusRecord, type ValueRecord } from './records.ts';
import { type FrameDecoder, type PlanMessage, type PlanSignal, SignalStatus } from './types.ts';

export interface DecodedFrame {
  message: PlanMessage;
  /** Physical value by name, of the signals this frame holds; see `physicalAt`. */
  signals: ValueRecord;
  /** Of signals that are neither ok nor inactive: the status' name. An absent signal stands only here. */
  status: StatusRecord;
}

/**
 * Decodes one frame into an object. Of a decoder made by `createFrameDecoder` this is faster than `decode` and then
 * `readObject`, as nothing goes through its arrays: they take the result when `decoder.physical` (or `raw`, `status`) is
 * next read, so don't keep them from before.
 * @param flags bits of FrameFlag
 * @param data holds the payload at `offset`, `length` bytes; by default all of it
 * @returns undefined when the plan has no message for it
 * @example decodeToObject(decoder, 0x1A0, 0, Uint8Array.of(0x10, 0x27))?.signals  // { Speed: 100 }
 */
export function decodeToObject(
  decoder: FrameDecoder,
  id: number,
  flags: number,
  data: Uint8Array,
  offset = 0,
  length = data.length - offset,
): DecodedFrame | undefined {
  if (decoder instanceof GeneratedFrameDecoder) return decoder.decodeObject(id, flags, data, offset, length);
  const message = decoder.decode(id, flags, data, offset, length);
  return message && { message, ...readObject(decoder, message) };
}

/** Reads the decoder's last result, whose message is given, into objects. */
export function readObject(decoder: FrameDecoder, message: PlanMessage): Omit<DecodedFrame, 'message'> {
  if (decoder instanceof GeneratedFrameDecoder) return decoder.lastObject();
  return { signals: readSignals(decoder, message), status: readStatus(decoder, message) };
}

const labelsBySignal = new WeakMap<PlanSignal, Map<number | bigint, string>>();

/**
 * The text that VAL_ gives for a signal's value in the decoder's last result; of two for the same raw, the first.
 * A label belongs to an exactly equal raw value; of a float signal, to an exactly equal float.
 */
export function labelAt(decoder: FrameDecoder, signal: PlanSignal): string | undefined {
  if (signal.labels.length === 0) return undefined;
  const status = decoder.status[signal.slot];
  if (status === SignalStatus.absent || status === SignalStatus.inactive) return undefined;
  let labels = labelsBySignal.get(signal);
  if (labels === undefined) {
    labels = new Map();
    for (const { raw, text } of signal.labels) {
      const key = Number.isSafeInteger(Number(raw)) ? Number(raw) : raw;
      if (!labels.has(key)) labels.set(key, text);
    }
    labelsBySignal.set(signal, labels);
  }
  return labels.get(signal.valueType === 'integer' ? decoder.rawAt(signal.slot) : floatAt(decoder, signal));
}

const float = new DataView(new ArrayBuffer(8));

/** The float that the bits spell, before scale and offset. */
function floatAt(decoder: FrameDecoder, signal: PlanSignal): number {
  const pattern = BigInt(decoder.rawAt(signal.slot));
  float.setBigUint64(0, signal.valueType === 'float32' ? pattern << 32n : pattern);
  return signal.valueType === 'float32' ? float.getFloat32(0) : float.getFloat64(0);
}
