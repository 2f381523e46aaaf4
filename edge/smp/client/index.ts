export { type PendingAnswer, SmpClient, type SmpClientOptions, type SmpQuestion } from './client.ts';
export {
  commitSettings,
  type DeviceSlot,
  type DeviceSlotInfo,
  echo,
  eraseSlot,
  ifSupported,
  isNotSupported,
  listStatistics,
  readBuffers,
  readDateTime,
  readImageState,
  readInfo,
  readSetting,
  readSlotInfo,
  readStatistics,
  reset,
  type SmpBuffers,
  saveSettings,
  writeDateTime,
  writeImageState,
  writeSetting,
} from './commands.ts';
export { type Download, type DownloadOptions, downloadFile } from './download.ts';
export type { SmpRefused } from './errors.ts';
export type { SmpLink } from './link.ts';
export { type SerialLinkOptions, serialLink } from './serial-link.ts';
export { type StreamLinkOptions, streamLink } from './stream-link.ts';
export { type UploadOptions, type UploadOutcome, type UploadProgress, uploadImage } from './upload.ts';
