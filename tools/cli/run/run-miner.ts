/** The live Miner of `miner run`: its link, log, uplink and trust put together, and taken apart again in order. */
import path from 'node:path';
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import { defaultSettings, Miner } from '../../../edge/miner.ts';
import { type Clock, liveClock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import type { EventLog } from '../../logging/index.ts';
import { serveHttp } from '../../metrics/index.ts';
import { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { readOrMakeKey } from '../data-folder.ts';
import type { Identity } from '../identity.ts';
import { type Stop, stopOnSignals } from '../stop.ts';
import { minerLoss } from './bus-events.ts';
import { healthOf } from './health.ts';
import { logEventOf } from './miner-events.ts';
import { minerMetrics } from './miner-metrics.ts';
import { MinerWatch } from './miner-watch.ts';
import { openRunLog, type RunLog } from './open-log.ts';
import { openRunPort, pause, type RunPort } from './open-port.ts';
import { openRunTrust } from './open-trust.ts';
import { openUplink, type Uplink } from './open-uplink.ts';
import { statusText } from './status-text.ts';
import { stoppedEvent } from './stopped-event.ts';

const statusEveryMs = 1000;
/** Without a terminal, how the Miner does is a line now and then. */
const statusEventEveryMs = 60_000;
/** What is shown as failing was so within this time, or within three packs. */
const storageFaultMs = 30_000;
const receiptWaitMsMax = 2000;
const trustLookMsMax = 5000;

/** @throws {MinerError} what keeps a Miner from starting; later faults are told and lived with */
export async function runMiner(flags: RunFlags, files: readonly DecoderFile[]): Promise<void> {
  const clock = liveClock();
  const stop = stopOnSignals((note) => log.events.write({ level: 'info', event: 'stopping', text: note }));
  const cleanup = new Cleanup();
  const log = openRunLog({
    clock,
    json: flags.json === true,
    verbose: flags.verbose === true,
    file: flags.logFile,
    // As a terminal's hang-up does; `miner run | head` ends by it.
    onGone: () => stop.request('nobody reads the output any more'),
  });
  try {
    await runUntilStopped(flags, files, { clock, stop, cleanup, log });
  } finally {
    await cleanup.run();
    await log.close();
    stop.release();
  }
}

interface Surroundings {
  clock: Clock;
  stop: Stop;
  cleanup: Cleanup;
  log: RunLog;
}

async function runUntilStopped(flags: RunFlags, files: readonly DecoderFile[], around: Surroundings): Promise<void> {
  const { clock, stop, cleanup, log } = around;
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
    settings: {
      recordFrames: flags.record,
      packIntervalMs: flags.packS * 1000,
      trustIntervalMs: flags.trustS * 1000,
      sampling: { intervalMsMin: flags.sampleMs, intervalMsMax: defaultSettings.sampling.intervalMsMax },
    },
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
  await serveState(flags, watch, around);
  await miner.start(files);
  cleanup.add(() => miner.stop());
  if (miner.decoders.length === 0 && !miner.isTrustExpired) tellNoDecoder(events);
  // A revocation counts before the next routine check.
  const lookEveryMs = Math.min(trustLookMsMax, flags.trustS * 1000);
  cleanup.add(opened.trust.watch(lookEveryMs, () => void miner.checkTrust()));
  uplink?.start();

  cleanup.add(showStatus(watch, log));
  const port = await openRunPort(flags, {
    clock,
    events,
    stop,
    onFrames: (batch) => miner.receive(batch),
    onLoss: (loss) => miner.noteLoss(minerLoss(loss)),
    onSide: (isUp) => watch.portIs(isUp),
  });
  if (port) {
    watch.link = port.link;
    cleanup.add(() => port.close());
    await Promise.race([stop.requested, ...(flags.duration ? [pause(flags.duration * 1000, stop.signal)] : [])]);
  }
  await stopInOrder({ miner, port, uplink, packs });
  watch.tick();
  events.write(stoppedEvent(watch.snapshot(), path.join(flags.data, 'packs')));
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

/** @throws {MinerError} HTTP_LISTEN */
async function serveState(flags: RunFlags, watch: MinerWatch, { cleanup, log }: Surroundings): Promise<void> {
  if (!flags.http) return;
  const server = await serveHttp({
    ...flags.http,
    metrics: minerMetrics(() => watch.snapshot(), log.dropped),
    health: () => healthOf(watch.snapshot(), flags.port),
  });
  cleanup.add(() => server.close());
  const text = `health and metrics at ${server.url}/healthz and /metrics`;
  log.events.write({ level: 'info', event: 'http', text, facts: { url: server.url } });
}

/** Ticks either way; what is shown, and how often, depends on who looks. @returns what ends that */
function showStatus(watch: MinerWatch, { screen, events }: RunLog): () => void {
  let sinceEventMs = 0;
  const timer = setInterval(() => {
    watch.tick();
    const snapshot = watch.snapshot();
    screen.showStatus((columns) => statusText(snapshot, columns));
    sinceEventMs += statusEveryMs;
    if (screen.hasStatus || sinceEventMs < statusEventEveryMs) return;
    sinceEventMs = 0;
    const { link, log, uplink, counters, ...facts } = snapshot;
    events.write({
      level: 'info',
      event: 'status',
      text: statusText(snapshot, Number.POSITIVE_INFINITY),
      facts: { ...facts, port: { up: link.up }, uplink: uplink && { up: uplink.up }, ...counters },
    });
  }, statusEveryMs);
  return () => clearInterval(timer);
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
