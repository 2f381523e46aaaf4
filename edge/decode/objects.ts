/** Decoded frames as objects, for tools and tests. The hot path reads the decoder's arrays instead. */
import { readSignals } from './records.ts';
import { type FrameDecoder, type PlanMessage, type PlanSignal, SignalStatus } from './types.ts';

/** What a status is called in what tools print; signals that are ok are not listed. */
export const statusNames: Readonly<Record<number, string>> = {
  [SignalStatus.outOfRange]: 'out-of-range',
  [SignalStatus.absent]: 'absent',
  [SignalStatus.inactive]: 'inactive',
  [SignalStatus.unknownMultiplexer]: 'unknown-multiplexer',
  [SignalStatus.error]: 'error',
  [SignalStatus.notAvailable]: 'not-available',
};

export interface DecodedFrame {
  message: PlanMessage;
  /** Physical value by name, of the signals this frame holds; see `physicalAt`. */
  signals: Record<string, number | bigint>;
  /** Of signals that are neither ok nor inactive: the status' name. An absent signal stands only here. */
  status: Record<string, string>;
}

/**
 * Decodes one frame into an object.
 * @returns undefined when the plan has no message for it
 * @example decodeToObject(decoder, 0x1A0, 0, Uint8Array.of(0x10, 0x27))?.signals  // { Speed: 100 }
 */
export function decodeToObject(
  decoder: FrameDecoder,
  id: number,
  flags: number,
  data: Uint8Array,
): DecodedFrame | undefined {
  const message = decoder.decode(id, flags, data, 0, data.length);
  return message === undefined ? undefined : { message, ...readObject(decoder, message) };
}

/** Reads the decoder's last result, whose message is given, into objects. */
export function readObject(decoder: FrameDecoder, message: PlanMessage): Omit<DecodedFrame, 'message'> {
  return { signals: readSignals(decoder, message), status: readStatus(decoder, message) };
}

function readStatus(decoder: FrameDecoder, message: PlanMessage): Record<string, string> {
  const status: [string, string][] = [];
  const slots = message.signals.length;
  for (let slot = 0; slot < slots; slot++) {
    const outcome = decoder.status[slot];
    if (outcome !== SignalStatus.ok && outcome !== SignalStatus.inactive)
      status.push([message.signals[slot].name, statusNames[outcome]]);
  }
  return status.length === 0 ? {} : Object.fromEntries(status);
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
