export { crc16Xmodem } from './crc16.ts';
export {
  decodeSmp,
  decodeSmpHeader,
  encodeSmp,
  type SmpHeader,
  type SmpMessage,
  smpBodyBytesMax,
  smpHeaderBytes,
} from './header.ts';
export * from './protocol.ts';
export { SerialDecoder, type SerialDecoderCounters, type SerialDecoderOptions } from './serial-decode.ts';
export { encodeSerial } from './serial-encode.ts';
export { serialFrameBytes } from './serial-framing.ts';
export * from './types.ts';
