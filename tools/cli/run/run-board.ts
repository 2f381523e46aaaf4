/** `miner run --flash`: a device whose boot loader runs the image in its flash, reset after reset. */
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import { imageVerifier } from '../../../edge/boot/index.ts';
import { contentHash } from '../../../edge/dbc/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { toHex } from '../../../edge/pack/index.ts';
import type { SettableClock } from '../../../edge/smp/index.ts';
import { listenTcpSmp, listenUdpSmp } from '../../../edge/smp/node.ts';
import { toolError } from '../../errors/index.ts';
import {
  type BootedMiner,
  isBlank,
  type MinerFlash,
  openMinerFlash,
  programFactoryImage,
  type RunningFirmware,
  readImageFile,
  readImagePublicKey,
  runFirmware,
} from '../../firmware/index.ts';
import type { EventLog } from '../../logging/index.ts';
import type { RunFlags } from '../commands/run.ts';
import type { DeviceConsole } from './device-console.ts';
import { certificateLogEvent, firmwareLogEvent } from './firmware-events.ts';
import { firmwareSettings } from './firmware-settings.ts';
import { minerServer } from './management.ts';
import { type RunningMiner, type Surroundings, settingsOf, startMiner } from './start-miner.ts';
import { statusText } from './status-text.ts';

/** Chain and broker may take their time to answer; whatever takes longer than this on trial hangs. */
const watchdogMs = 30_000;

export interface Board extends Surroundings {
  clock: SettableClock;
  console: DeviceConsole | undefined;
}

/** @throws {MinerError} FLASH_*, IMAGE_*, BOOT_NO_IMAGE, FIRMWARE_FOREIGN, and what keeps a Miner from starting */
export async function runBoard(
  flags: RunFlags & { flash: string },
  files: readonly DecoderFile[],
  board: Board,
): Promise<void> {
  const { events } = board.log;
  const key = flags.bootKey;
  if (key === undefined)
    throw toolError('OPTION_MISSING', { option: '--boot-key', reason: 'a boot loader runs only images of one key' });
  const verify = imageVerifier(readImagePublicKey(key));
  const flash = openMinerFlash(flags.flash);
  try {
    if (isBlank(flash)) {
      if (flags.image === undefined)
        throw toolError('OPTION_MISSING', { option: '--image', reason: `${flags.flash} is blank flash` });
      programFactoryImage(flash, readImageFile(flags.image), verify);
    }
    let hasRun = false;
    await runFirmware({
      flash,
      verify,
      clock: board.clock,
      watchdogMs,
      start: async (booted, reset) => {
        // A port that was there may take a moment to come free again, and an unplugged one is no fault of the image.
        const patient = hasRun ? { ...flags, wait: true } : flags;
        const firmware = await startFirmware({ flags: patient, files, board, flash, booted, reset });
        hasRun = true;
        return firmware;
      },
      tell: (event) => {
        if (event.event === 'reset') board.console?.attach(undefined);
        events.write(firmwareLogEvent(event));
      },
    });
  } finally {
    flash.close();
  }
}

interface Boot {
  flags: RunFlags;
  files: readonly DecoderFile[];
  board: Board;
  flash: MinerFlash;
  booted: BootedMiner;
  reset: () => void;
}

async function startFirmware({ flags, files, board, flash, booted, reset }: Boot): Promise<RunningFirmware> {
  const { clock, log, console } = board;
  const { manifest, imageHash, images, version } = booted;
  let running: RunningMiner | undefined;
  const settings = firmwareSettings(settingsOf(flags), manifest, flash.settings, (changed) =>
    running?.miner.changeSettings(changed),
  );
  const atHand = new Map(files.map((file) => [contentHash(file.bytes), file]));
  const wanted = manifest.decoders.map((hash) => toHex(hash));
  const missing = wanted.filter((hash) => !atHand.has(hash));
  for (const hash of missing) {
    const text = `decoder ${hash.slice(0, 16)}… of the image is not among the files of --dbc`;
    log.events.write({ level: 'warn', event: 'decoder-missing', text, facts: { contentHash: hash } });
  }
  const decoders = wanted.flatMap((hash) => atHand.get(hash) ?? []);
  const miner = await startMiner(flags, decoders, board, { imageHash, settings: settings.now() });
  running = miner;
  const eraseStorage = () => flash.settings.save(new Map());
  const server = minerServer({
    running: miner,
    version,
    images,
    settings: settings.smp,
    clock,
    events: log.events,
    eraseStorage,
    reset,
  });
  const onEnter = () => console?.writeLine(statusText(miner.watch.snapshot(), Number.POSITIVE_INFINITY));
  const listeners: { close(): Promise<void> }[] = [];
  const close = async () => {
    console?.attach(undefined);
    await Promise.all(listeners.map((listener) => listener.close()));
  };
  try {
    console?.attach({ server, onEnter });
    const at: string[] = [];
    if (flags.smpUdp) {
      const listener = await listenUdpSmp({ server, ...flags.smpUdp });
      listeners.push(listener);
      at.push(listener.address);
    }
    if (flags.smpTcp) {
      const { host, port } = flags.smpTcp;
      const listener = await listenTcpSmp({ server, spec: `tcp://${host}:${port}` });
      listeners.push(listener);
      at.push(listener.address);
    }
    if (at.length > 0)
      log.events.write({ level: 'info', event: 'management', text: `SMP at ${at.join(' and ')}`, facts: { at } });
  } catch (error) {
    await miner.stop().finally(close);
    throw error;
  }
  const ended = miner.ended.finally(close);
  const certified = certificate(miner, imageHash, log.events);
  return {
    ended,
    stop: () => {
      void miner.stop();
      return ended;
    },
    selfTest: async () => {
      if (missing.length > 0) return { passed: false, reason: `${missing.length} of its decoders are not at hand` };
      if (flags.requireImage && !(await certified)) return { passed: false, reason: 'nobody certified this image' };
      return signs(miner);
    },
  };
}

/** Whether the holders stand behind the image; told either way. Undefined when nobody can say. */
async function certificate(
  { trust, identity }: RunningMiner,
  imageHash: Uint8Array,
  events: EventLog,
): Promise<boolean | undefined> {
  try {
    const standing = await trust.image(identity.signer.kid, imageHash);
    events.write(certificateLogEvent(imageHash, standing.certified));
    return standing.certified;
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    events.write(certificateLogEvent(imageHash, error));
    return undefined;
  }
}

/** A pack, signed and stored, is what a Miner is for; the gateway sees by it which image is on trial. */
function signs({ miner, packs }: RunningMiner): { passed: boolean; reason?: string } {
  const before = { signed: miner.counters.packsSigned, dropped: packs.status.dropped };
  miner.signStatus();
  const isSigned = miner.counters.packsSigned > before.signed && packs.status.dropped === before.dropped;
  return isSigned ? { passed: true } : { passed: false, reason: 'no pack could be signed and stored' };
}
