// Every way we know to make a device trust what k of n signers did not vouch for, or no longer do.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import fc from 'fast-check';
import { compareBytes, concatBytes, fromHex, toHex } from '../../../edge/pack/index.ts';
import {
  type CheckpointContext,
  type CheckpointFile,
  decoderLeaf,
  encodeCheckpointFile,
  requireNotOlder,
  rootOf,
  verifyCheckpoint,
} from '../../../edge/trust/index.ts';
import {
  alice,
  bob,
  carol,
  day,
  decoderHash,
  fileOf,
  issued,
  mallory,
  place,
  signatureBy,
  signerKey,
  signerSetOf,
  treeOf,
  twoOfThree,
} from './checkpoint-world.ts';

const context: CheckpointContext = { ...place, signerSet: twoOfThree, nowMs: (issued + day) * 1000 };
const verify = (file: CheckpointFile, changes: Partial<CheckpointContext> = {}) =>
  verifyCheckpoint(encodeCheckpointFile(file), { ...context, ...changes });

test('a good one gives its decoders with their numbers, and who signed', () => {
  const { checkpoint, signers, foreignSigners, decoders } = verify(fileOf());
  assert.equal(checkpoint.epoch, 3);
  assert.deepEqual(signers, [alice.address, bob.address].sort(compareBytes));
  assert.deepEqual(foreignSigners, []);
  assert.deepEqual(
    [...decoders].sort(),
    [
      [toHex(decoderHash('powertrain')), 1],
      [toHex(decoderHash('body')), 2],
    ].sort(),
  );
});

const accepted: [string, CheckpointFile, Partial<CheckpointContext>?][] = [
  ['all three signers', fileOf({ by: [alice, bob, carol] })],
  ['a foreign signer beside two known ones', fileOf({ by: [alice, bob, mallory] })],
  ['the only decoder there is, with an empty proof', fileOf({ decoders: ['powertrain'] })],
  ['no decoder at all', { ...fileOf(), entries: [] }],
  ['issued within the allowance ahead of a slow clock', fileOf(), { nowMs: (issued - 299) * 1000 }],
  ['the last millisecond', fileOf(), { nowMs: (issued + 7 * day) * 1000 - 1 }],
  ['a device that does not know the time', fileOf(), { nowMs: undefined }],
  ['one of one', fileOf({ by: [alice] }), { signerSet: signerSetOf([alice], 1) }],
];
for (const [name, file, changes] of accepted) {
  test(`accepted: ${name}`, () => {
    assert.equal(verify(file, changes).checkpoint.epoch, 3);
  });
}

/** The same signature with s mirrored: valid on the curve, and refused. */
function withHighS(file: CheckpointFile): CheckpointFile {
  const [{ signer, signature }, ...rest] = file.signatures;
  const { r, s } = secp256k1.Signature.fromBytes(signature.subarray(0, 64));
  const mirrored = new secp256k1.Signature(r, secp256k1.Point.Fn.ORDER - s).toBytes();
  const v = signature[64] === 27 ? 28 : 27;
  return { ...file, signatures: [{ signer, signature: concatBytes(mirrored, Uint8Array.of(v)) }, ...rest] };
}
function withChangedSignature(change: (signature: Uint8Array) => void): CheckpointFile {
  const file = fileOf();
  change(file.signatures[0].signature);
  return file;
}
const forged = (changes: Partial<CheckpointFile['checkpoint']>): CheckpointFile => {
  const file = fileOf();
  return { ...file, checkpoint: { ...file.checkpoint, ...changes } };
};
const withEntry = (name: string, index: number, proof: Uint8Array[]): CheckpointFile => ({
  ...fileOf(),
  entries: [{ contentHash: decoderHash(name), index, proof }],
});
const [first, second] = treeOf(['powertrain', 'body']).entries;
const leaves = [first, second].map(({ contentHash, index }) => decoderLeaf(contentHash, index));

const attacks: [string, CheckpointFile, RegExp, Partial<CheckpointContext>?][] = [
  ['no signature', fileOf({ by: [] }), /0 of its signatures are by known signers, expected at least 2/],
  ['one signer too few', fileOf({ by: [alice] }), /1 of its signatures/],
  ['a foreign signer in the place of the second', fileOf({ by: [alice, mallory] }), /1 of its signatures/],
  ['foreign signers only', fileOf({ by: [mallory, signerKey('trent')] }), /0 of its signatures/],
  [
    'a file that brings its own signers',
    { ...fileOf({ by: [mallory] }), signerSet: signerSetOf([mallory], 1) },
    /0 of its signatures/,
  ],
  [
    'one signature under two names',
    {
      ...fileOf(),
      signatures: [alice, bob]
        .map(({ address }) => ({ ...signatureBy(alice, fileOf().checkpoint), signer: address }))
        .sort((a, b) => compareBytes(a.signer, b.signer)),
    },
    /is not over this checkpoint/,
  ],
  ['s in the upper half', withHighS(fileOf()), /s in the upper half/],
  [
    'a signature of zeros',
    withChangedSignature((signature) => signature.fill(0, 0, 64)),
    /is not over this checkpoint/,
  ],
  [
    'a flipped bit in r',
    withChangedSignature((signature) => {
      signature[3] ^= 4;
    }),
    /is not over this checkpoint/,
  ],
  [
    'the other recovery byte',
    withChangedSignature((signature) => {
      signature[64] ^= 27 ^ 28;
    }),
    /is not over/,
  ],
  [
    'a recovery byte of 0',
    withChangedSignature((signature) => {
      signature[64] = 0;
    }),
    /ends in 0, expected 27 or 28/,
  ],
  ['another root under the old signatures', forged({ root: treeOf(['evil']).root }), /is not over this checkpoint/],
  ['a later expiry under the old signatures', forged({ expires: issued + 8 * day }), /is not over this checkpoint/],
  ['a later epoch under the old signatures', forged({ epoch: 4 }), /is not over this checkpoint/],
  ['another block under the old signatures', forged({ blockNumber: 101 }), /is not over this checkpoint/],
  ['another chain', fileOf({ chainId: 1 }), /chain 1, expected 31337/],
  ['a signature for another chain', forged({ chainId: 1 }), /is not over this checkpoint/, { chainId: 1 }],
  ['another registry', fileOf({ registry: fromHex('33'.repeat(20)) }), /registry 0x3333/],
  [
    'issued in the future',
    fileOf(),
    /was issued at 2026-01-01T00:00:00Z, and here it is/,
    { nowMs: (issued - 301) * 1000 },
  ],
  ['expires before it is issued', fileOf({ expires: issued - 1 }), /not after its issue/],
  ['expires as it is issued', fileOf({ expires: issued }), /not after its issue/, { nowMs: undefined }],
  ['a decoder that is not listed', withEntry('evil', 1, [leaves[1]]), /does not lead to its root/],
  ['a decoder with another number', withEntry('powertrain', 2, [leaves[1]]), /does not lead to its root/],
  ['a proof that is too short', withEntry('powertrain', 1, []), /does not lead to its root/],
  ['a proof with one node more', withEntry('powertrain', 1, [leaves[1], new Uint8Array(32)]), /does not lead to/],
  ['a suspended decoder: its leaf left the tree', { ...fileOf(), ...suspended() }, /does not lead to its root/],
  [
    'no signers known here',
    fileOf(),
    /no checkpoint signers are known/,
    { signerSet: { signers: [], threshold: 0, blockNumber: 0 } },
  ],
  [
    'a threshold of 0 known here',
    fileOf({ by: [] }),
    /no checkpoint signers are known/,
    { signerSet: { ...twoOfThree, threshold: 0 } },
  ],
];

/** The root is of `body` alone, and the proof of `powertrain` is of the time before. */
function suspended(): Pick<CheckpointFile, 'checkpoint' | 'signatures' | 'entries'> {
  const checkpoint = { ...fileOf().checkpoint, root: decoderLeaf(decoderHash('body'), 2), epoch: 4 };
  const signatures = [alice, bob]
    .map((who) => signatureBy(who, checkpoint))
    .sort((a, b) => compareBytes(a.signer, b.signer));
  return { checkpoint, signatures, entries: fileOf().entries };
}

for (const [name, file, reason, changes] of attacks) {
  test(`refused: ${name}`, () => {
    assert.throws(() => verify(file, changes), { code: 'CHECKPOINT_INVALID', message: reason });
  });
}

test('past its time: TRUST_EXPIRED, which is no charge against it', () => {
  assert.throws(() => verify(fileOf(), { nowMs: (issued + 7 * day) * 1000 }), {
    code: 'TRUST_EXPIRED',
    message: /expired at 2026-01-08T00:00:00Z/,
  });
});

test('a forged one that has expired is forged, not expired', () => {
  assert.throws(() => verify(fileOf({ by: [alice] }), { nowMs: (issued + 9 * day) * 1000 }), {
    code: 'CHECKPOINT_INVALID',
  });
});

test('an inner node does not pass for a leaf: leaves are hashed twice', () => {
  const [low, high] = leaves.toSorted(compareBytes);
  const root = rootOf(low, [high]);
  // Hashed once, the pair of leaves would be the "decoder" whose hash is one and whose number is the other.
  assert.deepEqual(keccak_256(concatBytes(low, high)), root);
  assert.notDeepEqual(keccak_256(keccak_256(concatBytes(low, high))), root);
});

test('proofs of any tree hold for its own decoders, and for no other', () => {
  const names = fc.uniqueArray(fc.string({ minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 24 });
  fc.assert(
    fc.property(names, fc.nat(), (list, pick) => {
      const { root, entries } = treeOf(list);
      for (const { contentHash, index, proof } of entries) {
        assert.deepEqual(rootOf(decoderLeaf(contentHash, index), proof), root);
      }
      const { contentHash, index, proof } = entries[pick % entries.length];
      assert.notDeepEqual(rootOf(decoderLeaf(contentHash, index + 1), proof), root);
      const changed = contentHash.with(pick % 32, contentHash[pick % 32] ^ 1);
      assert.notDeepEqual(rootOf(decoderLeaf(changed, index), proof), root);
    }),
    { numRuns: 40 },
  );
});

const seen = { epoch: 3, root: treeOf(['powertrain', 'body']).root };
const otherRoot = treeOf(['body']).root;
test('nothing seen yet: any epoch', () => requireNotOlder({ epoch: 0, root: otherRoot }, undefined));
test('the epoch that was seen, with its root', () => requireNotOlder({ ...seen }, seen));
test('a later epoch, with any root', () => requireNotOlder({ epoch: 4, root: otherRoot }, seen));
test('an earlier epoch: CHECKPOINT_ROLLBACK', () => {
  assert.throws(() => requireNotOlder({ epoch: 2, root: seen.root }, seen), {
    code: 'CHECKPOINT_ROLLBACK',
    facts: { epoch: 2, seen: 3 },
  });
});
test('the same epoch with another root: CHECKPOINT_EQUIVOCATION', () => {
  assert.throws(() => requireNotOlder({ epoch: 3, root: otherRoot }, seen), { code: 'CHECKPOINT_EQUIVOCATION' });
});
