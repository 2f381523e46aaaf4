/** The registries as a chain would tell them, with the history that lagging nodes answer from, and nodes that fail. */
import { edgeError, MinerError } from '../errors/index.ts';
import { toHex } from '../pack/index.ts';
import type { DecoderStanding, DecoderState, DeviceStanding, LicenceState, TrustView } from '../trust/index.ts';
import type { SeededRandom } from './seeded-random.ts';
import type { VirtualClock } from './virtual-clock.ts';

/** How the node behaves that a view asks. */
export interface NodeFaults {
  /** Answers nothing. */
  isDown: boolean;
  /** Chances in 100 that a single question fails. */
  flapPercent: number;
  /** What the device goes by is out of date: nobody may say what is approved. */
  isExpired: boolean;
  /** Answers as things were this long ago. */
  lagMs: number;
}

interface Change {
  atMs: number;
  state: DecoderState;
}

export class SimulatedRegistry {
  readonly chainId = 31337;
  readonly minerRegistry: Uint8Array = new Uint8Array(20).fill(0x11);
  /** Of every device's maker. */
  licence: LicenceState = 'active';
  readonly #clock: VirtualClock;
  readonly #decoders = new Map<string, { index: number; history: Change[] }>();

  constructor(clock: VirtualClock) {
    this.#clock = clock;
  }

  /** What was revoked stays revoked. */
  setDecoder(contentHash: Uint8Array, state: DecoderState): void {
    const key = toHex(contentHash);
    const decoder = this.#decoders.get(key) ?? { index: this.#decoders.size + 1, history: [] };
    if (decoder.history.at(-1)?.state === 'revoked') return;
    decoder.history.push({ atMs: this.#clock.nowMs(), state });
    this.#decoders.set(key, decoder);
  }

  /** The truth, or what it was `lagMs` ago. */
  standingOf(contentHash: Uint8Array, lagMs = 0): DecoderStanding {
    const decoder = this.#decoders.get(toHex(contentHash));
    if (decoder === undefined) return { state: 'none', index: 0, active: false };
    const { index, history } = decoder;
    const atMs = this.#clock.nowMs() - lagMs;
    // What was so when the world began was so before.
    const { state } = history.findLast((change) => change.atMs <= atMs) ?? history[0];
    return { state, index, active: state === 'listed' || state === 'deprecated' };
  }

  get device(): DeviceStanding {
    return { state: 'active', manufacturerId: 7n, licence: this.licence, effective: this.licence === 'active' };
  }

  /** @param onDecoder hears every answer given about a decoder */
  view(
    faults: Readonly<NodeFaults>,
    random: SeededRandom,
    onDecoder: (contentHash: Uint8Array, standing: DecoderStanding) => void = () => {},
  ): TrustView {
    const requireAnswer = () => {
      if (faults.isExpired) throw expired();
      if (!faults.isDown && !(faults.flapPercent > 0 && random.chance(faults.flapPercent, 100))) return;
      throw edgeError('CHAIN_UNREACHABLE', { url: 'simulated://node', reason: 'no answer' });
    };
    return {
      chainId: this.chainId,
      minerRegistry: this.minerRegistry,
      decoder: async (contentHash) => {
        requireAnswer();
        const standing = this.standingOf(contentHash, faults.lagMs);
        onDecoder(contentHash, standing);
        return standing;
      },
      device: async () => {
        requireAnswer();
        return this.device;
      },
    };
  }
}

function expired(): MinerError {
  const text = {
    message: 'no decoder may be trusted now: the checkpoint is out of date',
    hint: '',
    exitCode: 1,
  } as const;
  return new MinerError('TRUST_EXPIRED', text, {});
}
