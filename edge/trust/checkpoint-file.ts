/** A checkpoint as it is carried: one deterministic CBOR item with its signatures and a proof for each decoder. */
import { edgeError, MinerError } from '../errors/index.ts';
import { type CborValue, compareBytes, decodeCbor, encodeCbor } from '../pack/index.ts';
import { type Checkpoint, type SignerSet, signerSetProblem } from './checkpoint.ts';

export interface CheckpointSignature {
  /** 20-byte address. */
  signer: Uint8Array;
  /** r || s || v, 65 bytes, v 27 or 28, over the checkpoint's digest. */
  signature: Uint8Array;
}

/** A decoder that a checkpoint's root vouches for. */
export interface DecoderEntry {
  /** SHA-256 of the decoder's file, 32 bytes. */
  contentHash: Uint8Array;
  /** Its number in the registry, from 1. */
  index: number;
  /** Siblings from the leaf up, 32 bytes each; empty for the only decoder there is. */
  proof: readonly Uint8Array[];
}

export interface CheckpointFile {
  checkpoint: Checkpoint;
  /** By ascending signer. */
  signatures: readonly CheckpointSignature[];
  /** The registry's own when the file was made: for people to look at. What counts is the set that a device knows. */
  signerSet: SignerSet;
  /** By ascending contentHash. */
  entries: readonly DecoderEntry[];
}

const fileVersion = 1;
const bytesMax = 1 << 20;
/** A tree of 2^32 positions is that deep. */
const proofLengthMax = 32;

/** Writes the file, its lists in order: the same content gives the same bytes. */
export function encodeCheckpointFile({ checkpoint, signatures, signerSet, entries }: CheckpointFile): Uint8Array {
  const { chainId, registry, root, epoch, blockNumber, issued, expires } = checkpoint;
  const signed = signatures.toSorted((a, b) => compareBytes(a.signer, b.signer));
  const listed = entries.toSorted((a, b) => compareBytes(a.contentHash, b.contentHash));
  return encodeCbor(
    new Map<number, CborValue>([
      [1, fileVersion],
      [2, [chainId, registry, root, epoch, blockNumber, issued, expires]],
      [3, signed.map(({ signer, signature }) => [signer, signature])],
      [4, encodeSignerSet(signerSet)],
      [5, listed.map(({ contentHash, index, proof }) => [contentHash, index, proof])],
    ]),
  );
}

/**
 * Reads a file without believing it: form and order are checked, signatures, times and proofs are not.
 * @throws {MinerError} CHECKPOINT_INVALID
 */
export function decodeCheckpointFile(bytes: Uint8Array): CheckpointFile {
  const item = decoded(bytes);
  if (!(item instanceof Map)) invalid('it is not a map');
  if (item.get(1) !== fileVersion) invalid(`version ${String(item.get(1))}, expected ${fileVersion}`);
  if (item.size !== 5) invalid(`${item.size} fields, expected 5`);
  const file = {
    checkpoint: readCheckpoint(list(item.get(2), 'the checkpoint', 7)),
    signatures: list(item.get(3), 'the signatures').map(readSignature),
    signerSet: decodeSignerSet(item.get(4)),
    entries: list(item.get(5), 'the decoders').map(readEntry),
  };
  requireAscending(file.signatures, ({ signer }) => signer, 'signatures');
  requireAscending(file.entries, ({ contentHash }) => contentHash, 'decoders');
  return file;
}

export function encodeSignerSet({ signers, threshold, blockNumber }: SignerSet): CborValue {
  return [signers, threshold, blockNumber];
}

/** @throws {MinerError} CHECKPOINT_INVALID */
export function decodeSignerSet(value: CborValue | undefined): SignerSet {
  const [signers, threshold, blockNumber] = list(value, 'the signer set', 3);
  const set = {
    signers: list(signers, 'the signers').map((signer) => byteString(signer, 'a signer', 20)),
    threshold: whole(threshold, 'the threshold'),
    blockNumber: whole(blockNumber, "the signer set's block"),
  };
  const problem = signerSetProblem(set);
  if (problem) invalid(problem);
  return set;
}

function decoded(bytes: Uint8Array): CborValue {
  try {
    return decodeCbor(bytes, { bytesMax, depthMax: 6 });
  } catch (cause) {
    if (!(cause instanceof MinerError)) throw cause;
    throw edgeError('CHECKPOINT_INVALID', { reason: `it is no checkpoint file: ${cause.message}` }, cause);
  }
}

function readCheckpoint([chainId, registry, root, epoch, blockNumber, issued, expires]: CborValue[]): Checkpoint {
  return {
    chainId: whole(chainId, 'the chain id'),
    registry: byteString(registry, 'the registry', 20),
    root: byteString(root, 'the root', 32),
    epoch: whole(epoch, 'the epoch'),
    blockNumber: whole(blockNumber, 'the block number'),
    issued: whole(issued, 'the time of issue'),
    expires: whole(expires, 'the time of expiry'),
  };
}

function readSignature(value: CborValue): CheckpointSignature {
  const [signer, signature] = list(value, 'a signature', 2);
  return { signer: byteString(signer, 'a signer', 20), signature: byteString(signature, 'a signature', 65) };
}

function readEntry(value: CborValue): DecoderEntry {
  const [contentHash, index, proof] = list(value, 'a decoder', 3);
  const siblings = list(proof, 'a proof').map((node) => byteString(node, 'a node of a proof', 32));
  if (siblings.length > proofLengthMax) invalid(`a proof of ${siblings.length} nodes, at most ${proofLengthMax} are`);
  const number = whole(index, "a decoder's number");
  if (number === 0 || number > 0xffffffff) invalid(`a decoder numbered ${number}, expected 1 to 2^32 - 1`);
  return { contentHash: byteString(contentHash, 'a content hash', 32), index: number, proof: siblings };
}

function list(value: CborValue | undefined, what: string, count?: number): CborValue[] {
  if (!Array.isArray(value)) return invalid(`${what}: not an array`);
  if (count !== undefined && value.length !== count)
    return invalid(`${what}: ${value.length} items, expected ${count}`);
  return value;
}

/** A copy: what is read from a file must not keep the whole file, nor follow its buffer. */
function byteString(value: CborValue | undefined, what: string, length: number): Uint8Array {
  if (!(value instanceof Uint8Array)) return invalid(`${what}: not a byte string`);
  if (value.length !== length) return invalid(`${what}: ${value.length} bytes, expected ${length}`);
  return value.slice();
}

function whole(value: CborValue | undefined, what: string): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    return invalid(`${what}: not a whole number from 0 to 2^53 - 1`);
  }
  return value;
}

function requireAscending<Item>(items: readonly Item[], key: (item: Item) => Uint8Array, what: string): void {
  for (let i = 1; i < items.length; i++) {
    const order = compareBytes(key(items[i - 1]), key(items[i]));
    if (order === 0) invalid(`two of the ${what} are of the same one`);
    if (order > 0) invalid(`the ${what} are out of order`);
  }
}

function invalid(reason: string): never {
  throw edgeError('CHECKPOINT_INVALID', { reason });
}
