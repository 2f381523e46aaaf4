// The checkpoint file: one encoding for one content, the digest that wallets sign, and nothing but our error for the rest.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { hashTypedData } from 'viem/utils';
import { type CborValue, compareBytes, decodeCbor, encodeCbor, fromHex, toHex } from '../../../edge/pack/index.ts';
import { decodeCheckpointFile, encodeCheckpointFile, hashCheckpoint } from '../../../edge/trust/index.ts';
import { checkpointMessage } from '../../../tools/checkpoint/index.ts';
import { alice, bob, fileOf, twoOfThree } from './checkpoint-world.ts';

// Compared with what is decoded, which are plain objects.
const plain = <Shape>(fields: { [Key in keyof Shape]: fc.Arbitrary<Shape[Key]> }) =>
  fc.record<Shape>(fields, { noNullPrototype: true });
const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
const count = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const ascending = <Item>(items: fc.Arbitrary<Item>, key: (item: Item) => Uint8Array, maxLength = 6) =>
  fc
    .uniqueArray(items, { selector: (item) => toHex(key(item)), maxLength })
    .map((list) => list.sort((a, b) => compareBytes(key(a), key(b))));

const checkpoints = plain({
  chainId: count,
  registry: bytes(20),
  root: bytes(32),
  epoch: count,
  blockNumber: count,
  issued: count,
  expires: count,
});
const files = plain({
  checkpoint: checkpoints,
  signatures: ascending(plain({ signer: bytes(20), signature: bytes(65) }), ({ signer }) => signer),
  signerSet: ascending(bytes(20), (signer) => signer).chain((signers) =>
    plain({
      signers: fc.constant(signers),
      threshold: fc.integer({ min: Math.min(1, signers.length), max: signers.length }),
      blockNumber: count,
    }),
  ),
  entries: ascending(
    plain({
      contentHash: bytes(32),
      index: fc.integer({ min: 1, max: 0xffffffff }),
      proof: fc.array(bytes(32), { maxLength: 32 }),
    }),
    ({ contentHash }) => contentHash,
  ),
});

test('the digest is the one that a wallet makes of the typed data', () => {
  fc.assert(
    fc.property(checkpoints, (checkpoint) => {
      assert.equal(`0x${toHex(hashCheckpoint(checkpoint))}`, hashTypedData(checkpointMessage(checkpoint)));
    }),
    { numRuns: 50 },
  );
});

test('what is written is read again, and in any order gives the same bytes', () => {
  fc.assert(
    fc.property(files, (file) => {
      const encoded = encodeCheckpointFile(file);
      assert.deepEqual(decodeCheckpointFile(encoded), file);
      const shuffled = { ...file, signatures: file.signatures.toReversed(), entries: file.entries.toReversed() };
      assert.deepEqual(encodeCheckpointFile(shuffled), encoded);
    }),
    { numRuns: 60 },
  );
});

test('what is accepted has one encoding: reading and writing again gives the same bytes', () => {
  const good = encodeCheckpointFile(fileOf());
  fc.assert(
    fc.property(fc.nat({ max: good.length - 1 }), fc.integer({ min: 1, max: 255 }), (at, flip) => {
      const changed = good.slice();
      changed[at] ^= flip;
      try {
        assert.deepEqual(encodeCheckpointFile(decodeCheckpointFile(changed)), changed);
      } catch (error) {
        assert.equal((error as { code?: string }).code, 'CHECKPOINT_INVALID');
      }
    }),
    { numRuns: 300 },
  );
});

test('any other bytes: CHECKPOINT_INVALID, never another error', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (other) => {
      assert.throws(() => decodeCheckpointFile(other), { code: 'CHECKPOINT_INVALID' });
    }),
    { numRuns: 200 },
  );
});

test('a file that is cut off anywhere is refused', () => {
  const good = encodeCheckpointFile(fileOf());
  for (let length = 0; length < good.length; length++) {
    assert.throws(() => decodeCheckpointFile(good.subarray(0, length)), { code: 'CHECKPOINT_INVALID' });
  }
});

/** The good file with one field replaced. */
function withField(key: number, change: (value: CborValue) => CborValue): Uint8Array {
  const map = new Map(decodeCbor(encodeCheckpointFile(fileOf())) as Map<CborValue, CborValue>);
  map.set(key, change(map.get(key) ?? null));
  return encodeCbor(map);
}
const at = (i: number, value: CborValue) => (list: CborValue) => (list as CborValue[]).with(i, value);
const inFirst = (i: number, value: CborValue) => (list: CborValue) =>
  at(0, at(i, value)((list as CborValue[])[0]))(list);
const node = new Uint8Array(32);

const refused: [string, Uint8Array, RegExp][] = [
  ['an array', encodeCbor([]), /not a map/],
  ['another version', withField(1, () => 2), /version 2, expected 1/],
  ['a field that is unknown', withField(9, () => 0), /6 fields, expected 5/],
  ['a checkpoint of six fields', withField(2, (list) => (list as CborValue[]).slice(1)), /6 items, expected 7/],
  ['a registry of 19 bytes', withField(2, at(1, new Uint8Array(19))), /registry: 19 bytes, expected 20/],
  ['a root that is a number', withField(2, at(2, 7)), /root: not a byte string/],
  ['a negative epoch', withField(2, at(3, -1)), /epoch: not a whole number/],
  ['an epoch past 2^53', withField(2, at(3, 2n ** 60n)), /epoch: not a whole number/],
  ['a time that is a float', withField(2, at(6, 1.5)), /expiry: not a whole number/],
  ['a signature of 64 bytes', withField(3, inFirst(1, new Uint8Array(64))), /64 bytes, expected 65/],
  ['signatures in descending order', withField(3, (list) => (list as CborValue[]).toReversed()), /out of order/],
  ['one signer twice', withField(3, (list) => [(list as CborValue[])[0], (list as CborValue[])[0]]), /of the same one/],
  ['a threshold past the signers', withField(4, at(1, 4)), /threshold of 4 with 3 signers/],
  ['a threshold of 0', withField(4, at(1, 0)), /threshold of 0/],
  ['257 signers', withField(4, at(0, manySigners(257))), /257 signers/],
  [
    'one decoder twice',
    withField(5, (list) => [(list as CborValue[])[0], (list as CborValue[])[0]]),
    /of the same one/,
  ],
  ['a decoder numbered 0', withField(5, inFirst(1, 0)), /numbered 0/],
  ['a decoder numbered 2^32', withField(5, inFirst(1, 2 ** 32)), /numbered 4294967296/],
  ['a proof of 33 nodes', withField(5, inFirst(2, Array(33).fill(node))), /proof of 33 nodes/],
  ['a node of 31 bytes', withField(5, inFirst(2, [new Uint8Array(31)])), /31 bytes, expected 32/],
  ['2 MiB', new Uint8Array(1 << 21), /2097152 bytes/],
];

function manySigners(count: number): Uint8Array[] {
  return Array.from({ length: count }, (_, i) => fromHex(i.toString(16).padStart(40, '0')));
}

for (const [name, file, reason] of refused) {
  test(`refused: ${name}`, () => {
    assert.throws(() => decodeCheckpointFile(file), { code: 'CHECKPOINT_INVALID', message: reason });
  });
}

test('what was read does not follow the buffer that it was read from', () => {
  const encoded = encodeCheckpointFile(fileOf());
  const file = decodeCheckpointFile(encoded);
  encoded.fill(0);
  assert.deepEqual(file, fileOf());
  assert.deepEqual(file.signerSet, twoOfThree);
  assert.equal(file.signatures.length, [alice, bob].length);
});
