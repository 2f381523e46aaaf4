/**
 * What checkpoint signers vouch for: the root of the active decoders at one block. The digest is the one that
 * DecoderRegistry.hashCheckpoint gives, computed here, so that a Miner without a network verifies it.
 */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { compareBytes, concatBytes } from '../pack/index.ts';

export interface Checkpoint {
  /** EIP-155 id of the chain that the registry is on. */
  chainId: number;
  /** Address of the DecoderRegistry, 20 bytes. */
  registry: Uint8Array;
  /** Merkle root of the active set, 32 bytes; zeros for an empty set. */
  root: Uint8Array;
  /** Number of changes of the active set. */
  epoch: number;
  /** At which the root was read. */
  blockNumber: number;
  /** Unix seconds. */
  issued: number;
  /** Unix seconds. */
  expires: number;
}

/** Who signs checkpoints, and how many of them must. */
export interface SignerSet {
  /** 20-byte addresses, ascending. */
  signers: readonly Uint8Array[];
  /** 1 to the number of signers; 0 with an empty set, which verifies nothing. */
  threshold: number;
  /** Block at which the registry was asked: of two sets the later one counts. */
  blockNumber: number;
}

const signersMax = 256;

/** What is wrong with a signer set from outside, or undefined: ascending, distinct, with a threshold they can reach. */
export function signerSetProblem({ signers, threshold }: SignerSet): string | undefined {
  if (signers.length > signersMax) return `${signers.length} signers, expected at most ${signersMax}`;
  const isAscending = signers.every((signer, i) => i === 0 || compareBytes(signers[i - 1], signer) < 0);
  if (!isAscending) return 'signers that are not distinct and in ascending order';
  const least = signers.length === 0 ? 0 : 1;
  const isReachable = Number.isSafeInteger(threshold) && threshold >= least && threshold <= signers.length;
  return isReachable ? undefined : `a threshold of ${threshold} with ${signers.length} signers`;
}

const utf8 = new TextEncoder();
const hashOf = (text: string) => keccak_256(utf8.encode(text));

const domainType = hashOf('EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)');
const checkpointType = hashOf('Checkpoint(bytes32 root,uint64 epoch,uint64 blockNumber,uint64 issued,uint64 expires)');
const domainName = hashOf('DIMO DecoderRegistry');
const domainVersion = hashOf('1');

/**
 * The 32-byte digest that signers sign.
 * @see EIP-712, "Definition of domainSeparator" and "Definition of hashStruct"
 */
export function hashCheckpoint(checkpoint: Checkpoint): Uint8Array {
  const { chainId, registry, root, epoch, blockNumber, issued, expires } = checkpoint;
  const domain = keccak_256(concatBytes(domainType, domainName, domainVersion, word(chainId), leftPadded(registry)));
  const fields = [epoch, blockNumber, issued, expires].map(word);
  return keccak_256(
    concatBytes(Uint8Array.of(0x19, 0x01), domain, keccak_256(concatBytes(checkpointType, root, ...fields))),
  );
}

/** A whole number up to 2^53 - 1 as an ABI word. */
export function word(value: number): Uint8Array {
  const bytes = new Uint8Array(32);
  new DataView(bytes.buffer).setBigUint64(24, BigInt(value));
  return bytes;
}

function leftPadded(address: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(32);
  bytes.set(address, 32 - address.length);
  return bytes;
}
