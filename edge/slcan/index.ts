export { SlcanAdapter, type SlcanAdapterCounters, type SlcanAdapterOptions } from './adapter.ts';
export type { SlcanChannel, SlcanIdentity } from './adapter-commands.ts';
export { encodeSlcanFrame, slcanFrameBytesMax } from './encode.ts';
export { frameBits } from './frame-bits.ts';
export { type SlcanDevice, SlcanHost, type SlcanHostCounters, type SlcanHostOptions } from './host.ts';
export { type SlcanCounters, type SlcanEvents, SlcanParser } from './parser.ts';
export { bitRateOfRegisters, lawicel, type SlcanProfile, SlcanStatus, slcanProfiles } from './profile.ts';
