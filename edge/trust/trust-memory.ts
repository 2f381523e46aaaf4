/** What a device knows about trust, in memory and, where there is storage, through power cuts. */
import { MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { Storage } from '../store/index.ts';
import type { SignerSet } from './checkpoint.ts';
import type { SeenEpoch } from './checkpoint-verify.ts';
import { KnownTime } from './known-time.ts';
import type { TrustEvent } from './trust-event.ts';
import { type RegistryPlace, type TrustState, TrustStore } from './trust-store.ts';

export interface TrustMemoryOptions {
  place: RegistryPlace;
  clock: Clock;
  /** A place of its own: the files in it are `trust-a` and `trust-b`. Without it nothing outlives the process. */
  storage?: Storage;
  /** Pinned when the device was provisioned. A set read from the registry at a later block takes its place. */
  signerSet?: SignerSet;
  onEvent?: (event: TrustEvent) => void;
}

/** Flash wears: time that merely passes is written this often. */
const timeSaveMs = 10 * 60_000;

const nobody: SignerSet = { signers: [], threshold: 0, blockNumber: 0 };

export class TrustMemory {
  readonly place: RegistryPlace;
  readonly time: KnownTime;
  readonly #store: TrustStore | undefined;
  readonly #emit: (event: TrustEvent) => void;
  #state: TrustState;
  #savedUnixMs: number | undefined;

  /** @throws {MinerError} STORAGE_IO when what is stored can't be read at all */
  constructor({ place, clock, storage, signerSet, onEvent = () => {} }: TrustMemoryOptions) {
    this.place = place;
    this.#emit = onEvent;
    const opened = storage && TrustStore.open(storage, place);
    this.#store = opened?.store;
    this.#state = { ...opened?.state };
    if (opened && opened.damaged > 0) this.#emit({ kind: 'trust-store-damaged', files: opened.damaged });
    const stored = this.#state.signerSet;
    if (signerSet && signerSet.blockNumber >= (stored?.blockNumber ?? 0)) this.#state.signerSet = signerSet;
    this.time = new KnownTime(clock, this.#state.knownUnixMs);
    this.#savedUnixMs = this.#state.knownUnixMs;
  }

  get seen(): SeenEpoch | undefined {
    return this.#state.seen;
  }

  get signerSet(): SignerSet {
    return this.#state.signerSet ?? nobody;
  }

  /** The last accepted checkpoint file. */
  get checkpoint(): Uint8Array | undefined {
    return this.#state.checkpoint;
  }

  /** Remembers, durably before it returns where the storage allows it. A storage that fails is told and lived with. */
  keep(changes: TrustState): void {
    const knownUnixMs = this.time.nowMs();
    this.#state = {
      ...this.#state,
      ...changes,
      ...(knownUnixMs !== undefined && { knownUnixMs: Math.floor(knownUnixMs) }),
    };
    this.#savedUnixMs = this.#state.knownUnixMs;
    try {
      this.#store?.save(this.#state);
    } catch (error) {
      if (!(error instanceof MinerError)) throw error;
      this.#emit({ kind: 'trust-store-failed', error });
    }
  }

  /** Writes the time down when enough of it has passed, or when it was corrected. */
  keepTime(): void {
    const nowMs = this.time.nowMs();
    if (nowMs === undefined) return;
    if (this.#savedUnixMs === undefined || Math.abs(nowMs - this.#savedUnixMs) >= timeSaveMs) this.keep({});
  }
}
