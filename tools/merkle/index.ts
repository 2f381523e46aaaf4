export { keccakInto } from './keccak.ts';
export { type MerkleTree, merkleTree } from './tree.ts';
