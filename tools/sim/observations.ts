/** What an onlooker who sees everything knows of a world: the truth that the invariants hold its parts to. */
import type { SeqGap } from '../../edge/pack/index.ts';

export interface SignedPack {
  /** SHA-256 of its bytes, hex. */
  hash: string;
  boot: number;
  /** The log took it. */
  stored: boolean;
}

export class Observations {
  /** Every number that was ever handed out, and in which boot. */
  readonly handedOut = new Map<number, number>();
  /** Every pack that was signed and given to the log, by seq. */
  readonly signed = new Map<number, SignedPack>();
  /** Hashes of what left the device, by seq. */
  readonly sent = new Map<number, string>();
  /** Hashes of what the gateway accepted, by seq. */
  readonly accepted = new Map<number, string>();
  /** Gaps that accepted packs declare. */
  readonly declared: SeqGap[] = [];
  /** The highest receipt that the device took, and that was found to be true. */
  receipted = 0;
  /** The highest number handed out. */
  last = 0;
  /** Something happened that may cost packs, as long as a gap says so: damage, a failing or a full storage. */
  mayLose = false;
  /** Content hashes (hex) of decoders of which the device was last told that they are not approved. */
  readonly refused = new Set<string>();
  /** Refusals of this very step: the device may be in the middle of hearing them. */
  readonly refusedNow = new Map<string, boolean>();

  isDeclared(seq: number): boolean {
    return this.declared.some(({ from, to }) => from <= seq && seq <= to);
  }
}
