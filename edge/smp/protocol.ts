/** Numbers of the Simple Management Protocol, named as its documentation names them. */

export const SmpOp = { read: 0, readResponse: 1, write: 2, writeResponse: 3 } as const;
export type SmpOp = (typeof SmpOp)[keyof typeof SmpOp];

export const SmpGroup = {
  os: 0,
  image: 1,
  statistics: 2,
  settings: 3,
  fileSystem: 8,
  enumeration: 10,
  zephyrBasic: 63,
} as const;

export const OsCommand = {
  echo: 0,
  consoleEcho: 1,
  taskStatistics: 2,
  memoryPools: 3,
  dateTime: 4,
  reset: 5,
  mcumgrParameters: 6,
  info: 7,
  bootloaderInfo: 8,
} as const;

export const ImageCommand = { state: 0, upload: 1, erase: 5, slotInfo: 6 } as const;
export const StatisticsCommand = { show: 0, list: 1 } as const;
export const SettingsCommand = { readWrite: 0, delete: 1, commit: 2, loadSave: 3 } as const;
export const FileCommand = { file: 0, status: 1, hash: 2, supportedHashes: 3, close: 4 } as const;
export const EnumerationCommand = { count: 0, list: 1, single: 2, details: 3 } as const;
export const ZephyrBasicCommand = { eraseStorage: 0 } as const;

/** MGMT_ERR: what `rc` means. */
export const SmpError = {
  ok: 0,
  unknown: 1,
  noMemory: 2,
  invalid: 3,
  timeout: 4,
  noEntry: 5,
  badState: 6,
  messageSize: 7,
  notSupported: 8,
  corrupt: 9,
  busy: 10,
  accessDenied: 11,
  tooOld: 12,
  tooNew: 13,
} as const;
export type SmpError = (typeof SmpError)[keyof typeof SmpError];

/** OS_MGMT_ERR. In each group 0 is success and 1 an unknown error. */
export const OsError = {
  unknown: 1,
  invalidFormat: 2,
  queryYieldsNoAnswer: 3,
  clockNotSet: 4,
  clockCommandFailed: 5,
  queryResponseInvalid: 6,
} as const;

/** IMG_MGMT_ERR. */
export const ImageError = {
  unknown: 1,
  flashConfigQueryFailed: 2,
  noImage: 3,
  noTlvs: 4,
  invalidTlv: 5,
  multipleHashes: 6,
  invalidTlvSize: 7,
  hashNotFound: 8,
  noFreeSlot: 9,
  flashOpenFailed: 10,
  flashReadFailed: 11,
  flashWriteFailed: 12,
  flashEraseFailed: 13,
  invalidSlot: 14,
  noFreeMemory: 15,
  flashContextAlreadySet: 16,
  flashContextNotSet: 17,
  flashAreaDeviceNull: 18,
  invalidPageOffset: 19,
  invalidOffset: 20,
  invalidLength: 21,
  invalidImageHeader: 22,
  invalidImageHeaderMagic: 23,
  invalidHash: 24,
  invalidFlashAddress: 25,
  versionGetFailed: 26,
  currentVersionIsNewer: 27,
  imageAlreadyPending: 28,
  invalidVectorTable: 29,
  imageTooLarge: 30,
  imageDataOverrun: 31,
  confirmationDenied: 32,
  testOfActiveDenied: 33,
  activeSlotNotKnown: 34,
} as const;

/** STAT_MGMT_ERR. */
export const StatisticsError = { unknown: 1, invalidGroup: 2, invalidName: 3, invalidSize: 4, walkAborted: 5 } as const;

/** SETTINGS_MGMT_ERR. */
export const SettingsError = {
  unknown: 1,
  keyTooLong: 2,
  keyNotFound: 3,
  readNotSupported: 4,
  rootKeyNotFound: 5,
  writeNotSupported: 6,
  deleteNotSupported: 7,
  saveNotSupported: 8,
} as const;

/** FS_MGMT_ERR. */
export const FileError = {
  unknown: 1,
  invalidName: 2,
  notFound: 3,
  isDirectory: 4,
  openFailed: 5,
  seekFailed: 6,
  readFailed: 7,
  truncateFailed: 8,
  deleteFailed: 9,
  writeFailed: 10,
  offsetNotValid: 11,
  offsetLargerThanFile: 12,
  hashNotFound: 13,
  mountPointNotFound: 14,
  readOnly: 15,
  empty: 16,
} as const;

/** ENUM_MGMT_ERR. */
export const EnumerationError = { unknown: 1, tooManyEntries: 2, noMemory: 3, indexTooLarge: 4 } as const;

/** ZEPHYR_MGMT_GRP_CMD_ERR. */
export const ZephyrBasicError = {
  unknown: 1,
  flashOpenFailed: 2,
  flashConfigQueryFailed: 3,
  flashEraseFailed: 4,
} as const;
