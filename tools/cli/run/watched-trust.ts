import { MinerError } from '../../../edge/errors/index.ts';
import type { Clock } from '../../../edge/sim/index.ts';
import type { DecoderStanding, DeviceStanding, TrustView } from '../../../edge/trust/index.ts';
import type { TrustState } from './snapshot.ts';

/** Trust as it is given, with a note of how the last question ended: the Miner itself only tells of failures. */
export class WatchedTrust implements TrustView {
  readonly chainId: number;
  readonly minerRegistry: Uint8Array;
  readonly #inner: TrustView;
  readonly #clock: Clock;
  #state: TrustState = 'ok';
  #sinceMs: number;

  constructor(inner: TrustView, clock: Clock) {
    this.chainId = inner.chainId;
    this.minerRegistry = inner.minerRegistry;
    this.#inner = inner;
    this.#clock = clock;
    this.#sinceMs = clock.nowMs();
  }

  get now(): { state: TrustState; forMs: number } {
    return { state: this.#state, forMs: this.#clock.nowMs() - this.#sinceMs };
  }

  decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    return this.#note(this.#inner.decoder(contentHash));
  }

  /** Not noted: a checkpoint says nothing of devices, and a Miner can do without. */
  device(address: Uint8Array): Promise<DeviceStanding> {
    return this.#inner.device(address);
  }

  async #note<Answer>(asked: Promise<Answer>): Promise<Answer> {
    try {
      const answer = await asked;
      this.#become('ok');
      return answer;
    } catch (error) {
      if (error instanceof MinerError) this.#become(error.code === 'TRUST_EXPIRED' ? 'expired' : 'unreachable');
      throw error;
    }
  }

  #become(state: TrustState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.#sinceMs = this.#clock.nowMs();
  }
}
