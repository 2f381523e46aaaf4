/**
 * One JSON-RPC endpoint, not taken at its word: the chain id and the contracts are looked at on the first contact and
 * after every failure, its last block has to be recent, and every question has a limit in time and size.
 */
import { type Address, createPublicClient, http, type PublicClient } from 'viem';
import { edgeError, MinerError } from '../errors/index.ts';
import type { Clock } from '../sim/index.ts';
import type { BlockName } from './trust-event.ts';

export interface ChainNodeOptions {
  rpcUrl: string;
  /** The chain that is meant; another one behind the URL is refused. */
  chainId: number;
  /** Contracts that have to be there, by the names that errors give them. */
  contracts: Readonly<Record<string, Address>>;
  clock: Clock;
  /** How old the known block may be before it is asked for again. */
  blockAgeMsMax: number;
  timeoutMs: number;
  /** Blocks that must have come after the one that is read; 0 reads the last one. */
  confirmations: number;
  /** An older last block is no news: CHAIN_STALE. Without a wall clock: a last block that stays the last for so long. */
  headAgeMsMax: number;
  onReorganisation?: (from: BlockName, to: BlockName) => void;
}

/** The block that is read from. */
export interface ReadBlock extends BlockName {
  parentHash: string;
  timestampMs: number;
}

/** No answer that we ask for comes near it. */
const responseBytesMax = 1 << 20;

export class ChainNode {
  readonly client: PublicClient;
  readonly #options: ChainNodeOptions;
  #isVerified = false;
  #block: ReadBlock | undefined;
  #askedMs = Number.NEGATIVE_INFINITY;
  /** The question for the block that is under way: many may wait for it. */
  #asking: Promise<ReadBlock> | undefined;
  #lastHash = '';
  #lastHashSinceMs = 0;

  /** Asks nothing yet. */
  constructor(options: ChainNodeOptions) {
    this.#options = options;
    const { rpcUrl: url, timeoutMs: timeout } = options;
    const transport = http(url, { timeout, retryCount: 1, maxResponseBodySize: responseBytesMax });
    this.client = createPublicClient({ transport });
  }

  /**
   * The block to read from.
   * @throws {MinerError} CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH, CHAIN_NO_CONTRACT, CHAIN_STALE
   */
  block(): Promise<ReadBlock> {
    const { clock, blockAgeMsMax } = this.#options;
    if (this.#block && clock.nowMs() - this.#askedMs < blockAgeMsMax) return Promise.resolve(this.#block);
    this.#asking ??= this.#askBlock().finally(() => {
      this.#asking = undefined;
    });
    return this.#asking;
  }

  /**
   * Runs one question; whatever fails makes the node prove itself again.
   * @throws {MinerError} CHAIN_UNREACHABLE
   */
  async ask<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    try {
      return await read();
    } catch (cause) {
      this.#isVerified = false;
      this.#askedMs = Number.NEGATIVE_INFINITY;
      if (cause instanceof MinerError) throw cause;
      throw edgeError('CHAIN_UNREACHABLE', { url: this.#options.rpcUrl, reason: shortReason(cause) }, cause);
    }
  }

  /**
   * For an answer that no such contract gives.
   * @throws {MinerError} CHAIN_UNREACHABLE
   */
  garbage(what: string): never {
    throw edgeError('CHAIN_UNREACHABLE', { url: this.#options.rpcUrl, reason: `it answers with ${what}` });
  }

  async #askBlock(): Promise<ReadBlock> {
    const askedMs = this.#options.clock.nowMs();
    if (!this.#isVerified) await this.#verify();
    const block = await this.ask(async () => {
      const last = readBlock(await this.client.getBlock({ blockTag: 'latest' }));
      if (!last) return this.garbage('a block that has no number, hash or time');
      this.#requireRecent(last);
      return this.#confirmed(last);
    });
    this.#note(block);
    this.#askedMs = askedMs;
    return block;
  }

  async #verify(): Promise<void> {
    const { rpcUrl: url, chainId, contracts } = this.#options;
    await this.ask(async () => {
      const got = await this.client.getChainId();
      if (got !== chainId) throw edgeError('CHAIN_ID_MISMATCH', { url, expected: chainId, got });
      for (const [name, address] of Object.entries(contracts)) {
        const code = await this.client.getCode({ address });
        if (!code) throw edgeError('CHAIN_NO_CONTRACT', { url, name, address });
      }
    });
    this.#isVerified = true;
  }

  /** A local chain's clock may run far ahead, so only the past is judged. */
  #requireRecent({ hash, timestampMs }: ReadBlock): void {
    const { clock, headAgeMsMax, rpcUrl: url } = this.#options;
    const nowMs = clock.nowMs();
    if (hash !== this.#lastHash) this.#lastHashSinceMs = nowMs;
    this.#lastHash = hash;
    const wallMs = clock.unixMs();
    const ageMs = wallMs === undefined ? nowMs - this.#lastHashSinceMs : wallMs - timestampMs;
    if (ageMs <= headAgeMsMax) return;
    const reason = `its last block is ${Math.round(ageMs / 1000)} s old, expected at most ${headAgeMsMax / 1000}`;
    throw edgeError('CHAIN_STALE', { url, reason });
  }

  async #confirmed(last: ReadBlock): Promise<ReadBlock> {
    const { confirmations } = this.#options;
    const number = last.number - BigInt(confirmations);
    if (confirmations === 0) return last;
    const block = readBlock(await this.client.getBlock({ blockNumber: number > 0n ? number : 0n }));
    return block ?? this.garbage('a block that has no number, hash or time');
  }

  #note(block: ReadBlock): void {
    const before = this.#block;
    this.#block = block;
    if (!before || before.hash === block.hash) return;
    const isReplaced = block.number <= before.number;
    const isOnAnother = block.number === before.number + 1n && block.parentHash !== before.hash;
    if (isReplaced || isOnAnother) this.#options.onReorganisation?.(before, block);
  }
}

/** A node may send anything, whatever the client library's types promise. */
function readBlock(block: {
  number: unknown;
  hash: unknown;
  parentHash: unknown;
  timestamp: unknown;
}): ReadBlock | undefined {
  const { number, hash, parentHash, timestamp } = block;
  const isWhole = typeof number === 'bigint' && typeof timestamp === 'bigint' && number >= 0n;
  if (!isWhole || typeof hash !== 'string' || typeof parentHash !== 'string') return undefined;
  return { number, hash, parentHash, timestampMs: Number(timestamp) * 1000 };
}

/** What the client library says, or the system beneath it, whose `connect ECONNREFUSED ...` says more. */
function shortReason(cause: unknown): string {
  const error = cause as { shortMessage?: string; details?: string; message: string };
  let beneath = cause as { code?: unknown; message?: string; cause?: unknown } | undefined;
  while (beneath && !isSystemCode(beneath.code)) beneath = beneath.cause as typeof beneath;
  return (beneath?.message || error.details || error.shortMessage || error.message).split('\n')[0];
}

function isSystemCode(code: unknown): boolean {
  return typeof code === 'string' && /^E[A-Z]+$/.test(code);
}
