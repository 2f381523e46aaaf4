/** Services and refusals, numbered and named as ISO 14229-1 and SAE J1979 do. */

/** The part of a response's first byte that says: this is the answer to that service. */
export const positiveBit = 0x40;
export const negativeResponse = 0x7f;

/** Bit of a sub-function: no positive answer is wanted. */
export const suppressPositiveResponse = 0x80;

interface ServiceEntry {
  name: string;
  /** Bytes after the service that the answer repeats. */
  echo: number;
}

const services: ReadonlyMap<number, ServiceEntry> = new Map([
  [0x01, { name: 'CurrentData', echo: 0 }],
  [0x02, { name: 'FreezeFrameData', echo: 0 }],
  [0x03, { name: 'StoredTroubleCodes', echo: 0 }],
  [0x04, { name: 'ClearTroubleCodes', echo: 0 }],
  [0x07, { name: 'PendingTroubleCodes', echo: 0 }],
  [0x09, { name: 'VehicleInformation', echo: 1 }],
  [0x0a, { name: 'PermanentTroubleCodes', echo: 0 }],
  [0x10, { name: 'DiagnosticSessionControl', echo: 1 }],
  [0x11, { name: 'ECUReset', echo: 1 }],
  [0x14, { name: 'ClearDiagnosticInformation', echo: 0 }],
  [0x19, { name: 'ReadDTCInformation', echo: 1 }],
  [0x22, { name: 'ReadDataByIdentifier', echo: 2 }],
  [0x27, { name: 'SecurityAccess', echo: 1 }],
  [0x28, { name: 'CommunicationControl', echo: 1 }],
  [0x2e, { name: 'WriteDataByIdentifier', echo: 2 }],
  [0x31, { name: 'RoutineControl', echo: 1 }],
  [0x3e, { name: 'TesterPresent', echo: 1 }],
  [0x85, { name: 'ControlDTCSetting', echo: 1 }],
]);

/** Services whose first parameter is a sub-function, whose answer comes without the suppress bit. */
const withSubFunction: readonly number[] = [0x10, 0x11, 0x19, 0x27, 0x28, 0x31, 0x3e, 0x85];

/** A request in words: `ReadDataByIdentifier (22 F1 90)`. */
export function describeRequest(request: Uint8Array): string {
  const name = services.get(request[0])?.name ?? 'service';
  const shown = [...request.subarray(0, 4)].map((byte) => byte.toString(16).toUpperCase().padStart(2, '0'));
  return `${name} (${shown.join(' ')}${request.length > 4 ? ' ...' : ''})`;
}

/**
 * Whether a message is a positive answer to this very request: the service, and what it repeats of the request. A
 * late answer to an earlier request for another identifier is none.
 */
export function isPositiveAnswer(request: Uint8Array, message: Uint8Array): boolean {
  if (message[0] !== request[0] + positiveBit) return false;
  // Current data repeats those of the parameters that the ECU has, whichever those are.
  if (request[0] === 0x01) return request.indexOf(message[1], 1) > 0;
  const { echo = 0 } = services.get(request[0]) ?? {};
  for (let i = 1; i <= echo; i++) {
    const mask = i === 1 && withSubFunction.includes(request[0]) ? ~suppressPositiveResponse : 0xff;
    if (message[i] !== (request[i] & mask)) return false;
  }
  return true;
}

/** Codes of a negative response that a tester acts on. */
export const ResponseCode = {
  serviceNotSupported: 0x11,
  subFunctionNotSupported: 0x12,
  busyRepeatRequest: 0x21,
  requestOutOfRange: 0x31,
  responsePending: 0x78,
  subFunctionNotSupportedInActiveSession: 0x7e,
  serviceNotSupportedInActiveSession: 0x7f,
} as const;

const responseCodeNames: ReadonlyMap<number, string> = new Map([
  [0x10, 'generalReject'],
  [0x11, 'serviceNotSupported'],
  [0x12, 'subFunctionNotSupported'],
  [0x13, 'incorrectMessageLengthOrInvalidFormat'],
  [0x14, 'responseTooLong'],
  [0x21, 'busyRepeatRequest'],
  [0x22, 'conditionsNotCorrect'],
  [0x24, 'requestSequenceError'],
  [0x25, 'noResponseFromSubnetComponent'],
  [0x26, 'failurePreventsExecutionOfRequestedAction'],
  [0x31, 'requestOutOfRange'],
  [0x33, 'securityAccessDenied'],
  [0x34, 'authenticationRequired'],
  [0x35, 'invalidKey'],
  [0x36, 'exceedNumberOfAttempts'],
  [0x37, 'requiredTimeDelayNotExpired'],
  [0x70, 'uploadDownloadNotAccepted'],
  [0x71, 'transferDataSuspended'],
  [0x72, 'generalProgrammingFailure'],
  [0x73, 'wrongBlockSequenceCounter'],
  [0x78, 'requestCorrectlyReceivedResponsePending'],
  [0x7e, 'subFunctionNotSupportedInActiveSession'],
  [0x7f, 'serviceNotSupportedInActiveSession'],
  [0x81, 'rpmTooHigh'],
  [0x82, 'rpmTooLow'],
  [0x83, 'engineIsRunning'],
  [0x84, 'engineIsNotRunning'],
  [0x85, 'engineRunTimeTooLow'],
  [0x86, 'temperatureTooHigh'],
  [0x87, 'temperatureTooLow'],
  [0x88, 'vehicleSpeedTooHigh'],
  [0x89, 'vehicleSpeedTooLow'],
  [0x8a, 'throttlePedalTooHigh'],
  [0x8b, 'throttlePedalTooLow'],
  [0x8c, 'transmissionRangeNotInNeutral'],
  [0x8d, 'transmissionRangeNotInGear'],
  [0x8f, 'brakeSwitchesNotClosed'],
  [0x90, 'shifterLeverNotInPark'],
  [0x91, 'torqueConverterClutchLocked'],
  [0x92, 'voltageTooHigh'],
  [0x93, 'voltageTooLow'],
]);

/** The name of a negative response's code; those that makers define have none. */
export function responseCodeName(code: number): string {
  return responseCodeNames.get(code) ?? (code >= 0xf0 && code <= 0xfe ? 'vehicleManufacturerSpecific' : 'reserved');
}
