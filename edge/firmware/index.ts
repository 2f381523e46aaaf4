export {
  type FirmwareImage,
  type ImageVersion,
  parseImage,
  securityCounterOf,
  type Tlv,
  versionText,
} from './image.ts';
export { TlvType } from './image-format.ts';
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
export { keyHashOf, verifyImage } from './verify.ts';
