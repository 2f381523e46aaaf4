/**
 * What differs between the firmwares that speak SLCAN, as data: the same letter means different things in
 * different adapters, so codec, host and emulated adapter all read it from here.
 */
export interface SlcanProfile {
  /** As people select it: `lawicel`. */
  readonly name: string;
  /** bit/s by the digit of the `S` command. */
  readonly bitRates: readonly number[];
  /** Whether the CAN FD letters d D b B are frames. Their batches need a stride of 64. */
  readonly fd: boolean;
  /** First letters of the lines an adapter sends besides frames. */
  readonly replies: string;
  /** First letters of the lines a host sends besides frames. */
  readonly commands: string;
  /** Milliseconds at which the time stamps of `Z1` start again from 0. */
  readonly timestampWrapMs: number;
  /** Whether every command is answered by CR or BEL. */
  readonly acknowledges: boolean;
  /** Sent before `O` so that frames come unasked; a refusal is harmless. */
  readonly autoSend: string | undefined;
}

/**
 * Lawicel's CAN232 and CANUSB.
 * @see LAWICEL CAN232 manual, version 3, "Available commands"
 */
export const lawicel: SlcanProfile = {
  name: 'lawicel',
  bitRates: [10_000, 20_000, 50_000, 100_000, 125_000, 250_000, 500_000, 800_000, 1_000_000],
  fd: false,
  replies: 'VNFzZA',
  commands: 'SsOLCVNFZMmWXQUPA',
  timestampWrapMs: 60_000,
  acknowledges: true,
  autoSend: 'X1',
};

/** Every profile, by name. */
export const slcanProfiles: Readonly<Record<string, SlcanProfile>> = { lawicel };

/** Bits of the two hex digits after `F`; reading them clears them. @see CAN232 manual, "F" */
export const SlcanStatus = {
  receiveQueueFull: 0x01,
  transmitQueueFull: 0x02,
  errorWarning: 0x04,
  dataOverrun: 0x08,
  errorPassive: 0x20,
  arbitrationLost: 0x40,
  busError: 0x80,
} as const;

/** SJA1000 clock of the Lawicel adapters, Hz. */
const controllerClockHz = 16_000_000;

/**
 * Bit rate that the `s` command's two registers set.
 * @param registers `sxxyy` as a number: 0xXXYY, BTR0 then BTR1.
 * @see SJA1000 data sheet, 6.5.1 and 6.5.2
 */
export function bitRateOfRegisters(registers: number): number {
  const prescaler = ((registers >> 8) & 0x3f) + 1;
  const timeSegment1 = (registers & 0x0f) + 1;
  const timeSegment2 = ((registers >> 4) & 0x07) + 1;
  return Math.round(controllerClockHz / (2 * prescaler * (1 + timeSegment1 + timeSegment2)));
}
