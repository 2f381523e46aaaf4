/** What a trust view tells of its decisions, for logs and status lines. */
import type { MinerError } from '../errors/index.ts';
import type { Checkpoint, SignerSet } from './checkpoint.ts';

/** Where an answer came from; `none` where there is none to be had. */
export type TrustSource = 'chain' | 'cache' | 'checkpoint' | 'none';

export interface BlockName {
  number: bigint;
  /** 0x and 64 hex digits. */
  hash: string;
}

export type TrustEvent =
  /** Told when the source changes, or why the better ones are out of reach does. */
  | { kind: 'trust-source'; source: TrustSource; reason?: MinerError }
  /** The active set changed on chain. */
  | { kind: 'registry-changed'; epoch: number; root: Uint8Array }
  | { kind: 'signers-changed'; signerSet: SignerSet }
  /** Blocks that were read from are no longer part of the chain; everything is read anew. */
  | { kind: 'chain-reorganised'; from: BlockName; to: BlockName }
  | { kind: 'checkpoint-accepted'; checkpoint: Checkpoint; signers: readonly Uint8Array[] }
  | { kind: 'checkpoint-refused'; error: MinerError }
  /** Files of the state that are not whole: one after a power cut, both after worse. */
  | { kind: 'trust-store-damaged'; files: number }
  /** The state goes on in memory alone. */
  | { kind: 'trust-store-failed'; error: MinerError };
