/** What the control units of the emulated vehicle are, and which diagnostic addresses they have. */

import { parameters } from './parameters.ts';

/** Most ECUs that answer legislated OBD requests on one bus (ISO 15765-4). */
const ecuCountMax = 8;

export interface EcuDescription {
  /** At most 20 ASCII characters, as service 09 shows it: `BECM-BatteryControl`. */
  name: string;
  /** 0 to 7: listens to 0x7E0 + index, answers with 0x7E8 + index. */
  index: number;
  /** 29-bit addressing: listens to 0x18DAxxF1, answers with 0x18DAF1xx. */
  address: number;
  /** Parameters of service 01 that it answers; none: it takes part in UDS only. See `parameters`. */
  pids: readonly number[];
  /** How many of them one request may name, 1 to 6. Default 6. */
  pidsPerRequestMax?: number;
  /** Answers service 09 with the VIN. */
  holdsVin?: boolean;
  /** Software versions for service 09, at most 16 ASCII characters each. */
  calibrationIds?: readonly string[];
  /** Faults stored at the start. */
  dtcs?: readonly StoredDtc[];
  /** Identifiers of service 22 beside those that every ECU here has, with their contents. */
  identifiers?: readonly EcuIdentifier[];
  /** From request to answer; default 8 ms. The standard allows 50. */
  answerDelayMs?: number;
}

/** One trouble code in an ECU's memory. */
export interface StoredDtc {
  /** As people write it: `P0A80`. */
  code: string;
  /** `pending` was seen in this or the last driving cycle, `confirmed` lights the lamp. */
  state: 'pending' | 'confirmed';
}

export interface EcuIdentifier {
  /** 0 to 0xFFFF. */
  id: number;
  bytes: Uint8Array;
  /** Only answered in the extended session. */
  extendedSession?: boolean;
  /** Time that the ECU needs for it; beyond 50 ms it says that the answer is pending. */
  delayMs?: number;
}

/** The drive model's electric car: its vehicle control unit, its battery, and a body unit without OBD. */
export const electricCarEcus: readonly EcuDescription[] = [
  {
    name: 'VCU-VehicleControl',
    index: 0,
    address: 0x10,
    pids: [
      0x01, 0x04, 0x05, 0x0c, 0x0d, 0x11, 0x1c, 0x1f, 0x21, 0x30, 0x31, 0x33, 0x41, 0x42, 0x46, 0x49, 0x51, 0x61, 0x62,
      0x63, 0xa6,
    ],
    holdsVin: true,
    calibrationIds: ['VCU-4.2.17', 'MCU-1.9.3'],
    dtcs: [{ code: 'P0C73', state: 'pending' }],
  },
  {
    name: 'BECM-BatteryControl',
    index: 4,
    address: 0x18,
    pids: [0x01, 0x1c, 0x42, 0x51, 0x5b],
    pidsPerRequestMax: 1,
    calibrationIds: ['BMS-7.0.2'],
    dtcs: [{ code: 'P0A80', state: 'confirmed' }],
    answerDelayMs: 15,
  },
  {
    name: 'BCM-BodyControl',
    index: 6,
    address: 0x40,
    pids: [],
    dtcs: [{ code: 'B1342', state: 'confirmed' }],
    identifiers: [
      { id: 0x0100, bytes: Uint8Array.of(0x12, 0x34), extendedSession: true },
      { id: 0x0200, bytes: Uint8Array.from({ length: 40 }, (_, i) => i), delayMs: 120 },
    ],
  },
];

/** The example VIN of the standards' literature; its check digit, X, holds. */
export const exampleVin = '1M8GDM9AXKP042788';

/** @throws {RangeError} when there can be no such ECU: an index past 7, an unknown parameter, an address past 0xFF */
export function checkDescription({ name, index, address, pids }: EcuDescription): void {
  const isWithin = (value: number, maximum: number) => Number.isInteger(value) && value >= 0 && value <= maximum;
  if (!isWithin(index, ecuCountMax - 1)) throw new RangeError(`${name}: index ${index}, expected 0 to 7`);
  if (!isWithin(address, 0xff)) throw new RangeError(`${name}: address ${address}, expected 0 to 255`);
  const unknown = pids.find((pid) => !parameters.has(pid));
  if (unknown !== undefined) throw new RangeError(`${name}: parameter 0x${unknown.toString(16)} is not emulated`);
}
