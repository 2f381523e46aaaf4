export { type BootWatch, waitForBoot } from './boot-watch.ts';
export { type CheckedImage, readCheckedImage } from './checked-image.ts';
export { type DeviceOptions, FlashDeviceSession } from './device.ts';
export { type FlashEvent, type SlotFacts, slotFacts } from './events.ts';
export { type FlashRequest, type FlashResult, flashDevice } from './flash-device.ts';
export { type FleetEvent, type FleetOptions, type FleetReport, flashFleet } from './fleet.ts';
export { type FleetEntry, FleetJournal } from './fleet-journal.ts';
export { type FleetDevice, readFleet } from './fleet-list.ts';
export { fleetRows, fleetSummary, fleetText } from './fleet-text.ts';
export {
  changeSetting,
  dateTime,
  downloadLog,
  info,
  type LogFile,
  listSlots,
  type SettingValue,
  sendEcho,
  setDateTime,
  setting,
  slotSizes,
  statistics,
} from './manage.ts';
export { type FlashTarget, openTarget, targetName } from './target.ts';
export { flashText, slotSizeText, slotText } from './text.ts';
export { uploadDisplay } from './upload-progress.ts';
