/** Trouble codes in an ECU's memory. */
import type { StoredDtc } from './description.ts';

/** Bits of a code's status byte (ISO 14229-1, D.2). */
export const DtcStatus = { testFailed: 0x01, pending: 0x04, confirmed: 0x08, warningIndicator: 0x80 } as const;

/** The bits that these ECUs keep. */
export const statusAvailability =
  DtcStatus.testFailed | DtcStatus.pending | DtcStatus.confirmed | DtcStatus.warningIndicator;

const systems = 'PCBU';

export class DtcStore {
  #codes: StoredDtc[];

  constructor(codes: readonly StoredDtc[] = []) {
    this.#codes = [];
    for (const stored of codes) this.add(stored);
  }

  /** @throws {RangeError} when the code is none: our own mistake */
  add(stored: StoredDtc): void {
    codeBytes(stored.code);
    this.#codes = [...this.#codes.filter(({ code }) => code !== stored.code), stored];
  }

  clear(): void {
    this.#codes = [];
  }

  count(state: StoredDtc['state']): number {
    return this.#codes.filter((stored) => stored.state === state).length;
  }

  /** Two bytes a code, as OBD sends them. */
  obdBytes(state: StoredDtc['state']): number[] {
    return this.#codes.filter((stored) => stored.state === state).flatMap(({ code }) => codeBytes(code));
  }

  /** Three bytes and a status byte for each code that has one of the mask's bits, as UDS sends them. */
  udsBytes(mask: number): number[] {
    return this.#codes
      .map(({ code, state }) => [...codeBytes(code), 0, statusOf(state)])
      .filter(([, , , status]) => (status & mask) !== 0)
      .flat();
  }
}

function statusOf(state: StoredDtc['state']): number {
  return state === 'pending'
    ? DtcStatus.testFailed | DtcStatus.pending
    : DtcStatus.testFailed | DtcStatus.pending | DtcStatus.confirmed | DtcStatus.warningIndicator;
}

/** `P0A80` as its two bytes: system and first digit above, then three hexadecimal digits. */
function codeBytes(code: string): number[] {
  if (!/^[PCBU][0-3][0-9A-F]{3}$/.test(code)) throw new RangeError(`${code} is no trouble code such as P0A80`);
  const value = (systems.indexOf(code[0]) << 14) | Number.parseInt(code.slice(1), 16);
  return [value >> 8, value & 0xff];
}
