/** DIPs on governance itself: levels, terms, times, roles, and the governor's own place. */
import assert from 'node:assert/strict';
import { type Abi, keccak256, stringToHex, toFunctionSelector, zeroAddress } from 'viem';
import { abiFunction, loadArtifact, plan, roles } from '../../../tools/deploy/index.ts';
import {
  contractCall,
  grantLicence,
  grantRole,
  propose,
  queue,
  replaceGovernor,
  revokeRole,
  setActionLevels,
  setLevelTerms,
  setProposalGuardian,
  setProposalThreshold,
  setTimelockDelay,
  setVotingDelay,
  setVotingPeriod,
  suspendLicence,
  vote,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { day, hash, million, type World } from './world.ts';

const licence = (world: World) =>
  grantLicence(world.deployment, {
    owner: world.stranger.address,
    name: 'Acme',
    bondRequired: 0n,
    deviceCap: 1,
    attestationSigner: world.stranger.address,
  });

const proposerRole = keccak256(stringToHex('PROPOSER_ROLE'));

/** Who can still put something into the timelock. */
const proposes = (world: World, account: string) =>
  world.read<boolean>('TimelockController', 'hasRole', [proposerRole, account]);

/** Settings of the governor that are one number. */
const settings: readonly [string, (world: World) => ReturnType<typeof setVotingDelay>, string, unknown, string][] = [
  [
    'how long a proposal waits',
    (world) => setVotingDelay(world.deployment, { days: 3 }),
    'votingDelay',
    BigInt(3 * day),
    'VotingDelaySet',
  ],
  [
    'how long a vote lasts',
    (world) => setVotingPeriod(world.deployment, { days: 10 }),
    'votingPeriod',
    BigInt(10 * day),
    'VotingPeriodSet',
  ],
  [
    'how many votes it takes to propose',
    (world) => setProposalThreshold(world.deployment, { votes: million }),
    'proposalThreshold',
    million,
    'ProposalThresholdSet',
  ],
  [
    'by how much a late quorum extends the vote',
    (world) => contractCall(world.deployment, 'DimoGovernor', 'setLateQuorumVoteExtension', [3 * day]),
    'lateQuorumVoteExtension',
    3 * day,
    'LateQuorumVoteExtensionSet',
  ],
];

const settingRows = settings.map(
  ([name, action, view, after, event]): DipRow => ({
    name: `sets ${name}`,
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const state = () => world.read('DimoGovernor', view);
      return {
        actions: [action(world)],
        state,
        before: await state(),
        after,
        events: [{ name: `DimoGovernor.${event}` }],
        async afterwards() {
          assert.equal((await world.carry([licence(world)])).level, 2, 'governance goes on');
        },
      };
    },
  }),
);

export const governanceRows: readonly DipRow[] = [
  {
    name: 'changes what a level asks, for later proposals',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      return {
        actions: [setLevelTerms(world.deployment, { level: 2, majorityPercent: 55.5, quorumPercent: 6 })],
        state: () => world.read('DimoGovernor', 'levelTerms', [2]),
        before: { majorityBps: 6_000, quorumBps: 500 },
        after: { majorityBps: 5_550, quorumBps: 600 },
        events: [{ name: 'DimoGovernor.LevelTermsSet', args: { level: 2, majorityBps: 5_550, quorumBps: 600 } }],
        async afterwards() {
          const { majorityBps, quorum } = await world.carry([licence(world)]);
          assert.deepEqual({ majorityBps, quorum }, { majorityBps: 5_550, quorum: 12n * million });
        },
      };
    },
  },
  {
    name: 'changes the level of an action, for later proposals',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const target = world.at.ManufacturerRegistry;
      const selector = toFunctionSelector(abiFunction('ManufacturerRegistry', 'grant'));
      const state = async () =>
        (await world.read<{ kind: number }>('DimoGovernor', 'actionRule', [target, selector])).kind;
      return {
        actions: [setActionLevels(world.deployment, [{ target, selector, level: 1 }])],
        state,
        before: 2,
        after: 1,
        events: [{ name: 'DimoGovernor.ActionRuleSet', args: { target, selector } }],
        async afterwards() {
          assert.equal((await world.carry([licence(world)])).level, 1);
        },
      };
    },
  },
  {
    name: 'takes an action off the list, which makes it level 3',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const target = world.at.ManufacturerRegistry;
      const selector = toFunctionSelector(abiFunction('ManufacturerRegistry', 'grant'));
      return {
        actions: [setActionLevels(world.deployment, [{ target, selector, level: 3 }])],
        state: async () => (await world.weigh([licence(world)])).level,
        before: 2,
        after: 3,
        events: [{ name: 'DimoGovernor.ActionRuleSet', args: { target, selector } }],
      };
    },
  },
  ...settingRows,
  {
    name: 'takes the guardian away',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const state = () => world.read('DimoGovernor', 'proposalGuardian');
      const before = await state();
      assert.notEqual(before, zeroAddress);
      return {
        actions: [setProposalGuardian(world.deployment, { address: zeroAddress })],
        state,
        before,
        after: zeroAddress,
        events: [{ name: 'DimoGovernor.ProposalGuardianSet', args: { newProposalGuardian: zeroAddress } }],
      };
    },
  },
  {
    name: 'sets the timelock’s delay',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      return {
        actions: [setTimelockDelay(world.deployment, { days: 6 })],
        state: () => world.read('TimelockController', 'getMinDelay'),
        before: BigInt(4 * day),
        after: BigInt(6 * day),
        events: [{ name: 'TimelockController.MinDelayChange', args: { newDuration: BigInt(6 * day) } }],
        async afterwards() {
          const { advancedSeconds } = await world.carry([licence(world)]);
          assert.ok(advancedSeconds >= 15 * day - 60, 'the next proposal waits for the new delay');
        },
      };
    },
  },
  {
    name: 'grants a role',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const account = world.stranger.address;
      const { id } = roles.rewardPoster;
      const post = contractCall(world.deployment, 'RewardPool', 'postRoot', [99n, hash('r'), 1n, hash('i')]);
      return {
        actions: [grantRole(world.deployment, { role: 'rewardPoster', account })],
        state: () => world.read('AccessManager', 'hasRole', [id, account]),
        before: [false, 0],
        after: [true, 0],
        events: [{ name: 'AccessManager.RoleGranted', args: { roleId: id, account } }],
        async afterwards() {
          // It may post now: what refuses it is that the week is not over.
          assert.match((await world.refusal(account, post)) ?? '', /^EpochNotOver\(/);
        },
      };
    },
  },
  {
    name: 'revokes a role',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const account = world.rewardPoster.address;
      const { id } = roles.rewardPoster;
      const post = contractCall(world.deployment, 'RewardPool', 'postRoot', [99n, hash('r'), 1n, hash('i')]);
      return {
        actions: [revokeRole(world.deployment, { role: 'rewardPoster', account })],
        state: () => world.read('AccessManager', 'hasRole', [id, account]),
        before: [true, 0],
        after: [false, 0],
        events: [{ name: 'AccessManager.RoleRevoked', args: { roleId: id, account } }],
        async afterwards() {
          assert.match((await world.refusal(account, post)) ?? '', /^AccessManagedUnauthorized\(/);
        },
      };
    },
  },
  {
    name: 'lets a role call another function',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const selector = toFunctionSelector(abiFunction('RewardPool', 'sweep'));
      const args = [world.at.RewardPool, [selector], roles.rewardPoster.id];
      return {
        actions: [contractCall(world.deployment, 'AccessManager', 'setTargetFunctionRole', args)],
        state: () => world.read('AccessManager', 'getTargetFunctionRole', [world.at.RewardPool, selector]),
        before: 0n,
        after: roles.rewardPoster.id,
        events: [{ name: 'AccessManager.TargetFunctionRoleUpdated', args: { target: world.at.RewardPool, selector } }],
      };
    },
  },
  {
    name: 'puts another governor in the place of this one, which is powerless from then on',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const { deployment, options, clients, holders, at } = world;
      const entry = plan.find(({ name }) => name === 'DimoGovernor')!;
      const artifact = loadArtifact('DimoGovernor') as { abi: Abi; bytecode: `0x${string}` };
      const governor = await world.deploy(artifact, entry.args(at, options, deployment.deployer));
      const successor = { ...deployment, addresses: { ...at, DimoGovernor: governor } };
      const actions = replaceGovernor(deployment, { governor });
      return {
        actions,
        state: async () => [await proposes(world, at.DimoGovernor), await proposes(world, governor)],
        before: [true, false],
        after: [false, true],
        events: [
          { name: 'TimelockController.RoleGranted', args: { role: proposerRole, account: governor } },
          { name: 'TimelockController.RoleRevoked', args: { role: proposerRole, account: at.DimoGovernor } },
        ],
        // The last action only looks.
        open: [actions.length - 1],
        async afterwards() {
          assert.equal((await world.carry([licence(world)], { on: successor })).level, 2);
          assert.equal(await world.read('ManufacturerRegistry', 'licenceCount'), 1n);

          const late = [suspendLicence(deployment, { id: 1n, reason: 'by the old one' })];
          const [alice] = holders;
          const proposed = await propose(clients, deployment, { title: 'A', text: 'B', actions: late }, alice!);
          await world.advance(2 * day + 1);
          for (const voter of holders) await vote(clients, deployment, { id: proposed.id, voter, support: 'for' });
          await world.advance(7 * day);
          await assert.rejects(
            queue(clients, deployment, late, proposed.description),
            new RegExp(`AccessControlUnauthorizedAccount\\(${at.DimoGovernor}`),
          );
        },
      };
    },
  },
];
