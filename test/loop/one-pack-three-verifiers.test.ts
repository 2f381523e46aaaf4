// One pack, judged by three that share no code: ours, OpenSSL over bytes put together here, and the contract.
import assert from 'node:assert/strict';
import { createPublicKey, verify } from 'node:crypto';
import { after, before, test } from 'node:test';
import { bytesToHex, type Hex } from 'viem';
import { openPack, packAad, softwareSigner } from '../../edge/pack/index.ts';
import { ChainView } from '../../edge/trust/index.ts';
import { loadArtifact } from '../../tools/deploy/index.ts';
import { batchOf, minerWorld, powertrain } from '../edge/miner-world.ts';
import { SettableTrust } from '../edge/trust/settable-trust.ts';
import { type RegistryWorld, registryWorld } from '../tools/registry/registry-world.ts';

let world: RegistryWorld;
let pack: Uint8Array;
before(async () => {
  world = await registryWorld();
  await world.enrol(await world.license());
  pack = await drivenPack();
});
after(() => world[Symbol.asyncDispose]());

/** A pack as a Miner bound to this chain's registry makes it. */
async function drivenPack(): Promise<Uint8Array> {
  const { chainId, minerRegistry } = await ChainView.open({
    rpcUrl: world.url,
    chainId: world.deployment.chainId,
    registries: world.registries,
  });
  const trust = Object.assign(new SettableTrust(), { chainId, minerRegistry });
  const { miner, events } = minerWorld({ listed: [powertrain], trust, signer: softwareSigner(world.device.key) });
  await miner.start([powertrain]);
  miner.receive(batchOf([0x100, '2c01320000000000'], [0x101, 'ffffffffffffffff'], [0x100, '2d01320000000000', 0, 100]));
  miner.flush();
  const signed = events.find((event) => event.kind === 'pack-signed');
  assert.ok(signed);
  return signed.bytes;
}

const registryBytes = () => Buffer.from(world.deployment.addresses.MinerRegistry.slice(2), 'hex');

function openSslSays(bytes: Uint8Array): boolean {
  const message = Buffer.from(bytes);
  let at = 0;
  /** Reads the head of a CBOR item that must be of one major type, and returns its argument. */
  const head = (major: number): number => {
    const first = message[at++];
    assert.equal(first >> 5, major);
    const short = first & 0x1f;
    if (short < 24) return short;
    const size = 2 ** (short - 24);
    const argument = message.readUIntBE(at, size);
    at += size;
    return argument;
  };
  const byteString = () => {
    const length = head(2);
    at += length;
    return message.subarray(at - length, at);
  };
  assert.equal(head(6), 18);
  assert.equal(head(4), 4);
  const protectedHeader = byteString();
  // { -65537: 0 or 1 }, the recovery hint, which is not signed.
  assert.equal(head(5), 1);
  assert.equal(head(1), 65_536);
  assert.ok(head(0) <= 1);
  const payload = byteString();
  const signature = byteString();
  assert.equal(at, message.length);

  const wrap = (content: Uint8Array) => {
    const length = Buffer.alloc(3, 0x59);
    length.writeUInt16BE(content.length, 1);
    // Deterministic CBOR writes a length the shortest way.
    if (content.length < 24) return Buffer.concat([Buffer.of(0x40 | content.length), content]);
    if (content.length < 256) return Buffer.concat([Buffer.of(0x58, content.length), content]);
    return Buffer.concat([length, content]);
  };
  // [1, 31337, the registry's address]
  const aad = Buffer.concat([Buffer.of(0x83, 1, 0x19, 0x7a, 0x69), wrap(registryBytes())]);
  const signed = Buffer.concat([
    Buffer.of(0x84, 0x60 | 'Signature1'.length),
    Buffer.from('Signature1'),
    wrap(protectedHeader),
    wrap(aad),
    wrap(payload),
  ]);
  const point = Buffer.from(world.device.account.publicKey.slice(4), 'hex');
  const [x, y] = [point.subarray(0, 32), point.subarray(32)].map((half) => half.toString('base64url'));
  const key = createPublicKey({ format: 'jwk', key: { kty: 'EC', crv: 'secp256k1', x, y } });
  return verify('sha256', signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
}

async function contractSays(bytes: Uint8Array): Promise<Hex> {
  const { abi } = loadArtifact('PackVerifier');
  const address = world.deployment.addresses.PackVerifier;
  const args = [bytesToHex(bytes)];
  const [device] = (await world.clients.publicClient.readContract({
    address,
    abi,
    functionName: 'verify',
    args,
  })) as [Hex, Hex];
  return device;
}

function weSay(bytes: Uint8Array): Uint8Array {
  return openPack(bytes, { externalAad: packAad(world.deployment.chainId, registryBytes()) }).kid;
}

test('all three say that the device signed it', async () => {
  const { address } = world.device.account;
  assert.equal(bytesToHex(weSay(pack)), address.toLowerCase());
  assert.equal(openSslSays(pack), true);
  assert.equal(await contractSays(pack), address);
});

/** Bits of the parts that are signed, and of the signature itself, by their distance from the end in bytes. */
const flips: [string, (length: number) => number][] = [
  ['the last byte of the signature', () => 1],
  ['the first byte of the signature', () => 64],
  ['the last byte of the payload', () => 67],
  ['the middle of the payload', (length) => Math.floor(length / 2)],
];

for (const [name, fromEnd] of flips) {
  test(`all three refuse it with one bit of ${name} turned over`, async () => {
    const altered = pack.slice();
    altered[altered.length - fromEnd(altered.length)] ^= 1;
    assert.throws(() => weSay(altered), { code: 'COSE_SIGNATURE' });
    assert.equal(openSslSays(altered), false);
    await assert.rejects(contractSays(altered));
  });
}

test('all three refuse it for another registry', async () => {
  const elsewhere = packAad(world.deployment.chainId, new Uint8Array(20));
  assert.throws(() => openPack(pack, { externalAad: elsewhere }), { code: 'COSE_SIGNATURE' });
  const call = { address: world.deployment.addresses.PackVerifier, abi: loadArtifact('PackVerifier').abi };
  await assert.rejects(
    world.clients.publicClient.readContract({
      ...call,
      functionName: 'recover',
      args: [bytesToHex(pack), bytesToHex(elsewhere)],
    }),
  );
});
