/** What the registries cost in whole transactions, proxies and AccessManager included, against the design's limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { keccak256, numberToHex, toHex } from 'viem';
import { deployRegistries, enrol, licence, list } from './registry-chain.ts';

const leafTypes = ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256'];

test('enrolling, listing, changing a status and claiming stay under their limits', async (context) => {
  const chain = await deployRegistries();
  const gas: Record<string, bigint> = {};
  const note = (name: string, used: bigint): void => {
    gas[name] = used;
    context.diagnostic(`${name}: ${used} gas`);
  };

  const id = await licence(chain);
  note('enrol, first of a licence', (await enrol(chain, keccak256('0x00'), id)).gasUsed);
  note('enrol', (await enrol(chain, keccak256('0x01'), id)).gasUsed);

  const hashes = Array.from({ length: 65 }, (_, index) => keccak256(numberToHex(index)));
  let listed = 0n;
  for (const hash of hashes) {
    const { gasUsed } = await list(chain, hash);
    if (gasUsed > listed) listed = gasUsed;
  }
  note('list a decoder, dearest of 65', listed);
  note('suspend a decoder of 65', (await chain.send(chain.decoders, 'suspend', [hashes[3], 600, 'fault'])).gasUsed);
  note('revoke a decoder of 65', (await chain.send(chain.decoders, 'revoke', [hashes[4], 'fault'])).gasUsed);
  note('suspend a licence', (await chain.send(chain.manufacturers, 'suspend', [id, 'fault'])).gasUsed);

  const pool = chain.pool.address;
  const rows = Array.from({ length: 10_000 }, (_, index) => [
    BigInt(chain.chainId),
    pool,
    0n,
    BigInt(index),
    numberToHex(index + 0x10000, { size: 20 }),
    10n ** 18n,
  ]);
  const tree = StandardMerkleTree.of(rows, leafTypes);
  await chain.send(chain.token, 'transfer', [pool, 10n ** 22n]);
  await chain.advance(7 * 86_400);
  await chain.send(chain.pool, 'postRoot', [0n, tree.root, 10n ** 22n, toHex('inputs', { size: 32 })]);
  await chain.advance(2 * 86_400);
  const claim = (index: number) =>
    chain.send(chain.pool, 'claim', [0n, BigInt(index), rows[index]![4], 10n ** 18n, tree.getProof(index)]);
  await claim(0);
  note('claim of 10,000, first tokens of an account', (await claim(1)).gasUsed);
  await chain.send(chain.token, 'transfer', [rows[2]![4], 1n]);
  note('claim of 10,000', (await claim(2)).gasUsed);

  const limits: Record<string, bigint> = {
    enrol: 95_000n,
    'list a decoder, dearest of 65': 290_000n,
    'suspend a decoder of 65': 160_000n,
    'revoke a decoder of 65': 160_000n,
    'suspend a licence': 160_000n,
    'claim of 10,000': 98_000n,
  };
  for (const [name, limit] of Object.entries(limits))
    assert.ok(gas[name]! <= limit, `${name}: ${gas[name]} > ${limit}`);
});
