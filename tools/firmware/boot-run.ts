/** An emulated Miner over its resets: boot, run what the image says, try it, confirm it, or go back. */
import { type BootEvent, type ImageVerifier, runTrial, type SelfTestResult, Watchdog } from '../../edge/boot/index.ts';
import { MinerError } from '../../edge/errors/index.ts';
import type { Clock } from '../../edge/sim/index.ts';
import type { MinerFlash } from './boot-flash.ts';
import { type BootedMiner, bootMiner } from './boot-miner.ts';

/** What runs between two resets. */
export interface RunningFirmware {
  /** Whether it can do its work; asked once, when the image runs on trial. One that never answers has failed. */
  selfTest(): Promise<SelfTestResult> | SelfTestResult;
  /** Settles when it is over for good, such as by Ctrl-C. When it rejects on trial, the image is reverted. */
  ended: Promise<void>;
  /** Ends it before a reset. Not called after `ended`. */
  stop(): Promise<void> | void;
}

export type ResetCause = 'request' | 'self-test' | 'watchdog' | 'crash';

export type FirmwareEvent =
  | BootEvent
  | { event: 'confirmed'; version: string; hash: Uint8Array }
  | { event: 'self-test'; version: string; reason: string }
  | { event: 'reset'; cause: ResetCause };

export interface FirmwareOptions {
  flash: MinerFlash;
  verify: ImageVerifier;
  clock: Clock;
  /** What the start and the self-test of an image on trial may take, each; 10 s unless told. */
  watchdogMs?: number;
  /**
   * Starts what the image says. An image on trial that fails to start is reverted; one that is there for good passes
   * its failure on.
   * @param reset resets the device, as SMP's reset does
   */
  start(booted: BootedMiner, reset: () => void): Promise<RunningFirmware> | RunningFirmware;
  tell(event: FirmwareEvent): void;
}

/**
 * Runs until the firmware ends for good, over any number of resets.
 * @throws {MinerError} BOOT_NO_IMAGE, FIRMWARE_FOREIGN; what `start` and the firmware throw
 */
export async function runFirmware(options: FirmwareOptions): Promise<void> {
  const { tell } = options;
  for (;;) {
    const cause = await runOnce(options);
    if (cause === undefined) return;
    tell({ event: 'reset', cause });
  }
}

/** @returns why it is reset, undefined when it ended */
async function runOnce({ flash, verify, clock, watchdogMs = 10_000, start, tell }: FirmwareOptions) {
  const booted = bootTelling(flash, verify, tell);
  if (!booted) return 'crash';
  const { promise: reset, resolve: resetBy } = Promise.withResolvers<ResetCause>();
  const watchdog = new Watchdog({ clock, timeoutMs: watchdogMs, reset: resetBy });
  // What hangs before its self-test hangs no longer either.
  if (booted.isTrial) watchdog.feed();
  const starting = startTelling(() => start(booted, () => resetBy('request')), booted, tell);
  const firmware = await Promise.race([starting, reset]);
  if (!firmware || typeof firmware === 'string') {
    watchdog.stop();
    // Whatever comes of it later is nobody's any more.
    starting.then((late) => late?.stop()).catch(() => {});
    return firmware ?? 'crash';
  }
  const ends: Promise<ResetCause | undefined>[] = [reset, endOf(firmware, booted, tell)];
  if (booted.isTrial) ends.push(tryOut(booted, firmware, watchdog, tell));
  try {
    const cause = await Promise.race(ends);
    if (cause !== undefined && cause !== 'crash') await firmware.stop();
    return cause;
  } finally {
    watchdog.stop();
  }
}

/** @returns undefined when the image on trial cannot run here */
function bootTelling(flash: MinerFlash, verify: ImageVerifier, tell: FirmwareOptions['tell']): BootedMiner | undefined {
  try {
    const booted = bootMiner(flash, verify);
    for (const event of booted.outcome.events) tell(event);
    return booted;
  } catch (error) {
    if (!(error instanceof MinerError) || error.facts.isTrial !== true) throw error;
    tell({ event: 'self-test', version: String(error.facts.version), reason: error.message });
    return undefined;
  }
}

async function startTelling(
  start: () => Promise<RunningFirmware> | RunningFirmware,
  { isTrial, version }: BootedMiner,
  tell: FirmwareOptions['tell'],
): Promise<RunningFirmware | undefined> {
  try {
    return await start();
  } catch (error) {
    if (!isTrial) throw error;
    tell({ event: 'self-test', version, reason: (error as Error).message });
    return undefined;
  }
}

/** @throws what the firmware failed with, unless the image is still on trial */
async function endOf(
  { ended }: RunningFirmware,
  { images, version }: BootedMiner,
  tell: FirmwareOptions['tell'],
): Promise<'crash' | undefined> {
  try {
    await ended;
    return undefined;
  } catch (error) {
    const isOnTrial = images.state().some(({ active, confirmed }) => active && !confirmed);
    if (!isOnTrial) throw error;
    tell({ event: 'self-test', version, reason: (error as Error).message });
    return 'crash';
  }
}

/** Settles when the image is not to stay. */
async function tryOut(
  { images, manifest, version, imageHash }: BootedMiner,
  firmware: RunningFirmware,
  watchdog: Watchdog,
  tell: FirmwareOptions['tell'],
): Promise<'self-test'> {
  const selfTest = () => {
    if (manifest.fault === 'hang') return new Promise<SelfTestResult>(() => {});
    if (manifest.fault === 'self-test') return { passed: false, reason: 'this image was built to fail its self-test' };
    return firmware.selfTest();
  };
  const { confirmed, reason } = await runTrial({ images, watchdog, selfTest });
  if (!confirmed) {
    if (!watchdog.hasReset) tell({ event: 'self-test', version, reason: reason ?? 'no reason was given' });
    return 'self-test';
  }
  tell({ event: 'confirmed', version, hash: imageHash });
  return new Promise(() => {});
}
