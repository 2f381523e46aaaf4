/** After a reset: what the device comes back with, and what becomes of a trial. */
import { equalBytes, toHex } from '../../edge/pack/index.ts';
import { type DeviceSlot, readImageState, writeImageState } from '../../edge/smp/index.ts';
import { printable } from '../dbc/printable.ts';
import { toolError } from '../errors/index.ts';
import type { CheckedImage } from './checked-image.ts';
import { type FlashDeviceSession, isPassing } from './device.ts';
import type { FlashEvent } from './events.ts';

export interface BootWatch {
  waitBootMs: number;
  /** Hash of the image that waits for the reset: while it waits, it is still the old one that answers. */
  pending?: Uint8Array;
  /** What must run afterwards; anything may when left out. */
  image?: CheckedImage;
  /** It was asked for on trial. */
  test?: boolean;
  /** Confirms a trial as soon as it answers. */
  confirm?: boolean;
}

const lookEveryMs = 250;
/** A device answers the reset, and goes down a moment later. */
const goesDownWithinMs = 1000;
/** How long a self-test is watched that may confirm the image, or have it reverted. */
const trialWatchMs = 10_000;

/**
 * Waits until the device answers again, and until a trial comes to its end, where one does within ten seconds.
 * @returns the image that runs
 * @throws {MinerError} DEVICE_NO_BOOT; DEVICE_BOOTED_OTHER when it runs another image than expected
 */
export async function waitForBoot(
  session: FlashDeviceSession,
  watch: BootWatch,
  tell: (event: FlashEvent) => void,
): Promise<DeviceSlot> {
  const { image, test, confirm } = watch;
  const startedMs = session.clock.nowMs();
  const booted = await firstAnswer(session, watch);
  requireImage(session.name, watch, booted, false);
  const { version, hash, confirmed } = booted;
  const seconds = (session.clock.nowMs() - startedMs) / 1000;
  tell({ event: 'booted', version, hash: toHex(hash), isTrial: !confirmed, seconds });
  if (confirmed && test) tell({ event: 'confirmed', version, by: 'device' });
  if (image === undefined || confirmed) return booted;
  return confirm ? confirmTrial(session, booted, tell) : watchTrial(session, watch, booted, tell);
}

async function firstAnswer(session: FlashDeviceSession, { waitBootMs, pending }: BootWatch): Promise<DeviceSlot> {
  const startedMs = session.clock.nowMs();
  let hasBeenAway = false;
  for (;;) {
    const slots = await lookOnce(session);
    const active = slots?.find((slot) => slot.active);
    const elapsedMs = session.clock.nowMs() - startedMs;
    if (slots === undefined || active === undefined) {
      hasBeenAway = true;
      if (elapsedMs > waitBootMs)
        throw toolError('DEVICE_NO_BOOT', { device: session.name, waitedS: waitBootMs / 1000 });
    } else if (hasBooted(slots, pending, hasBeenAway || elapsedMs > goesDownWithinMs)) {
      return active;
    }
    await session.pause(lookEveryMs);
  }
}

/** From here: it answers, which is all that we ask of it. */
async function confirmTrial(
  session: FlashDeviceSession,
  booted: DeviceSlot,
  tell: (event: FlashEvent) => void,
): Promise<DeviceSlot> {
  await session.run((client) => writeImageState(client, { confirm: true }));
  tell({ event: 'confirmed', version: booted.version, by: 'us' });
  return booted;
}

/** By the device: its self-test confirms the image, or a reset takes it back. */
async function watchTrial(
  session: FlashDeviceSession,
  watch: BootWatch,
  booted: DeviceSlot,
  tell: (event: FlashEvent) => void,
): Promise<DeviceSlot> {
  const untilMs = session.clock.nowMs() + trialWatchMs;
  while (session.clock.nowMs() < untilMs) {
    await session.pause(lookEveryMs);
    const active = (await lookOnce(session))?.find((slot) => slot.active);
    if (active === undefined) continue;
    requireImage(session.name, watch, active, true);
    if (active.confirmed) {
      tell({ event: 'confirmed', version: active.version, by: 'device' });
      return active;
    }
  }
  return booted;
}

/** @returns undefined while it does not answer */
async function lookOnce(session: FlashDeviceSession): Promise<DeviceSlot[] | undefined> {
  try {
    return await session.run((client) => readImageState(client, 1));
  } catch (problem) {
    if (isPassing(problem)) return undefined;
    throw problem;
  }
}

function hasBooted(slots: readonly DeviceSlot[], pending: Uint8Array | undefined, isLater: boolean): boolean {
  if (pending === undefined) return isLater;
  return !slots.some((slot) => slot.pending && equalBytes(slot.hash, pending));
}

/** @throws {MinerError} DEVICE_BOOTED_OTHER */
function requireImage(device: string, { image, test }: BootWatch, active: DeviceSlot, wasOnTrial: boolean): void {
  if (image === undefined || equalBytes(active.hash, image.hash)) return;
  const seen = 'it ran on trial, was not confirmed, and was reverted';
  const unseen = test ? 'its trial failed, or the boot loader refused it' : 'the boot loader refused it';
  const facts = { device, expected: image.version, version: printable(active.version) };
  throw toolError('DEVICE_BOOTED_OTHER', { ...facts, how: wasOnTrial ? seen : unseen });
}
