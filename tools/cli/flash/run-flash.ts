/** `miner flash`: which of its jobs is meant, and their output. */
import { writeFileSync } from 'node:fs';
import { toHex } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { toolError } from '../../errors/index.ts';
import {
  type DeviceOptions,
  FlashDeviceSession,
  type FlashEvent,
  FleetJournal,
  flashDevice,
  flashFleet,
  flashText,
  fleetRows,
  fleetSummary,
  fleetText,
  readCheckedImage,
  readFleet,
  uploadDisplay,
} from '../../flash/index.ts';
import type { FlashFlags } from '../commands/flash.ts';
import { type Stop, stopOnSignals } from '../stop.ts';
import { table } from '../table.ts';
import { askDevice, isQuestion } from './ask-device.ts';

const clock = liveClock();

/** @returns the exit code */
export async function runFlash(path: string | undefined, flags: FlashFlags): Promise<number> {
  requireSense(path, flags);
  const stop = stopOnSignals((text) => process.stderr.write(`${text}\n`));
  try {
    if (flags.many !== undefined) return await runFleet(path as string, flags, flags.many, stop);
    const session = new FlashDeviceSession({ ...connectionOf(flags, stop), target: targetOf(flags) });
    try {
      if (path !== undefined) await runOne(session, path, flags);
      await askDevice(session, path !== undefined, flags);
    } finally {
      await session.close();
    }
    return 0;
  } finally {
    stop.release();
  }
}

/** @throws {MinerError} DEVICE_REQUEST */
function requireSense(path: string | undefined, flags: FlashFlags): void {
  const refuse = (problem: string): never => {
    throw toolError('DEVICE_REQUEST', { problem });
  };
  if (flags.many !== undefined) {
    if (path === undefined) refuse('--many needs an image');
    if (flags.port ?? flags.udp ?? flags.tcp) refuse('--many names the devices: --port, --udp and --tcp go without it');
    if (isQuestion(flags)) refuse('--many brings an image to many devices; questions go to one');
    return;
  }
  const isWithoutImage = isQuestion(flags) || flags.erase || flags.confirm || flags.reset;
  if (path === undefined && flags.test) refuse('--test needs an image');
  if (path === undefined && !isWithoutImage) refuse('nothing to do: expected an image, or a question such as --list');
}

function targetOf({ port, udp, tcp, baud, raw, linePause }: FlashFlags): DeviceOptions['target'] {
  return { port, udp, tcp, baud, raw, linePauseMs: linePause };
}

function connectionOf(flags: FlashFlags, stop: Stop): Omit<DeviceOptions, 'target'> {
  const { smpVersion, timeout, chunk, window } = flags;
  return {
    clock,
    smpVersion: smpVersion === '1' ? 1 : 2,
    timeoutMs: timeout * 1000,
    messageBytesMax: chunk,
    window,
    onText: flags.console ? showConsole() : undefined,
    signal: stop.signal,
  };
}

/** What a device prints may end in the middle of a character. */
function showConsole(): (text: Uint8Array) => void {
  const decoder = new TextDecoder();
  return (text) => process.stderr.write(decoder.decode(text, { stream: true }));
}

function requestOf({ image, test, confirm, reset, waitBoot, erase, upgradeOnly }: FlashFlags) {
  return { imageNumber: image, test, confirm, reset, waitBootMs: waitBoot * 1000, erase, upgradeOnly };
}

async function runOne(session: FlashDeviceSession, path: string, flags: FlashFlags): Promise<void> {
  const image = readCheckedImage(path, flags.key);
  const { version, bytesLeftOut, isSignatureChecked } = image;
  const display = uploadDisplay({ label: 'upload', now: () => clock.nowMs() });
  const print = (event: FlashEvent) => {
    if (event.event === 'progress') display.update(event);
    else display.end();
    if (flags.json) {
      if (event.event !== 'progress') line(event);
    } else {
      const text = flashText(event);
      if (text !== undefined) process.stdout.write(`${text}\n`);
    }
  };
  const bytes = image.bytes.length;
  print({ event: 'image', path, version, hash: toHex(image.hash), bytes, bytesLeftOut, isSignatureChecked });
  try {
    const result = await flashDevice(session, { ...requestOf(flags), image }, print);
    if (flags.json) line({ event: 'done', ...result });
  } finally {
    display.end();
  }
}

async function runFleet(path: string, flags: FlashFlags, list: string, stop: Stop): Promise<number> {
  const devices = readFleet(list);
  const images = new Map<string, ReturnType<typeof readCheckedImage>>();
  // All of them before the first device is touched.
  for (const file of new Set([path, ...devices.flatMap(({ image }) => image ?? [])])) {
    images.set(file, readCheckedImage(file, flags.key));
  }
  const journal = new FleetJournal(flags.journal ?? `${list}.journal`);
  try {
    const report = await flashFleet({
      devices: devices.map((device) => ({ ...device, target: { ...targetOf(flags), ...stripped(device.target) } })),
      imageOf: ({ image }) => images.get(image ?? path) as ReturnType<typeof readCheckedImage>,
      request: requestOf(flags),
      connection: connectionOf(flags, stop),
      journal,
      jobs: flags.jobs,
      unixMs: () => Date.now(),
      tell(event) {
        if (flags.json) {
          if (event.event !== 'step' || event.step.event !== 'progress') line(event);
        } else {
          const text = fleetText(event);
          if (text !== undefined) process.stderr.write(`${text}\n`);
        }
      },
    });
    if (flags.report !== undefined) writeReport(flags.report, report);
    if (flags.json) line({ event: 'report', ...report });
    else process.stdout.write(`${table(fleetRows(report))}\n${fleetSummary(report)}\n`);
    if (stop.signal.aborted) throw toolError('INTERRUPTED', {});
    return report.failed > 0 ? 1 : 0;
  } finally {
    journal.close();
  }
}

/** Without what the list leaves open, so that the command line's holds. */
function stripped(target: DeviceOptions['target']): DeviceOptions['target'] {
  return Object.fromEntries(Object.entries(target).filter(([, value]) => value !== undefined));
}

/** @throws {MinerError} OUTPUT_UNWRITABLE */
function writeReport(path: string, report: object): void {
  try {
    writeFileSync(path, `${JSON.stringify(report, null, 2)}\n`);
  } catch (cause) {
    throw toolError('OUTPUT_UNWRITABLE', { path, reason: (cause as Error).message }, cause);
  }
}

function line(value: object): void {
  process.stdout.write(`${JSON.stringify(value)}\n`);
}
