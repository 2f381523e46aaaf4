// Enrolments and consents as the contracts take them: both signatures count, each once, and only in time.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import type { MinerError } from '../../../edge/errors/index.ts';
import { listDecoder } from '../../../tools/dip/index.ts';
import { type EnrolmentRequest, enrolDevice, signConsent } from '../../../tools/registry/index.ts';
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
