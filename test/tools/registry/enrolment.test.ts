// Enrolments and consents as the contracts take them: both signatures count, each once, and only in time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { bytesToHex, type Hex } from 'viem';
import type { MinerError } from '../../../edge/errors/index.ts';
import { softwareSigner } from '../../../edge/pack/index.ts';
import { listDecoder } from '../../../tools/dip/index.ts';
import {
  type EnrolmentRequest,
  enrolDevice,
  enrolFromBatch,
  minerDomainOf,
  p256Device,
  planBatch,
  postBatch,
  signConsent,
  type TypedDataSigner,
} from '../../../tools/registry/index.ts';
import { keyOf, type RegistryWorld, registryWorld, someHash } from './registry-world.ts';

let world: RegistryWorld;
let manufacturerId: bigint;
before(async () => {
  world = await registryWorld();
  manufacturerId = await world.license();
});
after(() => world[Symbol.asyncDispose]());

const request = (name: string, changes: Partial<EnrolmentRequest> = {}): EnrolmentRequest => ({
  device: keyOf(name).account,
  licenceSigner: world.maker.account,
  manufacturerId,
  modelId: `0x${'01'.repeat(32)}`,
  owner: world.stranger.address,
  ...changes,
});

const reverted = (reason: RegExp) => (error: MinerError) => {
  assert.equal(error.code, 'CHAIN_REVERTED');
  assert.match(error.message, reason);
  return true;
};

test('devices are enrolled one after the other, by whoever sends it', async () => {
  for (const [name, sender] of [
    ['first', undefined],
    ['second', world.stranger],
  ] as const) {
    const { gasUsed } = await enrolDevice(world.clients, world.deployment, request(name), sender);
    assert.ok(gasUsed > 0n);
    const [status, id, effective] = await world.read<[number, bigint, boolean]>('MinerRegistry', 'statusOf', [
      keyOf(name).account.address,
    ]);
    assert.deepEqual([status, id, effective], [1, manufacturerId, true]);
  }
});

test('a device already enrolled is refused', async () => {
  await enrolDevice(world.clients, world.deployment, request('twice'));
  await assert.rejects(enrolDevice(world.clients, world.deployment, request('twice')), reverted(/./));
});

const refusedRows: [string, () => Partial<EnrolmentRequest>, RegExp][] = [
  ['signed by somebody else than the licence’s signer', () => ({ licenceSigner: world.author.account }), /Signature/],
  [
    'where another key signs for the device',
    () => {
      const { signTypedData } = keyOf('impostor').account;
      return { device: { address: keyOf('victim').account.address, signTypedData } };
    },
    /Signature/,
  ],
  ['past its deadline', () => ({ deadline: 1n }), /DeadlinePassed\(1, /],
  ['under a licence that nobody has', () => ({ manufacturerId: 99n }), /./],
];

for (const [name, changes, reason] of refusedRows) {
  test(`an enrolment ${name} is refused`, async () => {
    const refused = request('refused', changes());
    await assert.rejects(enrolDevice(world.clients, world.deployment, refused), reverted(reason));
    const [status] = await world.read<[number]>('MinerRegistry', 'statusOf', [refused.device.address]);
    assert.equal(status, 0);
  });
}

test('a device on P-256 is enrolled as any other, and its key can be read', async () => {
  const { key } = keyOf('secure element');
  const device = p256Device(key);
  await enrolDevice(world.clients, world.deployment, request('', { device }));
  const [status] = await world.read<[number]>('MinerRegistry', 'statusOf', [device.address]);
  assert.equal(status, 1);
  const { publicKey } = softwareSigner(key, 'ES256');
  const point = await world.read<[Hex, Hex]>('MinerRegistry', 'keyOf', [device.address]);
  assert.deepEqual(point, [bytesToHex(publicKey.subarray(1, 33)), bytesToHex(publicKey.subarray(33))]);
});

test('a batch is planned, signed, posted, and used up by its devices one by one', async () => {
  const { clients, deployment } = world;
  const devices = [keyOf('line 0').account, p256Device(keyOf('line 1').key), keyOf('line 2').account];
  const plan = planBatch(minerDomainOf(deployment), await batchTerms(), addressesOf(devices));
  assert.equal(await world.read('MinerRegistry', 'batchIdOf', [plan.batch]), plan.batchId);
  const from = (index: number, device: TypedDataSigner) =>
    enrolFromBatch(clients, deployment, { plan, index, device, owner: world.stranger.address }, world.stranger);
  await assert.rejects(from(0, devices[0]), reverted(/BatchNotPosted/));
  await assert.rejects(
    postBatch(clients, deployment, { plan, licenceSigner: world.author.account }),
    reverted(/LicenceSignatureInvalid/),
  );
  await postBatch(clients, deployment, { plan, licenceSigner: world.maker.account });
  for (const [index, device] of devices.entries()) {
    await assert.rejects(from((index + 1) % 3, device), reverted(/ProofInvalid/));
    await from(index, device);
    const { owner, modelId } = await world.read<{ owner: Hex; modelId: Hex }>('MinerRegistry', 'deviceInfo', [
      device.address,
    ]);
    assert.deepEqual([owner, modelId], [world.stranger.address, plan.batch.modelId]);
    await assert.rejects(from(index, device), reverted(/DeviceStatusRefused/));
  }
});

test('a claim past its deadline is refused', async () => {
  const { clients, deployment } = world;
  const device = keyOf('late').account;
  const plan = planBatch(minerDomainOf(deployment), await batchTerms(), [device.address]);
  await postBatch(clients, deployment, { plan, licenceSigner: world.maker.account }, world.stranger);
  const claim = { plan, index: 0, device, owner: world.stranger.address, deadline: 1n };
  await assert.rejects(enrolFromBatch(clients, deployment, claim), reverted(/DeadlinePassed\(1, /));
});

const batchTerms = async () => ({
  manufacturerId,
  modelId: `0x${'02'.repeat(32)}` as const,
  nonce: await world.read<bigint>('MinerRegistry', 'nonceOf', [manufacturerId]),
  deadline: (await world.now()) + 86_400n,
});
const addressesOf = (devices: readonly TypedDataSigner[]) => devices.map(({ address }) => address);

test('a consent holds through the whole vote, for one listing after the other', async () => {
  for (const number of [11, 12]) {
    await world.list(someHash(number));
    assert.equal(await world.read<boolean>('DecoderRegistry', 'isActive', [someHash(number)]), true);
  }
});

test('a listing without its author’s own consent is not executed', async () => {
  const listing = world.listing(someHash(13));
  const forged = await signConsent(world.clients, world.deployment, listing, keyOf('impostor').account);
  await assert.rejects(
    world.carry(listDecoder(world.deployment, listing, forged)),
    reverted(/ConsentSignatureInvalid/),
  );
});

test('a consent to one listing is none to another', async () => {
  const consent = await signConsent(world.clients, world.deployment, world.listing(someHash(14)), world.author.account);
  const other = { ...world.listing(someHash(14)), payee: world.stranger.address };
  await assert.rejects(world.carry(listDecoder(world.deployment, other, consent)), reverted(/ConsentSignatureInvalid/));
});
