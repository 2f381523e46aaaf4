/** The gateway: a pack comes in, is verified and stored once, and is answered with a signed receipt or a reason. */
import { MinerError } from '../../edge/errors/index.ts';
import { type OpenedPack, type Signer, samplesOf } from '../../edge/pack/index.ts';
import type { TrustView } from '../../edge/trust/index.ts';
import { receiptAad, signReceipt } from '../../edge/uplink/index.ts';
import type { Ledger } from './ledger.ts';
import { type Refusal, verifyPack } from './verify.ts';

export interface GatewayOptions {
  trust: TrustView;
  ledger: Ledger;
  /** Its key signs receipts; Miners know its address. */
  signer: Signer;
  /** Unix time in milliseconds. */
  nowMs: () => number;
  onEvent?: (event: GatewayEvent) => void;
}

export type GatewayEvent =
  | { kind: 'accepted'; pack: OpenedPack; bytes: Uint8Array; samples: number }
  | { kind: 'refused'; refusal: Refusal; bytes: Uint8Array }
  | { kind: 'deferred'; error: MinerError };

/** What to tell the device. Both may be there: a replayed pack is refused, and its receipt repeated. */
export interface Answer {
  receipt?: Uint8Array;
  refusal?: Refusal;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #emit: (event: GatewayEvent) => void;

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#emit = options.onEvent ?? (() => {});
  }

  /**
   * Judges one pack. Idempotent: the same bytes again change nothing and get the same receipt.
   * @returns an empty answer when the chain could not be asked: the device sends the pack again
   */
  async receive(bytes: Uint8Array): Promise<Answer> {
    try {
      const verdict = await verifyPack(bytes, this.#options.trust);
      if ('refusal' in verdict) return this.#refuse(verdict.refusal, bytes);
      return this.#store(verdict.pack, bytes);
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#emit({ kind: 'deferred', error });
      return {};
    }
  }

  #store(pack: OpenedPack, bytes: Uint8Array): Answer {
    const { kid, body, hash } = pack;
    let samples = 0;
    const counted = function* () {
      for (const sample of samplesOf(body)) {
        samples++;
        yield sample;
      }
    };
    const entry = {
      kid,
      seq: body.seq,
      hash,
      boot: body.bootCount,
      bytes: bytes.length,
      gaps: body.gaps ?? [],
      samples: counted(),
    };
    const acceptance = this.#options.ledger.accept(entry, this.#options.nowMs());
    const receipt = this.#receipt(kid);
    if (acceptance === 'new') {
      this.#emit({ kind: 'accepted', pack, bytes, samples });
      return receipt;
    }
    const refusal: Refusal =
      acceptance === 'replayed'
        ? { code: 'SEQ_REPLAYED', reason: `pack ${body.seq} was accepted before`, kid, seq: body.seq }
        : { code: 'SEQ_CONFLICT', reason: `another pack ${body.seq} was accepted before`, kid, seq: body.seq };
    return { ...this.#refuse(refusal, bytes), ...receipt };
  }

  #refuse(refusal: Refusal, bytes: Uint8Array): Answer {
    const { kid, seq, code, reason } = refusal;
    this.#options.ledger.refuse(kid, seq, code, reason, this.#options.nowMs());
    this.#emit({ kind: 'refused', refusal, bytes });
    return { refusal };
  }

  /** A pure function of the ledger: the highest pack of the device with nothing missing below it. */
  #receipt(kid: Uint8Array): Answer {
    const { ledger, signer, trust } = this.#options;
    const last = ledger.receiptable(kid);
    if (!last) return {};
    const aad = receiptAad(trust.chainId, trust.minerRegistry);
    return { receipt: signReceipt(signer, { device: kid, seq: last.seq, hash: last.hash }, aad) };
  }
}
