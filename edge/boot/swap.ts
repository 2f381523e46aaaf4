/**
 * Swap using offset: both images change places unit by unit, over the one unit that the secondary slot has free.
 * Every step can be repeated from its beginning, and is noted in the primary slot's trailer when it is done.
 * @see MCUboot, "Bootloader", "Image swap using offset"
 */
import { statesPerUnit } from './geometry.ts';
import type { Slots } from './slots.ts';
import type { SwapRecord } from './swap-record.ts';
import type { BootEvent } from './types.ts';

export function unitsOf(slots: Slots, swapBytes: number): number {
  return Math.ceil(swapBytes / slots.geometry.unitBytes);
}

/** Goes on from wherever it was left; nothing is asked of the secondary slot's trailer any more. */
export function runSwap(slots: Slots, record: SwapRecord, tell: (event: BootEvent) => void): void {
  const { primaryTrailer, secondaryTrailer } = slots;
  const units = unitsOf(slots, record.swapBytes);
  const { request } = record;
  const stepsDone = primaryTrailer.readStatus(units);
  if (stepsDone > 0) tell({ event: 'resume', request, unit: Math.floor(stepsDone / statesPerUnit), units });
  else tell({ event: 'begin', request, units });
  // Before anything is moved, so that a trailer that still asks means that nothing was.
  if (stepsDone === 0) secondaryTrailer.erase();
  for (let step = stepsDone; step < units * statesPerUnit; step++) {
    moveUnit(slots, record, { units, step });
    primaryTrailer.writeStatus(step);
  }
  eraseLeftover(slots, record, units);
  if (request !== 'test') primaryTrailer.writeImageOk();
  primaryTrailer.writeCopyDone();
  tell({ event: 'done', request });
}

function moveUnit(
  { primary, secondary, geometry }: Slots,
  { direction }: SwapRecord,
  { units, step }: { units: number; step: number },
): void {
  const { unitBytes } = geometry;
  const place = Math.floor(step / statesPerUnit);
  const inPrimary = direction === 'up' ? place : units - 1 - place;
  const [goesTo, comesFrom] = direction === 'up' ? [inPrimary, inPrimary + 1] : [inPrimary + 1, inPrimary];
  if (step % statesPerUnit === 0) {
    secondary.erase(goesTo * unitBytes, unitBytes);
    secondary.write(goesTo * unitBytes, primary.read(inPrimary * unitBytes, unitBytes));
  } else {
    primary.erase(inPrimary * unitBytes, unitBytes);
    primary.write(inPrimary * unitBytes, secondary.read(comesFrom * unitBytes, unitBytes));
  }
}

/** The unit that is free now holds a copy: of a small image, all of it. */
function eraseLeftover({ secondary, geometry }: Slots, { direction }: SwapRecord, units: number): void {
  const { unitBytes } = geometry;
  secondary.erase(direction === 'up' ? units * unitBytes : 0, unitBytes);
}
