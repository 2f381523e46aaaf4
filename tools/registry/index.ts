export { signConsent } from './consent.ts';
export { type EnrolmentRequest, enrolDevice } from './enrolment.ts';
export type { TypedDataSigner } from './typed-data-signer.ts';
