export { UdsClient, type UdsClientOptions, type UdsCounters, type UdsTiming } from './client.ts';
export {
  DataIdentifier,
  DtcStatusBit,
  keepSession,
  readDtcs,
  readIdentifier,
  SessionType,
  startSession,
  type UdsDtc,
} from './requests.ts';
export { describeRequest, negativeResponse, ResponseCode, responseCodeName } from './service-table.ts';
