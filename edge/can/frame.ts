/** One CAN frame as an object: for tests, settings and slow paths. The hot path uses FrameBatch. */

/** Bits of a frame's flags, the same in FrameBatch and in log files we write. */
export const FrameFlag = {
  /** 29-bit arbitration id (CAN 2.0B, IDE bit). */
  extended: 1,
  /** Remote transmission request: a length, no data. */
  remote: 2,
  /** Error frame: the id carries the error class as Linux's can/error.h has it. */
  error: 4,
  /** CAN FD frame format. */
  fd: 8,
  /** CAN FD bit rate switch. */
  bitRateSwitch: 16,
  /** CAN FD error state indicator. */
  errorState: 32,
  /** Sent by us, not received. */
  transmitted: 64,
} as const;

export interface CanFrame {
  /** Microseconds; the origin is the source's (unix epoch for logs, boot for a Miner). */
  timeUs: number;
  /** Arbitration id without flag bits: 0..0x7FF, or 0..0x1FFFFFFF when extended. */
  id: number;
  /** Bits of FrameFlag. */
  flags: number;
  /** 0 to 8 bytes, up to 64 with FD; empty for a remote frame. */
  data: Uint8Array;
}

/** DLC 0..15 to payload bytes (ISO 11898-1:2015, table 5). */
export const dlcToLength: readonly number[] = [0, 1, 2, 3, 4, 5, 6, 7, 8, 12, 16, 20, 24, 32, 48, 64];

/** Smallest DLC whose payload holds `length` bytes, 0..64. */
export function lengthToDlc(length: number): number {
  let dlc = length <= 8 ? length : 9;
  while (dlcToLength[dlc] < length) dlc++;
  return dlc;
}
