/** DIPs on licences and devices. */
import assert from 'node:assert/strict';
import {
  certifyModel,
  contractCall,
  grantLicence,
  reinstateLicence,
  retireDevice,
  revokeLicence,
  setDeviceCap,
  setVerifier,
  slashLicence,
  suspendLicence,
  withdrawCertificate,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { hash, maker, million, token, type World } from './world.ts';

const status = { none: 0, granted: 1, active: 2, suspended: 3, revoked: 4 };
const bond = 1_000n * token;

/** A licence held by `stranger`, whose enrolments `maker` signs. */
const licence = (world: World, bondRequired = 0n) => ({
  owner: world.stranger.address,
  name: 'Acme',
  bondRequired,
  deviceCap: 100,
  attestationSigner: maker.address,
});
const licenceStatus = (world: World) => () => world.read<number>('ManufacturerRegistry', 'statusOf', [1n]);

/** Licence 1, active, with its bond posted where it asks one. */
async function licensed(world: World, bondRequired = 0n): Promise<void> {
  const { at, deployment, holders, stranger } = world;
  await world.earlier(grantLicence(deployment, licence(world, bondRequired)));
  if (bondRequired === 0n) return;
  await world.call(holders[0]!, 'DimoToken', 'transfer', [stranger.address, bondRequired]);
  await world.call(stranger, 'DimoToken', 'approve', [at.ManufacturerRegistry, bondRequired]);
  await world.call(stranger, 'ManufacturerRegistry', 'postBond', [1n]);
}

export const licenceRows: readonly DipRow[] = [
  {
    name: 'licenses a maker without a bond, who is active at once',
    level: 2,
    async prepare(world) {
      const owner = world.stranger.address;
      return {
        actions: [grantLicence(world.deployment, licence(world))],
        state: licenceStatus(world),
        before: status.none,
        after: status.active,
        events: [
          { name: 'ManufacturerRegistry.LicenceGranted', args: { id: 1n, owner, name: 'Acme', deviceCap: 100 } },
          { name: 'ManufacturerRegistry.LicenceActivated', args: { id: 1n } },
        ],
      };
    },
  },
  {
    name: 'licenses a maker against a bond, who is active once it is posted',
    level: 2,
    async prepare(world) {
      const { at, holders, stranger } = world;
      return {
        actions: [grantLicence(world.deployment, licence(world, bond))],
        state: licenceStatus(world),
        before: status.none,
        after: status.granted,
        events: [{ name: 'ManufacturerRegistry.LicenceGranted', args: { bondRequired: bond } }],
        async afterwards() {
          await world.call(holders[0]!, 'DimoToken', 'transfer', [stranger.address, bond]);
          await world.call(stranger, 'DimoToken', 'approve', [at.ManufacturerRegistry, bond]);
          await world.call(stranger, 'ManufacturerRegistry', 'postBond', [1n]);
          assert.equal(await licenceStatus(world)(), status.active);
        },
      };
    },
  },
  {
    name: 'suspends a licence, and its whole fleet stops counting',
    level: 1,
    async prepare(world) {
      await licensed(world);
      const device = await world.enrol(world.stranger.address);
      const counts = async () =>
        (await world.read<[number, bigint, boolean]>('MinerRegistry', 'statusOf', [device]))[2];
      return {
        actions: [suspendLicence(world.deployment, { id: 1n, reason: 'fault' })],
        state: async () => [await licenceStatus(world)(), await counts()],
        before: [status.active, true],
        after: [status.suspended, false],
        events: [{ name: 'ManufacturerRegistry.LicenceSuspended', args: { id: 1n, until: 0, reason: 'fault' } }],
      };
    },
  },
  {
    name: 'reinstates a licence',
    level: 1,
    async prepare(world) {
      await licensed(world);
      await world.earlier(suspendLicence(world.deployment, { id: 1n, reason: 'fault' }));
      return {
        actions: [reinstateLicence(world.deployment, { id: 1n })],
        state: licenceStatus(world),
        before: status.suspended,
        after: status.active,
        events: [{ name: 'ManufacturerRegistry.LicenceReinstated', args: { id: 1n, status: status.active } }],
      };
    },
  },
  {
    name: 'slashes a bond into the treasury, which leaves the licence granted and not active',
    level: 2,
    async prepare(world) {
      await licensed(world, bond);
      const { Treasury } = world.at;
      const before = await world.read<bigint>('DimoToken', 'balanceOf', [Treasury]);
      const amount = bond / 4n;
      return {
        actions: [slashLicence(world.deployment, { id: 1n, amount, reason: 'fault' })],
        state: async () => [await licenceStatus(world)(), await world.read('DimoToken', 'balanceOf', [Treasury])],
        before: [status.active, before],
        after: [status.granted, before + amount],
        events: [
          {
            name: 'ManufacturerRegistry.BondSlashed',
            args: { id: 1n, amount, bond: bond - amount, reason: 'fault' },
          },
          { name: 'DimoToken.Transfer', args: { to: Treasury, value: amount } },
        ],
      };
    },
  },
  {
    name: 'revokes a licence for good',
    level: 2,
    async prepare(world) {
      await licensed(world);
      return {
        actions: [revokeLicence(world.deployment, { id: 1n, reason: 'fraud' })],
        state: licenceStatus(world),
        before: status.active,
        after: status.revoked,
        events: [{ name: 'ManufacturerRegistry.LicenceRevoked', args: { id: 1n, reason: 'fraud' } }],
        async afterwards() {
          const reinstate = reinstateLicence(world.deployment, { id: 1n });
          const reason = await world.refusal(world.at.TimelockController, reinstate);
          assert.equal(reason, `LicenceStatusRefused(1, ${status.revoked})`);
        },
      };
    },
  },
  {
    name: 'certifies an image of a model',
    level: 1,
    async prepare(world) {
      await licensed(world);
      const certificate = { licenceId: 1n, modelId: hash('m'), imageHash: hash('i'), auditHash: hash('a') };
      return {
        actions: [certifyModel(world.deployment, certificate)],
        state: () => world.read('ManufacturerRegistry', 'certificateOf', [1n, hash('m'), hash('i')]),
        before: `0x${'0'.repeat(64)}`,
        after: hash('a'),
        events: [
          {
            name: 'ManufacturerRegistry.ModelCertified',
            args: { id: 1n, modelId: hash('m'), imageHash: hash('i'), auditHash: hash('a') },
          },
        ],
      };
    },
  },
  {
    name: 'withdraws a certificate',
    level: 1,
    async prepare(world) {
      await licensed(world);
      const certificate = { licenceId: 1n, modelId: hash('m'), imageHash: hash('i'), auditHash: hash('a') };
      await world.earlier(certifyModel(world.deployment, certificate));
      return {
        actions: [withdrawCertificate(world.deployment, certificate)],
        state: () => world.read('ManufacturerRegistry', 'certificateOf', [1n, hash('m'), hash('i')]),
        before: hash('a'),
        after: `0x${'0'.repeat(64)}`,
        events: [{ name: 'ManufacturerRegistry.CertificateWithdrawn', args: { id: 1n, modelId: hash('m') } }],
      };
    },
  },
  {
    name: 'sets how many devices a licence may have',
    level: 1,
    async prepare(world) {
      await licensed(world);
      const cap = async () =>
        (await world.read<{ deviceCap: number }>('ManufacturerRegistry', 'licenceOf', [1n])).deviceCap;
      return {
        actions: [setDeviceCap(world.deployment, { id: 1n, deviceCap: 7 })],
        state: cap,
        before: 100,
        after: 7,
        events: [{ name: 'ManufacturerRegistry.DeviceCapSet', args: { id: 1n, deviceCap: 7 } }],
      };
    },
  },
  {
    name: 'lists a verifier of signatures',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const address = world.at.PackVerifier;
      return {
        actions: [setVerifier(world.deployment, { address, listed: true })],
        state: () => world.read('ManufacturerRegistry', 'isVerifier', [address]),
        before: false,
        after: true,
        events: [{ name: 'ManufacturerRegistry.VerifierSet', args: { verifier: address, listed: true } }],
      };
    },
  },
  {
    name: 'retires a device without its owner',
    level: 2,
    async prepare(world) {
      await licensed(world);
      const device = await world.enrol(world.holders[0]!.address);
      return {
        actions: [retireDevice(world.deployment, { address: device, reason: 'key known' })],
        state: async () => (await world.read<[number, bigint, boolean]>('MinerRegistry', 'statusOf', [device]))[0],
        before: 1,
        after: 2,
        events: [{ name: 'MinerRegistry.DeviceRetired', args: { device, reason: 'key known' } }],
      };
    },
  },
  {
    name: 'licenses a maker and pays it a grant, at the level of the weightier part',
    level: 2,
    async prepare(world) {
      const { deployment, stranger } = world;
      const spend = contractCall(deployment, 'Treasury', 'spend', [world.at.DimoToken, stranger.address, million]);
      return {
        actions: [spend, grantLicence(deployment, licence(world))],
        state: async () => [
          await licenceStatus(world)(),
          await world.read('DimoToken', 'balanceOf', [stranger.address]),
        ],
        before: [status.none, 0n],
        after: [status.active, million],
        events: [{ name: 'Treasury.Spent' }, { name: 'ManufacturerRegistry.LicenceActivated' }],
      };
    },
  },
];
