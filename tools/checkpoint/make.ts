/** A checkpoint as the chain has it now: root, epoch, and a proof for each decoder, all read at one block. */
import { type Address, createPublicClient, type Hex, http, type PublicClient, parseAbi } from 'viem';
import { bytesToHex } from 'viem/utils';
import { edgeError } from '../../edge/errors/index.ts';
import { equalBytes, fromHex, toHex } from '../../edge/pack/index.ts';
import {
  ChainView,
  type Checkpoint,
  type CheckpointFile,
  type DecoderEntry,
  decoderLeaf,
  rootOf,
} from '../../edge/trust/index.ts';

import { type Deployment, registriesOf } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';

const registryAbi = parseAbi([
  'struct Decoder { bytes32 contentHash; bytes32 semanticHash; bytes32 moduleHash; bytes32 platform; uint32 version; uint32 sizeBytes; address author; address payee; string licence; string id; }',
  'struct DecoderInfo { uint8 status; uint32 index; uint32 version; uint32 sizeBytes; uint40 graceEnds; uint40 suspendedUntil; address author; address payee; bytes32 semanticHash; bytes32 moduleHash; bytes32 platform; bytes32 successor; }',
  'event DecoderListed(bytes32 indexed contentHash, bytes32 indexed platform, address indexed author, uint32 index, Decoder decoder)',
  'function decoderOf(bytes32 contentHash) view returns (DecoderInfo)',
  'function isActive(bytes32 contentHash) view returns (bool)',
  'function proofOf(bytes32 contentHash) view returns (bytes32[])',
  'function activeRoot() view returns (bytes32)',
  'function activeEpoch() view returns (uint64)',
]);

export interface MakeRequest {
  rpcUrl: string;
  deployment: Deployment;
  /** SHA-256 of each decoder file, in lower-case hex; every active decoder when left out. */
  contentHashes?: readonly string[];
  /** Unix seconds. */
  issued: number;
  validSeconds: number;
}

export interface MadeCheckpoint {
  /** Without signatures. */
  file: CheckpointFile;
  /** A deprecated decoder whose grace ends before the time asked for, and so ends the checkpoint. */
  cutShortBy?: { contentHash: string; graceEnds: number };
}

/** A decoder as the registry has it at the block that is read. */
interface Listed {
  contentHash: string;
  index: number;
  graceEnds: number;
  isActive: boolean;
  /** Undefined where it stands outside the tree. */
  proof: Uint8Array[] | undefined;
}

/**
 * Reads the registry and proves every answer of it against the root. A root follows time only when somebody calls
 * `sync`, and vouches for whatever is under it: so one that lags behind is refused, and a checkpoint never outlives the
 * grace of a decoder that it holds.
 * @throws {MinerError} CHECKPOINT_DECODER, CHECKPOINT_UNSYNCED; CHAIN_UNREACHABLE, CHAIN_ID_MISMATCH, CHAIN_NO_CONTRACT
 */
export async function makeCheckpoint(request: MakeRequest): Promise<MadeCheckpoint> {
  const { rpcUrl, deployment, contentHashes, issued, validSeconds } = request;
  const registries = registriesOf(deployment);
  const view = await ChainView.open({ rpcUrl, chainId: deployment.chainId, registries });
  const { root, epoch, signerSet, block } = await view.registry();
  const at: ReadAt = {
    client: createPublicClient({ transport: http(rpcUrl, { retryCount: 1 }) }),
    address: registries.decoderRegistry,
    blockNumber: block.number,
  };
  const all = await asking(rpcUrl, () => readListed(at, BigInt(deployment.block)));
  const lagging = all.find(({ isActive, proof }) => isActive !== (proof !== undefined));
  if (lagging) throw toolError('CHECKPOINT_UNSYNCED', { contentHash: lagging.contentHash, active: lagging.isActive });
  const active = all.filter(({ isActive }) => isActive);
  const wanted = contentHashes?.map((hash) => {
    const known = active.find(({ contentHash }) => contentHash === hash);
    if (!known) throw toolError('CHECKPOINT_DECODER', { contentHash: hash });
    return known;
  });
  const [soonest] = active.filter(({ graceEnds }) => graceEnds > 0).sort((a, b) => a.graceEnds - b.graceEnds);
  const isCutShort = soonest !== undefined && soonest.graceEnds < issued + validSeconds;
  const checkpoint: Checkpoint = {
    chainId: deployment.chainId,
    registry: fromHex(registries.decoderRegistry),
    root,
    epoch,
    blockNumber: Number(block.number),
    issued,
    expires: isCutShort ? soonest.graceEnds : issued + validSeconds,
  };
  const file = { checkpoint, signatures: [], signerSet, entries: (wanted ?? active).map((one) => entryOf(one, root)) };
  return isCutShort ? { file, cutShortBy: soonest } : { file };
}

/**
 * Whether the chain had this root and epoch at the checkpoint's block: what a signer should ask before signing. The
 * signer's own deployment says which registry is meant, not the file.
 * @throws {MinerError} CHECKPOINT_INVALID when it had not; CHAIN_UNREACHABLE, also where the node keeps no such old state
 */
export async function compareWithChain(rpcUrl: string, deployment: Deployment, checkpoint: Checkpoint): Promise<void> {
  const registries = registriesOf(deployment);
  await ChainView.open({ rpcUrl, chainId: deployment.chainId, registries });
  const address = registries.decoderRegistry;
  const isPlace = checkpoint.chainId === deployment.chainId && equalBytes(checkpoint.registry, fromHex(address));
  if (!isPlace)
    throw edgeError('CHECKPOINT_INVALID', { reason: `it is not for ${address} on chain ${deployment.chainId}` });
  const client = createPublicClient({ transport: http(rpcUrl, { retryCount: 1 }) });
  const at = { address, abi: registryAbi, blockNumber: BigInt(checkpoint.blockNumber) };
  const [root, epoch] = await asking(rpcUrl, () =>
    Promise.all([
      client.readContract({ ...at, functionName: 'activeRoot' }),
      client.readContract({ ...at, functionName: 'activeEpoch' }),
    ]),
  );
  if (root === bytesToHex(checkpoint.root) && epoch === BigInt(checkpoint.epoch)) return;
  const claimed = `epoch ${checkpoint.epoch} with root 0x${toHex(checkpoint.root)}`;
  const reason = `it says ${claimed}, but at block ${checkpoint.blockNumber} the chain had epoch ${epoch} with root ${root}`;
  throw edgeError('CHECKPOINT_INVALID', { reason });
}

interface ReadAt {
  client: PublicClient;
  address: Address;
  blockNumber: bigint;
}

async function readListed({ client, address, blockNumber }: ReadAt, fromBlock: bigint): Promise<Listed[]> {
  const events = await client.getContractEvents({
    address,
    abi: registryAbi,
    eventName: 'DecoderListed',
    fromBlock,
    toBlock: blockNumber,
    strict: true,
  });
  const listed: Listed[] = [];
  for (const { args } of events) {
    const call = { address, abi: registryAbi, blockNumber, args: [args.contentHash] } as const;
    const [info, isActive] = await Promise.all([
      client.readContract({ ...call, functionName: 'decoderOf' }),
      client.readContract({ ...call, functionName: 'isActive' }),
    ]);
    const proof = await proofOf(client, call);
    const { index, graceEnds } = info;
    listed.push({ contentHash: args.contentHash.slice(2), index, graceEnds, isActive, proof });
  }
  return listed;
}

async function proofOf(
  client: PublicClient,
  call: { address: Address; abi: typeof registryAbi; blockNumber: bigint; args: readonly [Hex] },
): Promise<Uint8Array[] | undefined> {
  try {
    const proof = await client.readContract({ ...call, functionName: 'proofOf' });
    return proof.map(fromHex);
  } catch (cause) {
    // The registry refuses a proof for what is not in its tree; anything else is no answer.
    if (isRevert(cause)) return undefined;
    throw cause;
  }
}

function isRevert(cause: unknown): boolean {
  for (let error = cause as Error | undefined; error; error = error.cause as Error | undefined) {
    if (error.name === 'ContractFunctionRevertedError') return true;
  }
  return false;
}

function entryOf({ contentHash, index, proof = [] }: Listed, root: Uint8Array): DecoderEntry {
  const entry = { contentHash: fromHex(contentHash), index, proof };
  if (!equalBytes(rootOf(decoderLeaf(entry.contentHash, index), proof), root)) {
    throw edgeError('CHECKPOINT_INVALID', {
      reason: `the chain's proof of decoder ${contentHash} does not lead to its root`,
    });
  }
  return entry;
}

async function asking<Answer>(url: string, read: () => Promise<Answer>): Promise<Answer> {
  try {
    return await read();
  } catch (cause) {
    const { shortMessage, message } = cause as { shortMessage?: string; message: string };
    throw edgeError('CHAIN_UNREACHABLE', { url, reason: (shortMessage ?? message).split('\n')[0] }, cause);
  }
}
