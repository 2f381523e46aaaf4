/** The gateway: a pack comes in, is verified and stored once, and is answered with a signed receipt or a reason. */
import { MinerError } from '../../edge/errors/index.ts';
import { type OpenedPack, type PackBody, type Signer, type SignerFinder, toHex } from '../../edge/pack/index.ts';
import { NativeVerifier } from '../../edge/pack/node-verifier.ts';
import type { ImageTrust, TrustView } from '../../edge/trust/index.ts';
import { receiptAad, signReceipt } from '../../edge/uplink/index.ts';
import type { Acceptance, Ledger, LedgerPack } from './ledger.ts';
import { encodeSignals } from './signal-set.ts';
import { type Refusal, type RefusalCode, verifyPack } from './verify.ts';

export interface GatewayOptions {
  trust: TrustView;
  ledger: Ledger;
  /** Its key signs receipts; Miners know its address. */
  signer: Signer;
  /** Unix time in milliseconds. */
  nowMs: () => number;
  /** How signatures are checked; an NativeVerifier of its own unless told. */
  verify?: SignerFinder;
  /** Only packs of certified firmware images are taken, as this says; any unless told. */
  images?: ImageTrust;
  onEvent?: (event: GatewayEvent) => void;
}

export type GatewayEvent =
  | { kind: 'accepted'; pack: OpenedPack; bytes: Uint8Array; samples: number }
  | { kind: 'refused'; refusal: Refusal; bytes: Uint8Array }
  | { kind: 'deferred'; error: MinerError };

/** What to tell the device. Both may be there: a replayed pack is refused, and its receipt repeated. */
export interface Answer {
  /** Packs of one device that were stored together share one receipt, byte for byte and as an object. */
  receipt?: Uint8Array;
  refusal?: Refusal;
  /** The ledger holds the pack, since now or since before. */
  stored?: true;
}

/** Since the start. */
export interface GatewayStatus {
  accepted: number;
  samples: number;
  bytes: number;
  refused: Partial<Record<RefusalCode, number>>;
  deferred: number;
  /** Signed; packs that are stored together need one per device. */
  receipts: number;
  /** Transactions that packs and refusals were stored in. */
  commits: number;
}

/** Judged, and waiting for the next commit. */
interface Judged {
  bytes: Uint8Array;
  pack?: OpenedPack;
  samples: number;
  refusal?: Refusal;
  resolve: (answer: Answer) => void;
  reject: (error: unknown) => void;
}

export class Gateway {
  readonly #options: GatewayOptions;
  readonly #verify: SignerFinder;
  readonly #emit: (event: GatewayEvent) => void;
  readonly #status: GatewayStatus = {
    accepted: 0,
    samples: 0,
    bytes: 0,
    refused: {},
    deferred: 0,
    receipts: 0,
    commits: 0,
  };
  #queue: Judged[] = [];

  constructor(options: GatewayOptions) {
    this.#options = options;
    this.#verify = options.verify ?? new NativeVerifier().verify;
    this.#emit = options.onEvent ?? (() => {});
  }

  get status(): Readonly<GatewayStatus> {
    return this.#status;
  }

  /**
   * Judges one pack. Idempotent: the same bytes again change nothing and get the same receipt. Packs that are received
   * at once are stored in one transaction; an answer is given only after it.
   * @returns an empty answer when the chain could not be asked, or the ledger failed: the device sends the pack again
   */
  async receive(bytes: Uint8Array): Promise<Answer> {
    try {
      const { trust, images } = this.#options;
      const verdict = await verifyPack(bytes, trust, { verify: this.#verify, images });
      return await new Promise<Answer>((resolve, reject) => {
        if ('refusal' in verdict) this.#enqueue({ bytes, samples: 0, refusal: verdict.refusal, resolve, reject });
        else this.#enqueue({ bytes, pack: verdict.pack, samples: samplesIn(verdict.pack.body), resolve, reject });
      });
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#status.deferred++;
      this.#emit({ kind: 'deferred', error });
      return {};
    }
  }

  /** What is judged before the event loop comes round goes into one commit. */
  #enqueue(judged: Judged): void {
    this.#queue.push(judged);
    if (this.#queue.length === 1) setImmediate(() => this.#commit());
  }

  #commit(): void {
    const batch = this.#queue;
    this.#queue = [];
    // A clock may well tell fractions; the ledger has whole milliseconds.
    const nowMs = Math.floor(this.#options.nowMs());
    const receipts = new Map<string, Uint8Array | undefined>();
    try {
      this.#options.ledger.transact(() => {
        for (const judged of batch) this.#store(judged, nowMs);
      });
      this.#status.commits++;
      for (const { pack } of batch) {
        const device = pack && toHex(pack.kid);
        if (device !== undefined && !receipts.has(device)) receipts.set(device, this.#receipt(pack!.kid));
      }
    } catch (error) {
      for (const { reject } of batch) reject(error);
      return;
    }
    for (const judged of batch) {
      this.#note(judged);
      const receipt = judged.pack && receipts.get(toHex(judged.pack.kid));
      const { refusal } = judged;
      const isStored = refusal === undefined || refusal.code === 'SEQ_REPLAYED';
      judged.resolve({ ...(receipt && { receipt }), ...(refusal && { refusal }), ...(isStored && { stored: true }) });
    }
  }

  /** A pack whose number is taken turns into a refusal here. */
  #store(judged: Judged, nowMs: number): void {
    const { ledger } = this.#options;
    const { pack } = judged;
    if (pack) {
      const { kid, body } = pack;
      judged.refusal = refusalOf(ledger.accept(entryOf(pack, judged), nowMs), kid, body.seq);
    }
    if (!judged.refusal) return;
    const { kid, seq, code, reason } = judged.refusal;
    ledger.refuse(kid, seq, code, reason, nowMs);
  }

  #note({ bytes, pack, samples, refusal }: Judged): void {
    if (refusal) {
      this.#status.refused[refusal.code] = (this.#status.refused[refusal.code] ?? 0) + 1;
      this.#emit({ kind: 'refused', refusal, bytes });
      return;
    }
    this.#status.accepted++;
    this.#status.samples += samples;
    this.#status.bytes += bytes.length;
    this.#emit({ kind: 'accepted', pack: pack!, bytes, samples });
  }

  /** A pure function of the ledger: the highest pack of the device with nothing missing below it. */
  #receipt(kid: Uint8Array): Uint8Array | undefined {
    const { ledger, signer, trust } = this.#options;
    const last = ledger.receiptable(kid);
    if (!last) return undefined;
    this.#status.receipts++;
    const aad = receiptAad(trust.chainId, trust.minerRegistry);
    return signReceipt(signer, { device: kid, seq: last.seq, hash: last.hash }, aad);
  }
}

function samplesIn({ columns }: PackBody): number {
  return columns.reduce((sum, { timesMs }) => sum + timesMs.length, 0);
}

function entryOf({ kid, body, hash }: OpenedPack, { bytes, samples }: Judged): LedgerPack {
  const columns = body.columns.filter(({ timesMs }) => timesMs.length > 0);
  const names = columns.map(({ decoder, signalIndex }) => ({
    decoder: body.decoders[decoder].contentHash,
    signalIndex,
  }));
  const gaps = body.gaps ?? [];
  return { kid, seq: body.seq, hash, boot: body.bootCount, bytes, gaps, samples, signals: encodeSignals(names) };
}

function refusalOf(acceptance: Acceptance, kid: Uint8Array, seq: number): Refusal | undefined {
  if (acceptance === 'new') return undefined;
  if (acceptance === 'replayed') return { code: 'SEQ_REPLAYED', reason: `pack ${seq} was accepted before`, kid, seq };
  return { code: 'SEQ_CONFLICT', reason: `another pack ${seq} was accepted before`, kid, seq };
}
