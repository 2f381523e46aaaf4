/** A decoder's last result by signal name, read out of its arrays. */
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

/** Physical values by signal name. */
export type ValueRecord = Record<string, number | bigint>;

/** Names of statuses by signal name, of signals neither ok nor inactive. Frozen and shared where there are none. */
export type StatusRecord = Readonly<Record<string, string>>;

/** The status record of every frame in which nothing is amiss. */
export const allOk: StatusRecord = Object.freeze({});

/**
 * The physical value of a signal in the decoder's last result: a number, or, past 2^53 where scale and offset are
 * integers, the exact bigint.
 */
export function physicalAt(decoder: FrameDecoder, signal: PlanSignal): number | bigint {
  const physical = decoder.physical[signal.slot];
  if (Number.isSafeInteger(physical) || !mayNeedBigint(signal) || !Number.isFinite(physical)) return physical;
  return BigInt(decoder.rawAt(signal.slot)) * BigInt(signal.scale) + BigInt(signal.offset);
}

/** Whether some value of the signal is an integer that a double can't hold for sure. */
export function mayNeedBigint({ valueType, length, scale, offset }: PlanSignal): boolean {
  if (valueType !== 'integer' || !Number.isSafeInteger(scale) || !Number.isSafeInteger(offset)) return false;
  return 2 ** length * Math.abs(scale) + Math.abs(offset) > Number.MAX_SAFE_INTEGER;
}

/** The values of all signals that the decoder's last result holds. */
export function readSignals(decoder: FrameDecoder, message: PlanMessage): ValueRecord {
  const record: ValueRecord = {};
  for (const signal of message.signals) {
    const status = decoder.status[signal.slot];
    if (status === SignalStatus.absent || status === SignalStatus.inactive) continue;
    setOwn(record, signal.name, physicalAt(decoder, signal));
  }
  return record;
}

/** The statuses of the decoder's last result that are worth telling. */
export function readStatus(decoder: FrameDecoder, message: PlanMessage): StatusRecord {
  const record: Record<string, string> = {};
  let isOk = true;
  for (const { name, slot } of message.signals) {
    const status = decoder.status[slot];
    if (status === SignalStatus.ok || status === SignalStatus.inactive) continue;
    setOwn(record, name, statusNames[status]);
    isOk = false;
  }
  return isOk ? allOk : record;
}

/** A signal may be called `__proto__`: assigned, its value would vanish. */
function setOwn<T>(record: Record<string, T>, name: string, value: T): void {
  if (name !== '__proto__') record[name] = value;
  else Object.defineProperty(record, name, { value, writable: true, enumerable: true, configurable: true });
}
