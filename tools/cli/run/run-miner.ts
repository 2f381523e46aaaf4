/** The live Miner of `miner run`: its link, log, uplink and trust, with events for people or as JSON lines. */
import path from 'node:path';
import type { DecoderFile } from '../../../edge/approved-decoder.ts';
import { openCanLink } from '../../../edge/can-link.ts';
import type { MinerError } from '../../../edge/errors/index.ts';
import { Miner, type MinerEvent } from '../../../edge/miner.ts';
import { fromHex, toHex } from '../../../edge/pack/index.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { transportOpener } from '../../../edge/transport/node.ts';
import { ChainView } from '../../../edge/trust/index.ts';
import { MqttUplink } from '../../../edge/uplink/node-mqtt.ts';
import { toolError } from '../../errors/index.ts';
import { Cleanup } from '../cleanup.ts';
import type { RunFlags } from '../commands/run.ts';
import { readChain, readGateway, readOrMakeKey, registriesOf } from '../data-folder.ts';
import { stopOnSignals } from '../stop.ts';
import { StatusLine } from './status-line.ts';

/** @throws {MinerError} what keeps a Miner from starting; later faults are told and lived with */
export async function runMiner(flags: RunFlags, files: readonly DecoderFile[]): Promise<void> {
  const { data, json } = flags;
  const status = new StatusLine();
  const say = (text: string) => status.print(text);
  const stop = stopOnSignals((note) => process.stderr.write(`${note}\n`));
  const cleanup = new Cleanup();
  try {
    const { rpcUrl, deployment } = readChain(data);
    const gateway = readGateway(data);
    const { signer, account, made } = readOrMakeKey(flags.key ?? path.join(data, 'device.key'));
    if (made) say(`made a device key: ${account.address}`);
    const trust = await ChainView.open({
      rpcUrl: flags.rpc ?? rpcUrl,
      chainId: flags.chainId ?? deployment.chainId,
      registries: registriesOf(deployment),
    });
    const standing = await trust.device(signer.kid);
    if (!standing.effective)
      throw toolError('DEVICE_NOT_ENROLLED', {
        device: account.address,
        state: standing.state,
        licence: standing.licence,
      });

    const clock = liveClock();
    const storage = new DirectoryStorage(path.join(data, 'packs'));
    cleanup.add(() => storage.close());
    const { log, report } = PackLog.open(storage);
    if (report.truncated)
      say(`the last write was torn: ${report.truncated.bytes} bytes dropped, every whole pack kept`);
    for (const { segment, bytes } of report.damaged)
      say(`${segment} is damaged: ${bytes} bytes left out, and their gap signed`);
    const uplink = new MqttUplink({
      url: gateway.brokerUrl,
      kid: signer.kid,
      clock,
      onFault: (fault) => say(fault.message),
    });
    cleanup.add(() => uplink.close());
    const onEvent = (event: MinerEvent) => {
      const text = json ? eventJson(event) : eventText(event);
      if (text) say(text);
    };
    const miner = new Miner({
      signer,
      trust,
      log,
      clock,
      uplink,
      gateways: [fromHex(gateway.address.slice(2).toLowerCase())],
      settings: {
        packIntervalMs: flags.packS * 1000,
        sampling: { intervalMsMin: flags.sampleMs, intervalMsMax: 60_000 },
      },
      onEvent,
    });
    await miner.start(files);
    cleanup.add(() => miner.stop());
    uplink.start();

    const link = await openCanLink({
      open: transportOpener(flags.port),
      clock,
      bitRate: flags.bitRate,
      listenOnly: !flags.active,
      onFrames: (batch) => miner.receive(batch),
      onUp: ({ version }) =>
        say(
          json ? JSON.stringify({ event: 'port-up', port: flags.port }) : `reading ${flags.port} (adapter ${version})`,
        ),
      onDown: (fault) => say(json ? JSON.stringify({ event: 'port-down', error: fault }) : downText(fault)),
    });
    cleanup.add(() => link.close());
    const line = () => {
      const { framesReceived, framesDecoded, samples, packsSigned } = miner.counters;
      return `${framesReceived} frames, ${framesDecoded} decoded, ${samples} samples, ${packsSigned} packs signed, receipts up to ${log.receipted}`;
    };
    cleanup.add(status.every(1000, line));
    await Promise.race([stop.requested, ...(flags.duration ? [delay(flags.duration * 1000, stop.signal)] : [])]);
    await link.close();
    miner.flush();
    await lastReceipts(log);
    miner.stop();
    const { outages, downMs, malformed } = link.counters();
    const waiting = countWaiting(log);
    if (json)
      say(
        JSON.stringify({
          event: 'stopped',
          ...miner.counters,
          outages,
          downMs,
          malformed,
          receipted: log.receipted,
          waiting,
        }),
      );
    else {
      say(line());
      if (outages > 0) say(`the port was away ${outages} times, ${(downMs / 1000).toFixed(1)} s in all`);
      if (waiting > 0)
        say(`${waiting} signed packs wait in ${path.join(data, 'packs')} for a receipt; the next run sends them`);
    }
  } finally {
    status.clear();
    await cleanup.run();
    stop.release();
  }
}

/** Gives the gateway a moment to answer for the last packs; without it they wait in the log. */
async function lastReceipts(log: PackLog): Promise<void> {
  for (let waitedMs = 0; waitedMs < 2000 && log.packAfter(0) !== undefined; waitedMs += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

function delay(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
  });
}

function countWaiting(log: PackLog): number {
  let count = 0;
  for (let seq = log.packAfter(0); seq !== undefined; seq = log.packAfter(seq)) count++;
  return count;
}

function downText(fault: MinerError): string {
  return `${fault.message}; waiting for it`;
}

function eventText(event: MinerEvent): string | undefined {
  switch (event.kind) {
    case 'decoder-approved':
      return `decoder ${event.decoder.name}: listed as number ${event.decoder.registryIndex}, ${event.decoder.plan.signals.length} signals`;
    case 'decoder-refused':
      return `decoder ${event.decoder.name}: refused, the registry says ${event.decoder.standing.state} of ${toHex(event.decoder.contentHash).slice(0, 16)}…`;
    case 'decoder-withdrawn':
      return `decoder ${event.decoder.name}: ${event.decoder.standing.state}, no longer used`;
    case 'trust-unavailable':
      return `${event.error.message}; going on with what was approved`;
    case 'pack-signed':
      return event.stored ? undefined : `pack ${event.seq} could not be stored: its gap will be signed`;
    case 'refused':
      return `pack ${event.seq} refused by the gateway: ${event.code}, ${event.reason}; it is kept and tried again`;
    case 'receipt-refused':
      return event.error.message;
    default:
      return undefined;
  }
}

function eventJson(event: MinerEvent): string | undefined {
  switch (event.kind) {
    case 'decoder-approved':
      return JSON.stringify({
        event: event.kind,
        name: event.decoder.name,
        contentHash: toHex(event.decoder.contentHash),
        index: event.decoder.registryIndex,
      });
    case 'decoder-refused':
    case 'decoder-withdrawn':
      return JSON.stringify({
        event: event.kind,
        name: event.decoder.name,
        contentHash: toHex(event.decoder.contentHash),
        state: event.decoder.standing.state,
      });
    case 'pack-signed':
      return JSON.stringify({
        event: event.kind,
        seq: event.seq,
        samples: event.samples,
        bytes: event.bytes.length,
        stored: event.stored,
      });
    case 'trust-unavailable':
    case 'receipt-refused':
      return JSON.stringify({ event: event.kind, error: event.error });
    case 'send-failed':
      return undefined;
    default: {
      const { kind, ...facts } = event;
      return JSON.stringify({ event: kind, ...facts });
    }
  }
}
