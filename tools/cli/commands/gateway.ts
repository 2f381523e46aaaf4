/** `miner gateway`: verifies, stores and receipts what Miners send. */
import path from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Command } from 'commander';
import { toolError } from '../../errors/index.ts';
import type { GatewayEvent, GatewayState } from '../../gateway/index.ts';
import type { HttpAddress } from '../../metrics/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { httpAddress, integerBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

/** Between two looks into the inbox. */
const inboxLookMs = 2_000;

interface GatewayFlags {
  data: string;
  host?: string;
  port: number;
  broker?: string;
  share?: string;
  ca?: string;
  tlsCert?: string;
  tlsKey?: string;
  inbox?: string;
  samples?: string;
  flushSeconds: number;
  keepPacks?: boolean;
  requireImage?: boolean;
  rpc?: string;
  chainId?: number;
  http?: HttpAddress;
  json?: boolean;
}

export function registerGateway(program: Command): void {
  program
    .command('gateway')
    .description('verify packs against the chain, store them, sign receipts; runs until Ctrl-C')
    .option('--data <folder>', 'ledger, key, and where `miner chain` wrote', defaultFolder)
    .option('--port <n>', 'TCP port of the embedded MQTT broker; 0 takes any free one', integerBetween(0, 65_535), 1883)
    .option('--host <address>', 'where the embedded broker listens (default: 127.0.0.1, this machine alone)')
    .option('--broker <url>', 'use this MQTT 5 broker instead of the embedded one; mqtts:// for TLS')
    .option('--share <group>', 'share the packs of --broker with other gateways of this group and the same --data')
    .option('--ca <file>', 'PEM: whom to believe to be --broker; of the embedded broker, whose devices may come in')
    .option('--tls-cert <file>', "PEM: the gateway's certificate for --broker; otherwise the embedded broker's")
    .option('--tls-key <file>', 'PEM: the key of --tls-cert')
    .option('--inbox <folder>', 'take packs that came as files as well, and leave receipts there')
    .option('--samples <folder>', 'where samples go as Parquet files (default: samples in --data)')
    .option('--flush-seconds <n>', 'at most so long between files of samples', integerBetween(1, 86_400), 60)
    .option('--keep-packs', 'keep every signed pack beside the samples, not only those with raw frames')
    .option('--require-image', "take packs only of firmware images that were certified for the device's model")
    .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
    .option(
      '--chain-id <n>',
      'the chain that is meant; another one is refused',
      integerBetween(1, Number.MAX_SAFE_INTEGER),
    )
    .option(
      '--http <[host:]port>',
      'GET /healthz and /metrics (Prometheus); only this machine unless told',
      httpAddress,
    )
    .option('--json', 'verdicts as JSON lines')
    .addHelpText(
      'after',
      '\nExamples\n  $ miner gateway --data .miner\n  $ miner gateway --inbox /media/stick/packs\n' +
        '  $ miner gateway --broker mqtts://broker:8883 --ca ca.pem --tls-cert gateway.pem --tls-key gateway.key --share fleet',
    )
    .action(gateway);
}

async function gateway(flags: GatewayFlags): Promise<void> {
  const { data, port, host, broker, rpc, chainId, json, inbox, share } = flags;
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const warn = (text: string) => process.stderr.write(`${text}\n`);
  const [folder, deploy, { ChainView }, tools, { Cleanup }] = await Promise.all([
    import('../data-folder.ts'),
    import('../../deploy/index.ts'),
    import('../../../edge/trust/index.ts'),
    import('../../gateway/index.ts'),
    import('../cleanup.ts'),
  ]);
  requireTogether(flags);
  const { ca, tlsCert: cert, tlsKey: key } = flags;
  const tls = tools.readTlsFiles({ ...(ca && { ca }), ...(cert && { cert }), ...(key && { key }) });
  const stop = stopOnSignals(warn);
  const cleanup = new Cleanup();
  try {
    const { rpcUrl, deployment } = folder.readChain(data);
    const trust = await ChainView.open({
      rpcUrl: rpc ?? rpcUrl,
      chainId: chainId ?? deployment.chainId,
      registries: deploy.registriesOf(deployment),
    });
    const nowMs = await gatewayClock(rpc ?? rpcUrl);
    const { signer, account } = folder.readOrMakeKey(path.join(data, 'gateway.key'));
    const ledger = new tools.Ledger(path.join(data, 'ledger.sqlite'));
    cleanup.add(() => ledger.close());
    let hasServed = false;
    cleanup.add(() => hasServed && !json && say(totalsText(ledger.totals())));
    const samples = flags.samples ?? path.join(data, 'samples');
    const store = new tools.SampleStore({ ledger, folder: samples, keepPacks: flags.keepPacks });
    const onError = (error: Error) => warn(error.message);
    const writer = new tools.SampleWriter({ store, intervalMs: flags.flushSeconds * 1000, onError });
    cleanup.add(() => writer.stop());
    const embedded = broker
      ? undefined
      : await tools.startBroker({
          port,
          ...(host !== undefined && { host }),
          ...(tls.cert && tls.key && { tls: { ...tls, cert: tls.cert, key: tls.key } }),
        });
    if (embedded) cleanup.add(() => embedded.close());
    const brokerUrl = broker ?? embedded!.url;
    let state: GatewayState | undefined;
    const judge = new tools.Gateway({
      trust,
      ledger,
      signer,
      nowMs,
      ...(flags.requireImage && { images: trust }),
      onEvent: (event) => {
        state?.note(event);
        if (event.kind === 'accepted') writer.note(event.samples);
        say(json ? eventJson(event) : eventText(event));
      },
    });
    const serving = await tools.serveGateway({
      gateway: judge,
      brokerUrl,
      protocolVersion: embedded ? 4 : 5,
      ...(embedded && { connect: embedded.connect }),
      ...(broker && { tls }),
      ...(share !== undefined && { shareGroup: share }),
      onDown: (reason) => warn(`${reason}; trying again`),
      onFault: (error) => warn(`a pack got no answer: ${(error as Error).stack}`),
    });
    cleanup.add(() => serving.close());
    state = new tools.GatewayState({ gateway: judge, ledger, serving });
    if (flags.http) {
      const { serveHttp } = await import('../../metrics/index.ts');
      const server = await serveHttp({ ...flags.http, metrics: state.metrics(), health: state.health.bind(state) });
      cleanup.add(() => server.close());
      warn(`health and metrics at ${server.url}/healthz and /metrics`);
    }
    if (inbox !== undefined) {
      const files = new tools.Inbox({ folder: inbox, gateway: judge, nowMs });
      const looking = tools.repeat(inboxLookMs, () => files.scan(), onError);
      cleanup.add(() => looking.stop());
    }
    folder.writeRecord(data, 'gateway', { brokerUrl, address: account.address });
    if (json) say(JSON.stringify({ event: 'listening', brokerUrl, address: account.address, samples }));
    else say(`listening at ${brokerUrl}; receipts signed by ${account.address}; ledger in ${data}`);
    hasServed = true;
    await stop.requested;
  } finally {
    await cleanup.run();
    stop.release();
  }
}

/** On a local chain, whose clock votes move ahead, packs are received in the chain's time. */
async function gatewayClock(rpcUrl: string): Promise<() => number> {
  const [{ chainClock }, { createPublicClient, http }] = await Promise.all([
    import('../../rewards/index.ts'),
    import('viem'),
  ]);
  return chainClock(createPublicClient({ transport: http(rpcUrl) }), Date.now);
}

function requireTogether({ broker, share, host, ca, tlsCert, tlsKey }: GatewayFlags): void {
  const missing = (option: string, reason: string) => {
    throw toolError('OPTION_MISSING', { option, reason });
  };
  if (tlsCert && !tlsKey) missing('--tls-key', 'it belongs to --tls-cert');
  if (tlsKey && !tlsCert) missing('--tls-cert', 'it belongs to --tls-key');
  if (ca && !broker && !tlsCert) missing('--tls-cert', 'the embedded broker needs one to ask devices for theirs');
  if (share !== undefined && !broker)
    missing('--broker', 'the embedded broker serves one gateway; --share is for many');
  if (share !== undefined && !/^[^/+#]+$/.test(share)) {
    throw toolError('OPTION_INVALID', { option: '--share', value: share, expected: 'a name without /, + and #' });
  }
  if (host !== undefined && broker) {
    throw toolError('OPTION_INVALID', { option: '--host', value: host, expected: 'no --broker beside it' });
  }
}

function totalsText({ packs, samples, bytes }: { packs: number; samples: number; bytes: number }): string {
  return `${packs} packs in the ledger, ${samples} samples, ${bytes} bytes`;
}

function eventText(event: GatewayEvent): string {
  switch (event.kind) {
    case 'accepted':
      return `accepted  ${short(event.pack.kid)} pack ${event.pack.body.seq}: ${event.samples} samples, ${event.bytes.length} bytes`;
    case 'refused': {
      const { kid, seq, code, reason } = event.refusal;
      return `refused   ${kid ? short(kid) : 'somebody'}${seq === undefined ? '' : ` pack ${seq}`}: ${code}, ${reason}`;
    }
    case 'deferred':
      return `deferred  ${event.error.message}; the device will send again`;
  }
}

function eventJson(event: GatewayEvent): string {
  switch (event.kind) {
    case 'accepted': {
      const { kid, body } = event.pack;
      return JSON.stringify({
        event: 'accepted',
        device: `0x${bytesToHex(kid)}`,
        seq: body.seq,
        samples: event.samples,
        bytes: event.bytes.length,
      });
    }
    case 'refused': {
      const { kid, seq, code, reason } = event.refusal;
      return JSON.stringify({
        event: 'refused',
        device: kid ? `0x${bytesToHex(kid)}` : null,
        seq: seq ?? null,
        code,
        reason,
      });
    }
    case 'deferred':
      return JSON.stringify({ event: 'deferred', error: event.error });
  }
}

function short(kid: Uint8Array): string {
  const hex = bytesToHex(kid);
  return `0x${hex.slice(0, 6)}…${hex.slice(-4)}`;
}
