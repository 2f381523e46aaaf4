/** A live Miner: its link, log, uplink and trust put together, and taken apart again in order. */
import path from 'node:path';
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import type { CanLink } from '../../../edge/can-link.ts';
import { defaultSettings, Miner, type MinerSettings } from '../../../edge/miner.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import type { LayeredTrust } from '../../../edge/trust/index.ts';
import type { EventLog } from '../../logging/index.ts';
import { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { readOrMakeKey } from '../data-folder.ts';
import type { Identity } from '../identity.ts';
import type { Stop } from '../stop.ts';
import { minerLoss } from './bus-events.ts';
import { logEventOf } from './miner-events.ts';
import { MinerWatch } from './miner-watch.ts';
import type { RunLog } from './open-log.ts';
import { openRunPort, pause, type RunPort } from './open-port.ts';
import { openRunTrust } from './open-trust.ts';
import { openUplink, type Uplink } from './open-uplink.ts';
import { serveState, showStatus } from './show-status.ts';
import { stoppedEvent } from './stopped-event.ts';

/** What is shown as failing was so within this time, or within three packs. */
const storageFaultMs = 30_000;
const receiptWaitMsMax = 2000;
const trustLookMsMax = 5000;

/** What outlives a Miner: a device that resets starts another one in the same surroundings. */
export interface Surroundings {
  clock: Clock;
  stop: Stop;
  log: RunLog;
  /** Resolves when the time given to the whole run is over; begins with the first port. */
  over?: Promise<void>;
}

/** What the running firmware says otherwise than the command line. */
export interface Firmware {
  imageHash: Uint8Array;
  settings: MinerSettings;
}

export interface RunningMiner {
  miner: Miner;
  trust: LayeredTrust;
  identity: Identity;
  packs: PackLog;
  /** Of the packs. */
  storage: DirectoryStorage;
  watch: MinerWatch;
  /** Once there is one. */
  readonly link: CanLink | undefined;
  /** Settles when all is taken apart again. */
  ended: Promise<void>;
  /** Ends it as Ctrl-C would. */
  stop(): Promise<void>;
}

/** What the command line says. */
export function settingsOf({ record, packS, trustS, sampleMs }: RunFlags): MinerSettings {
  return {
    ...defaultSettings,
    recordFrames: record,
    packIntervalMs: packS * 1000,
    trustIntervalMs: trustS * 1000,
    sampling: { intervalMsMin: sampleMs, intervalMsMax: defaultSettings.sampling.intervalMsMax },
  };
}

/** @throws {MinerError} what keeps a Miner from starting; later faults are told and lived with */
export async function startMiner(
  flags: RunFlags,
  files: readonly DecoderFile[],
  around: Surroundings,
  firmware?: Firmware,
): Promise<RunningMiner> {
  const cleanup = new Cleanup();
  try {
    return await start(flags, files, around, cleanup, firmware);
  } catch (error) {
    await cleanup.run();
    throw error;
  }
}

async function start(
  flags: RunFlags,
  files: readonly DecoderFile[],
  around: Surroundings,
  cleanup: Cleanup,
  firmware: Firmware | undefined,
): Promise<RunningMiner> {
  const { clock, log } = around;
  const { events } = log;
  const identity = openIdentity(flags, events);
  // Locked first: whoever starts a second Miner on the same folder should hear of nothing else.
  const storage = new DirectoryStorage(path.join(flags.data, 'packs'));
  cleanup.add(() => storage.close());
  const opened = await openRunTrust(flags, identity, { clock, cleanup, events });
  const packs = openPacks(flags, storage, events);
  const uplink = openUplink(flags, {
    kid: identity.signer.kid,
    clock,
    onFault: (error) =>
      events.write({
        level: 'warn',
        event: 'uplink-down',
        text: `${error.message}; packs wait`,
        facts: { error },
        repeatKey: 'uplink-down',
      }),
  });
  if (uplink) cleanup.add(() => uplink.close());
  else tellNoGateway(flags, events);

  const bus = { bitRate: flags.bitRate, ...(flags.dataBitRate && { dataBitRate: flags.dataBitRate }) };
  const miner = new Miner({
    signer: identity.signer,
    trust: opened.trust,
    log: packs,
    clock,
    bus,
    ...(uplink && { uplink: uplink.port, gateways: uplink.gateways, ...(uplink.outbox && { outbox: uplink.outbox }) }),
    ...(firmware && { imageHash: firmware.imageHash }),
    settings: firmware?.settings ?? settingsOf(flags),
    onEvent: (event) => events.write(logEventOf(event)),
  });
  const watch = new MinerWatch({
    clock,
    miner,
    log: packs,
    trust: opened,
    onUplink: () => {
      // The next loss is news.
      events.over('uplink-down');
      const where = uplink?.where ?? '';
      events.write({ level: 'info', event: 'uplink-up', text: `connected to ${where}`, facts: { where } });
    },
    storageFaultMs: Math.max(storageFaultMs, 3000 * flags.packS),
  });
  await serveState(flags, watch, log, cleanup);
  await miner.start(files);
  cleanup.add(() => miner.stop());
  if (miner.decoders.length === 0 && !miner.isTrustExpired) tellNoDecoder(events);
  // A revocation counts before the next routine check.
  const lookEveryMs = Math.min(trustLookMsMax, flags.trustS * 1000);
  cleanup.add(opened.trust.watch(lookEveryMs, () => void miner.checkTrust()));
  uplink?.start();

  cleanup.add(showStatus(watch, log));
  const parts: Parts = { miner, port: undefined, uplink, packs, watch };
  const own = new AbortController();
  const ended = runUntilStopped(flags, parts, around, cleanup, own.signal);
  // Whoever waits for it hears of a failure; nobody may wait yet.
  ended.catch(() => {});
  return {
    miner,
    trust: opened.trust,
    identity,
    packs,
    storage,
    watch,
    get link() {
      return parts.port?.link;
    },
    ended,
    stop: () => {
      own.abort();
      return ended;
    },
  };
}

async function runUntilStopped(
  flags: RunFlags,
  parts: Parts,
  around: Surroundings,
  cleanup: Cleanup,
  ownSignal: AbortSignal,
): Promise<void> {
  const { clock, stop, log } = around;
  const { events } = log;
  const { miner, watch } = parts;
  const signal = AbortSignal.any([stop.signal, ownSignal]);
  const requested = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  try {
    const port = await openRunPort(flags, {
      clock,
      events,
      stop: { signal, requested },
      onFrames: (batch) => miner.receive(batch),
      onLoss: (loss) => miner.noteLoss(minerLoss(loss)),
      onSide: (isUp) => watch.portIs(isUp),
    });
    parts.port = port;
    if (port) {
      watch.link = port.link;
      cleanup.add(() => port.close());
      if (flags.duration) around.over ??= pause(flags.duration * 1000, stop.signal);
      await Promise.race([requested, ...(around.over ? [around.over] : [])]);
    }
    await stopInOrder(parts);
    watch.tick();
    events.write(stoppedEvent(watch.snapshot(), path.join(flags.data, 'packs')));
  } finally {
    await cleanup.run();
  }
}

function openIdentity(flags: RunFlags, events: EventLog): Identity {
  const file = flags.key ?? path.join(flags.data, 'device.key');
  const { signer, account, made } = readOrMakeKey(file);
  const device = account.address;
  if (made) events.write({ level: 'info', event: 'key-made', text: `made a device key: ${device}`, facts: { device } });
  return { signer, account };
}

/** @throws {MinerError} STORAGE_* */
function openPacks({ storeMb }: RunFlags, storage: DirectoryStorage, events: EventLog): PackLog {
  const { log, report } = PackLog.open(storage, { bytesMax: storeMb * 1e6 });
  if (report.truncated) {
    const text = `the last write was torn: ${report.truncated.bytes} bytes dropped, every whole pack kept`;
    events.write({ level: 'warn', event: 'log-truncated', text, facts: report.truncated });
  }
  for (const damaged of report.damaged) {
    const text = `${damaged.segment} is damaged: ${damaged.bytes} bytes left out, and their gap signed`;
    events.write({ level: 'error', event: 'log-damaged', text, facts: damaged });
  }
  return log;
}

function tellNoGateway({ data }: RunFlags, events: EventLog): void {
  const text =
    `no gateway is known (${path.join(data, 'gateway.json')} is not there): packs wait in ${path.join(data, 'packs')}; ` +
    'start `miner gateway` and run again, or give --uplink';
  events.write({ level: 'warn', event: 'no-gateway', text, facts: { data } });
}

function tellNoDecoder(events: EventLog): void {
  const text = 'none of these decoders is listed: frames are counted, not decoded, until a vote lists one';
  events.write({ level: 'warn', event: 'no-decoder', text });
}

interface Parts {
  miner: Miner;
  watch: MinerWatch;
  port: RunPort | undefined;
  uplink: Uplink | undefined;
  packs: PackLog;
}

/** What was sampled is signed and stored first: closing a port may take its time, or hang. */
async function stopInOrder({ miner, port, uplink, packs }: Parts): Promise<void> {
  miner.flush();
  await port?.close();
  miner.flush();
  if (uplink) await lastReceipts(miner, packs);
  miner.stop();
}

/** Gives a gateway that can be reached a moment to answer for the last packs; else they wait in the log. */
async function lastReceipts({ outbox }: Miner, packs: PackLog): Promise<void> {
  for (let waitedMs = 0; waitedMs < receiptWaitMsMax && outbox?.status.up && packs.waitingCount > 0; waitedMs += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
