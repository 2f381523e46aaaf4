/** The registry as the last accepted checkpoint has it: no network is asked. */
import { edgeError, MinerError } from '../errors/index.ts';
import { equalBytes, toHex } from '../pack/index.ts';
import { requireNotOlder, utc, type VerifiedCheckpoint, verifyCheckpoint } from './checkpoint-verify.ts';
import type { TrustEvent } from './trust-event.ts';
import type { TrustMemory } from './trust-memory.ts';
import type { DecoderStanding, DeviceStanding, TrustView } from './trust-view.ts';

export interface CheckpointViewOptions {
  chainId: number;
  /** 20 bytes: packs are bound to it, though a checkpoint says nothing about devices. */
  minerRegistry: Uint8Array;
  memory: TrustMemory;
  onEvent?: (event: TrustEvent) => void;
}

export class CheckpointView implements TrustView {
  readonly chainId: number;
  readonly minerRegistry: Uint8Array;
  readonly #memory: TrustMemory;
  readonly #emit: (event: TrustEvent) => void;
  #verified: VerifiedCheckpoint | undefined;

  /** Takes up the checkpoint that the memory holds, if it still verifies. */
  constructor({ chainId, minerRegistry, memory, onEvent = () => {} }: CheckpointViewOptions) {
    this.chainId = chainId;
    this.minerRegistry = minerRegistry;
    this.#memory = memory;
    this.#emit = onEvent;
    this.verifyAgain();
  }

  /** The accepted one, which may have expired since. */
  get current(): VerifiedCheckpoint | undefined {
    return this.#verified;
  }

  /**
   * Takes a checkpoint file, unless one as good is there already. It is on storage before it counts.
   * @throws {MinerError} CHECKPOINT_INVALID, CHECKPOINT_ROLLBACK, CHECKPOINT_EQUIVOCATION, TRUST_EXPIRED
   */
  offer(bytes: Uint8Array): void {
    const verified = verifyCheckpoint(bytes, { ...this.#context(), nowMs: this.#memory.time.nowMs() });
    const { checkpoint, signers } = verified;
    requireNotOlder(checkpoint, this.#memory.seen);
    if (this.#verified && isNoBetter(verified, this.#verified)) return;
    // Its signers say that it is no earlier than this: a device without a clock learns the time from it.
    this.#memory.time.raise(checkpoint.issued * 1000);
    this.#memory.keep({ checkpoint: bytes.slice(), seen: { epoch: checkpoint.epoch, root: checkpoint.root } });
    this.#verified = verified;
    this.#emit({ kind: 'checkpoint-accepted', checkpoint, signers });
  }

  /** Looks at the stored checkpoint again: the signer set may have changed, and its signatures count no longer. */
  verifyAgain(): void {
    const bytes = this.#memory.checkpoint;
    this.#verified = undefined;
    if (!bytes) return;
    try {
      this.#verified = verifyCheckpoint(bytes, this.#context());
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#emit({ kind: 'checkpoint-refused', error });
    }
  }

  /**
   * A decoder without a proof is `none`: nobody vouches for it here.
   * @throws {MinerError} TRUST_EXPIRED: no checkpoint, one past its time, or one that a later epoch has overtaken
   */
  async decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    const { decoders } = this.#requireCurrent();
    const index = decoders.get(toHex(contentHash));
    return index === undefined ? { state: 'none', index: 0, active: false } : { state: 'listed', index, active: true };
  }

  /** @throws {MinerError} CHAIN_UNREACHABLE, always: no checkpoint says anything about devices */
  async device(address: Uint8Array): Promise<DeviceStanding> {
    const reason = `a checkpoint does not say whether device 0x${toHex(address)} is enrolled`;
    throw edgeError('CHAIN_UNREACHABLE', { url: '(none)', reason });
  }

  #requireCurrent(): VerifiedCheckpoint {
    const verified = this.#verified;
    if (!verified) throw expired('no checkpoint is at hand');
    const { epoch, root, expires } = verified.checkpoint;
    const { seen } = this.#memory;
    if (seen && seen.epoch > epoch)
      throw expired(`the checkpoint is of epoch ${epoch}, and ${seen.epoch} was seen since`);
    if (seen && seen.epoch === epoch && !equalBytes(seen.root, root)) {
      throw expired(`epoch ${epoch} has another root on the chain than in the checkpoint`);
    }
    const nowMs = this.#memory.time.nowMs();
    if (nowMs !== undefined && nowMs >= expires * 1000) throw expired(`the checkpoint expired at ${utc(expires)}`);
    return verified;
  }

  #context() {
    return { ...this.#memory.place, signerSet: this.#memory.signerSet };
  }
}

/** Of two for one epoch the one that lasts longer is better, then the one that holds more decoders. */
function isNoBetter(offered: VerifiedCheckpoint, held: VerifiedCheckpoint): boolean {
  if (offered.checkpoint.epoch !== held.checkpoint.epoch) return false;
  const longer = offered.checkpoint.expires - held.checkpoint.expires;
  return longer < 0 || (longer === 0 && offered.decoders.size <= held.decoders.size);
}

function expired(reason: string): MinerError {
  return edgeError('TRUST_EXPIRED', { reason });
}
