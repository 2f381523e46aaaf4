/**
 * The registries as the chain has them now. Answers are kept for as long as the chain stands at the block they were
 * read from, so a gateway asks once per device and block, not once per pack.
 */
import { type Address, createPublicClient, type Hex, http, type PublicClient, parseAbi, toHex } from 'viem';
import { edgeError } from '../errors/index.ts';
import {
  type DecoderStanding,
  type DeviceStanding,
  decoderStates,
  deviceStates,
  licenceStates,
  type TrustView,
} from './trust-view.ts';

export interface RegistryAddresses {
  manufacturerRegistry: Address;
  minerRegistry: Address;
  decoderRegistry: Address;
}

export interface ChainViewOptions {
  rpcUrl: string;
  /** The chain that is meant; another one behind the URL is refused. */
  chainId: number;
  registries: RegistryAddresses;
  /** How old the known block number may be before it is asked for again. */
  blockAgeMsMax?: number;
  timeoutMs?: number;
}

const minerRegistryAbi = parseAbi([
  'function statusOf(address device) view returns (uint8 status, uint256 manufacturerId, bool effective)',
]);
const manufacturerRegistryAbi = parseAbi(['function statusOf(uint256 id) view returns (uint8)']);
const decoderRegistryAbi = parseAbi([
  'struct DecoderInfo { uint8 status; uint32 index; uint32 version; uint32 sizeBytes; uint40 graceEnds; uint40 suspendedUntil; address author; address payee; bytes32 semanticHash; bytes32 moduleHash; bytes32 platform; bytes32 successor; }',
  'function decoderOf(bytes32 contentHash) view returns (DecoderInfo)',
  'function isActive(bytes32 contentHash) view returns (bool)',
]);

export class ChainView implements TrustView {
  readonly chainId: number;
  readonly minerRegistry: Uint8Array;
  readonly #client: PublicClient;
  readonly #options: Required<ChainViewOptions>;
  readonly #answers = new Map<string, Promise<unknown>>();
  #block = -1n;
  #blockAskedMs = Number.NEGATIVE_INFINITY;

  private constructor(client: PublicClient, options: Required<ChainViewOptions>) {
    this.#client = client;
    this.#options = options;
    this.chainId = options.chainId;
    this.minerRegistry = hexBytes(options.registries.minerRegistry);
  }

  /**
   * Connects and makes sure that this is the chain meant, with the registries on it.
   * @throws {MinerError} CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH, CHAIN_NO_CONTRACT
   */
  static async open(given: ChainViewOptions): Promise<ChainView> {
    const options = { blockAgeMsMax: 1000, timeoutMs: 5000, ...given };
    const transport = http(options.rpcUrl, { timeout: options.timeoutMs, retryCount: 1 });
    const client = createPublicClient({ transport });
    const view = new ChainView(client, options);
    const got = await view.#ask(() => client.getChainId());
    if (got !== options.chainId) {
      throw edgeError('CHAIN_ID_MISMATCH', { url: options.rpcUrl, expected: options.chainId, got });
    }
    for (const [name, address] of Object.entries(options.registries)) {
      const code = await view.#ask(() => client.getCode({ address }));
      if (!code) throw edgeError('CHAIN_NO_CONTRACT', { url: options.rpcUrl, name, address });
    }
    return view;
  }

  decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    const key = toHex(contentHash);
    return this.#cached(`decoder ${key}`, async () => {
      const registry = { address: this.#options.registries.decoderRegistry, abi: decoderRegistryAbi };
      const [info, active] = await Promise.all([
        this.#client.readContract({ ...registry, functionName: 'decoderOf', args: [key] }),
        this.#client.readContract({ ...registry, functionName: 'isActive', args: [key] }),
      ]);
      return { state: decoderStates[info.status], index: info.index, active };
    });
  }

  device(address: Uint8Array): Promise<DeviceStanding> {
    const key = toHex(address);
    return this.#cached(`device ${key}`, async () => {
      const { minerRegistry, manufacturerRegistry } = this.#options.registries;
      const [status, manufacturerId, effective] = await this.#client.readContract({
        address: minerRegistry,
        abi: minerRegistryAbi,
        functionName: 'statusOf',
        args: [key],
      });
      const licence = await this.#client.readContract({
        address: manufacturerRegistry,
        abi: manufacturerRegistryAbi,
        functionName: 'statusOf',
        args: [manufacturerId],
      });
      return { state: deviceStates[status], manufacturerId, licence: licenceStates[licence], effective };
    });
  }

  async #cached<Answer>(key: string, read: () => Promise<Answer>): Promise<Answer> {
    await this.#forgetOldBlocks();
    const known = this.#answers.get(key);
    if (known) return known as Promise<Answer>;
    const answer = this.#ask(read);
    this.#answers.set(key, answer);
    // A failed answer is not an answer: the next one who asks tries again.
    answer.catch(() => this.#answers.delete(key));
    return answer;
  }

  async #forgetOldBlocks(): Promise<void> {
    const nowMs = performance.now();
    if (nowMs - this.#blockAskedMs < this.#options.blockAgeMsMax) return;
    this.#blockAskedMs = nowMs;
    const block = await this.#ask(() => this.#client.getBlockNumber({ cacheTime: 0 }));
    // Lower after a reorganisation, higher as the chain grows: either way what was read may no longer hold.
    if (block !== this.#block) this.#answers.clear();
    this.#block = block;
  }

  async #ask<Answer>(read: () => Promise<Answer>): Promise<Answer> {
    try {
      return await read();
    } catch (cause) {
      this.#blockAskedMs = Number.NEGATIVE_INFINITY;
      throw edgeError('CHAIN_UNREACHABLE', { url: this.#options.rpcUrl, reason: shortReason(cause) }, cause);
    }
  }
}

function shortReason(cause: unknown): string {
  const error = cause as { shortMessage?: string; details?: string; message: string };
  return error.details ?? error.shortMessage ?? error.message.split('\n')[0];
}

function hexBytes(hex: Hex): Uint8Array {
  return Uint8Array.from({ length: (hex.length - 2) / 2 }, (_, i) =>
    Number.parseInt(hex.slice(2 + 2 * i, 4 + 2 * i), 16),
  );
}
