/** The boot loader: what happens between a reset and the first instruction of the firmware. */
import { edgeError, MinerError } from '../errors/index.ts';
import { decide, isOnTrial } from './decision.ts';
import { runOverwrite } from './overwrite.ts';
import { attempt, type FoundImage, Slots } from './slots.ts';
import { runSwap, unitsOf } from './swap.ts';
import {
  isRecordFor,
  readSwapInfo,
  readSwapRecord,
  type SwapRecord,
  writeRevertMark,
  writeSwapRecord,
} from './swap-record.ts';
import type {
  BootEvent,
  BootLayout,
  BootOutcome,
  ImageVerifier,
  SwapRequest,
  SwapResult,
  VerifiedImage,
} from './types.ts';

type Tell = (event: BootEvent) => void;

/**
 * Finishes a swap that was interrupted, else carries out what the trailers ask for, and gives the image to run: one
 * that verifies, always. The power may go at any operation; the next call goes on.
 * @throws {MinerError} BOOT_NO_IMAGE when the primary slot's image does not verify; BOOT_LAYOUT, FLASH_GEOMETRY,
 * FLASH_IO
 * @example bootOnce({ primary, secondary, counter }, { verify })  // { booted: 'primary', image, swap: 'none', ... }
 */
export function bootOnce(layout: BootLayout, { verify }: { verify: ImageVerifier }): BootOutcome {
  const slots = new Slots(layout, verify);
  const events: BootEvent[] = [];
  const tell: Tell = (event) => events.push(event);
  const swap = resume(slots, tell) ?? carryOut(slots, tell);
  const image = attempt(() => bootable(slots, slots.requirePrimary()));
  if (image instanceof MinerError) throw edgeError('BOOT_NO_IMAGE', { problem: image.message }, image);
  const isTrial = isOnTrial(slots.primaryTrailer.read());
  // A trial may end with the image before, which must still run then.
  if (!isTrial && slots.counter.raiseTo(image.securityCounter)) {
    tell({ event: 'counter', securityCounter: image.securityCounter });
  }
  tell({ event: 'boot', version: image.version, hash: image.hash, isTrial });
  return { booted: 'primary', image, swap, isTrial, events };
}

/** A swap is under way when the primary slot's trailer holds its record, and the secondary slot's no longer asks. */
function resume(slots: Slots, tell: Tell): SwapRequest | undefined {
  if (slots.strategy === 'overwrite-only') return undefined;
  const primary = slots.primaryTrailer.read();
  if (primary.magic !== 'good' || primary.copyDone !== 'unset') return undefined;
  if (slots.secondaryTrailer.read().magic === 'good') return undefined;
  const record = readSwapRecord(slots.primaryTrailer);
  if (!record || !isPossible(slots, record)) return undefined;
  runSwap(slots, record, tell);
  return record.request;
}

/** Our own records are; what a programmer put into flash may say anything. */
function isPossible(slots: Slots, { swapBytes }: SwapRecord): boolean {
  const units = unitsOf(slots, swapBytes);
  return units >= 1 && units <= slots.geometry.imageUnitsMax;
}

function carryOut(slots: Slots, tell: Tell): SwapResult {
  const asked = decide(slots.primaryTrailer.read(), slots.secondaryTrailer.read());
  const isOverwrite = slots.strategy === 'overwrite-only';
  if (asked === 'none' || (isOverwrite && asked === 'revert')) return 'none';
  const found = attempt(() => {
    const { image, offset } = slots.requireSecondary();
    return { image: bootable(slots, image), offset };
  });
  if (found instanceof MinerError) return refuse(slots, asked, found, tell);
  if (isOverwrite) {
    runOverwrite(slots, found, tell);
    return 'permanent';
  }
  if (asked === 'revert') askForRevert(slots);
  const record = beginSwap(slots, found, asked);
  if (record instanceof MinerError) return refuse(slots, asked, record, tell);
  runSwap(slots, record, tell);
  return record.request;
}

function bootable(slots: Slots, image: VerifiedImage): VerifiedImage {
  slots.requireCounter(image);
  return image;
}

/**
 * Makes a revert look like a request in the secondary slot: from here on the primary slot's trailer can be written
 * anew without the revert being forgotten.
 */
function askForRevert({ secondaryTrailer }: Slots): void {
  secondaryTrailer.erase();
  writeRevertMark(secondaryTrailer);
  secondaryTrailer.writeImageOk();
  secondaryTrailer.writeMagic();
}

/** Writes the swap's record, unless it is there from before a power cut. */
function beginSwap(
  slots: Slots,
  { image, offset }: FoundImage,
  asked: 'test' | 'permanent' | 'revert',
): SwapRecord | MinerError {
  const { primaryTrailer, secondaryTrailer, geometry } = slots;
  const begun = begunSwap(slots, image.hash);
  if (begun) return begun;
  const isRevert = readSwapInfo(secondaryTrailer) === 'revert';
  const swapBytes = Math.max(image.lengthBytes, slots.findPrimary()?.lengthBytes ?? 0);
  if (unitsOf(slots, swapBytes) > geometry.imageUnitsMax) {
    return edgeError('IMAGE_TOO_LARGE', { bytes: swapBytes, bytesMax: geometry.imageBytesMax });
  }
  const record = {
    request: isRevert ? 'revert' : asked,
    direction: offset === 0 ? 'down' : 'up',
    swapBytes,
  } as const;
  primaryTrailer.erase();
  writeSwapRecord(primaryTrailer, record, image.hash);
  return record;
}

/** The record of just this swap, with no step done: what it says is what was decided. */
function begunSwap({ primaryTrailer }: Slots, incomingHash: Uint8Array): SwapRecord | undefined {
  const { magic, copyDone } = primaryTrailer.read();
  if (magic !== 'good' || copyDone !== 'unset' || primaryTrailer.readStatus(1) > 0) return undefined;
  const record = readSwapRecord(primaryTrailer);
  return record && isRecordFor(primaryTrailer, record, incomingHash) ? record : undefined;
}

/** Erases what was asked for: its trailer last, so that a power cut in between leads here again. */
function refuse(slots: Slots, request: SwapRequest, error: MinerError, tell: Tell): 'failed' {
  const { secondary, secondaryTrailer, primaryTrailer } = slots;
  tell({ event: 'refused', request, reason: error.message });
  // Without anything to go back to, the trial is over.
  const primary = primaryTrailer.read();
  if (isOnTrial(primary)) primaryTrailer.writeImageOk();
  // A swap that was prepared must not be taken for one under way once its request is erased.
  const isPrepared = primary.magic === 'good' && primary.copyDone === 'unset' && readSwapInfo(primaryTrailer);
  if (isPrepared) primaryTrailer.erase();
  secondary.erase(0, slots.geometry.secondary.start);
  secondaryTrailer.erase();
  return 'failed';
}
