import type { SmpError } from './protocol.ts';

/**
 * Thrown by a command, or by the part of the device behind it, to answer with an error instead. It never leaves the
 * server: the client reads a number.
 */
export class SmpRefusal extends Error {
  /** The group whose errors `rc` is one of; undefined for one of SmpError. */
  readonly group: number | undefined;
  readonly rc: number;

  constructor(group: number | undefined, rc: number, cause?: Error) {
    super(group === undefined ? `SMP error ${rc}` : `SMP error ${rc} of group ${group}`, { cause });
    this.group = group;
    this.rc = rc;
  }
}

/** @example throw refuse(SmpError.busy) */
export function refuse(rc: SmpError): SmpRefusal {
  return new SmpRefusal(undefined, rc);
}
