/** Packs as a device would sign them, and a gateway that trusts it. */
import { type PackBody, packAad, type Signer, signPack, softwareSigner } from '../../../edge/pack/index.ts';
import { Gateway, type GatewayEvent, Ledger } from '../../../tools/gateway/index.ts';
import { SettableTrust } from '../../edge/trust/settable-trust.ts';

export const device = softwareSigner(new Uint8Array(32).fill(1));
export const gatewayKey = softwareSigner(new Uint8Array(32).fill(2));
export const decoder = new Uint8Array(32).fill(0xd0);

/** A body with three samples of one signal. */
export function bodyOf(seq: number, changes: Partial<PackBody> = {}): PackBody {
  return {
    seq,
    bootCount: 1,
    decoders: [{ contentHash: decoder, registryIndex: 1 }],
    startMs: 1_000,
    columns: [
      { decoder: 0, signalIndex: 4, timesMs: Float64Array.of(1_000, 1_100, 1_200), values: Float64Array.of(7, 8, seq) },
    ],
    ...changes,
  };
}

export function packOf(
  trust: SettableTrust,
  seq: number,
  changes: Partial<PackBody> = {},
  signed: { by?: Signer; chainId?: number } = {},
): Uint8Array {
  const { by = device, chainId = trust.chainId } = signed;
  return signPack(by, bodyOf(seq, changes), { externalAad: packAad(chainId, trust.minerRegistry) });
}

/** The device is enrolled, its decoder listed, and the ledger empty. */
export function gatewayWorld(path = ':memory:') {
  const trust = new SettableTrust();
  trust.setDevice(device.kid);
  trust.setDecoder(decoder, 'listed');
  const ledger = new Ledger(path);
  const events: GatewayEvent[] = [];
  const time = { nowMs: 1_000 };
  const gateway = new Gateway({
    trust,
    ledger,
    signer: gatewayKey,
    nowMs: () => time.nowMs,
    onEvent: (event) => events.push(event),
  });
  return { trust, ledger, gateway, events, time };
}
