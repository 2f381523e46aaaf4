export {
  type BatchPlan,
  batchLeaves,
  enrolFromBatch,
  minerDomainOf,
  planBatch,
  postBatch,
  postSignedBatch,
} from './batch.ts';
export {
  type BatchDevice,
  type BatchRecord,
  batchFile,
  findBatchDevice,
  isBatchFolder,
  readBatchRecord,
  writeBatch,
  writeBatchRecord,
} from './batch-folder.ts';
export { signConsent } from './consent.ts';
export { type DeviceList, devicesMax, readDeviceList } from './device-list.ts';
export { type EnrolmentRequest, enrolDevice } from './enrolment.ts';
export { modelIdOf, modelName } from './model-id.ts';
export { p256Device } from './p256-device.ts';
export { type Curve, curves, deviceAddress } from './public-key.ts';
export {
  type BatchClaim,
  batchMessage,
  claimMessage,
  consentMessage,
  type Enrolment,
  type EnrolmentBatch,
  enrolmentMessage,
  type MessageDomain,
  type Rotation,
  rotationMessage,
} from './typed-data.ts';
export type { TypedDataSigner } from './typed-data-signer.ts';
