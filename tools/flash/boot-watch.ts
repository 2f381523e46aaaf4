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
  /** Confirms a trial as soon as it answers. */
  confirm?: boolean;
}

const lookEveryMs = 250;
/** A device answers the reset, and goes down a moment later. */
const goesDownWithinMs = 1000;
/** How long a self-test is watched that may confirm the image, or have it reverted. */
const trialWatchMs = 10_000;

/**
 * Waits until the device answers again.
 * @returns the image that runs
 * @throws {MinerError} DEVICE_NO_BOOT; DEVICE_BOOTED_OTHER when it runs another image than expected
 */
export async function waitForBoot(
  session: FlashDeviceSession,
  { waitBootMs, pending, image, confirm }: BootWatch,
  tell: (event: FlashEvent) => void,
): Promise<DeviceSlot> {
  const startedMs = session.clock.nowMs();
  const elapsedMs = () => session.clock.nowMs() - startedMs;
  let hasBeenAway = false;
  let trialSinceMs: number | undefined;
  for (;;) {
    const slots = await lookOnce(session);
    const active = slots?.find((slot) => slot.active);
    if (active === undefined) {
      hasBeenAway = true;
      if (elapsedMs() > waitBootMs)
        throw toolError('DEVICE_NO_BOOT', { device: session.name, waitedS: waitBootMs / 1000 });
    } else if (hasBooted(slots as DeviceSlot[], pending, hasBeenAway || elapsedMs() > goesDownWithinMs)) {
      const isWanted = image === undefined || equalBytes(active.hash, image.hash);
      if (!isWanted) throw otherImage(session.name, image, active, trialSinceMs !== undefined);
      if (trialSinceMs === undefined) {
        trialSinceMs = elapsedMs();
        const { version, hash, confirmed } = active;
        tell({ event: 'booted', version, hash: toHex(hash), isTrial: !confirmed, seconds: elapsedMs() / 1000 });
        if (confirmed || image === undefined) return active;
        if (confirm) {
          await session.run((client) => writeImageState(client, { confirm: true }));
          tell({ event: 'confirmed', version, by: 'us' });
          return active;
        }
      } else if (active.confirmed) {
        tell({ event: 'confirmed', version: active.version, by: 'device' });
        return active;
      }
      if (elapsedMs() - trialSinceMs > trialWatchMs) return active;
    }
    await session.pause(lookEveryMs);
  }
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

function otherImage(device: string, image: CheckedImage | undefined, active: DeviceSlot, wasOnTrial: boolean) {
  const how = wasOnTrial ? 'it ran on trial, was not confirmed, and was reverted' : 'it was refused or reverted';
  return toolError('DEVICE_BOOTED_OTHER', {
    device,
    expected: image?.version ?? '',
    version: printable(active.version),
    how,
  });
}
