/**
 * The lines by which an adapter tells of its bus unasked, as Linux's slcan driver reads them: `sa012003` is a state
 * (a w p b) with receive and transmit errors in decimal, `e2cf` a number of error classes and a letter for each.
 */
import {
  CAN_ERR_ACK,
  CAN_ERR_BUSERROR,
  CAN_ERR_BUSOFF,
  CAN_ERR_CNT,
  CAN_ERR_CRTL,
  CAN_ERR_CRTL_ACTIVE,
  CAN_ERR_CRTL_RX_OVERFLOW,
  CAN_ERR_CRTL_RX_PASSIVE,
  CAN_ERR_CRTL_RX_WARNING,
  CAN_ERR_CRTL_TX_OVERFLOW,
  CAN_ERR_CRTL_TX_PASSIVE,
  CAN_ERR_CRTL_TX_WARNING,
  CAN_ERR_PROT,
  CAN_ERR_PROT_BIT,
  CAN_ERR_PROT_BIT0,
  CAN_ERR_PROT_BIT1,
  CAN_ERR_PROT_FORM,
  CAN_ERR_PROT_LOC_ACK,
  CAN_ERR_PROT_LOC_CRC_SEQ,
  CAN_ERR_PROT_STUFF,
} from './error-class.ts';

/** Fault confinement of a CAN node. @see ISO 11898-1:2015, 12.1.4 */
export type CanErrorState = 'error-active' | 'error-warning' | 'error-passive' | 'bus-off';

/** An error frame's id and its eight bytes. */
export interface CanErrorFrame {
  /** Bits of error-class.ts. */
  errorClass: number;
  data: Uint8Array;
}

export interface CanErrorCounters {
  transmitErrors: number;
  receiveErrors: number;
}

const stateLetters: Readonly<Record<string, CanErrorState>> = {
  a: 'error-active',
  w: 'error-warning',
  p: 'error-passive',
  b: 'bus-off',
};

/** @returns undefined when it is no such line */
export function parseStateLine(line: string): ({ state: CanErrorState } & CanErrorCounters) | undefined {
  const parts = /^s([awpb])(\d{3})(\d{3})$/.exec(line);
  if (parts === null) return undefined;
  return { state: stateLetters[parts[1]], receiveErrors: Number(parts[2]), transmitErrors: Number(parts[3]) };
}

/** The line without its terminator; counters past 999 are written as 999. */
export function stateLine(state: CanErrorState, { receiveErrors, transmitErrors }: CanErrorCounters): string {
  const digits = (count: number) => String(Math.min(999, Math.max(0, Math.trunc(count)))).padStart(3, '0');
  const letter = Object.keys(stateLetters).find((candidate) => stateLetters[candidate] === state);
  return `s${letter}${digits(receiveErrors)}${digits(transmitErrors)}`;
}

/** Each letter's mark: class bits, and the bits it sets in the frame's bytes. */
const errorLetters: Readonly<Record<string, { errorClass: number; at: number; value: number }>> = {
  a: { errorClass: CAN_ERR_ACK, at: 3, value: CAN_ERR_PROT_LOC_ACK },
  b: { errorClass: 0, at: 2, value: CAN_ERR_PROT_BIT0 },
  B: { errorClass: 0, at: 2, value: CAN_ERR_PROT_BIT1 },
  c: { errorClass: 0, at: 3, value: CAN_ERR_PROT_LOC_CRC_SEQ },
  f: { errorClass: 0, at: 2, value: CAN_ERR_PROT_FORM },
  o: { errorClass: CAN_ERR_CRTL, at: 1, value: CAN_ERR_CRTL_RX_OVERFLOW },
  O: { errorClass: CAN_ERR_CRTL, at: 1, value: CAN_ERR_CRTL_TX_OVERFLOW },
  s: { errorClass: 0, at: 2, value: CAN_ERR_PROT_STUFF },
};

/** @returns undefined when it is no such line, or has a letter that nobody defined */
export function parseErrorLine(line: string): CanErrorFrame | undefined {
  const parts = /^e([1-8])([abBcfoOs]+)$/.exec(line);
  if (parts === null || parts[2].length !== Number(parts[1])) return undefined;
  const frame = { errorClass: CAN_ERR_PROT | CAN_ERR_BUSERROR, data: new Uint8Array(8) };
  for (const letter of parts[2]) {
    const { errorClass, at, value } = errorLetters[letter];
    frame.errorClass |= errorClass;
    if (letter === 'c') frame.data[2] |= CAN_ERR_PROT_BIT;
    // A place in the frame is one number; kinds of violation are bits.
    if (at === 3) frame.data[at] = value;
    else frame.data[at] |= value;
  }
  return frame;
}

/** The line without its terminator, or undefined when no letter stands for any of these errors. */
export function errorLine({ errorClass, data }: CanErrorFrame): string | undefined {
  const letters = Object.keys(errorLetters).filter((letter) => {
    const mark = errorLetters[letter];
    if (letter === 'a') return (errorClass & CAN_ERR_ACK) !== 0;
    return mark.at === 3 ? data[3] === mark.value : (data[mark.at] & mark.value) !== 0;
  });
  return letters.length === 0 ? undefined : `e${letters.length}${letters.join('')}`;
}

/** The error frame that says a state was reached; the side with the higher counter is the one that did. */
export function stateFrame(state: CanErrorState, counters?: CanErrorCounters): CanErrorFrame {
  const data = new Uint8Array(8);
  if (state === 'bus-off') return { errorClass: CAN_ERR_BUSOFF, data };
  const { transmitErrors = 0, receiveErrors = 0 } = counters ?? {};
  const transmits = transmitErrors >= receiveErrors;
  const receives = receiveErrors >= transmitErrors;
  if (state === 'error-active') data[1] = CAN_ERR_CRTL_ACTIVE;
  if (state === 'error-warning') {
    data[1] = (transmits ? CAN_ERR_CRTL_TX_WARNING : 0) | (receives ? CAN_ERR_CRTL_RX_WARNING : 0);
  }
  if (state === 'error-passive') {
    data[1] = (transmits ? CAN_ERR_CRTL_TX_PASSIVE : 0) | (receives ? CAN_ERR_CRTL_RX_PASSIVE : 0);
  }
  data[6] = Math.min(255, transmitErrors);
  data[7] = Math.min(255, receiveErrors);
  return { errorClass: CAN_ERR_CRTL | (counters === undefined ? 0 : CAN_ERR_CNT), data };
}
