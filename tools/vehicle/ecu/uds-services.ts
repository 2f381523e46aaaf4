/** UDS services of an ECU: ISO 14229-1. */
import { type Answer, Refusal } from './answer.ts';
import type { EcuDescription } from './description.ts';
import { type DtcStore, statusAvailability } from './dtc-store.ts';

/** P2 and P2* of the servers here: answer within 50 ms, or within 5 s once they said that it is pending. */
export const p2Ms = 50;
export const p2StarMs = 5000;

export const SessionType = { default: 1, extended: 3 } as const;
export type Session = (typeof SessionType)[keyof typeof SessionType];

export interface UdsContext {
  ecu: EcuDescription;
  vin: string;
  dtcs: DtcStore;
  session: Session;
  setSession: (session: Session) => void;
}

/** Bit of a sub-function: the tester wants no positive answer. */
const suppressBit = 0x80;

/** Most bytes of an answer. */
const answerBytesMax = 4095;

/** Requests by service; undefined for one that is none of these. */
export function answerUds(request: Uint8Array, context: UdsContext): Answer | undefined {
  switch (request[0]) {
    case 0x10:
      return diagnosticSessionControl(request, context);
    case 0x19:
      return readDtcInformation(request, context);
    case 0x22:
      return readDataByIdentifier(request, context);
    case 0x3e:
      return testerPresent(request);
    default:
      return undefined;
  }
}

function diagnosticSessionControl(request: Uint8Array, { setSession }: UdsContext): Answer {
  if (request.length !== 2) return { refusal: Refusal.incorrectLength };
  const wanted = request[1] & ~suppressBit;
  const session = Object.values(SessionType).find((type) => type === wanted);
  if (session === undefined) return { refusal: Refusal.subFunctionNotSupported };
  setSession(session);
  if ((request[1] & suppressBit) !== 0) return 'silence';
  // P2* counts in steps of 10 ms.
  const starSteps = p2StarMs / 10;
  return { bytes: [0x50, session, p2Ms >> 8, p2Ms & 0xff, starSteps >> 8, starSteps & 0xff] };
}

function testerPresent(request: Uint8Array): Answer {
  if (request.length !== 2) return { refusal: Refusal.incorrectLength };
  if ((request[1] & ~suppressBit) !== 0) return { refusal: Refusal.subFunctionNotSupported };
  return (request[1] & suppressBit) !== 0 ? 'silence' : { bytes: [0x7e, 0x00] };
}

const DtcReport = { numberByStatusMask: 0x01, byStatusMask: 0x02 } as const;

/** Format of the codes: two bytes of SAE J2012 and a failure type, as ISO 15031-6 numbers it. */
const dtcFormat = 0x00;

function readDtcInformation(request: Uint8Array, { dtcs }: UdsContext): Answer {
  if (request.length < 2) return { refusal: Refusal.incorrectLength };
  const report = request[1] & ~suppressBit;
  if (report !== DtcReport.byStatusMask && report !== DtcReport.numberByStatusMask) {
    return { refusal: Refusal.subFunctionNotSupported };
  }
  if (request.length !== 3) return { refusal: Refusal.incorrectLength };
  if ((request[1] & suppressBit) !== 0) return 'silence';
  const records = dtcs.udsBytes(request[2]);
  if (report === DtcReport.byStatusMask) return { bytes: [0x59, report, statusAvailability, ...records] };
  const count = records.length / 4;
  return { bytes: [0x59, report, statusAvailability, dtcFormat, count >> 8, count & 0xff] };
}

const Identifier = {
  activeSession: 0xf186,
  serialNumber: 0xf18c,
  vin: 0xf190,
  softwareVersion: 0xf195,
  systemName: 0xf197,
} as const;

function readDataByIdentifier(request: Uint8Array, context: UdsContext): Answer {
  if (request.length < 3 || request.length % 2 === 0) return { refusal: Refusal.incorrectLength };
  const bytes = [0x62];
  let delayMs = 0;
  for (let at = 1; at < request.length; at += 2) {
    const found = contentsOf((request[at] << 8) | request[at + 1], context);
    if (found === undefined) continue;
    delayMs += found.delayMs;
    bytes.push(request[at], request[at + 1], ...found.bytes);
  }
  if (bytes.length === 1) return { refusal: Refusal.requestOutOfRange };
  if (bytes.length > answerBytesMax) return { refusal: Refusal.responseTooLong };
  return { bytes, ...(delayMs > 0 && { delayMs }) };
}

function contentsOf(
  id: number,
  context: UdsContext,
): { bytes: ArrayLike<number> & Iterable<number>; delayMs: number } | undefined {
  const { ecu, vin, session } = context;
  const own = ecu.identifiers?.find((identifier) => identifier.id === id);
  if (own !== undefined) {
    const isHidden = own.extendedSession === true && session !== SessionType.extended;
    return isHidden ? undefined : { bytes: own.bytes, delayMs: own.delayMs ?? 0 };
  }
  const ascii = (value: string) => ({ bytes: Uint8Array.from(value, (letter) => letter.charCodeAt(0)), delayMs: 0 });
  switch (id) {
    case Identifier.activeSession:
      return { bytes: [session], delayMs: 0 };
    case Identifier.serialNumber:
      return ascii(`SN${vin.slice(-6)}${ecu.index}`);
    case Identifier.vin:
      return ascii(vin);
    case Identifier.softwareVersion:
      return ascii(ecu.calibrationIds?.[0] ?? '1.0.0');
    case Identifier.systemName:
      return ascii(ecu.name);
    default:
      return undefined;
  }
}
