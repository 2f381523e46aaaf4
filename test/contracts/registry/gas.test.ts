/** What the registries cost in whole transactions, proxies and AccessManager included, against the design's limits. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { hexToBytes, keccak256, numberToHex, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { packAad, signPack, softwareSigner } from '../../../edge/pack/index.ts';
import { p256Device } from '../../../tools/registry/index.ts';
import { exampleBody } from '../../edge/pack/example.ts';
import { deployRegistries, enrol, enrolFromBatch, licence, list, postBatch } from './registry-chain.ts';

const leafTypes = ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256'];

test('enrolling, listing, changing a status and claiming stay under their limits', async (context) => {
  const chain = await deployRegistries();
  const gas: Record<string, bigint> = {};
  const note = (name: string, used: bigint): void => {
    gas[name] = used;
    context.diagnostic(`${name}: ${used} gas`);
  };

  const id = await licence(chain);
  const [first, second, third] = ['0x00', '0x01', '0x02'].map((seed) => keccak256(seed as '0x00'));
  note('enrol, first of a licence', (await enrol(chain, privateKeyToAccount(first), id)).gasUsed);
  note('enrol', (await enrol(chain, privateKeyToAccount(second), id)).gasUsed);
  const secure = p256Device(hexToBytes(first));
  note('enrol, P-256', (await enrol(chain, secure, id)).gasUsed);

  const lineDevice = privateKeyToAccount(third);
  const lineSecure = p256Device(hexToBytes(third));
  const line = Array.from({ length: 10_000 }, (_, index) => numberToHex(index + 0x20000, { size: 20 }));
  const members = [lineDevice.address, lineSecure.address, ...line.slice(2)];
  const { plan, gasUsed: posting } = await postBatch(chain, members, id);
  note('post a batch of 10,000', posting);
  note('enrol from a batch of 10,000', (await enrolFromBatch(chain, plan, 0, lineDevice)).gasUsed);
  note('enrol from a batch of 10,000, P-256', (await enrolFromBatch(chain, plan, 1, lineSecure)).gasUsed);

  const externalAad = packAad(chain.chainId, hexToBytes(chain.miners.address));
  for (const [algorithm, key] of [
    ['ES256K', first],
    ['ES256', first],
  ] as const) {
    const unixMs = Number(await chain.now()) * 1000;
    const body = { ...exampleBody(), anchor: { unixMs, source: 2, uncertaintyMs: 40 } };
    const pack = toHex(signPack(softwareSigner(hexToBytes(key), algorithm), body, { externalAad }));
    const size = `${algorithm} pack of ${(pack.length - 2) / 2} bytes`;
    note(`verify an ${size}`, await chain.estimate(chain.verifier, 'verify', [pack]));
    note(`verify an ${size} at its time`, await chain.estimate(chain.verifier, 'verifyAtPackTime', [pack]));
  }

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
    enrol: 93_000n,
    'enrol, P-256': 150_000n,
    'post a batch of 10,000': 80_000n,
    'enrol from a batch of 10,000': 102_000n,
    'enrol from a batch of 10,000, P-256': 160_000n,
    'list a decoder, dearest of 65': 290_000n,
    'suspend a decoder of 65': 160_000n,
    'revoke a decoder of 65': 160_000n,
    'suspend a licence': 160_000n,
    'claim of 10,000': 98_000n,
  };
  for (const [name, limit] of Object.entries(limits))
    assert.ok(gas[name]! <= limit, `${name}: ${gas[name]} > ${limit}`);
});
