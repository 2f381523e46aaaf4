export {
  AnchorSource,
  type BodyLimits,
  decodeBody,
  encodeBody,
  GapReason,
  type PackBody,
  PackCounter,
  type PackDecoder,
  type Sample,
  type SeqGap,
  sampleCount,
  samplesOf,
  schemaVersion,
  type WallClockAnchor,
} from './body.ts';
export { compareBytes, concatBytes, equalBytes, fromHex, toHex } from './bytes.ts';
export { type CborLimits, decodeCbor } from './cbor-decode.ts';
export { cborMap, encodeCbor } from './cbor-encode.ts';
export { type CborArray, CborFloat, type CborMap, CborTag, type CborValue } from './cbor-value.ts';
export type { Column, TextColumn } from './columns.ts';
export {
  type AadContext,
  type CoseContext,
  CoseHeader,
  type CoseIdentity,
  type CoseSign1,
  claimedIdentity,
  coseSign1Tag,
  parseCose,
  recoverSigner,
  type SignatureClaim,
  type SignerFinder,
  type SignOptions,
  signCose,
  sigStructure,
  verifyCoseByAddress,
  verifyCoseByKey,
} from './cose.ts';
export type { FrameColumn } from './frames.ts';
export { type OpenedPack, openPack, packAad, packHash, signPack } from './pack.ts';
export { SamplesBuilder } from './samples-builder.ts';
export { shownValue } from './shown.ts';
export {
  addressOf,
  CoseAlgorithm,
  type CoseAlgorithmName,
  hasHighS,
  recoverPublicKey,
  type Signer,
  softwareSigner,
  verifySignature,
} from './signature.ts';
export type { RawValues } from './values.ts';
