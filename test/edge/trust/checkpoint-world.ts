/** Checkpoints without a chain: keys, a tree by OpenZeppelin's library, and files signed by whom a test names. */
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { compareBytes, concatBytes, fromHex, softwareSigner, toHex } from '../../../edge/pack/index.ts';
import {
  type Checkpoint,
  type CheckpointFile,
  type CheckpointSignature,
  type DecoderEntry,
  hashCheckpoint,
  type SignerSet,
} from '../../../edge/trust/index.ts';

const hash = (text: string) => sha256(new TextEncoder().encode(text));

export interface SignerKey {
  key: Uint8Array;
  address: Uint8Array;
}

/** The same name gives the same key. */
export function signerKey(name: string): SignerKey {
  const key = hash(name);
  return { key, address: softwareSigner(key).kid };
}

export const [alice, bob, carol, mallory] = ['alice', 'bob', 'carol', 'mallory'].map(signerKey);

export const twoOfThree: SignerSet = signerSetOf([alice, bob, carol], 2);

export function signerSetOf(keys: readonly SignerKey[], threshold: number, blockNumber = 100): SignerSet {
  return { signers: keys.map(({ address }) => address).sort(compareBytes), threshold, blockNumber };
}

/** The hash of a decoder file, by its name. */
export const decoderHash = (name: string): Uint8Array => hash(`decoder ${name}`);

export const place = { chainId: 31337, registry: fromHex('22'.repeat(20)) };

/** 2026-01-01, in unix seconds. */
export const issued = 1_767_225_600;
export const day = 86_400;

/** Root and entries of a registry that lists these decoders in this order. */
export function treeOf(names: readonly string[]): { root: Uint8Array; entries: DecoderEntry[] } {
  const rows = names.map((name, i): [string, number] => [`0x${toHex(decoderHash(name))}`, i + 1]);
  const tree = StandardMerkleTree.of(rows, ['bytes32', 'uint256']);
  const entries = names.map((name, i) => ({
    contentHash: decoderHash(name),
    index: i + 1,
    proof: tree.getProof(rows[i]).map(fromHex),
  }));
  return { root: fromHex(tree.root), entries: entries.sort((a, b) => compareBytes(a.contentHash, b.contentHash)) };
}

export function signatureBy({ key, address }: SignerKey, checkpoint: Checkpoint): CheckpointSignature {
  const options = { prehash: false, format: 'recovered', lowS: true } as const;
  const signed = secp256k1.sign(hashCheckpoint(checkpoint), key, options);
  return { signer: address, signature: concatBytes(signed.slice(1), Uint8Array.of(27 + signed[0])) };
}

export interface FileWishes extends Partial<Checkpoint> {
  decoders?: readonly string[];
  by?: readonly SignerKey[];
}

/** A good file unless the wishes say otherwise: epoch 3, two decoders, signed by alice and bob, good for a week. */
export function fileOf({
  decoders = ['powertrain', 'body'],
  by = [alice, bob],
  ...changes
}: FileWishes = {}): CheckpointFile {
  const { root, entries } = treeOf(decoders);
  const checkpoint = { ...place, root, epoch: 3, blockNumber: 100, issued, expires: issued + 7 * day, ...changes };
  const signatures = by.map((who) => signatureBy(who, checkpoint)).sort((a, b) => compareBytes(a.signer, b.signer));
  return { checkpoint, signatures, signerSet: twoOfThree, entries };
}
