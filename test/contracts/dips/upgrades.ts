/** DIPs that give a contract new code: each contract behind a proxy, with the state it had kept. */
import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress } from 'viem';
import type { ContractName } from '../../../tools/deploy/index.ts';
import {
  fundRewards,
  grantLicence,
  listDecoder,
  openGrant,
  openStream,
  setCommittee,
  upgradeContract,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { day, hash, maker, million, ownArtifact, type World } from './world.ts';

/** bytes32(uint256(keccak256('eip1967.proxy.implementation')) - 1) */
const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';

/** Of each contract: what is written before, and everything that must be the same afterwards. */
const kept: Partial<Record<ContractName, (world: World) => Promise<() => Promise<unknown>>>> = {
  async DimoToken(world) {
    const [alice] = world.holders;
    return () =>
      Promise.all([
        world.read('DimoToken', 'totalSupply'),
        world.read('DimoToken', 'balanceOf', [alice!.address]),
        world.read('DimoToken', 'getVotes', [alice!.address]),
        world.read('DimoToken', 'authority'),
        world.read('DimoToken', 'symbol'),
      ]);
  },
  async Treasury(world) {
    return () =>
      Promise.all([
        world.read('Treasury', 'votesToken'),
        world.read('Treasury', 'authority'),
        world.read('DimoToken', 'balanceOf', [world.at.Treasury]),
        world.read('DimoToken', 'delegates', [world.at.Treasury]),
      ]);
  },
  async ManufacturerRegistry(world) {
    await licensed(world);
    return () =>
      Promise.all([
        world.read('ManufacturerRegistry', 'licenceOf', [1n]),
        world.read('ManufacturerRegistry', 'bondToken'),
        world.read('ManufacturerRegistry', 'ownerOf', [1n]),
      ]);
  },
  async MinerRegistry(world) {
    await licensed(world);
    const device = await world.enrol(world.stranger.address);
    return () =>
      Promise.all([
        world.read('MinerRegistry', 'deviceInfo', [device]),
        world.read('MinerRegistry', 'fleetOf', [1n]),
        world.read('MinerRegistry', 'manufacturerRegistry'),
      ]);
  },
  async DecoderRegistry(world) {
    const { listing, consent } = await world.decoder('a');
    await world.earlier(listDecoder(world.deployment, listing, consent));
    return () =>
      Promise.all([
        world.read('DecoderRegistry', 'decoderOf', [listing.contentHash]),
        world.read('DecoderRegistry', 'activeRoot'),
        world.read('DecoderRegistry', 'activeEpoch'),
      ]);
  },
  async RewardPool(world) {
    const epoch = await world.read<bigint>('RewardPool', 'currentEpoch');
    await world.earlier(fundRewards(world.deployment, { amount: million }));
    await world.advance(7 * day);
    await world.call(world.rewardPoster, 'RewardPool', 'postRoot', [epoch, hash('root'), million, hash('inputs')]);
    return () =>
      Promise.all([
        world.read('RewardPool', 'epochOf', [epoch]),
        world.read('RewardPool', 'parameters'),
        world.read('RewardPool', 'reserved'),
        world.read('RewardPool', 'endOf', [epoch]),
      ]);
  },
  async Bounties(world) {
    const [alice] = world.holders;
    await world.call(alice!, 'DimoToken', 'approve', [world.at.Bounties, million]);
    await world.call(alice!, 'Bounties', 'fund', [hash('platform'), million]);
    return () =>
      Promise.all([
        world.read('Bounties', 'roundOf', [hash('platform'), 1n]),
        world.read('Bounties', 'contributionOf', [hash('platform'), 1n, alice!.address]),
        world.read('Bounties', 'lifetimeSeconds'),
      ]);
  },
  async Streams(world) {
    const start = await world.now();
    const stream = { recipient: world.stranger.address, total: million, start, end: start + 365 * day, purpose: '' };
    await world.earlier(...openStream(world.deployment, stream));
    return () => Promise.all([world.read('Streams', 'streamOf', [1n]), world.read('Streams', 'reserved')]);
  },
  async Grants(world) {
    const deadline = (await world.now()) + 365 * day;
    const milestones = [{ title: 'all of it', amount: million }];
    const committee = { id: 1n, member: world.stranger.address, budget: million, periodDays: 30 };
    const grant = { recipient: world.stranger.address, milestones, committeeId: 1n, deadline, purpose: '' };
    await world.earlier(setCommittee(world.deployment, committee), ...openGrant(world.deployment, grant));
    return () =>
      Promise.all([
        world.read('Grants', 'grantOf', [1n]),
        world.read('Grants', 'tranchesOf', [1n]),
        world.read('Grants', 'committeeOf', [1n]),
        world.read('Grants', 'reserved'),
      ]);
  },
  async ReferralProgram(world) {
    await licensed(world);
    const device = await world.enrol(world.stranger.address);
    await world.call(world.stranger, 'ReferralProgram', 'accept', [device, world.holders[0]!.address]);
    return () =>
      Promise.all([
        world.read('ReferralProgram', 'referralOf', [device]),
        world.read('ReferralProgram', 'termsOf', [1n]),
        world.read('ReferralProgram', 'rewardPool'),
      ]);
  },
  async RewardLevels(world) {
    return () =>
      Promise.all([world.read('RewardLevels', 'latestVersion'), world.read('RewardLevels', 'tableOf', [1n])]);
  },
  async VehicleLocks(world) {
    await licensed(world);
    const [alice] = world.holders;
    const device = await world.enrol(alice!.address);
    await world.call(alice!, 'DimoToken', 'approve', [world.at.VehicleLocks, million]);
    await world.call(alice!, 'VehicleLocks', 'lock', [device, 1]);
    return () =>
      Promise.all([
        world.read('VehicleLocks', 'lockOf', [device, alice!.address]),
        world.read('VehicleLocks', 'totalLocked'),
        world.read('VehicleLocks', 'rewardLevels'),
      ]);
  },
};

async function licensed(world: World): Promise<void> {
  const licence = { owner: world.stranger.address, name: 'Acme', bondRequired: 0n, deviceCap: 100 };
  await world.earlier(grantLicence(world.deployment, { ...licence, attestationSigner: maker.address }));
}

async function implementationOf(world: World, contract: ContractName): Promise<string> {
  const word = await world.clients.publicClient.getStorageAt({ address: world.at[contract], slot: implementationSlot });
  return getAddress(`0x${word!.slice(-40)}`);
}

export const upgradeRows: readonly DipRow[] = Object.entries(kept).map(([name, prepareState]) => {
  const contract = name as ContractName;
  return {
    name: `upgrades ${contract}, which keeps its state and gains a field`,
    level: 3,
    reason: 'nested',
    async prepare(world) {
      const state = await prepareState(world);
      const artifact = ownArtifact('SecondVersions', `${contract}Second`);
      const implementation = await world.deploy(artifact);
      const data = encodeFunctionData({ abi: artifact.abi, functionName: 'initializeSecond', args: [42n] });
      const before = await state();
      return {
        actions: [upgradeContract(world.deployment, { contract, implementation, data })],
        state: async () => [await implementationOf(world, contract), await state()],
        before: [await implementationOf(world, contract), before],
        after: [implementation, before],
        events: [{ name: `${contract}.Upgraded`, args: { implementation } }, { name: `${contract}.NoteTaken` }],
        async afterwards() {
          const proxy = { address: world.at[contract], abi: artifact.abi };
          assert.equal(await world.clients.publicClient.readContract({ ...proxy, functionName: 'note' }), 42n);
          assert.match(
            (await world.refusal(world.stranger.address, { target: world.at[contract], value: 0n, data })) ?? '',
            /^InvalidInitialization\(/,
          );
        },
      };
    },
  };
});
