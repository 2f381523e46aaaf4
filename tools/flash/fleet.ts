/** Flashing many devices: a few at a time, each to its own end, with a journal to go on from. */
import { MinerError } from '../../edge/errors/index.ts';
import { toHex } from '../../edge/pack/index.ts';
import type { CheckedImage } from './checked-image.ts';
import { type DeviceOptions, FlashDeviceSession } from './device.ts';
import type { FlashEvent } from './events.ts';
import { type FlashRequest, flashDevice } from './flash-device.ts';
import type { FleetEntry, FleetJournal } from './fleet-journal.ts';
import type { FleetDevice } from './fleet-list.ts';

export interface FleetOptions {
  devices: readonly FleetDevice[];
  /** The image of each, checked. */
  imageOf: (device: FleetDevice) => CheckedImage;
  request: Omit<FlashRequest, 'image'>;
  connection: Omit<DeviceOptions, 'target'>;
  journal: FleetJournal;
  /** Devices at a time. */
  jobs: number;
  unixMs: () => number;
  tell: (event: FleetEvent) => void;
}

export type FleetEvent =
  | { event: 'skipped'; name: string; device: string; time: string }
  | { event: 'begun'; name: string; device: string }
  | { event: 'step'; name: string; step: FlashEvent }
  | { event: 'ended'; entry: FleetEntry };

export interface FleetReport {
  devices: number;
  /** By now, whether in this run or an earlier one. */
  done: number;
  failed: number;
  /** Not come to, because we were stopped. */
  left: number;
  /** In the order of the list. */
  entries: FleetEntry[];
}

/**
 * Flashes each device that the journal does not have as done. One that fails is no reason to stop.
 * @throws {MinerError} DEVICE_JOURNAL when an outcome cannot be kept
 */
export async function flashFleet(options: FleetOptions): Promise<FleetReport> {
  const { devices, jobs, connection } = options;
  const entries: (FleetEntry | undefined)[] = devices.map(() => undefined);
  const waiting = [...devices.entries()].values();
  // Each worker takes the next device that nobody has taken.
  const work = async () => {
    for (const [index, device] of waiting) {
      if (connection.signal?.aborted) return;
      entries[index] = await flashOne(options, device);
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, devices.length) }, work));
  const known = entries.filter((entry) => entry !== undefined);
  const done = known.filter(({ outcome }) => outcome === 'done').length;
  return {
    devices: devices.length,
    done,
    failed: known.length - done,
    left: devices.length - known.length,
    entries: known,
  };
}

/** @returns undefined when we were stopped on the way: the next run goes on with it */
async function flashOne(options: FleetOptions, device: FleetDevice): Promise<FleetEntry | undefined> {
  const { imageOf, request, connection, journal, unixMs, tell } = options;
  const { name, target } = device;
  const image = imageOf(device);
  const session = new FlashDeviceSession({ ...connection, target });
  const subject = {
    name,
    device: session.name,
    hash: toHex(image.hash),
    version: image.version,
    wish: wishOf(request),
  };
  const before = journal.find(subject);
  if (before) {
    await session.close();
    tell({ event: 'skipped', name, device: session.name, time: before.time });
    return before;
  }
  tell({ event: 'begun', name, device: session.name });
  const startedMs = connection.clock.nowMs();
  let result: Pick<FleetEntry, 'outcome' | 'before' | 'after' | 'sentBytes' | 'seconds' | 'error'>;
  try {
    const flashed = await flashDevice(session, { ...request, image }, (step) => tell({ event: 'step', name, step }));
    result = { outcome: 'done', ...flashed };
  } catch (problem) {
    if (!(problem instanceof MinerError)) throw problem;
    if (problem.code === 'INTERRUPTED') return undefined;
    const { code, message, hint } = problem;
    const seconds = (connection.clock.nowMs() - startedMs) / 1000;
    result = { outcome: 'failed', sentBytes: 0, seconds, error: { code, message, hint } };
  } finally {
    await session.close();
  }
  const entry: FleetEntry = { ...subject, ...result, time: new Date(unixMs()).toISOString() };
  journal.add(entry);
  tell({ event: 'ended', entry });
  return entry;
}

/** What the device was to do with the image, in words that the journal keeps. */
function wishOf({ test, confirm, reset, imageNumber = 0 }: Omit<FlashRequest, 'image'>): string {
  const parts = [test && 'test', confirm && 'confirm', reset && 'reset', imageNumber > 0 && `image ${imageNumber}`];
  return ['upload', ...parts.filter((part) => part)].join(' ');
}
