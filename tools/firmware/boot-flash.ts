/** The flash of an emulated Miner: one file, divided as its boot loader has it. */
import { type BootLayout, geometryOf, type ImageVerifier, Trailer } from '../../edge/boot/index.ts';
import { FlashArea, type FlashDevice, FlashSettings } from '../../edge/flash/index.ts';
import { FlashFile } from '../../edge/flash/node.ts';
import { toolError } from '../errors/index.ts';

const sectorBytes = 4096;
const writeAlignBytes = 8;
const erasedByte = 0xff;

/** In the order in which they lie in the file; the secondary slot has one sector more, for swaps to begin with. */
const areaBytes = {
  primary: 512 * 1024,
  secondary: 512 * 1024 + sectorBytes,
  counter: 2 * sectorBytes,
  settings: 4 * sectorBytes,
} as const;
type AreaName = keyof typeof areaBytes;

export const minerFlashBytes = Object.values(areaBytes).reduce((sum, bytes) => sum + bytes, 0);

export interface MinerFlash {
  path: string;
  layout: BootLayout;
  settings: FlashSettings;
  close(): void;
}

/**
 * Opens the flash of a Miner, or makes an erased one.
 * @throws {MinerError} FLASH_LOCKED, FLASH_FILE_SIZE, FLASH_IO
 */
export function openMinerFlash(path: string): MinerFlash {
  const file = FlashFile.open(path, { sizeBytes: minerFlashBytes, sectorBytes, writeAlignBytes, erasedByte });
  const areas = areasOf(file);
  const { primary, secondary, counter } = areas;
  return {
    path,
    layout: { primary, secondary, counter, strategy: 'swap-offset' },
    settings: new FlashSettings(areas.settings),
    close: () => file.close(),
  };
}

function areasOf(file: FlashDevice): Record<AreaName, FlashArea> {
  let offset = 0;
  const areas = Object.entries(areaBytes).map(([name, sizeBytes]) => {
    const area = new FlashArea(file, { offset, sizeBytes });
    offset += sizeBytes;
    return [name, area];
  });
  return Object.fromEntries(areas) as Record<AreaName, FlashArea>;
}

/** Whether the primary slot was never written: a Miner as it comes from the assembly line. */
export function isBlank({ layout }: MinerFlash): boolean {
  const head = layout.primary.read(0, writeAlignBytes);
  return head.every((byte) => byte === erasedByte);
}

/**
 * Writes a Miner's first image, as a programmer does at the factory: into the primary slot, confirmed.
 * @throws {MinerError} IMAGE_INVALID, IMAGE_UNVERIFIED; FIRMWARE_TOO_LARGE
 */
export function programFactoryImage({ layout }: MinerFlash, image: Uint8Array, verify: ImageVerifier): void {
  const { lengthBytes } = verify(image);
  const geometry = geometryOf(layout);
  const { imageBytesMax, unitBytes } = geometry;
  if (lengthBytes > imageBytesMax)
    throw toolError('FIRMWARE_TOO_LARGE', { bytes: lengthBytes, bytesMax: imageBytesMax });
  const { primary } = layout;
  primary.erase(0, primary.sizeBytes);
  const bytes = new Uint8Array(Math.ceil(lengthBytes / unitBytes) * unitBytes).fill(erasedByte);
  bytes.set(image.subarray(0, lengthBytes));
  // The first unit last: what a kill leaves of it is blank flash, and not half an image.
  primary.write(unitBytes, bytes.subarray(unitBytes));
  const trailer = new Trailer(primary, geometry, 'primary');
  trailer.writeImageOk();
  trailer.writeMagic();
  primary.write(0, bytes.subarray(0, unitBytes));
}
