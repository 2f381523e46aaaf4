/** A view of the registries whose answers a test sets: what a chain would say, without one. */
import { edgeError, MinerError } from '../../../edge/errors/index.ts';
import { fromHex, toHex } from '../../../edge/pack/index.ts';
import type { DecoderStanding, DecoderState, DeviceStanding, TrustView } from '../../../edge/trust/index.ts';

const unknownDecoder: DecoderStanding = { state: 'none', index: 0, active: false };
const unknownDevice: DeviceStanding = { state: 'none', manufacturerId: 0n, licence: 'none', effective: false };
export const goodDevice: DeviceStanding = { state: 'active', manufacturerId: 7n, licence: 'active', effective: true };

export class SettableTrust implements TrustView {
  readonly chainId: number = 31337;
  readonly minerRegistry: Uint8Array = fromHex('11'.repeat(20));
  /** While false, every question fails with CHAIN_UNREACHABLE. */
  reachable = true;
  /** While true, every question fails with TRUST_EXPIRED. */
  expired = false;
  /** Resolves before any answer is given: how a test holds answers back. */
  gate: Promise<unknown> = Promise.resolve();
  readonly #decoders = new Map<string, DecoderStanding>();
  readonly #devices = new Map<string, DeviceStanding>();

  /** Its place in the registry is the order in which decoders were first set. */
  setDecoder(contentHash: Uint8Array, state: DecoderState): void {
    const key = toHex(contentHash);
    const index = this.#decoders.get(key)?.index ?? this.#decoders.size + 1;
    this.#decoders.set(key, { state, index, active: state === 'listed' || state === 'deprecated' });
  }

  setDevice(kid: Uint8Array, standing: Partial<DeviceStanding> = {}): void {
    this.#devices.set(toHex(kid), { ...goodDevice, ...standing });
  }

  async decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    await this.#answering();
    return this.#decoders.get(toHex(contentHash)) ?? unknownDecoder;
  }

  async device(address: Uint8Array): Promise<DeviceStanding> {
    await this.#answering();
    return this.#devices.get(toHex(address)) ?? unknownDevice;
  }

  async #answering(): Promise<void> {
    await this.gate;
    if (this.expired) {
      const text = { message: 'the checkpoint is too old', hint: 'get a newer one', exitCode: 3 as const };
      throw new MinerError('TRUST_EXPIRED', text, {});
    }
    if (!this.reachable) throw edgeError('CHAIN_UNREACHABLE', { url: 'http://nowhere', reason: 'it is off' });
  }
}
