export { isBlank, type MinerFlash, minerFlashBytes, openMinerFlash, programFactoryImage } from './boot-flash.ts';
export { type BootedMiner, bootMiner } from './boot-miner.ts';
export {
  type FirmwareEvent,
  type FirmwareOptions,
  type ResetCause,
  type RunningFirmware,
  runFirmware,
} from './boot-run.ts';
export { classUuidOf, parseDependencies, vendorUuidOf } from './image-arguments.ts';
export {
  type CertificateSource,
  type ImageCertificate,
  type ImageClaim,
  licenceName,
  requireCertified,
} from './image-chain.ts';
export { readImageFile } from './image-file.ts';
export { type ImageInfo, imageInfo, type TlvInfo } from './image-info.ts';
export { imageInfoText } from './image-info-text.ts';
export {
  makeImageKey,
  type PublicKeyFormat,
  publicKeyAs,
  readImagePublicKey,
  readImageSigner,
} from './image-keys.ts';
export { type ManifestJson, manifestFromJson, manifestJson } from './image-manifest.ts';
export { type SignRequest, signFirmware } from './image-sign.ts';
