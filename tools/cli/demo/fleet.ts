/** The moving parts of a drive: a gateway with its broker, and a Miner that sends to it. */
import path from 'node:path';
import { Miner, type MinerEvent } from '../../../edge/miner.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { DirectoryStorage } from '../../../edge/store/node.ts';
import { ChainView } from '../../../edge/trust/index.ts';
import { connectMqtt } from '../../../edge/uplink/node-mqtt.ts';
import { Gateway, type GatewayEvent, Ledger, serveGateway, startBroker } from '../../gateway/index.ts';
import type { Cleanup } from '../cleanup.ts';
import type { Identity } from '../identity.ts';
import type { ChainWorld } from './world.ts';

/** Both ends ask the chain by themselves: neither believes the other. */
export function openTrust(world: ChainWorld): Promise<ChainView> {
  const { ManufacturerRegistry, MinerRegistry, DecoderRegistry } = world.deployment.addresses;
  return ChainView.open({
    rpcUrl: world.rpcUrl,
    chainId: world.deployment.chainId,
    registries: {
      manufacturerRegistry: ManufacturerRegistry,
      minerRegistry: MinerRegistry,
      decoderRegistry: DecoderRegistry,
    },
    blockAgeMsMax: 0,
  });
}

export interface DemoGateway {
  brokerUrl: string;
  ledger: Ledger;
  /** Every verdict so far. */
  verdicts: GatewayEvent[];
}

export async function startGateway(world: ChainWorld, key: Identity, folder: string, cleanup: Cleanup) {
  const broker = await startBroker();
  cleanup.add(() => broker.close());
  const ledger = new Ledger(path.join(folder, 'ledger.sqlite'));
  cleanup.add(() => ledger.close());
  const verdicts: GatewayEvent[] = [];
  const gateway = new Gateway({
    trust: await openTrust(world),
    ledger,
    signer: key.signer,
    nowMs: world.nowMs,
    onEvent: (event) => verdicts.push(event),
  });
  const serving = await serveGateway({ gateway, brokerUrl: broker.url, protocolVersion: 4 });
  cleanup.add(() => serving.close());
  return { brokerUrl: broker.url, ledger, verdicts } satisfies DemoGateway;
}

export interface DemoMiner {
  miner: Miner;
  log: PackLog;
  events: MinerEvent[];
  clock: ReturnType<typeof liveClock>;
}

export async function startMiner(
  world: ChainWorld,
  keys: { device: Identity; gateway: Identity },
  options: { brokerUrl: string; folder: string; packIntervalMs: number; cleanup: Cleanup },
): Promise<DemoMiner> {
  const { brokerUrl, folder, packIntervalMs, cleanup } = options;
  const clock = liveClock();
  const storage = new DirectoryStorage(path.join(folder, 'packs'));
  cleanup.add(() => storage.close());
  const { log } = PackLog.open(storage);
  const uplink = await connectMqtt({ url: brokerUrl, kid: keys.device.signer.kid, clock });
  cleanup.add(() => uplink.close());
  const events: MinerEvent[] = [];
  const miner = new Miner({
    signer: keys.device.signer,
    trust: await openTrust(world),
    log,
    clock,
    uplink,
    gateways: [keys.gateway.signer.kid],
    settings: { packIntervalMs },
    onEvent: (event) => events.push(event),
  });
  cleanup.add(() => miner.stop());
  return { miner, log, events, clock };
}
