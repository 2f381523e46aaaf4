/** A device's refusal by its name in the protocol's documentation, and what to do about it. */
import { edgeError, type MinerError } from '../../errors/index.ts';
import { smpErrorName } from '../error-names.ts';

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

export function refusedError(device: string, request: string, refused: SmpRefused): MinerError {
  const { group, rc } = refused;
  const name = smpErrorName(rc, group);
  const todo = advice[name] ?? "see the device's documentation, and what its console printed";
  return edgeError('SMP_REFUSED', { device, request, name, rc, group, todo });
}
