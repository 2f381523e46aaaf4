/** Overwrite-only: the new image replaces the old one; until it is whole the secondary slot goes on asking for it. */
import type { FoundImage, Slots } from './slots.ts';
import { unitsOf } from './swap.ts';
import type { BootEvent } from './types.ts';

export function runOverwrite(slots: Slots, { image, offset }: FoundImage, tell: (event: BootEvent) => void): void {
  const { primary, secondary, primaryTrailer, secondaryTrailer, geometry } = slots;
  const { unitBytes } = geometry;
  const units = unitsOf(slots, image.lengthBytes);
  tell({ event: 'begin', request: 'permanent', units });
  primaryTrailer.erase();
  for (let unit = 0; unit < units; unit++) {
    primary.erase(unit * unitBytes, unitBytes);
    primary.write(unit * unitBytes, secondary.read(offset + unit * unitBytes, unitBytes));
  }
  secondaryTrailer.erase();
  tell({ event: 'done', request: 'permanent' });
}
