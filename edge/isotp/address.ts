/** Who speaks to whom: arbitration ids, and the address byte that two of the three ways of addressing add. */
import { FrameFlag } from '../can/index.ts';

export interface IsoTpAddress {
  /** Arbitration ids that we send with and listen to. */
  txId: number;
  rxId: number;
  /** Whether the ids are of 29 bits. */
  extended?: boolean;
  /**
   * `normal`: the ids alone. `extended`: each frame begins with its target's address. `mixed`: it begins with an
   * address extension, the same both ways.
   */
  addressing?: 'normal' | 'extended' | 'mixed';
  /** First byte of what we send: the other's address, or the extension. */
  txAddressByte?: number;
  /** First byte of what we listen to: our address; with `mixed` the extension that we send unless told. */
  rxAddressByte?: number;
}

/** An address made ready for comparing. */
export interface ResolvedAddress {
  txId: number;
  rxId: number;
  /** FrameFlag.extended or 0. */
  idFlag: number;
  /** Bytes before the protocol control byte: 0 or 1. */
  prefix: 0 | 1;
  txByte: number;
  rxByte: number;
}

/** @throws {RangeError} when an id or an address byte does not fit, or one is missing: our own mistake */
export function resolveAddress(address: IsoTpAddress): ResolvedAddress {
  const { txId, rxId, extended = false, addressing = 'normal', txAddressByte } = address;
  const idMax = extended ? 0x1fff_ffff : 0x7ff;
  for (const id of [txId, rxId]) requireWithin('arbitration id', id, idMax);
  const idFlag = extended ? FrameFlag.extended : 0;
  if (addressing === 'normal') return { txId, rxId, idFlag, prefix: 0, txByte: 0, rxByte: 0 };
  const rxAddressByte = address.rxAddressByte ?? (addressing === 'mixed' ? txAddressByte : undefined);
  requireWithin('txAddressByte', txAddressByte, 0xff);
  requireWithin('rxAddressByte', rxAddressByte, 0xff);
  return { txId, rxId, idFlag, prefix: 1, txByte: txAddressByte, rxByte: rxAddressByte };
}

function requireWithin(name: string, value: number | undefined, maximum: number): asserts value is number {
  if (value === undefined || !Number.isInteger(value) || value < 0 || value > maximum) {
    throw new RangeError(`${name} ${value}: expected 0 to ${maximum}`);
  }
}
