/** What others compute agrees with the contracts: OpenZeppelin's merkle-tree, a golden COSE message, OpenSSL. */
import assert from 'node:assert/strict';
import { createPrivateKey, createPublicKey, createSign, generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { concat, getAddress, type Hex, keccak256, numberToHex, sha256, sliceHex, toHex } from 'viem';
import { publicKeyToAddress } from 'viem/accounts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { author, type Chain, deployRegistries, list } from './registry-chain.ts';

const rewardTypes = ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256'];
const decoderTypes = ['bytes32', 'uint256'];
const orderHalf = 0x7fffffffffffffffffffffffffffffff5d576e7357a4501ddfe92f46681b20a0n;
const order = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n;

test('a root made by merkle-tree is claimed with its proofs, and only so', async () => {
  const chain = await deployRegistries();
  const row = (index: number, amount: bigint) => {
    const account = numberToHex(index + 0x10000, { size: 20 });
    return [BigInt(chain.chainId), chain.pool.address, 0n, BigInt(index), account, amount] as const;
  };
  const rows = [row(0, 5n), row(1, 6n), row(2, 7n)];
  const tree = StandardMerkleTree.of(
    rows.map((values) => [...values]),
    rewardTypes,
  );
  await chain.send(chain.token, 'transfer', [chain.pool.address, 100n]);
  await chain.advance(7 * 86_400);
  await chain.send(chain.pool, 'postRoot', [0n, tree.root, 18n, toHex('inputs', { size: 32 })]);
  await chain.advance(2 * 86_400);
  for (const [index, [, , epoch, leafIndex, account, amount]] of rows.entries()) {
    const leaf = await chain.read<Hex>(chain.pool, 'leafOf', [epoch, leafIndex, account, amount]);
    assert.equal(leaf, tree.leafHash([...rows[index]!]));
    const args = [epoch, leafIndex, account, amount, tree.getProof(index)];
    await assert.rejects(
      chain.send(chain.pool, 'claim', [...args.slice(0, 3), amount + 1n, tree.getProof(index)]),
      /ProofInvalid/,
    );
    await chain.send(chain.pool, 'claim', args);
    assert.equal(await chain.read<bigint>(chain.token, 'balanceOf', [account]), amount);
    await assert.rejects(chain.send(chain.pool, 'claim', args), /AlreadyClaimed/);
  }
});

test('merkle-tree verifies the proof of each active decoder, and of no suspended one', async () => {
  const chain = await deployRegistries();
  const hashes = Array.from({ length: 11 }, (_, index) => keccak256(numberToHex(index)));
  for (const hash of hashes) await list(chain, hash);
  await chain.send(chain.decoders, 'suspend', [hashes[5], 600, 'fault']);
  const root = await chain.read<Hex>(chain.decoders, 'activeRoot');
  for (const [index, hash] of hashes.entries()) {
    if (index === 5) {
      await assert.rejects(chain.read(chain.decoders, 'proofOf', [hash]), /DecoderStatusRefused/);
      continue;
    }
    const proof = await chain.read<Hex[]>(chain.decoders, 'proofOf', [hash]);
    assert.ok(StandardMerkleTree.verify(root, decoderTypes, [hash, index + 1], proof));
    assert.ok(!StandardMerkleTree.verify(root, decoderTypes, [hashes[5], 6], proof));
  }
});

test('a message signed by OpenSSL is recovered on chain', async () => {
  const chain = await deployRegistries();
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'secp256k1' });
  const { kid, message } = signWithOpenssl(privateKey.export({ type: 'pkcs8', format: 'der' }), toHex('payload'));
  const [signer, payloadHash] = await recover(chain, message, '0x');
  assert.equal(signer, kid);
  assert.equal(payloadHash, sha256(toHex('payload')));
  await assert.rejects(recover(chain, message, '0x00'), /SignerMismatch/);
});

const goldenFile = 'vectors/cose/es256k-golden.json';
test('the golden COSE_Sign1 message is recovered on chain', { skip: skipWithout(goldenFile) }, async () => {
  const golden = JSON.parse(readFileSync(sharedPath(goldenFile)!, 'utf8'));
  const chain = await deployRegistries();
  const [signer, payloadHash] = await recover(chain, `0x${golden.cose_sign1}`, '0x');
  assert.equal(signer, getAddress(`0x${golden.kid_address}`));
  assert.equal(payloadHash, sha256(toHex(golden.payload_utf8)));
  const flipped = golden.cose_sign1.replace('546869', '546868');
  await assert.rejects(recover(chain, `0x${flipped}`, '0x'), /SignerMismatch/);
});

test('a stranger to the registry is told so', async () => {
  const chain = await deployRegistries();
  const aad = await chain.read<Hex>(chain.verifier, 'externalAad');
  assert.equal(aad, concat(['0x8301', '0x197a69', '0x54', chain.miners.address]).toLowerCase());
  const status = await chain.read<[number, bigint, boolean]>(chain.miners, 'statusOf', [author.address]);
  assert.deepEqual(status, [0, 0n, false]);
});

function recover(chain: Chain, message: Hex, externalAad: Hex): Promise<[Hex, Hex]> {
  return chain.read<[Hex, Hex]>(chain.verifier, 'recover', [message, externalAad]);
}

/** Node's OpenSSL signs SHA-256 over secp256k1; s is brought into the lower half, which OpenSSL leaves to chance. */
function signWithOpenssl(pkcs8: Buffer, payload: Hex): { kid: Hex; message: Hex } {
  const key = createPrivateKey({ key: pkcs8, format: 'der', type: 'pkcs8' });
  const { x, y } = createPublicKey(key).export({ format: 'jwk' });
  const point = concat(['0x04', toHex(Buffer.from(x!, 'base64url')), toHex(Buffer.from(y!, 'base64url'))]);
  const kid = publicKeyToAddress(point);
  const protectedHeader = concat(['0x581a', '0xa201382e0454', kid]);
  const payloadEncoded = concat([numberToHex(0x40 + (payload.length - 2) / 2, { size: 1 }), payload]);
  const signed = concat(['0x846a5369676e617475726531', protectedHeader, '0x40', payloadEncoded]);
  const raw = createSign('sha256')
    .update(Buffer.from(signed.slice(2), 'hex'))
    .sign({ key, dsaEncoding: 'ieee-p1363' });
  const signature = toHex(raw);
  const s = BigInt(sliceHex(signature, 32));
  const low = numberToHex(s > orderHalf ? order - s : s, { size: 32 });
  const message = concat([
    '0xd284',
    protectedHeader,
    '0xa0',
    payloadEncoded,
    '0x5840',
    sliceHex(signature, 0, 32),
    low,
  ]);
  return { kid, message };
}
