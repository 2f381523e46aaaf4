/** Several control units and services tell a VIN: which to believe. */
import { inspectVin, readText, type VinInspection } from './vin.ts';

export interface VinReading extends VinInspection {
  /** Control unit that told it, by the id it answers with. */
  ecu: string;
  /** Service that it was obtained by: OBD vehicle information, or UDS read data by identifier. */
  service: '09 02' | '22 F190';
}

/** Takes a VIN out of an answer, whose first three bytes are no part of it in either service. */
export function vinReading(answer: Uint8Array, ecu: string, service: VinReading['service']): VinReading {
  return { ...inspectVin(readText(answer.subarray(3))), ecu, service };
}

/**
 * The VIN that most readings agree on; among equals one whose check digit holds, then one without, then the first.
 * @returns undefined when no reading is well formed
 */
export function chooseVin(readings: readonly VinReading[]): VinReading | undefined {
  const rank = ({ vin, checkDigit }: VinReading) => {
    const votes = readings.filter((other) => other.vin === vin).length;
    return votes * 4 + (checkDigit === 'holds' ? 2 : checkDigit === 'none' ? 1 : 0);
  };
  let best: VinReading | undefined;
  for (const reading of readings) {
    if (reading.isWellFormed && (best === undefined || rank(reading) > rank(best))) best = reading;
  }
  return best;
}
