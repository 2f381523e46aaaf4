/** Proofs that a decoder stands under a root, as DecoderRegistry.proofOf hands them out. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { compareBytes, concatBytes } from '../pack/index.ts';
import { word } from './checkpoint.ts';

/**
 * The leaf of a decoder. Hashed twice, so that no inner node, which is one hash of 64 bytes, can pass for a leaf.
 * @param contentHash SHA-256 of the decoder's file, 32 bytes
 * @param index its number in the registry, from 1
 */
export function decoderLeaf(contentHash: Uint8Array, index: number): Uint8Array {
  return keccak_256(keccak_256(concatBytes(contentHash, word(index))));
}

/** The root that a proof leads to from a leaf. Nodes are hashes of their halves in ascending order. */
export function rootOf(leaf: Uint8Array, proof: readonly Uint8Array[]): Uint8Array {
  return proof.reduce(
    (node, sibling) =>
      keccak_256(compareBytes(node, sibling) <= 0 ? concatBytes(node, sibling) : concatBytes(sibling, node)),
    leaf,
  );
}
