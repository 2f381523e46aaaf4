/**
 * Where a slot's trailer lies, and how much room it leaves. From a slot's end backwards: magic, image_ok, copy_done,
 * swap_info, swap_size, and two status entries for each unit that is swapped.
 * @see MCUboot, "Bootloader", "Image trailer"
 */
import { edgeError } from '../errors/index.ts';
import { alignDown, type FlashDevice } from '../flash/index.ts';
import type { BootLayout } from './types.ts';

/** States that a unit goes through: its primary half is copied, then replaced. */
export const statesPerUnit = 2;
export const magicBytes = 16;
/** MCUboot's BOOT_MAX_ALIGN: fields are as far apart even where flash is written by the byte. */
const fieldBytesMin = 8;
/** "DMUP", length and hash of an upload with their CRC; its progress follows. */
export const journalHeadBytes = 44;

/** Offsets from the beginning of the slot. */
export interface TrailerPlace {
  /** Of the first unit that is the trailer's alone. */
  start: number;
  status: number;
  swapSize: number;
  swapInfo: number;
  copyDone: number;
  imageOk: number;
  magic: number;
}

export interface Geometry {
  /** What is swapped at once: the larger of both slots' sectors. */
  unitBytes: number;
  /** What a trailer's field takes. */
  fieldBytes: number;
  /** What a status entry takes: the larger of both slots' words. */
  entryBytes: number;
  primary: TrailerPlace;
  secondary: TrailerPlace;
  imageUnitsMax: number;
  imageBytesMax: number;
  /** Where an upload goes in the secondary slot: one unit is left free for the swap to begin with. */
  uploadOffset: number;
}

/** @throws {MinerError} BOOT_LAYOUT */
export function geometryOf({ primary, secondary, strategy }: BootLayout): Geometry {
  if (primary.erasedByte !== secondary.erasedByte) refuse('one is erased to 0, the other to 255');
  const unitBytes = Math.max(primary.sectorBytes, secondary.sectorBytes);
  for (const { sizeBytes } of [primary, secondary]) {
    if (sizeBytes % unitBytes !== 0) refuse(`${sizeBytes} bytes, expected whole sectors of ${unitBytes}`);
  }
  const entryBytes = Math.max(primary.writeAlignBytes, secondary.writeAlignBytes);
  const fieldBytes = Math.max(fieldBytesMin, entryBytes);
  const statusBytes = (primary.sizeBytes / unitBytes) * statesPerUnit * entryBytes;
  const place = (slot: FlashDevice, roomBytes: number) => placeOf(slot, { unitBytes, fieldBytes, roomBytes });
  const places = {
    primary: place(primary, statusBytes),
    // The status is written in the primary slot alone; here its room keeps the journal of an upload.
    secondary: place(secondary, Math.max(statusBytes, Math.ceil(journalHeadBytes / entryBytes + 1) * entryBytes)),
  };
  const uploadOffset = strategy === 'overwrite-only' ? 0 : unitBytes;
  const imageUnitsMax = Math.min(places.primary.start, places.secondary.start - uploadOffset) / unitBytes;
  if (imageUnitsMax < 1) refuse(`${primary.sizeBytes} and ${secondary.sizeBytes} bytes leave no room for an image`);
  const imageBytesMax = imageUnitsMax * unitBytes;
  return { unitBytes, fieldBytes, entryBytes, ...places, imageUnitsMax, imageBytesMax, uploadOffset };
}

function placeOf(
  slot: FlashDevice,
  { unitBytes, fieldBytes, roomBytes }: { unitBytes: number; fieldBytes: number; roomBytes: number },
): TrailerPlace {
  const magic = slot.sizeBytes - magicBytes;
  const imageOk = alignDown(magic - fieldBytes, fieldBytes);
  const copyDone = imageOk - fieldBytes;
  const swapInfo = copyDone - fieldBytes;
  const swapSize = swapInfo - fieldBytes;
  const status = swapSize - roomBytes;
  return { start: alignDown(status, unitBytes), status, swapSize, swapInfo, copyDone, imageOk, magic };
}

function refuse(problem: string): never {
  throw edgeError('BOOT_LAYOUT', { problem });
}
