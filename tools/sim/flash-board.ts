/** The flash of one simulated board: every size and habit that flash chips come with. */
import { type BootLayout, geometryOf, type UpdateStrategy } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import { type FlashGeometry, MemoryFlash, PowerSupply } from '../../edge/flash/index.ts';
import type { SeededRandom } from '../../edge/sim/index.ts';

/** What can be said in one line: two slots, perhaps on two chips. */
export interface BoardSpec {
  strategy: UpdateStrategy;
  erasedByte: 0x00 | 0xff;
  /** Of the primary and the secondary slot. */
  sectorBytes: readonly [number, number];
  writeAlignBytes: readonly [number, number];
  slotBytes: readonly [number, number];
  /** Of the image that is there, and those that come. */
  imageUnits: readonly [number, number];
}

export interface Board {
  power: PowerSupply;
  primary: MemoryFlash;
  secondary: MemoryFlash;
  counter: MemoryFlash;
  settings: MemoryFlash;
  layout: BootLayout;
  unitBytes: number;
}

export function buildBoard(spec: BoardSpec, random: SeededRandom): Board {
  const power = new PowerSupply();
  const flash = (geometry: FlashGeometry) => new MemoryFlash(geometry, { power, random });
  const slot = (index: 0 | 1) => flash({ ...chipOf(spec, index), sizeBytes: spec.slotBytes[index] });
  const primary = slot(0);
  const secondary = slot(1);
  const small = () => flash({ ...chipOf(spec, 0), sizeBytes: 2 * spec.sectorBytes[0] });
  const counter = small();
  const layout = { primary, secondary, counter, strategy: spec.strategy };
  return { power, primary, secondary, counter, settings: small(), layout, unitBytes: geometryOf(layout).unitBytes };
}

function chipOf({ sectorBytes, writeAlignBytes, erasedByte }: BoardSpec, index: 0 | 1) {
  return { sectorBytes: sectorBytes[index], writeAlignBytes: writeAlignBytes[index], erasedByte };
}

/** Slots as small as the images allow, and some units larger where told. */
function boardOf(
  strategy: UpdateStrategy,
  erasedByte: 0x00 | 0xff,
  sectorBytes: readonly [number, number],
  writeAlignBytes: readonly [number, number],
  imageUnits: readonly [number, number],
  spareUnits: readonly [number, number] = [0, 0],
): BoardSpec {
  const unitBytes = Math.max(...sectorBytes);
  const wanted = Math.max(...imageUnits);
  const common = { strategy, erasedByte, sectorBytes, writeAlignBytes, imageUnits };
  // The secondary slot keeps one unit free for the swap.
  for (let units = wanted + 1; ; units++) {
    const slotBytes = [units + spareUnits[0], units + 1 + spareUnits[1]].map((count) => count * unitBytes);
    const spec = { ...common, slotBytes: [slotBytes[0], slotBytes[1]] as const };
    if (roomOf(spec) >= wanted) return spec;
  }
}

function roomOf(spec: BoardSpec): number {
  const slot = (index: 0 | 1) => new MemoryFlash({ ...chipOf(spec, index), sizeBytes: spec.slotBytes[index] });
  try {
    return geometryOf({ primary: slot(0), secondary: slot(1), strategy: spec.strategy }).imageUnitsMax;
  } catch (error) {
    if (error instanceof MinerError && error.code === 'BOOT_LAYOUT') return 0;
    throw error;
  }
}

/** The boards on which every operation is cut: each size, alignment and erased value at least once. */
export const boards: readonly BoardSpec[] = [
  boardOf('swap-offset', 0xff, [256, 256], [1, 1], [3, 3]),
  boardOf('swap-offset', 0x00, [256, 256], [4, 4], [3, 4]),
  boardOf('swap-offset', 0xff, [1024, 1024], [8, 8], [1, 1]),
  boardOf('swap-offset', 0x00, [1024, 1024], [16, 16], [2, 3]),
  boardOf('swap-offset', 0xff, [4096, 4096], [8, 8], [2, 1]),
  boardOf('swap-offset', 0x00, [4096, 4096], [32, 32], [1, 2]),
  boardOf('swap-offset', 0xff, [256, 256], [32, 32], [3, 2], [2, 0]),
  boardOf('swap-offset', 0xff, [1024, 256], [4, 1], [2, 2], [0, 3]),
  boardOf('swap-offset', 0xff, [256, 4096], [8, 1], [1, 1]),
  boardOf('swap-offset', 0x00, [1024, 4096], [1, 16], [1, 2], [1, 0]),
  boardOf('overwrite-only', 0xff, [256, 256], [4, 4], [3, 4]),
  boardOf('overwrite-only', 0x00, [1024, 4096], [8, 1], [2, 1]),
  boardOf('overwrite-only', 0xff, [4096, 4096], [16, 32], [1, 2]),
];

/** Any board. */
export function drawBoard(random: SeededRandom): BoardSpec {
  const sectors = [256, 256, 1024, 4096] as const;
  const aligns = [1, 4, 8, 16, 32] as const;
  const sector = random.pick(sectors);
  const align = random.pick(aligns);
  const isOneChip = random.chance(2, 3);
  const pair = <Value>(first: Value, other: () => Value) => [first, isOneChip ? first : other()] as const;
  return boardOf(
    random.chance(1, 6) ? 'overwrite-only' : 'swap-offset',
    random.pick([0x00, 0xff] as const),
    pair(sector, () => random.pick(sectors)),
    pair(align, () => random.pick(aligns)),
    [1 + random.below(4), 1 + random.below(4)],
    [random.below(3), random.below(3)],
  );
}
