export {
  dependenciesOf,
  type FirmwareImage,
  type ImageDependency,
  type ImageUuids,
  parseImage,
  securityCounterOf,
  type Tlv,
  uuidsOf,
} from './image.ts';
export {
  type LicenceName,
  licenceText,
  licenceUuids,
  parseUuid,
  requireUuids,
  uuidText,
  uuidV5,
} from './image-binding.ts';
export {
  BootFlagSet,
  BootMagic,
  BootMagicAligned,
  ImageFlag,
  ImageHeaderLength,
  ImageMagic,
  TlvType,
} from './image-format.ts';
export {
  type ImageKeyType,
  type ImageSigner,
  imageKeyType,
  imageSigner,
  keyHashOf,
  publicKeyOfSpki,
  subjectPublicKeyInfo,
} from './image-key.ts';
export {
  type ImageTrailer,
  padToSlot,
  readTrailer,
  requireFitsSlot,
  type SlotLayout,
  trailerLength,
} from './image-trailer.ts';
export { type ImageVersion, parseImageVersion, securityCounterOfVersion, versionText } from './image-version.ts';
export {
  decodeManifest,
  encodeManifest,
  type FirmwareManifest,
  type ManifestFault,
  type ManifestSettings,
  manifestLimits,
  manifestSchema,
} from './manifest.ts';
export { buildManifestBody, manifestOfBody } from './manifest-body.ts';
export { modelIdOf, modelText } from './model-id.ts';
export { type ImageContent, signImage } from './sign.ts';
export { verifyHash, verifyImage } from './verify.ts';
