/** What a device's refusal is called in the protocol's documentation, and what to do about it. */
import { edgeError, type MinerError } from '../../errors/index.ts';
import { SmpGroup } from '../protocol.ts';

/** By rc, from 0. */
const sharedNames = [
  'EOK',
  'EUNKNOWN',
  'ENOMEM',
  'EINVAL',
  'ETIMEOUT',
  'ENOENT',
  'EBADSTATE',
  'EMSGSIZE',
  'ENOTSUP',
  'ECORRUPT',
  'EBUSY',
  'EACCESSDENIED',
  'UNSUPPORTED_TOO_OLD',
  'UNSUPPORTED_TOO_NEW',
];

/** The names of each group's own errors, by rc. */
const groupNames: Readonly<Record<number, { prefix: string; names: readonly string[] }>> = {
  [SmpGroup.os]: {
    prefix: 'OS_MGMT_ERR',
    names: [
      'OK',
      'UNKNOWN',
      'INVALID_FORMAT',
      'QUERY_YIELDS_NO_ANSWER',
      'RTC_NOT_SET',
      'RTC_COMMAND_FAILED',
      'QUERY_RESPONSE_VALUE_NOT_VALID',
    ],
  },
  [SmpGroup.image]: {
    prefix: 'IMG_MGMT_ERR',
    names: [
      'OK',
      'UNKNOWN',
      'FLASH_CONFIG_QUERY_FAIL',
      'NO_IMAGE',
      'NO_TLVS',
      'INVALID_TLV',
      'TLV_MULTIPLE_HASHES_FOUND',
      'TLV_INVALID_SIZE',
      'HASH_NOT_FOUND',
      'NO_FREE_SLOT',
      'FLASH_OPEN_FAILED',
      'FLASH_READ_FAILED',
      'FLASH_WRITE_FAILED',
      'FLASH_ERASE_FAILED',
      'INVALID_SLOT',
      'NO_FREE_MEMORY',
      'FLASH_CONTEXT_ALREADY_SET',
      'FLASH_CONTEXT_NOT_SET',
      'FLASH_AREA_DEVICE_NULL',
      'INVALID_PAGE_OFFSET',
      'INVALID_OFFSET',
      'INVALID_LENGTH',
      'INVALID_IMAGE_HEADER',
      'INVALID_IMAGE_HEADER_MAGIC',
      'INVALID_HASH',
      'INVALID_FLASH_ADDRESS',
      'VERSION_GET_FAILED',
      'CURRENT_VERSION_IS_NEWER',
      'IMAGE_ALREADY_PENDING',
      'INVALID_IMAGE_VECTOR_TABLE',
      'INVALID_IMAGE_TOO_LARGE',
      'INVALID_IMAGE_DATA_OVERRUN',
      'IMAGE_CONFIRMATION_DENIED',
      'IMAGE_SETTING_TEST_TO_ACTIVE_DENIED',
      'ACTIVE_SLOT_NOT_KNOWN',
    ],
  },
  [SmpGroup.statistics]: {
    prefix: 'STAT_MGMT_ERR',
    names: ['OK', 'UNKNOWN', 'INVALID_GROUP', 'INVALID_STAT_NAME', 'INVALID_STAT_SIZE', 'WALK_ABORTED'],
  },
  [SmpGroup.settings]: {
    prefix: 'SETTINGS_MGMT_ERR',
    names: [
      'OK',
      'UNKNOWN',
      'KEY_TOO_LONG',
      'KEY_NOT_FOUND',
      'READ_NOT_SUPPORTED',
      'ROOT_KEY_NOT_FOUND',
      'WRITE_NOT_SUPPORTED',
      'DELETE_NOT_SUPPORTED',
      'SAVE_NOT_SUPPORTED',
    ],
  },
  [SmpGroup.fileSystem]: {
    prefix: 'FS_MGMT_ERR',
    names: [
      'OK',
      'UNKNOWN',
      'FILE_INVALID_NAME',
      'FILE_NOT_FOUND',
      'FILE_IS_DIRECTORY',
      'FILE_OPEN_FAILED',
      'FILE_SEEK_FAILED',
      'FILE_READ_FAILED',
      'FILE_TRUNCATE_FAILED',
      'FILE_DELETE_FAILED',
      'FILE_WRITE_FAILED',
      'FILE_OFFSET_NOT_VALID',
      'FILE_OFFSET_LARGER_THAN_FILE',
      'CHECKSUM_HASH_NOT_FOUND',
      'MOUNT_POINT_NOT_FOUND',
      'READ_ONLY_FILESYSTEM',
      'FILE_EMPTY',
    ],
  },
  [SmpGroup.zephyrBasic]: {
    prefix: 'ZEPHYRBASIC_MGMT_ERR',
    names: ['OK', 'UNKNOWN', 'FLASH_OPEN_FAILED', 'FLASH_CONFIG_QUERY_FAIL', 'FLASH_ERASE_FAILED'],
  },
};

/** What to do, for those where more can be said than the name does. */
const advice: Readonly<Record<string, string>> = {
  MGMT_ERR_EUNKNOWN: 'the device does not say more; its console may',
  MGMT_ERR_ENOMEM: 'the device has no memory for this: send less at once (--chunk, --window), or reset it',
  MGMT_ERR_EINVAL: 'the device does not take these values',
  MGMT_ERR_ENOENT: 'there is nothing of that name in the device',
  MGMT_ERR_EBADSTATE: 'the slot is in use: confirm or revert the image on trial, or take back the pending one, first',
  MGMT_ERR_EMSGSIZE: 'the answer does not fit into one message of this device; ask for less',
  MGMT_ERR_ENOTSUP: 'the device was built without this command',
  MGMT_ERR_ECORRUPT: 'the request was damaged on its way; check cable and baud rate, and try again',
  MGMT_ERR_EBUSY: 'the device is busy: try again later',
  MGMT_ERR_EACCESSDENIED: 'the device does not allow this now',
  IMG_MGMT_ERR_NO_IMAGE: 'the slot is empty: upload an image first',
  IMG_MGMT_ERR_NO_TLVS: 'sign the image first: "miner image sign"',
  IMG_MGMT_ERR_HASH_NOT_FOUND: 'no slot holds that image: upload it first; see --list',
  IMG_MGMT_ERR_NO_FREE_SLOT:
    'the slot is busy: the image in it is pending, or a trial returns to it; confirm or revert first, see --list',
  IMG_MGMT_ERR_INVALID_IMAGE_HEADER: 'this is no image of this boot loader',
  IMG_MGMT_ERR_INVALID_IMAGE_HEADER_MAGIC: 'this is no MCUboot image: sign it first with "miner image sign"',
  IMG_MGMT_ERR_INVALID_HASH: 'the image in the device is not what was sent, or its signature does not hold',
  IMG_MGMT_ERR_CURRENT_VERSION_IS_NEWER: 'the device runs a newer version, and takes no older one',
  IMG_MGMT_ERR_IMAGE_ALREADY_PENDING: 'another image waits for the next reset: reset the device, or erase the slot',
  IMG_MGMT_ERR_INVALID_IMAGE_TOO_LARGE: 'the image is larger than the slot; see --slot-info',
  IMG_MGMT_ERR_INVALID_IMAGE_DATA_OVERRUN: 'more was sent than was announced; begin again',
  IMG_MGMT_ERR_IMAGE_CONFIRMATION_DENIED: 'the device does not let this image be confirmed',
  IMG_MGMT_ERR_IMAGE_SETTING_TEST_TO_ACTIVE_DENIED: 'it is the running image: there is nothing to try; confirm it',
  IMG_MGMT_ERR_FLASH_WRITE_FAILED: 'the flash of the device does not take it: erase the slot (--erase) and try again',
  IMG_MGMT_ERR_FLASH_ERASE_FAILED: 'the flash of the device may be worn out; try again',
  SETTINGS_MGMT_ERR_KEY_NOT_FOUND: 'the device has no setting of that name',
  FS_MGMT_ERR_FILE_NOT_FOUND: 'the device has no file of that path',
};

export interface SmpRefused {
  /** The group whose error `rc` is; undefined for one that all groups share. */
  group?: number;
  rc: number;
}

/** @example smpErrorName({ group: 1, rc: 9 })  // 'IMG_MGMT_ERR_NO_FREE_SLOT' */
export function smpErrorName({ group, rc }: SmpRefused): string {
  if (group === undefined) return sharedNames[rc] === undefined ? `error ${rc}` : `MGMT_ERR_${sharedNames[rc]}`;
  const known = groupNames[group];
  return known?.names[rc] === undefined ? `error ${rc} of group ${group}` : `${known.prefix}_${known.names[rc]}`;
}

export function refusedError(device: string, request: string, refused: SmpRefused): MinerError {
  const name = smpErrorName(refused);
  const { group, rc } = refused;
  const todo = advice[name] ?? "see the device's documentation, and what its console printed";
  return edgeError('SMP_REFUSED', { device, request, name, rc, group, todo });
}
