/**
 * Trust from the best source that answers: the chain; what it said lately; a signed checkpoint; and when none of them
 * is good any longer, TRUST_EXPIRED. An answer of the chain does not live for ever: a node that withholds news would
 * otherwise keep a revoked decoder in use for as long as it likes.
 */
import { edgeError, MinerError } from '../errors/index.ts';
import { compareBytes, equalBytes, fromHex, toHex } from '../pack/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Storage } from '../store/index.ts';
import { ChainView, type RegistryAddresses, type RegistryState } from './chain-view.ts';
import type { SignerSet } from './checkpoint.ts';
import type { VerifiedCheckpoint } from './checkpoint-verify.ts';
import { CheckpointView } from './checkpoint-view.ts';
import type { TrustEvent, TrustSource } from './trust-event.ts';
import { TrustMemory } from './trust-memory.ts';
import type { DecoderStanding, DeviceStanding, ImageStanding, ImageTrust, TrustView } from './trust-view.ts';

export interface LayeredTrustOptions {
  chainId: number;
  registries: RegistryAddresses;
  clock: Clock;
  /** JSON-RPC of a node; without one only checkpoints are asked. */
  rpcUrl?: string;
  /** A checkpoint file. One that is refused is told as an event: the device may have a better one, or a chain. */
  checkpoint?: Uint8Array;
  /** Checkpoint signers that were pinned when the device was provisioned. */
  signerSet?: SignerSet;
  /** For what must outlive a power cut; a place of its own. */
  storage?: Storage;
  /** How long an answer of the chain is good without the chain; a day unless told. */
  freezeMsMax?: number;
  /** How old the chain's last block may be; 15 minutes unless told. */
  headAgeMsMax?: number;
  /** Blocks that must have come after the one that is read; 0 unless told. */
  confirmations?: number;
  blockAgeMsMax?: number;
  timeoutMs?: number;
  onEvent?: (event: TrustEvent) => void;
}

/** An answer of the chain, and when it was given in `clock.nowMs()`. */
interface Kept<Answer> {
  answer: Answer;
  atMs: number;
}

const freezeMsMaxDefault = 24 * 3_600_000;
const headAgeMsMaxDefault = 15 * 60_000;
/** A Miner has a handful of decoders; a caller that asks for ever new ones must not fill the memory. */
const keptMax = 1_024;

export class LayeredTrust implements TrustView, ImageTrust {
  readonly chainId: number;
  readonly minerRegistry: Uint8Array;
  readonly #options: LayeredTrustOptions;
  readonly #freezeMsMax: number;
  readonly #headAgeMsMax: number;
  readonly #emit: (event: TrustEvent) => void;
  readonly #memory: TrustMemory;
  readonly #checkpoint: CheckpointView;
  readonly #chain: ChainView | undefined;
  readonly #decoders = new Map<string, Kept<DecoderStanding>>();
  readonly #devices = new Map<string, Kept<DeviceStanding>>();
  readonly #images = new Map<string, Kept<ImageStanding>>();
  #told: { source: TrustSource; code: string | undefined } | undefined;

  /**
   * Asks nothing of the network yet, so it works without one.
   * @throws {MinerError} STORAGE_IO when what is stored can't be read at all
   */
  constructor(options: LayeredTrustOptions) {
    const { chainId, registries, clock, storage, signerSet, rpcUrl, checkpoint, onEvent = () => {} } = options;
    this.#options = options;
    this.#emit = onEvent;
    this.#freezeMsMax = options.freezeMsMax ?? freezeMsMaxDefault;
    this.#headAgeMsMax = options.headAgeMsMax ?? headAgeMsMaxDefault;
    this.chainId = chainId;
    this.minerRegistry = fromHex(registries.minerRegistry);
    const place = { chainId, registry: fromHex(registries.decoderRegistry) };
    this.#memory = new TrustMemory({ place, clock, storage, signerSet, onEvent });
    this.#checkpoint = new CheckpointView({
      chainId,
      minerRegistry: this.minerRegistry,
      memory: this.#memory,
      onEvent,
    });
    if (checkpoint) this.offer(checkpoint);
    const { confirmations, blockAgeMsMax, timeoutMs } = options;
    this.#chain =
      rpcUrl === undefined
        ? undefined
        : ChainView.later({
            rpcUrl,
            chainId,
            registries,
            clock,
            confirmations,
            blockAgeMsMax,
            timeoutMs,
            headAgeMsMax: this.#headAgeMsMax,
            onReorganisation: (from, to) => onEvent({ kind: 'chain-reorganised', from, to }),
          });
  }

  /** The accepted checkpoint, which may have expired since. */
  get checkpoint(): VerifiedCheckpoint | undefined {
    return this.#checkpoint.current;
  }

  /** Where the last answer came from; undefined before the first. */
  get source(): TrustSource | undefined {
    return this.#told?.source;
  }

  /**
   * Takes a checkpoint file that came while running.
   * @returns false when it was refused; an event says why
   */
  offer(bytes: Uint8Array): boolean {
    try {
      this.#checkpoint.offer(bytes);
      return true;
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#emit({ kind: 'checkpoint-refused', error });
      return false;
    }
  }

  /** @throws {MinerError} TRUST_EXPIRED */
  async decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    const key = toHex(contentHash);
    const fresh = await this.#fromChain((chain) => chain.decoder(contentHash));
    if ('answer' in fresh) {
      this.#tell('chain');
      return this.#keep(this.#decoders, key, fresh.answer);
    }
    const { reason } = fresh;
    const kept = this.#kept(this.#decoders, key);
    if (kept && !this.#isOutOfGrace(kept)) {
      this.#tell('cache', reason);
      return kept;
    }
    try {
      const standing = await this.#checkpoint.decoder(contentHash);
      this.#tell('checkpoint', reason);
      return standing;
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      const why = error.facts.reason;
      const expired = edgeError('TRUST_EXPIRED', { reason: `${why}; ${reason.message}` }, error);
      this.#tell('none', expired);
      throw expired;
    }
  }

  /** @throws {MinerError} CHAIN_UNREACHABLE, CHAIN_STALE and whatever else keeps the chain from answering */
  async device(address: Uint8Array): Promise<DeviceStanding> {
    const key = toHex(address);
    const fresh = await this.#fromChain((chain) => chain.device(address));
    if ('answer' in fresh) return this.#keep(this.#devices, key, fresh.answer);
    const kept = this.#kept(this.#devices, key);
    if (kept) return kept;
    throw fresh.reason;
  }

  /** @throws {MinerError} as `device` does: no checkpoint says which images are certified */
  async image(address: Uint8Array, imageHash: Uint8Array): Promise<ImageStanding> {
    const key = `${toHex(address)} ${toHex(imageHash)}`;
    const fresh = await this.#fromChain((chain) => chain.image(address, imageHash));
    if ('answer' in fresh) return this.#keep(this.#images, key, fresh.answer);
    const kept = this.#kept(this.#images, key);
    if (kept) return kept;
    throw fresh.reason;
  }

  /**
   * Looks at the chain every so often and calls back when its active set has changed, so that a revocation counts
   * before the next routine check.
   * @returns ends the watch
   * @example const end = trust.watch(5_000, () => miner.checkTrust())
   */
  watch(intervalMs: number, onChange: () => void): () => void {
    const { clock } = this.#options;
    let isOver = false;
    let cancel = () => {};
    let before = this.#memory.seen;
    const look = async () => {
      await this.#fromChain(async () => undefined);
      if (isOver) return;
      const now = this.#memory.seen;
      if (now && (now.epoch !== before?.epoch || !equalBytes(now.root, before.root))) onChange();
      before = now;
      cancel = clock.schedule(intervalMs, look);
    };
    if (this.#chain) cancel = clock.schedule(intervalMs, look);
    return () => {
      isOver = true;
      cancel();
    };
  }

  /** Writes down what time it is at least. */
  close(): void {
    this.#memory.keep({});
  }

  async #fromChain<Answer>(
    ask: (chain: ChainView) => Promise<Answer>,
  ): Promise<{ answer: Answer } | { reason: MinerError }> {
    const chain = this.#chain;
    try {
      if (!chain) throw edgeError('CHAIN_UNREACHABLE', { url: '(none)', reason: 'no node is given' });
      this.#note(await chain.registry());
      return { answer: await ask(chain) };
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      return { reason: error };
    } finally {
      this.#memory.keepTime();
    }
  }

  /** What the registry says of itself, before anything else that it says counts. */
  #note({ root, epoch, signerSet, block }: RegistryState): void {
    const memory = this.#memory;
    const { seen } = memory;
    if (seen && epoch < seen.epoch) {
      const reason = `its registry stands at epoch ${epoch}, and ${seen.epoch} was seen already`;
      throw edgeError('CHAIN_STALE', { url: this.#options.rpcUrl ?? '', reason });
    }
    this.#noteTime(block.timestampMs);
    if (!seen || epoch > seen.epoch || !equalBytes(root, seen.root)) {
      memory.keep({ seen: { epoch, root } });
      this.#emit({ kind: 'registry-changed', epoch, root });
    }
    if (isSameSet(signerSet, memory.signerSet)) return;
    memory.keep({ signerSet });
    this.#emit({ kind: 'signers-changed', signerSet });
    this.#checkpoint.verifyAgain();
  }

  #noteTime(blockMs: number): void {
    const { time } = this.#memory;
    const wallMs = this.#options.clock.unixMs();
    if (wallMs === undefined) time.raise(blockMs);
    // Two that agree are right, even against what a clock that once ran ahead left behind.
    else if (Math.abs(wallMs - blockMs) <= this.#headAgeMsMax) time.correct(wallMs);
  }

  #keep<Answer>(kept: Map<string, Kept<Answer>>, key: string, answer: Answer): Answer {
    // Insertion order is age: the first one was confirmed longest ago.
    kept.delete(key);
    if (kept.size >= keptMax) kept.delete(kept.keys().next().value as string);
    kept.set(key, { answer, atMs: this.#options.clock.nowMs() });
    return answer;
  }

  #kept<Answer>(kept: Map<string, Kept<Answer>>, key: string): Answer | undefined {
    const known = kept.get(key);
    if (known && this.#options.clock.nowMs() - known.atMs <= this.#freezeMsMax) return known.answer;
    return undefined;
  }

  #isOutOfGrace({ graceEnds }: DecoderStanding): boolean {
    const nowMs = this.#memory.time.nowMs();
    return graceEnds !== undefined && nowMs !== undefined && nowMs >= graceEnds * 1000;
  }

  #tell(source: TrustSource, reason?: MinerError): void {
    if (this.#told?.source === source && this.#told.code === reason?.code) return;
    this.#told = { source, code: reason?.code };
    this.#emit({ kind: 'trust-source', source, ...(reason && { reason }) });
  }
}

function isSameSet(a: SignerSet, b: SignerSet): boolean {
  if (a.threshold !== b.threshold || a.signers.length !== b.signers.length) return false;
  return a.signers.every((signer, i) => compareBytes(signer, b.signers[i]) === 0);
}
