/**
 * Errors on a bus by the names of ISO 11898-1, as the bits that Linux's can/error.h gives to each: an error frame's
 * id holds its classes, its data what exactly went wrong.
 */
export const busErrorKinds = ['stuff', 'bit0', 'bit1', 'form', 'crc', 'ack', 'arbitration', 'overrun'] as const;
export type BusErrorKind = (typeof busErrorKinds)[number];

/** Classes in the id. @see linux/can/error.h */
const ErrorClass = {
  lostArbitration: 0x02,
  controller: 0x04,
  protocol: 0x08,
  noAcknowledgement: 0x20,
  bus: 0x80,
} as const;

export interface BusErrorBits {
  /** Of the error frame's id. */
  classBits: number;
  /** Eight bytes: 0 arbitration bit, 1 controller, 2 protocol violation, 3 its place, 6 and 7 the error counters. */
  data: Uint8Array<ArrayBuffer>;
}

const violation = (kind: number, place = 0): [classBits: number, ...data: number[]] => [
  ErrorClass.protocol | ErrorClass.bus,
  0,
  0,
  kind,
  place,
];

const table: Readonly<Record<BusErrorKind, readonly [classBits: number, ...data: number[]]>> = {
  stuff: violation(0x04),
  bit0: violation(0x08),
  bit1: violation(0x10),
  form: violation(0x02),
  crc: violation(0, 0x08),
  ack: [ErrorClass.noAcknowledgement | ErrorClass.bus],
  arbitration: [ErrorClass.lostArbitration],
  overrun: [ErrorClass.controller, 0, 0x01],
};

export function busErrorBits(kind: BusErrorKind): BusErrorBits {
  const [classBits, ...bytes] = table[kind];
  const data = new Uint8Array(8);
  data.set(bytes);
  return { classBits, data };
}
