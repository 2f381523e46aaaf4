export { type BatchPlan, enrolFromBatch, minerDomainOf, planBatch, postBatch } from './batch.ts';
export { signConsent } from './consent.ts';
export { type EnrolmentRequest, enrolDevice } from './enrolment.ts';
export { p256Device } from './p256-device.ts';
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
