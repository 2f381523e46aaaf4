/** What a drive begins with: which parameters, which identity, which trouble codes a control unit has. */
import { MinerError } from '../errors/index.ts';
import { readObdDtcs } from './dtc.ts';
import type { EcuState } from './ecu-state.ts';
import type { ObdEvent } from './events.ts';
import { supportedNumbers } from './parameter-values.ts';
import type { Questioner } from './questioner.ts';
import { readText } from './vin.ts';
import { type VinReading, vinReading } from './vin-choice.ts';

type Emit = (event: ObdEvent) => void;

/**
 * Asks for the masks of parameters that follow the first one.
 * @param first the answer `41 00 ...`
 */
export async function surveyParameters(asker: Questioner, ecu: EcuState, first: Uint8Array): Promise<void> {
  const pids: number[] = [];
  let answer: Uint8Array | undefined = first;
  for (let base = 0; answer !== undefined && answer.length >= 6; ) {
    const numbers = supportedNumbers(base, answer.subarray(2));
    // The last bit only says that the next mask is worth asking for.
    pids.push(...numbers.filter((number) => number % 32 !== 0));
    base += 32;
    if (!numbers.includes(base) || base > 0xe0) break;
    answer = await answerOrNone(asker.ask(ecu, Uint8Array.of(0x01, base)));
  }
  ecu.pids = pids;
}

const InfoType = { vin: 0x02, calibrationIds: 0x04, ecuName: 0x0a } as const;

/**
 * Asks for VIN, calibration ids and name by OBD service 09, and for the VIN by UDS too.
 * @returns the VINs that were told
 */
export async function identify(asker: Questioner, ecu: EcuState, emit: Emit): Promise<VinReading[]> {
  const readings: VinReading[] = [];
  const vin = (answer: Uint8Array, service: VinReading['service']) => {
    const reading = vinReading(answer, ecu.name, service);
    readings.push(reading);
    emit({ kind: 'vin', reading });
  };
  const mask = await answerOrNone(asker.ask(ecu, Uint8Array.of(0x09, 0x00)));
  const types = mask !== undefined && mask.length >= 6 ? supportedNumbers(0, mask.subarray(2)) : [];
  const info = (type: number) =>
    types.includes(type) ? answerOrNone(asker.ask(ecu, Uint8Array.of(0x09, type))) : Promise.resolve(undefined);
  const vinAnswer = await info(InfoType.vin);
  if (vinAnswer !== undefined) vin(vinAnswer, '09 02');
  // A control unit that only hears requests to all is behind a gateway that passes OBD alone.
  if (ecu.reach === 'physical') {
    const answer = await answerOrNone(asker.ask(ecu, Uint8Array.of(0x22, 0xf1, 0x90)));
    if (answer !== undefined) vin(answer, '22 F190');
  }
  const calibration = await info(InfoType.calibrationIds);
  if (calibration !== undefined) emit({ kind: 'calibration-ids', ecu: ecu.name, ids: textsOf(calibration, 16) });
  const name = await info(InfoType.ecuName);
  if (name !== undefined) emit({ kind: 'ecu-name', ecu: ecu.name, name: readText(name.subarray(3)) });
  return readings;
}

/** Texts of a fixed length after service, type and count. */
function textsOf(answer: Uint8Array, length: number): string[] {
  const texts: string[] = [];
  for (let at = 3; at + length <= answer.length; at += length) texts.push(readText(answer.subarray(at, at + length)));
  return texts;
}

/** Reads confirmed and pending trouble codes; a service that the control unit refuses is not asked again. */
export async function readTroubleCodes(asker: Questioner, ecu: EcuState, emit: Emit): Promise<void> {
  const read = async (service: number): Promise<string[] | undefined> => {
    if (ecu.refusedServices.has(service)) return undefined;
    try {
      return readObdDtcs(await asker.ask(ecu, Uint8Array.of(service)));
    } catch (fault) {
      if (!(fault instanceof MinerError)) throw fault;
      if (fault.code === 'UDS_NEGATIVE') ecu.refusedServices.add(service);
      return undefined;
    }
  };
  const stored = await read(0x03);
  const pending = await read(0x07);
  // Without an answer nothing is said: no codes is a statement too.
  if (stored !== undefined && pending !== undefined) emit({ kind: 'trouble-codes', ecu: ecu.name, stored, pending });
}

/** An answer, or undefined where the control unit has none; only our own mistakes go on. */
async function answerOrNone(asked: Promise<Uint8Array>): Promise<Uint8Array | undefined> {
  try {
    return await asked;
  } catch (fault) {
    if (fault instanceof MinerError) return undefined;
    throw fault;
  }
}
