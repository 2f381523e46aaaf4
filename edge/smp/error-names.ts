/** Errors by the names that Zephyr's headers give them, for people who look them up. */
import { SmpGroup } from './protocol.ts';

/** From 1 on; 0 is no error. */
interface Names {
  prefix: string;
  names: readonly string[];
}

const shared: Names = {
  prefix: 'MGMT_ERR_',
  names: [
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
  ],
};

const byGroup: Readonly<Record<number, Names>> = {
  [SmpGroup.os]: {
    prefix: 'OS_MGMT_ERR_',
    names: [
      'UNKNOWN',
      'INVALID_FORMAT',
      'QUERY_YIELDS_NO_ANSWER',
      'RTC_NOT_SET',
      'RTC_COMMAND_FAILED',
      'QUERY_RESPONSE_VALUE_NOT_VALID',
    ],
  },
  [SmpGroup.image]: {
    prefix: 'IMG_MGMT_ERR_',
    names: [
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
    prefix: 'STAT_MGMT_ERR_',
    names: ['UNKNOWN', 'INVALID_GROUP', 'INVALID_STAT_NAME', 'INVALID_STAT_SIZE', 'WALK_ABORTED'],
  },
  [SmpGroup.settings]: {
    prefix: 'SETTINGS_MGMT_ERR_',
    names: [
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
    prefix: 'FS_MGMT_ERR_',
    names: [
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
  [SmpGroup.enumeration]: {
    prefix: 'ENUM_MGMT_ERR_',
    names: ['UNKNOWN', 'TOO_MANY_GROUP_ENTRIES', 'INSUFFICIENT_HEAP_FOR_ENTRIES', 'INDEX_TOO_LARGE'],
  },
  [SmpGroup.zephyrBasic]: {
    prefix: 'ZEPHYRBASIC_MGMT_ERR_',
    names: ['UNKNOWN', 'FLASH_OPEN_FAILED', 'FLASH_CONFIG_QUERY_FAIL', 'FLASH_ERASE_FAILED'],
  },
};

/**
 * @param group whose error it is; undefined for one of `rc` alone
 * @example smpErrorName(9, 1)  // 'IMG_MGMT_ERR_NO_FREE_SLOT'
 * @example smpErrorName(8)     // 'MGMT_ERR_ENOTSUP'
 */
export function smpErrorName(rc: number, group?: number): string {
  const { prefix, names } = (group === undefined ? shared : byGroup[group]) ?? { prefix: '', names: [] };
  if (rc === 0) return `${prefix}${group === undefined ? 'EOK' : 'OK'}`;
  return names[rc - 1] === undefined ? unnamed(rc, group) : `${prefix}${names[rc - 1]}`;
}

function unnamed(rc: number, group: number | undefined): string {
  return group === undefined ? `error ${rc}` : `error ${rc} of group ${group}`;
}
