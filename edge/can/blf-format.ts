/**
 * Vector's BLF in numbers. The format has no public specification that we know of: names are those of Vector's
 * binlog interface, and places and meanings were found in files that Vector's and others' programs wrote. All numbers
 * are little-endian.
 */

/** `LOGG`, at the beginning of the file. */
export const fileSignature = 0x47474f4c;
/** `LOBJ`, at the beginning of each object. */
export const objectSignature = 0x4a424f4c;

/** Offsets in the file's header. */
export const fileHeader = {
  size: 4,
  applicationId: 8,
  apiNumber: 12,
  fileBytes: 16,
  unpackedBytes: 24,
  objectCount: 32,
  objectsRead: 36,
  startTime: 40,
  endTime: 56,
  /** What is told of the whole; the rest is reserved. */
  bytes: 72,
  bytesWritten: 144,
} as const;

/** Offsets in the header of each object. */
export const objectHeader = {
  headerSize: 4,
  headerVersion: 6,
  objectSize: 8,
  objectType: 12,
  /** All objects have so much. */
  bytes: 16,
  timeUnit: 16,
  timestamp: 24,
  /** Objects that happened at a time have so much, or more. */
  timedBytes: 32,
} as const;

/** What a timestamp counts. */
export const timeUnit = { tenMicroseconds: 1, nanosecond: 2 } as const;

export const objectType = {
  canMessage: 1,
  canError: 2,
  logContainer: 10,
  canErrorExt: 73,
  canMessage2: 86,
  canFdMessage: 100,
  canFdMessage64: 101,
  canFdError64: 104,
} as const;

/** Behind the header of a container: u16 method, then u32 bytes unpacked. */
export const container = { method: 0, unpackedBytes: 8, bytes: 16 } as const;
export const compression = { none: 0, zlib: 2 } as const;

/** Bit 31 of an id. */
export const extendedBit = 0x80000000;

/** Flags of CAN_MESSAGE and CAN_MESSAGE2, and of CAN_FD_MESSAGE. */
export const messageFlag = { transmitted: 0x01, remote: 0x80 } as const;
/** Of CAN_FD_MESSAGE. */
export const fdFlag = { fd: 0x01, bitRateSwitch: 0x02, errorState: 0x04 } as const;
/** Of CAN_FD_MESSAGE_64. */
export const fd64Flag = { remote: 0x0010, fd: 0x1000, bitRateSwitch: 0x2000, errorState: 0x4000 } as const;

/** Bytes behind the header, as we write them. */
export const canMessageBytes = 16;
export const canFdMessageBytes = 84;
export const canErrorExtBytes = 32;
