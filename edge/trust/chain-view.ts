/**
 * The registries as the chain has them now. Answers are kept for as long as the chain stands at the block they were
 * read from, so a gateway asks once per device and block, not once per pack.
 */
import { type Address, parseAbi, toHex } from 'viem';
import { fromHex } from '../pack/index.ts';
import { type Clock, liveClock } from '../sim/index.ts';
import { ChainNode, type ReadBlock } from './chain-node.ts';
import { type SignerSet, signerSetProblem } from './checkpoint.ts';
import type { BlockName } from './trust-event.ts';
import {
  type DecoderStanding,
  type DeviceStanding,
  decoderStates,
  deviceStates,
  type ImageStanding,
  type ImageTrust,
  type LicenceState,
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
  /** How old the known block may be before it is asked for again; 1 s unless told. */
  blockAgeMsMax?: number;
  /** For one question; 5 s unless told. It is asked twice. */
  timeoutMs?: number;
  /** Blocks that must have come after the one that is read; 0 unless told: the last one is read. */
  confirmations?: number;
  /** How old the chain's last block may be; any age unless told. */
  headAgeMsMax?: number;
  clock?: Clock;
  onReorganisation?: (from: BlockName, to: BlockName) => void;
}

/** What the DecoderRegistry says of its active set and of who signs checkpoints, at one block. */
export interface RegistryState {
  /** 32 bytes. */
  root: Uint8Array;
  epoch: number;
  signerSet: SignerSet;
  block: ReadBlock;
}

const minerRegistryAbi = parseAbi([
  'function statusOf(address device) view returns (uint8 status, uint256 manufacturerId, bool effective)',
  'struct DeviceInfo { uint8 status; bool effective; uint40 enrolledAt; uint40 retiredAt; address owner; uint256 manufacturerId; bytes32 modelId; bytes32 vehicle; }',
  'function deviceInfo(address device) view returns (DeviceInfo)',
]);
const manufacturerRegistryAbi = parseAbi([
  'function statusOf(uint256 id) view returns (uint8)',
  'function isActive(uint256 id) view returns (bool)',
  'function licenceCount() view returns (uint256)',
  'function certificateOf(uint256 id, bytes32 modelId, bytes32 imageHash) view returns (bytes32)',
]);
const decoderRegistryAbi = parseAbi([
  'struct DecoderInfo { uint8 status; uint32 index; uint32 version; uint32 sizeBytes; uint40 graceEnds; uint40 suspendedUntil; address author; address payee; bytes32 semanticHash; bytes32 moduleHash; bytes32 platform; bytes32 successor; }',
  'function decoderOf(bytes32 contentHash) view returns (DecoderInfo)',
  'function isActive(bytes32 contentHash) view returns (bool)',
  'function activeRoot() view returns (bytes32)',
  'function activeEpoch() view returns (uint64)',
  'function checkpointSigners() view returns (address[] signers, uint256 threshold)',
]);

/** A maker's licence now. */
export interface LicenceStanding {
  state: LicenceState;
  /** Whether its devices' packs count: active, or exiting with its bond whole. */
  active: boolean;
}

export class ChainView implements TrustView, ImageTrust {
  readonly chainId: number;
  readonly minerRegistry: Uint8Array;
  readonly #node: ChainNode;
  readonly #registries: RegistryAddresses;
  #answers = new Map<string, Promise<unknown>>();
  /** Of the block that the answers were read from. */
  #hash = '';

  private constructor(options: ChainViewOptions) {
    const { blockAgeMsMax = 1000, timeoutMs = 5000, confirmations = 0, clock = liveClock() } = options;
    const { headAgeMsMax = Number.POSITIVE_INFINITY, rpcUrl, chainId, registries, onReorganisation } = options;
    this.chainId = chainId;
    this.minerRegistry = fromHex(registries.minerRegistry);
    this.#registries = registries;
    this.#node = new ChainNode({
      rpcUrl,
      chainId,
      contracts: { ...registries },
      clock,
      blockAgeMsMax,
      timeoutMs,
      confirmations,
      headAgeMsMax,
      onReorganisation,
    });
  }

  /**
   * Connects and makes sure that this is the chain meant, with the registries on it.
   * @throws {MinerError} CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH, CHAIN_NO_CONTRACT, CHAIN_STALE
   */
  static async open(options: ChainViewOptions): Promise<ChainView> {
    const view = new ChainView(options);
    await view.#node.block();
    return view;
  }

  /** The same without a first contact: a chain that is away now is looked for at each question. */
  static later(options: ChainViewOptions): ChainView {
    return new ChainView(options);
  }

  /** @throws {MinerError} as `open` does */
  decoder(contentHash: Uint8Array): Promise<DecoderStanding> {
    const key = toHex(contentHash);
    return this.#cached(`decoder ${key}`, async (blockNumber) => {
      const registry = { address: this.#registries.decoderRegistry, abi: decoderRegistryAbi, blockNumber };
      const [info, isActive] = await Promise.all([
        this.#node.client.readContract({ ...registry, functionName: 'decoderOf', args: [key] }),
        this.#node.client.readContract({ ...registry, functionName: 'isActive', args: [key] }),
      ]);
      const state = decoderStates[info.status] ?? this.#node.garbage(`the decoder state ${info.status}`);
      const mayBeActive = info.index > 0 && (state === 'listed' || state === 'deprecated');
      if (isActive !== mayBeActive)
        this.#node.garbage(`a decoder that is ${state} and ${isActive ? '' : 'not '}active`);
      const standing = { state, index: info.index, active: isActive };
      return state === 'deprecated' ? { ...standing, graceEnds: info.graceEnds } : standing;
    });
  }

  /** @throws {MinerError} as `open` does */
  device(address: Uint8Array): Promise<DeviceStanding> {
    const key = toHex(address);
    return this.#cached(`device ${key}`, async (blockNumber) => {
      const { minerRegistry, manufacturerRegistry } = this.#registries;
      const [status, manufacturerId, effective] = await this.#node.client.readContract({
        address: minerRegistry,
        abi: minerRegistryAbi,
        functionName: 'statusOf',
        args: [key],
        blockNumber,
      });
      const licence = await this.#node.client.readContract({
        address: manufacturerRegistry,
        abi: manufacturerRegistryAbi,
        functionName: 'statusOf',
        args: [manufacturerId],
        blockNumber,
      });
      return {
        state: deviceStates[status] ?? this.#node.garbage(`the device state ${status}`),
        manufacturerId,
        licence: this.#licenceState(licence),
        effective,
      };
    });
  }

  /** @throws {MinerError} as `open` does */
  image(address: Uint8Array, imageHash: Uint8Array): Promise<ImageStanding> {
    const key = toHex(address);
    return this.#cached(`image ${key} ${toHex(imageHash)}`, async (blockNumber) => {
      const { manufacturerId, modelId } = await this.#node.client.readContract({
        address: this.#registries.minerRegistry,
        abi: minerRegistryAbi,
        functionName: 'deviceInfo',
        args: [key],
        blockNumber,
      });
      const model = fromHex(modelId);
      const audit = await this.certificate(manufacturerId, model, imageHash);
      return { model, certified: audit !== undefined };
    });
  }

  /**
   * The audit that an image of a model was certified on.
   * @param model 32 bytes, as in enrolments
   * @param imageHash SHA-256 of the image, 32 bytes
   * @returns the audit document's SHA-256; undefined when there is no certificate, or it was withdrawn
   * @throws {MinerError} as `open` does
   */
  certificate(licenceId: bigint, model: Uint8Array, imageHash: Uint8Array): Promise<Uint8Array | undefined> {
    const args = [licenceId, toHex(model), toHex(imageHash)] as const;
    return this.#cached(`certificate ${args.join(' ')}`, async (blockNumber) => {
      const registry = { address: this.#registries.manufacturerRegistry, abi: manufacturerRegistryAbi, blockNumber };
      const audit = fromHex(await this.#node.client.readContract({ ...registry, functionName: 'certificateOf', args }));
      return audit.some((byte) => byte !== 0) ? audit : undefined;
    });
  }

  /** @throws {MinerError} as `open` does */
  licence(licenceId: bigint): Promise<LicenceStanding> {
    return this.#cached(`licence ${licenceId}`, async (blockNumber) => {
      const registry = { address: this.#registries.manufacturerRegistry, abi: manufacturerRegistryAbi, blockNumber };
      const [state, active] = await Promise.all([
        this.#node.client.readContract({ ...registry, functionName: 'statusOf', args: [licenceId] }),
        this.#node.client.readContract({ ...registry, functionName: 'isActive', args: [licenceId] }),
      ]);
      return { state: this.#licenceState(state), active };
    });
  }

  /** How many licences were granted; they count from 1. @throws {MinerError} as `open` does */
  licenceCount(): Promise<bigint> {
    return this.#cached('licences', (blockNumber) => {
      const registry = { address: this.#registries.manufacturerRegistry, abi: manufacturerRegistryAbi, blockNumber };
      return this.#node.client.readContract({ ...registry, functionName: 'licenceCount' });
    });
  }

  /** @throws {MinerError} as `open` does */
  registry(): Promise<RegistryState> {
    return this.#cached('registry', async (blockNumber, block) => {
      const registry = { address: this.#registries.decoderRegistry, abi: decoderRegistryAbi, blockNumber };
      const [root, epoch, [signers, threshold]] = await Promise.all([
        this.#node.client.readContract({ ...registry, functionName: 'activeRoot' }),
        this.#node.client.readContract({ ...registry, functionName: 'activeEpoch' }),
        this.#node.client.readContract({ ...registry, functionName: 'checkpointSigners' }),
      ]);
      if (epoch > Number.MAX_SAFE_INTEGER) this.#node.garbage(`epoch ${epoch}`);
      const signerSet = {
        signers: signers.map(fromHex),
        threshold: Number(threshold),
        blockNumber: Number(blockNumber),
      };
      const problem = signerSetProblem(signerSet);
      if (problem) this.#node.garbage(problem);
      return { root: fromHex(root), epoch: Number(epoch), signerSet, block };
    });
  }

  #licenceState(number: number): LicenceState {
    return licenceStates[number] ?? this.#node.garbage(`the licence state ${number}`);
  }

  async #cached<Answer>(
    key: string,
    read: (blockNumber: bigint, block: ReadBlock) => Promise<Answer>,
  ): Promise<Answer> {
    const block = await this.#node.block();
    // Another hash after a reorganisation as well as while the chain grows: what was read may no longer hold.
    if (block.hash !== this.#hash) this.#answers = new Map();
    this.#hash = block.hash;
    const answers = this.#answers;
    const known = answers.get(key);
    if (known) return known as Promise<Answer>;
    const answer = this.#node.ask(() => read(block.number, block));
    answers.set(key, answer);
    // A failed answer is not an answer: the next one who asks tries again.
    answer.catch(() => answers.delete(key));
    return answer;
  }
}
