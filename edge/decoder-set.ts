/** Which of the given decoder files may be used now, as those say whom the Miner trusts. */
import { type ApprovedDecoder, approveDecoder, type DecoderFile, type RefusedDecoder } from './approved-decoder.ts';
import { contentHash } from './dbc/index.ts';
import type { TrustView } from './trust/index.ts';

/** What an answer changes. */
export interface DecoderChanges {
  /** Loaded before and still approved, in the order they had. */
  kept: readonly ApprovedDecoder[];
  /** Approved now, and not loaded yet. */
  gained: readonly ApprovedDecoder[];
  /** Loaded before, and no longer approved. */
  lost: readonly RefusedDecoder[];
  /** Neither before nor now. */
  refused: readonly RefusedDecoder[];
}

export class DecoderSet {
  readonly #trust: TrustView;
  readonly #files: readonly DecoderFile[];
  #approved: readonly ApprovedDecoder[] = [];

  /** @param files one given twice counts once */
  constructor(files: readonly DecoderFile[], trust: TrustView) {
    this.#trust = trust;
    this.#files = [...new Map(files.map((file) => [contentHash(file.bytes), file])).values()];
  }

  get approved(): readonly ApprovedDecoder[] {
    return this.#approved;
  }

  /**
   * Asks for every file; changes nothing until `apply`.
   * @throws {MinerError} CHAIN_UNREACHABLE, TRUST_EXPIRED
   */
  async ask(): Promise<DecoderChanges> {
    const before = new Map(this.#approved.map((decoder) => [decoder.file, decoder]));
    const answers = await Promise.all(
      this.#files.map(async (file) => {
        const loaded = before.get(file);
        const standing = loaded && (await this.#trust.decoder(loaded.contentHash));
        // What is loaded stays loaded: only its standing is asked for.
        if (loaded && standing?.active) return { approved: loaded };
        return approveDecoder(file, this.#trust);
      }),
    );
    const approved = new Set(answers.flatMap((answer) => ('approved' in answer ? [answer.approved] : [])));
    const turnedAway = answers.flatMap((answer) => ('refused' in answer ? [answer.refused] : []));
    const kept = this.#approved.filter((decoder) => approved.has(decoder));
    return {
      kept,
      gained: [...approved].filter((decoder) => !kept.includes(decoder)),
      lost: turnedAway.filter(({ file }) => before.has(file)),
      refused: turnedAway.filter(({ file }) => !before.has(file)),
    };
  }

  apply({ kept, gained }: DecoderChanges): void {
    this.#approved = [...kept, ...gained];
  }
}
