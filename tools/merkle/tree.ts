/**
 * A Merkle tree over hashed leaves, node for node the one of OpenZeppelin's SimpleMerkleTree: leaves sorted, a complete
 * binary tree in one array, each node the hash of its two children in ascending order. Its tests hold the two together;
 * this one is for a hundred thousand leaves.
 */
import type { Hex } from 'viem';
import { keccakInto } from './keccak.ts';

export interface MerkleTree {
  root: Hex;
  /** Siblings from the leaf with this index, as given, up to the root. */
  proof(index: number): Hex[];
}

const hashBytes = 32;

/** @param leaves one after the other, 32 bytes each; at least one */
export function merkleTree(leaves: Uint8Array): MerkleTree {
  const count = leaves.length / hashBytes;
  if (count < 1 || !Number.isInteger(count))
    throw new RangeError(`${leaves.length} bytes: expected hashes of 32 bytes`);
  const order = sortedOrder(leaves, count);
  const nodes = new Uint8Array((2 * count - 1) * hashBytes);
  const nodeOf = new Uint32Array(count);
  for (let rank = 0; rank < count; rank++) {
    const [leaf, node] = [order[rank]!, 2 * count - 2 - rank];
    nodes.set(leaves.subarray(leaf * hashBytes, (leaf + 1) * hashBytes), node * hashBytes);
    nodeOf[leaf] = node;
  }
  const view = new DataView(nodes.buffer);
  const pair = new Uint8Array(2 * hashBytes);
  const pairView = new DataView(pair.buffer);
  for (let node = count - 2; node >= 0; node--) {
    const [left, right] = [(2 * node + 1) * hashBytes, (2 * node + 2) * hashBytes];
    const isAscending = compareAt(nodes, left, right) <= 0;
    pair.set(nodes.subarray(left, left + hashBytes), isAscending ? 0 : hashBytes);
    pair.set(nodes.subarray(right, right + hashBytes), isAscending ? hashBytes : 0);
    keccakInto(pairView, 0, pair.length, view, node * hashBytes);
  }
  const hexOf = (node: number): Hex => `0x${Buffer.from(nodes.buffer, node * hashBytes, hashBytes).toString('hex')}`;
  return {
    root: hexOf(0),
    proof(index) {
      const siblings: Hex[] = [];
      for (let node = nodeOf[index]!; node > 0; node = (node - 1) >> 1)
        siblings.push(hexOf(node % 2 ? node + 1 : node - 1));
      return siblings;
    },
  };
}

function sortedOrder(leaves: Uint8Array, count: number): number[] {
  const view = new DataView(leaves.buffer, leaves.byteOffset);
  // Six bytes decide nearly always, and fit a number.
  const keys = Float64Array.from({ length: count }, (_, leaf) => {
    return view.getUint32(leaf * hashBytes) * 0x10000 + view.getUint16(leaf * hashBytes + 4);
  });
  const order = Array.from({ length: count }, (_, leaf) => leaf);
  return order.sort((a, b) => keys[a]! - keys[b]! || compareAt(leaves, a * hashBytes, b * hashBytes) || a - b);
}

function compareAt(bytes: Uint8Array, a: number, b: number): number {
  for (let i = 0; i < hashBytes; i++) {
    const difference = bytes[a + i]! - bytes[b + i]!;
    if (difference !== 0) return difference;
  }
  return 0;
}
