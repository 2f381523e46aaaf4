/** OBD services of an ECU: SAE J1979 (ISO 15031-5) on CAN. */
import { type Answer, Refusal } from './answer.ts';
import type { EcuDescription } from './description.ts';
import type { DtcStore } from './dtc-store.ts';
import { type ParameterContext, parameters, supportMask } from './parameters.ts';

export interface ObdContext extends ParameterContext {
  ecu: EcuDescription;
  vin: string;
  dtcs: DtcStore;
  /** Called when service 04 forgot the codes. */
  onCleared: () => void;
}

/** Requests by service; undefined for one that is none of OBD. */
export function answerObd(request: Uint8Array, context: ObdContext): Answer | undefined {
  if (context.ecu.pids.length === 0) return undefined;
  switch (request[0]) {
    case 0x01:
      return currentData(request, context);
    case 0x03:
      return troubleCodes(request, context.dtcs.obdBytes('confirmed'));
    case 0x04:
      return clearTroubleCodes(request, context);
    case 0x07:
      return troubleCodes(request, context.dtcs.obdBytes('pending'));
    case 0x09:
      return vehicleInformation(request, context);
    default:
      return undefined;
  }
}

function currentData(request: Uint8Array, context: ObdContext): Answer {
  const { pids, pidsPerRequestMax = 6 } = context.ecu;
  const asked = [...request.subarray(1)];
  if (asked.length < 1 || asked.length > 6) return { refusal: Refusal.incorrectLength };
  const bytes: number[] = [];
  // An ECU that knows only one at a time answers the first, and says nothing of the others.
  for (const pid of asked.slice(0, pidsPerRequestMax)) {
    if (pid % 32 === 0 && (pid === 0 || pids.some((known) => known > pid))) bytes.push(pid, ...supportMask(pids, pid));
    else if (pids.includes(pid)) bytes.push(pid, ...parameters.get(pid)!(context));
  }
  return bytes.length === 0 ? { refusal: Refusal.subFunctionNotSupported } : { bytes: [0x41, ...bytes] };
}

/** How many codes, then two bytes for each. */
function troubleCodes(request: Uint8Array, codes: number[]): Answer {
  if (request.length !== 1) return { refusal: Refusal.incorrectLength };
  return { bytes: [request[0] + 0x40, codes.length / 2, ...codes] };
}

function clearTroubleCodes(request: Uint8Array, context: ObdContext): Answer {
  if (request.length !== 1) return { refusal: Refusal.incorrectLength };
  if (context.state.speedKmh > 0) return { refusal: Refusal.conditionsNotCorrect };
  context.dtcs.clear();
  context.onCleared();
  return { bytes: [0x44] };
}

const InfoType = { vin: 0x02, calibrationIds: 0x04, ecuName: 0x0a } as const;

function vehicleInformation(request: Uint8Array, { ecu, vin }: ObdContext): Answer {
  if (request.length !== 2) return { refusal: Refusal.incorrectLength };
  const { holdsVin = false, calibrationIds = [], name } = ecu;
  const types: number[] = [];
  if (holdsVin) types.push(InfoType.vin);
  if (calibrationIds.length > 0) types.push(InfoType.calibrationIds);
  types.push(InfoType.ecuName);
  const [service, type] = [request[0] + 0x40, request[1]];
  if (type === 0) return { bytes: [service, 0, ...supportMask(types, 0)] };
  if (!types.includes(type)) return { refusal: Refusal.subFunctionNotSupported };
  if (type === InfoType.vin) return { bytes: [service, type, 1, ...text(vin, 17)] };
  if (type === InfoType.ecuName) return { bytes: [service, type, 1, ...text(name, 20)] };
  return { bytes: [service, type, calibrationIds.length, ...calibrationIds.flatMap((id) => text(id, 16))] };
}

/** ASCII, filled with zeros. */
function text(value: string, length: number): number[] {
  return Array.from({ length }, (_, i) => (i < value.length ? value.charCodeAt(i) & 0x7f : 0));
}
