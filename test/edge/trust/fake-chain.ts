/** A JSON-RPC server whose chain a test sets block by block, and which fails, lags and lies as it is told to. */
import { createServer, type Server, type ServerResponse } from 'node:http';
import { type Address, decodeFunctionData, encodeFunctionResult, type Hex, keccak256, parseAbi, toHex } from 'viem';
import { type DecoderState, decoderStates, type RegistryAddresses } from '../../../edge/trust/index.ts';

const abi = parseAbi([
  'struct DecoderInfo { uint8 status; uint32 index; uint32 version; uint32 sizeBytes; uint40 graceEnds; uint40 suspendedUntil; address author; address payee; bytes32 semanticHash; bytes32 moduleHash; bytes32 platform; bytes32 successor; }',
  'function decoderOf(bytes32) view returns (DecoderInfo)',
  'function isActive(bytes32) view returns (bool)',
  'function activeRoot() view returns (bytes32)',
  'function activeEpoch() view returns (uint64)',
  'function checkpointSigners() view returns (address[], uint256)',
]);
const deviceAbi = parseAbi([
  'function statusOf(address) view returns (uint8, uint256, bool)',
  'struct DeviceInfo { uint8 status; bool effective; uint40 enrolledAt; uint40 retiredAt; address owner; uint256 manufacturerId; bytes32 modelId; bytes32 vehicle; }',
  'function deviceInfo(address) view returns (DeviceInfo)',
]);
const licenceAbi = parseAbi([
  'function statusOf(uint256) view returns (uint8)',
  'function certificateOf(uint256, bytes32, bytes32) view returns (bytes32)',
]);

const zero: Hex = `0x${'00'.repeat(32)}`;
export const fakeModel: Hex = `0x${'33'.repeat(32)}`;
const nobody: Address = `0x${'00'.repeat(20)}`;

export const fakeRegistries: RegistryAddresses = {
  manufacturerRegistry: `0x${'11'.repeat(20)}`,
  minerRegistry: `0x${'11'.repeat(19)}12`,
  decoderRegistry: `0x${'22'.repeat(20)}`,
};

interface FakeDecoder {
  status: number;
  index: number;
  active: boolean;
  graceEnds: number;
}

/** One block, with the whole registry as it was then. */
interface FakeBlock {
  number: number;
  hash: Hex;
  parentHash: Hex;
  timestamp: number;
  epoch: number;
  root: Hex;
  signers: Address[];
  threshold: number;
  decoders: ReadonlyMap<Hex, FakeDecoder>;
}

export type Fault =
  | 'none'
  /** The connection ends without an answer. */
  | 'down'
  /** The connection stays, and no answer comes. */
  | 'silent'
  /** An answer begins, and does not end. */
  | 'slow-body'
  | 'html'
  | 'broken-json'
  | 'error-object'
  /** Ten MiB of answer. */
  | 'flood'
  /** A null for every result. */
  | 'nulls'
  | 'short-data';

export class FakeChain {
  chainId = 31337;
  fault: Fault = 'none';
  /** Answers for one method, whatever the chain says. */
  readonly lies = new Map<string, unknown>();
  readonly methods: string[] = [];
  /** By hash, for the one model that there is. */
  readonly certifiedImages = new Set<Hex>();
  readonly #blocks: FakeBlock[] = [];
  #fork = 0;
  readonly #server: Server;
  readonly #contracts = new Set<string>(Object.values(fakeRegistries));

  private constructor() {
    this.#server = createServer((incoming, outgoing) => {
      let text = '';
      incoming.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      incoming.on('end', () => this.#respond(JSON.parse(text), outgoing));
    });
  }

  static async start(timestamp: number): Promise<FakeChain> {
    const chain = new FakeChain();
    chain.mine({ timestamp, epoch: 0, root: zero, signers: [], threshold: 0, decoders: new Map() });
    await new Promise<void>((resolve) => chain.#server.listen(0, '127.0.0.1', resolve));
    return chain;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as { port: number }).port}`;
  }

  async stop(): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  get head(): FakeBlock {
    return this.#blocks[this.#blocks.length - 1];
  }

  /** A new block, 12 s after the last one, the same but for `changes`. */
  mine(changes: Partial<FakeBlock> = {}): void {
    const number = this.#blocks.length;
    const before = this.#blocks[number - 1];
    const hash = keccak256(toHex(`block ${number} of fork ${this.#fork}`));
    const timestamp = (before?.timestamp ?? 0) + 12;
    this.#blocks.push({
      ...before,
      number,
      hash,
      parentHash: before?.hash ?? zero,
      timestamp,
      ...changes,
    } as FakeBlock);
  }

  /** A new block in which a decoder has this state; the epoch moves on when it enters or leaves the active set. */
  set(contentHash: Uint8Array, state: DecoderState, changes: Partial<FakeDecoder> & { root?: Hex } = {}): void {
    const { root = keccak256(toHex(`root ${this.head.epoch + 1} of fork ${this.#fork}`)), ...facts } = changes;
    const key = toHex(contentHash);
    const { decoders, epoch } = this.head;
    const before = decoders.get(key);
    const active = state === 'listed' || state === 'deprecated';
    const index = before?.index ?? decoders.size + 1;
    const decoder = { status: decoderStates.indexOf(state), index, active, graceEnds: 0, ...facts };
    const isMove = active !== (before?.active ?? false);
    this.mine({ decoders: new Map(decoders).set(key, decoder), ...(isMove && { epoch: epoch + 1, root }) });
  }

  /** The last `depth` blocks never were; what is mined next is another fork. */
  reorganise(depth: number): void {
    this.#blocks.splice(-depth);
    this.#fork++;
  }

  removeContract(address: Address): void {
    this.#contracts.delete(address);
  }

  /** How often a method was called since the last time this was asked. */
  take(): string[] {
    return this.methods.splice(0);
  }

  #respond(call: { id: number; method: string; params: unknown[] }, outgoing: ServerResponse): void {
    this.methods.push(call.method);
    const { fault } = this;
    if (fault === 'down') outgoing.socket?.destroy();
    if (fault === 'down' || fault === 'silent') return;
    outgoing.setHeader('content-type', fault === 'html' ? 'text/html' : 'application/json');
    if (fault === 'html') outgoing.end('<html>502 Bad Gateway</html>');
    else if (fault === 'broken-json') outgoing.end('{"jsonrpc":"2.0",');
    else if (fault === 'slow-body') outgoing.write('{"jsonrpc":');
    else if (fault === 'flood') outgoing.end(`{"jsonrpc":"2.0","id":${call.id},"result":"0x${'00'.repeat(5 << 20)}"}`);
    else if (fault === 'error-object')
      outgoing.end(
        JSON.stringify({ jsonrpc: '2.0', id: call.id, error: { code: -32000, message: 'header not found' } }),
      );
    else {
      const result =
        fault === 'nulls' ? null : fault === 'short-data' && call.method === 'eth_call' ? '0x01' : this.#answer(call);
      outgoing.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, result }));
    }
  }

  #answer({ method, params }: { method: string; params: unknown[] }): unknown {
    if (this.lies.has(method)) return this.lies.get(method);
    if (method === 'eth_chainId') return toHex(this.chainId);
    if (method === 'eth_getCode') return this.#contracts.has((params[0] as string).toLowerCase()) ? '0xfe' : '0x';
    if (method === 'eth_getBlockByNumber') return this.#blockAnswer(params[0] as string);
    if (method === 'eth_call') return this.#call(params as [{ to: Hex; data: Hex }, string]);
    return null;
  }

  #licenceAnswer(data: Hex): Hex {
    const { functionName, args } = decodeFunctionData({ abi: licenceAbi, data });
    if (functionName === 'statusOf') return encodeFunctionResult({ abi: licenceAbi, functionName, result: 2 });
    const result = this.certifiedImages.has(args[2]) ? keccak256(args[2]) : zero;
    return encodeFunctionResult({ abi: licenceAbi, functionName, result });
  }

  #blockAnswer(tag: string): unknown {
    const block = tag === 'latest' ? this.head : this.#blocks[Number(tag)];
    if (!block) return null;
    const { number, hash, parentHash, timestamp } = block;
    return { number: toHex(number), hash, parentHash, timestamp: toHex(timestamp), transactions: [] };
  }

  #call([{ to, data }, tag]: [{ to: Hex; data: Hex }, string]): Hex {
    if (!this.#contracts.has(to.toLowerCase())) return '0x';
    if (to === fakeRegistries.minerRegistry) return deviceAnswer(data);
    if (to === fakeRegistries.manufacturerRegistry) return this.#licenceAnswer(data);
    const { epoch, root, signers, threshold, decoders } = this.#blocks[Number(tag)];
    const { functionName, args } = decodeFunctionData({ abi, data });
    if (functionName === 'activeEpoch') return encodeFunctionResult({ abi, functionName, result: BigInt(epoch) });
    if (functionName === 'activeRoot') return encodeFunctionResult({ abi, functionName, result: root });
    if (functionName === 'checkpointSigners')
      return encodeFunctionResult({ abi, functionName, result: [signers, BigInt(threshold)] });
    const decoder = decoders.get(args[0]) ?? { status: 0, index: 0, active: false, graceEnds: 0 };
    if (functionName === 'isActive') return encodeFunctionResult({ abi, functionName, result: decoder.active });
    const { status, index, graceEnds } = decoder;
    const hashes = { semanticHash: zero, moduleHash: zero, platform: zero, successor: zero };
    const rest = { version: 1, sizeBytes: 1, suspendedUntil: 0, author: nobody, payee: nobody, ...hashes };
    return encodeFunctionResult({ abi, functionName, result: { status, index, graceEnds, ...rest } });
  }
}

/** Every device is enrolled under licence 7, as the same model. */
function deviceAnswer(data: Hex): Hex {
  const { functionName } = decodeFunctionData({ abi: deviceAbi, data });
  if (functionName === 'statusOf') return encodeFunctionResult({ abi: deviceAbi, functionName, result: [1, 7n, true] });
  const times = { enrolledAt: 1, retiredAt: 0 };
  const rest = { status: 1, effective: true, owner: nobody, manufacturerId: 7n, modelId: fakeModel, vehicle: zero };
  return encodeFunctionResult({ abi: deviceAbi, functionName, result: { ...times, ...rest } });
}
