export { type IsoTpAddress, resolveAddress } from './address.ts';
export { IsoTpChannel, type IsoTpOptions } from './channel.ts';
export { type FrameFormat, Framing, readSingleFrame } from './framing.ts';
export { defaultTimeouts, FlowStatus, type IsoTpTimeouts, PciType } from './protocol-table.ts';
export { separationCodeOf, separationMsOf } from './separation-time.ts';
