/** Which of the given decoder files may be used now, as those say whom the Miner trusts. */
import { type ApprovedDecoder, approveDecoder, type DecoderFile, type RefusedDecoder } from './approved-decoder.ts';
import { contentHash } from './dbc/index.ts';
import { MinerError } from './errors/index.ts';
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
  /** Why some question had no answer: what it was about stays as it was. */
  unanswered?: MinerError;
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
   * Asks for every file; changes nothing until `apply`. One question without an answer leaves the others theirs: a
   * node that fails now and then must not keep a revoked decoder in use.
   * @throws {MinerError} TRUST_EXPIRED, and what is no lack of an answer
   */
  async ask(): Promise<DecoderChanges> {
    const before = new Map(this.#approved.map((decoder) => [decoder.file, decoder]));
    let unanswered: MinerError | undefined;
    const approved = new Set<ApprovedDecoder>();
    const turnedAway: RefusedDecoder[] = [];
    const ask = async (file: DecoderFile) => {
      const loaded = before.get(file);
      try {
        return await this.#askFor(file, loaded);
      } catch (error) {
        if (!(error instanceof MinerError) || error.code !== 'CHAIN_UNREACHABLE') throw error;
        unanswered = error;
        return loaded && { approved: loaded };
      }
    };
    for (const answer of await Promise.all(this.#files.map(ask))) {
      if (answer && 'approved' in answer) approved.add(answer.approved);
      else if (answer) turnedAway.push(answer.refused);
    }
    const kept = this.#approved.filter((decoder) => approved.has(decoder));
    return {
      kept,
      gained: [...approved].filter((decoder) => !kept.includes(decoder)),
      lost: turnedAway.filter(({ file }) => before.has(file)),
      refused: turnedAway.filter(({ file }) => !before.has(file)),
      ...(unanswered && { unanswered }),
    };
  }

  async #askFor(file: DecoderFile, loaded: ApprovedDecoder | undefined): ReturnType<typeof approveDecoder> {
    const standing = loaded && (await this.#trust.decoder(loaded.contentHash));
    if (loaded && standing?.active) return { approved: loaded };
    // The standing is what was asked for: a second question might fail, and hide that the answer was no.
    if (loaded && standing) {
      const { name, contentHash } = loaded;
      return { refused: { name, file, contentHash, standing } };
    }
    return approveDecoder(file, this.#trust);
  }

  apply({ kept, gained }: DecoderChanges): void {
    this.#approved = [...kept, ...gained];
  }
}
