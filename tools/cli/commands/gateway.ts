/** `miner gateway`: verifies, stores and receipts what Miners send. */
import path from 'node:path';
import { bytesToHex } from '@noble/hashes/utils.js';
import type { Command } from 'commander';
import type { GatewayEvent } from '../../gateway/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { integerBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface GatewayFlags {
  data: string;
  port: number;
  broker?: string;
  rpc?: string;
  chainId?: number;
  json?: boolean;
}

export function registerGateway(program: Command): void {
  program
    .command('gateway')
    .description('verify packs against the chain, store them, sign receipts; runs until Ctrl-C')
    .option('--data <folder>', 'ledger, key, and where `miner chain` wrote', defaultFolder)
    .option('--port <n>', 'TCP port of the embedded MQTT broker; 0 takes any free one', integerBetween(0, 65_535), 1883)
    .option('--broker <url>', 'use this MQTT 5 broker instead of the embedded one')
    .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
    .option(
      '--chain-id <n>',
      'the chain that is meant; another one is refused',
      integerBetween(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--json', 'verdicts as JSON lines')
    .addHelpText('after', '\nExample\n  $ miner gateway --data .miner')
    .action(gateway);
}

async function gateway({ data, port, broker, rpc, chainId, json }: GatewayFlags): Promise<void> {
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const [folder, { ChainView }, { Gateway, Ledger, serveGateway, startBroker }, { Cleanup }] = await Promise.all([
    import('../data-folder.ts'),
    import('../../../edge/trust/index.ts'),
    import('../../gateway/index.ts'),
    import('../cleanup.ts'),
  ]);
  const stop = stopOnSignals((note) => process.stderr.write(`${note}\n`));
  const cleanup = new Cleanup();
  try {
    const { rpcUrl, deployment } = folder.readChain(data);
    const trust = await ChainView.open({
      rpcUrl: rpc ?? rpcUrl,
      chainId: chainId ?? deployment.chainId,
      registries: folder.registriesOf(deployment),
    });
    const { signer, account } = folder.readOrMakeKey(path.join(data, 'gateway.key'));
    const ledger = new Ledger(path.join(data, 'ledger.sqlite'));
    cleanup.add(() => ledger.close());
    const embedded = broker ? undefined : await startBroker({ port });
    if (embedded) cleanup.add(() => embedded.close());
    const brokerUrl = broker ?? embedded!.url;
    const judge = new Gateway({
      trust,
      ledger,
      signer,
      nowMs: Date.now,
      onEvent: (event) => say(json ? eventJson(event) : eventText(event)),
    });
    const serving = await serveGateway({
      gateway: judge,
      brokerUrl,
      protocolVersion: embedded ? 4 : 5,
      onDown: (reason) => process.stderr.write(`${reason}; trying again\n`),
    });
    cleanup.add(() => serving.close());
    folder.writeRecord(data, 'gateway', { brokerUrl, address: account.address });
    if (json) say(JSON.stringify({ event: 'listening', brokerUrl, address: account.address }));
    else say(`listening at ${brokerUrl}; receipts signed by ${account.address}; ledger in ${data}`);
    await stop.requested;
    const { packs, samples, bytes } = ledger.totals();
    if (!json) say(`${packs} packs in the ledger, ${samples} samples, ${bytes} bytes`);
  } finally {
    await cleanup.run();
    stop.release();
  }
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
