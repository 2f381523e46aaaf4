/** Flashing one device: compare, upload, mark, reset, and see what it boots. */
import { equalBytes } from '../../edge/pack/index.ts';
import {
  type DeviceSlot,
  eraseSlot,
  ifSupported,
  readImageState,
  readSlotInfo,
  reset,
  type SmpClient,
  uploadImage,
  writeImageState,
} from '../../edge/smp/index.ts';
import { toolError } from '../errors/index.ts';
import { waitForBoot } from './boot-watch.ts';
import type { CheckedImage } from './checked-image.ts';
import { type FlashDeviceSession, isPassing } from './device.ts';
import { type FlashEvent, slotFacts } from './events.ts';

export interface FlashRequest {
  image: CheckedImage;
  /** Of devices with several; 0 is the first. */
  imageNumber?: number;
  /** Boots it on trial at the next reset. */
  test?: boolean;
  /** Boots it for good; with `test`, confirms it once it runs on trial and answers. */
  confirm?: boolean;
  reset?: boolean;
  /** How long the device may be away: from the reset to its first answer, and in mid-upload; 0 does not wait. */
  waitBootMs: number;
  /** Empties the slot first. */
  erase?: boolean;
  upgradeOnly?: boolean;
}

export interface FlashResult {
  /** What it ran before. */
  before: string | undefined;
  /** What it runs now, as far as we saw. */
  after: string | undefined;
  sentBytes: number;
  seconds: number;
}

const reconnectEveryMs = 500;

/**
 * Brings an image into a device and, as asked, makes it run. What is done already is left: run again after a cut, it
 * goes on where it was.
 * @throws {MinerError} SMP_REFUSED with the device's reason; DEVICE_IMAGE_LARGE; DEVICE_BOOTED_OTHER when it came back
 * with another image; DEVICE_NO_BOOT; INTERRUPTED; those of the connection
 */
export async function flashDevice(
  session: FlashDeviceSession,
  request: FlashRequest,
  tell: (event: FlashEvent) => void,
): Promise<FlashResult> {
  const { image, imageNumber = 0, erase } = request;
  const startedMs = session.clock.nowMs();
  if (erase) {
    await session.run((client) => eraseSlot(client));
    tell({ event: 'erased' });
  }
  const slots = await session.run((client) => look(session, client, tell));
  const ofImage = slots.filter((slot) => slot.image === imageNumber);
  const before = ofImage.find(({ active }) => active)?.version;
  const present = ofImage.find(({ hash }) => equalBytes(hash, image.hash));
  let sentBytes = 0;
  if (present) tell({ event: 'present', slot: present.slot, version: present.version, active: present.active });
  else sentBytes = await upload(session, request, tell);
  const after = (await activate(session, request, present, tell)) ?? before;
  return { before, after, sentBytes, seconds: (session.clock.nowMs() - startedMs) / 1000 };
}

async function look(
  session: FlashDeviceSession,
  client: SmpClient,
  tell: (event: FlashEvent) => void,
): Promise<DeviceSlot[]> {
  const limits = await session.limits(client);
  const slots = await readImageState(client);
  tell({ event: 'device', device: session.name, slots: slots.map(slotFacts), ...limits });
  return slots;
}

/** @returns bytes sent */
async function upload(
  session: FlashDeviceSession,
  request: FlashRequest,
  tell: (event: FlashEvent) => void,
): Promise<number> {
  const { image, imageNumber = 0, upgradeOnly, waitBootMs } = request;
  const { clock } = session;
  await session.run((client) => requireRoom(client, session.name, image, imageNumber));
  const startedMs = clock.nowMs();
  const sum = { sentBytes: 0, rewinds: 0, connections: 1 };
  let resumedAtBytes: number | undefined;
  let reached = 0;
  let lastProgressMs = startedMs;
  const onProgress = ({ offsetBytes, lengthBytes }: { offsetBytes: number; lengthBytes: number }) => {
    lastProgressMs = clock.nowMs();
    reached = offsetBytes;
    tell({ event: 'progress', offsetBytes, lengthBytes });
  };
  for (;;) {
    try {
      await session.run(async (client) => {
        const limits = await session.limits(client);
        const isComplete = async () => holds(await readImageState(client), image);
        const outcome = await uploadImage(client, {
          image: image.bytes,
          imageNumber,
          upgradeOnly,
          ...limits,
          onProgress,
          isComplete,
        });
        resumedAtBytes ??= outcome.resumedAtBytes;
        sum.sentBytes += outcome.sentBytes;
        sum.rewinds += outcome.rewinds;
      });
      break;
    } catch (problem) {
      // A cut after the first byte is worth waiting for; a device that never answered is not there.
      if (!isPassing(problem) || reached === 0 || clock.nowMs() - lastProgressMs >= waitBootMs) throw problem;
      tell({ event: 'lost', reason: (problem as Error).message, offsetBytes: reached });
      sum.connections++;
      await session.pause(reconnectEveryMs);
    }
  }
  const seconds = (clock.nowMs() - startedMs) / 1000;
  const brought = image.bytes.length - (resumedAtBytes ?? 0);
  const bytesPerSecond = seconds > 0 ? Math.round(brought / seconds) : 0;
  const facts = { bytes: image.bytes.length, resumedAtBytes: resumedAtBytes ?? 0, seconds, bytesPerSecond, ...sum };
  tell({ event: 'uploaded', ...facts });
  return sum.sentBytes;
}

/** The device would refuse it too, but some only when the slot is erased. */
async function requireRoom(client: SmpClient, device: string, image: CheckedImage, imageNumber: number): Promise<void> {
  const slots = (await ifSupported(readSlotInfo(client))) ?? [];
  const ofImage = slots.filter((slot) => slot.image === imageNumber);
  const limits = ofImage.flatMap(({ imageBytesMax }) => imageBytesMax ?? []);
  const bytesMax = Math.max(...(limits.length > 0 ? limits : ofImage.map(({ sizeBytes }) => sizeBytes)));
  if (ofImage.length > 0 && image.bytes.length > bytesMax) {
    throw toolError('DEVICE_IMAGE_LARGE', { device, bytes: image.bytes.length, bytesMax });
  }
}

function holds(slots: readonly DeviceSlot[], image: CheckedImage): boolean {
  return slots.some(({ hash }) => equalBytes(hash, image.hash));
}

/** @returns the version that runs now, where we looked */
async function activate(
  session: FlashDeviceSession,
  request: FlashRequest,
  present: DeviceSlot | undefined,
  tell: (event: FlashEvent) => void,
): Promise<string | undefined> {
  const { image, test, confirm, waitBootMs } = request;
  if (present?.active) return confirmRunning(session, request, present, tell);
  const { hash, version } = image;
  if (test || confirm) {
    const permanent = confirm === true && !test;
    const isMarked = present?.pending === true && present.permanent === permanent;
    if (!isMarked) await session.run((client) => writeImageState(client, { hash, confirm: permanent }));
    tell({ event: 'marked', version, permanent });
  }
  if (!request.reset && !(test && confirm)) return undefined;
  await session.run((client) => reset(client));
  tell({ event: 'reset' });
  if (waitBootMs === 0) return undefined;
  const isWanted = test || confirm;
  const watch = isWanted ? { pending: hash, image, test, confirm } : { pending: present?.pending ? hash : undefined };
  return (await waitForBoot(session, { waitBootMs, ...watch }, tell)).version;
}

/** Nothing but a confirmation is left to do about an image that runs. */
async function confirmRunning(
  session: FlashDeviceSession,
  { confirm }: FlashRequest,
  { confirmed, version }: DeviceSlot,
  tell: (event: FlashEvent) => void,
): Promise<string> {
  if (confirm && !confirmed) {
    await session.run((client) => writeImageState(client, { confirm: true }));
    tell({ event: 'confirmed', version, by: 'us' });
  }
  return version;
}
