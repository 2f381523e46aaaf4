export { SlcanAdapter, type SlcanAdapterCounters, type SlcanAdapterOptions } from './adapter.ts';
export type { SlcanChannel, SlcanIdentity } from './adapter-commands.ts';
export { bitRateDigit, bitRateOfRegisters } from './bit-rates.ts';
export type { SlcanBusEvent } from './bus-events.ts';
export { detectProfile, profileOf } from './detect.ts';
export { encodeSlcanFrame, slcanFrameBytesMax } from './encode.ts';
export type { CanErrorCounters, CanErrorFrame, CanErrorState } from './error-lines.ts';
export { type SlcanDevice, SlcanHost, type SlcanHostCounters, type SlcanHostOptions } from './host.ts';
export { type SlcanCounters, type SlcanEvents, SlcanParser } from './parser.ts';
export {
  can232,
  canable1,
  canable2,
  kernel,
  lawicel,
  type SlcanProfile,
  slcanfd,
  slcanProfiles,
  weact,
} from './profile.ts';
export { SlcanStatus } from './status.ts';
export { typicalFrameBits } from './typical-frame-bits.ts';
