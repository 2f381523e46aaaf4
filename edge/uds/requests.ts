/** The requests that a Miner makes of UDS, and what their answers hold. */
import { edgeError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { UdsClient } from './client.ts';
import { describeRequest, suppressPositiveResponse } from './service-table.ts';

export const SessionType = { default: 1, programming: 2, extended: 3 } as const;

/** Data identifiers that ISO 14229-1, annex C, gives a meaning. */
export const DataIdentifier = {
  activeDiagnosticSession: 0xf186,
  ecuSerialNumber: 0xf18c,
  vin: 0xf190,
  systemSupplierEcuSoftwareVersion: 0xf195,
  systemName: 0xf197,
} as const;

/** Bits of a trouble code's status (ISO 14229-1, D.2). */
export const DtcStatusBit = {
  testFailed: 0x01,
  testFailedThisCycle: 0x02,
  pending: 0x04,
  confirmed: 0x08,
  testNotCompletedSinceClear: 0x10,
  testFailedSinceClear: 0x20,
  testNotCompletedThisCycle: 0x40,
  warningIndicatorRequested: 0x80,
} as const;

/**
 * Asks for a session (service 0x10), and takes over the times that the server names.
 * @param session 1 default, 3 extended; see SessionType
 * @throws {MinerError} as UdsClient.request; UDS_ANSWER
 */
export async function startSession(client: UdsClient, session: number): Promise<void> {
  const answer = await client.request(Uint8Array.of(0x10, session));
  // Answers of two bytes come from before ISO 15765-3: no times, then.
  if (answer.length < 6) return;
  client.setServerTiming({ p2Ms: (answer[2] << 8) | answer[3], p2StarMs: ((answer[4] << 8) | answer[5]) * 10 });
}

/**
 * Keeps a session open that its server would end after 5 s (S3): tester present (service 0x3E), without an answer.
 * @param intervalMs default 2000
 * @returns stops it
 */
export function keepSession(client: UdsClient, clock: Clock, intervalMs = 2000): () => void {
  let cancel = () => {};
  const next = () => {
    cancel = clock.schedule(intervalMs, () => {
      next();
      // One that did not get through is made up for by the next one.
      client.tell(Uint8Array.of(0x3e, suppressPositiveResponse)).catch(() => {});
    });
  };
  next();
  return () => cancel();
}

/**
 * Reads one data identifier (service 0x22).
 * @param identifier 0 to 0xFFFF
 * @returns its contents, at least one byte
 * @throws {MinerError} as UdsClient.request; UDS_ANSWER when it is empty
 */
export async function readIdentifier(client: UdsClient, identifier: number): Promise<Uint8Array> {
  const request = Uint8Array.of(0x22, identifier >> 8, identifier & 0xff);
  const answer = await client.request(request);
  if (answer.length < 4) {
    const service = describeRequest(request);
    throw edgeError('UDS_ANSWER', { id: client.id, service, problem: 'it holds no data' });
  }
  return answer.slice(3);
}

/** One trouble code as UDS reports it. */
export interface UdsDtc {
  /** Two bytes of the code, as OBD has them, and one of the failure type. */
  code: number;
  failureType: number;
  /** Bits of DtcStatusBit. */
  status: number;
}

/**
 * Reads the trouble codes whose status has one of the mask's bits (service 0x19, report 0x02).
 * @param statusMask bits of DtcStatusBit; default: confirmed
 * @throws {MinerError} as UdsClient.request; UDS_ANSWER when the records are no whole number
 */
export async function readDtcs(client: UdsClient, statusMask: number = DtcStatusBit.confirmed): Promise<UdsDtc[]> {
  const request = Uint8Array.of(0x19, 0x02, statusMask);
  const answer = await client.request(request);
  const records = answer.subarray(3);
  if (answer.length < 3 || records.length % 4 !== 0) {
    const problem = `${answer.length} bytes, expected 3 and 4 for each code`;
    throw edgeError('UDS_ANSWER', { id: client.id, service: describeRequest(request), problem });
  }
  return Array.from({ length: records.length / 4 }, (_, i) => {
    const [high, low, failureType, status] = records.subarray(4 * i, 4 * i + 4);
    return { code: (high << 8) | low, failureType, status };
  });
}
