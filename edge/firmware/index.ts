export {
  type FirmwareImage,
  type ImageVersion,
  parseImage,
  securityCounterOf,
  type Tlv,
  versionText,
} from './image.ts';
export { TlvType } from './image-format.ts';
export { keyHashOf, verifyImage } from './verify.ts';
