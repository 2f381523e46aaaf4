export { decodeSmpBody, SmpBody, type SmpReadValue } from './cbor-read.ts';
export { encodeSmpBody, type SmpFields, type SmpValue } from './cbor-write.ts';
export * from './client/index.ts';
export type { SmpCommand, SmpCommandGroup, SmpHandler, SmpRequest } from './command.ts';
export { ConsoleSmp, type ConsoleSmpOptions } from './console.ts';
export { countersOf } from './counters.ts';
export { crc16Xmodem } from './crc16.ts';
export { crc32 } from './crc32.ts';
export { formatDateTime, parseDateTime } from './date-time.ts';
export { DeviceSettings, type DeviceSettingsOptions, type NumberSetting } from './device-settings.ts';
export { smpErrorName } from './error-names.ts';
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
export { refuse, SmpRefusal } from './refusal.ts';
export { SerialDecoder, type SerialDecoderCounters, type SerialDecoderOptions } from './serial-decode.ts';
export { encodeSerial } from './serial-encode.ts';
export { serialFrameBytes } from './serial-framing.ts';
export {
  SmpServer,
  type SmpServerCounters,
  type SmpServerEvent,
  type SmpServerOptions,
} from './server.ts';
export { SettableClock } from './settable-clock.ts';
export { StorageFiles, type StorageFilesOptions } from './storage-files.ts';
export { StreamDecoder, type StreamDecoderOptions } from './stream-decode.ts';
export { type StreamSmpOptions, serveStream } from './stream-server.ts';
export * from './types.ts';
