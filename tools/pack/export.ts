/** What every output format shares: the pack's facts beside its samples, and values as JSON. */

import { SignalStatus } from '../../edge/decode/index.ts';
import type { PackBody } from '../../edge/pack/index.ts';
import type { NameMap } from './names.ts';
import type { NamedSample } from './samples.ts';

export interface ExportedPack {
  /** Its file or place in a log. */
  name: string;
  /** 0x and 40 hex digits. */
  device: string;
  /** SHA-256 of all its bytes, 64 hex digits. */
  hash: string;
  body: PackBody;
  samples: Iterable<NamedSample>;
  /** For packs without a clock of their own. */
  bootedUnixMs?: number;
}

export interface Exporter {
  /** Before everything else; empty for most. */
  readonly header: string;
  /**
   * The pack as text, in pieces.
   * @throws {MinerError} PACK_CLOCK_UNKNOWN, and what reading its samples throws
   */
  write(pack: ExportedPack): Iterable<string>;
  /** Samples left out: NaN and infinities, and what its sender marks as no value, where the format cannot say so. */
  readonly left: number;
}

export interface ExportOptions {
  names: NameMap;
  /** SenML: the Private Enterprise Number that device addresses stand under. */
  enterpriseNumber: number;
  /** CloudEvent: whom the data is about; the device when left out. */
  subject?: string;
  /** CloudEvent: who sends. */
  source?: string;
}

/** A value that JSON has a form for; integers of any size are written with all their digits. */
export function jsonNumber(value: number | bigint): string | undefined {
  if (typeof value === 'bigint') return String(value);
  return Number.isFinite(value) ? JSON.stringify(value) : undefined;
}

/** A signal that is a flag: one bit that means itself, and no labels that say more. */
export function isFlag({ signal }: NamedSample): boolean {
  const { length, signed, scale, offset, labels, unit } = signal;
  return length === 1 && !signed && scale === 1 && offset === 0 && labels.length === 0 && unit === '';
}

/** The label of a state: a value that counts nothing, so that its text says more than its number. */
export function stateLabel({ label, signal }: NamedSample): string | undefined {
  const { scale, offset, unit, valueType } = signal;
  return scale === 1 && offset === 0 && unit === '' && valueType === 'integer' ? label : undefined;
}

/** J1939's reserved raw values: the number that they spell is none. */
export function hasNoValue({ status }: NamedSample): boolean {
  return status === SignalStatus.notAvailable || status === SignalStatus.error;
}
