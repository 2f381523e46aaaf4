/** What those do who ask something of the holders: authors of decoders, and makers of Miners. */

export { parseAttestationSigner, signerText, verifierOf } from './attestation-signer.ts';
export { expectAward } from './award.ts';
export { thisMachine } from './benchmark.ts';
export {
  type BountyRound,
  type CommittedWork,
  commitmentOf,
  commitWork,
  listBounties,
  type PlatformBounty,
  payIntoBounty,
  type RevealedWork,
  readBounty,
  readWork,
  refundBounty,
  revealWork,
} from './bounty.ts';
export { type ConsentFile, expectConsent, expectSameListing, formatConsent, readConsent } from './consent-file.ts';
export { chainTime, eventsOf, readFrom } from './contract.ts';
export { type DecoderDipParts, decoderDip } from './decoder-dip.ts';
export { decoderBytes, decoderHash } from './decoder-hash.ts';
export { type ExecutionWindow, executionWindow } from './execution-window.ts';
export { benchmarkGate, type GateReport, type GateResult, type GateStep, gateReportText, runGate } from './gate.ts';
export { compareReports, type ReportDifference, readGateReport } from './gate-compare.ts';
export {
  exitLicence,
  expectUsableSigner,
  type LicenceStanding,
  licenceCount,
  licenceNext,
  postBond,
  readLicence,
  setAttestationSigner,
  withdrawBond,
} from './licence.ts';
export { type LicenceDipParts, licenceDip, readConformance } from './licence-dip.ts';
export { expectDecoder, type ListingTerms, listingOf, platformName } from './listing.ts';
export { readOrMakeSecret, readSecret, secretPath } from './secret-file.ts';
