/** The column `status`: which signals of a row are neither ok nor absent, as JSON, like in the JSON lines. */
import { SignalStatus, statusNames } from '../../../edge/decode/index.ts';

/** Statuses of one signal in a block of rows. */
export interface SignalStatuses {
  /** The signal's name as JSON. */
  key: string;
  status: Uint8Array;
}

/** Of statuses below 8, as many fit into the 53 bits of an integer. */
const statusesPerCode = 17;

const isTold = (status: number): boolean => status !== SignalStatus.ok && status !== SignalStatus.absent;

/** Keeps each text once: sloppy ranges put the same signals out of range again and again. */
export class StatusTexts {
  readonly texts: string[] = [];
  readonly #known = new Map<string, number>();

  /** Sets `indexes[first + row]` to the number from 1 of the row's text; rows without one keep their 0. */
  fill(signals: readonly SignalStatuses[], rowCount: number, indexes: Uint32Array, first: number): void {
    const byCode = signals.length <= statusesPerCode ? new Map<number, number>() : undefined;
    for (let row = 0; row < rowCount; row++) {
      let code = 0;
      for (const { status } of signals) code = code * 8 + (isTold(status[row]) ? status[row] : 0);
      if (code === 0) continue;
      let index = byCode?.get(code);
      if (index === undefined) {
        index = this.#indexOf(signals, row);
        byCode?.set(code, index);
      }
      indexes[first + row] = index;
    }
  }

  clear(): void {
    this.texts.length = 0;
    this.#known.clear();
  }

  #indexOf(signals: readonly SignalStatuses[], row: number): number {
    const told = signals.filter(({ status }) => isTold(status[row]));
    const text = `{${told.map(({ key, status }) => `${key}:"${statusNames[status[row]]}"`).join(',')}}`;
    const known = this.#known.get(text);
    if (known !== undefined) return known;
    const index = this.texts.push(text);
    this.#known.set(text, index);
    return index;
  }
}
