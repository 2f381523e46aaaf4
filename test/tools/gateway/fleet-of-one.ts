/** One Miner's way out: its log, outbox and MQTT uplink, with packs that were signed beforehand. */
import { packAad, signPack, softwareSigner } from '../../../edge/pack/index.ts';
import { OpensslVerifier } from '../../../edge/pack/node-verifier.ts';
import { liveClock, MemoryStorage } from '../../../edge/sim/index.ts';
import { PackLog } from '../../../edge/store/index.ts';
import { Outbox, openReceipt, receiptAad } from '../../../edge/uplink/index.ts';
import { type MqttOptions, MqttUplink } from '../../../edge/uplink/node-mqtt.ts';
import { SettableTrust } from '../../edge/trust/settable-trust.ts';
import { decoder, gatewayKey } from './packs.ts';

/** As one whose secure element knows P-256 alone; OpenSSL verifies those four times as fast. */
export const loneDevice = softwareSigner(new Uint8Array(32).fill(4), 'ES256');

/** Packs 1 to `count` with one sample each, whose value is the pack's number. */
export function signSmallPacks(count: number): Uint8Array[] {
  const trust = new SettableTrust();
  const externalAad = packAad(trust.chainId, trust.minerRegistry);
  return Array.from({ length: count }, (_, i) => {
    const seq = i + 1;
    const column = { decoder: 0, signalIndex: 4, timesMs: Float64Array.of(seq), values: Float64Array.of(seq) };
    const body = { seq, bootCount: 1, decoders: [{ contentHash: decoder }], startMs: 0, columns: [column] };
    return signPack(loneDevice, body, { externalAad });
  });
}

export interface LoneMiner {
  log: PackLog;
  outbox: Outbox;
  uplink: MqttUplink;
  /** Packs that the broker acknowledged, each as often as it was. */
  acknowledged: number;
  /** The last one taken. */
  receipt: Uint8Array | undefined;
  close(): Promise<void>;
}

/** Starts to send all packs at once. */
export function startLoneMiner(
  url: string,
  packs: readonly Uint8Array[],
  options: { windowCount: number; resendMs: number; protocolVersion?: 4 | 5; tls?: MqttOptions['tls'] },
): LoneMiner {
  const { windowCount, resendMs, protocolVersion, tls } = options;
  const trust = new SettableTrust();
  const { log } = PackLog.open(new MemoryStorage());
  for (const pack of packs) log.append(log.nextSeq() as number, pack);
  const uplink = new MqttUplink({
    url,
    kid: loneDevice.kid,
    reconnectMs: 50,
    ...(protocolVersion && { protocolVersion }),
    ...(tls && { tls }),
  });
  const trusted = {
    gateways: [gatewayKey.kid],
    device: loneDevice.kid,
    externalAad: receiptAad(trust.chainId, trust.minerRegistry),
    verify: new OpensslVerifier().verify,
  };
  const miner = { log, uplink, acknowledged: 0, receipt: undefined } as unknown as LoneMiner;
  const port = {
    send: async (seq: number, bytes: Uint8Array) => {
      await uplink.send(seq, bytes);
      miner.acknowledged++;
    },
    onMessage: uplink.onMessage.bind(uplink),
    onUp: uplink.onUp.bind(uplink),
    onDown: uplink.onDown.bind(uplink),
  };
  miner.outbox = new Outbox({
    log,
    port,
    clock: liveClock(),
    windowCount,
    resendMs,
    openReceipt: (bytes) => {
      miner.receipt = bytes;
      return openReceipt(bytes, trusted);
    },
  });
  miner.close = async () => {
    miner.outbox.close();
    await uplink.close();
  };
  uplink.start();
  return miner;
}
