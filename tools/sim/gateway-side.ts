/** The gateway of a world: the one that runs live, or a small one that judges alike and keeps its state in memory. */
import { MinerError } from '../../edge/errors/index.ts';
import type { OpenedPack } from '../../edge/pack/index.ts';
import { type NodeFaults, SeededRandom, type SimulatedRegistry, type VirtualClock } from '../../edge/sim/index.ts';
import { receiptAad, SeqTracker, signReceipt, type UplinkMessage } from '../../edge/uplink/index.ts';
import type { Signatures } from './signatures.ts';

export interface GatewaySide {
  /** Judges one pack. @returns what to tell the device */
  receive(bytes: Uint8Array): UplinkMessage[] | Promise<UplinkMessage[]>;
  close(): void;
}

export interface GatewaySideOptions {
  registry: SimulatedRegistry;
  signatures: Signatures;
  clock: VirtualClock;
  onAccepted: (pack: OpenedPack) => void;
}

const noFaults: NodeFaults = { isDown: false, isExpired: false, flapPercent: 0, lagMs: 0 };

/** tools/gateway with its ledger in memory: every signature checked, every row written. */
export async function liveGateway({
  registry,
  signatures,
  clock,
  onAccepted,
}: GatewaySideOptions): Promise<GatewaySide> {
  const { Gateway, Ledger } = await import('../gateway/index.ts');
  const ledger = new Ledger(':memory:');
  const gateway = new Gateway({
    ledger,
    trust: registry.view(noFaults, new SeededRandom(0)),
    signer: signatures.gateway,
    nowMs: () => clock.nowMs(),
    onEvent: (event) => {
      if (event.kind === 'accepted') onAccepted(event.pack);
    },
  });
  return {
    async receive(bytes) {
      const { receipt, refusal } = await gateway.receive(bytes);
      const messages: UplinkMessage[] = [];
      if (receipt) messages.push({ kind: 'receipt', bytes: receipt });
      if (refusal?.seq !== undefined) {
        messages.push({ kind: 'refusal', seq: refusal.seq, code: refusal.code, reason: refusal.reason });
      }
      return messages;
    },
    close: () => ledger.close(),
  };
}

/** Accepts what the live one accepts; without samples, without a database. */
export class SmallGateway implements GatewaySide {
  readonly #options: GatewaySideOptions;
  readonly #tracker = new SeqTracker();
  readonly #hashes = new Map<number, Uint8Array>();
  readonly #aad: Uint8Array;

  constructor(options: GatewaySideOptions) {
    this.#options = options;
    this.#aad = receiptAad(options.registry.chainId, options.registry.minerRegistry);
  }

  receive(bytes: Uint8Array): UplinkMessage[] {
    const { registry, signatures, onAccepted } = this.#options;
    let pack: OpenedPack;
    try {
      pack = signatures.openPack(bytes);
    } catch (error) {
      if (error instanceof MinerError) return [];
      throw error;
    }
    const { seq, decoders, gaps } = pack.body;
    if (!registry.device.effective) return [refusal(seq, 'LICENCE_NOT_ACTIVE')];
    if (decoders.some(({ contentHash }) => !registry.standingOf(contentHash).active)) {
      return [refusal(seq, 'DECODER_NOT_LISTED')];
    }
    if (!this.#hashes.has(seq)) {
      this.#hashes.set(seq, pack.hash);
      this.#tracker.accept(seq, gaps);
      onAccepted(pack);
      return this.#receipt(pack.kid);
    }
    return [...this.#receipt(pack.kid), refusal(seq, 'SEQ_REPLAYED')];
  }

  #receipt(device: Uint8Array): UplinkMessage[] {
    const seq = this.#tracker.receiptable;
    const hash = this.#hashes.get(seq);
    if (!hash) return [];
    return [
      { kind: 'receipt', bytes: signReceipt(this.#options.signatures.gateway, { device, seq, hash }, this.#aad) },
    ];
  }

  close(): void {}
}

function refusal(seq: number, code: string): UplinkMessage {
  return { kind: 'refusal', seq, code, reason: 'simulated' };
}
