/** Actions on governance itself. */
import { plan, type RoleName, roles } from '../../../deploy/index.ts';
import { assertGovernable, contractCall } from '../../actions.ts';
import {
  grantRole,
  replaceGovernor,
  revokeRole,
  setActionLevels,
  setLevelTerms,
  setProposalGuardian,
  setProposalThreshold,
  setTimelockDelay,
  setVotingDelay,
  setVotingPeriod,
  upgradeContract,
} from '../../governance-actions.ts';
import {
  address,
  addressOrNobody,
  bytes,
  choice,
  contract,
  dimo,
  duration,
  functionReference,
  list,
  map,
  optional,
  percent,
} from '../arguments/index.ts';
import { type ActionType, actionType, somebody } from './action-type.ts';

const day = 86_400;
const upgradeable = plan.filter(({ proxy }) => proxy).map(({ name }) => name);
/** `rewardPoster` is written `reward-poster`. */
const roleNames = Object.fromEntries(
  Object.keys(roles).map((name) => [name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`), name as RoleName]),
);
const level = choice({ 1: 1, 2: 2, 3: 3 } as const);
const governor = '0x5FC8d32690cc91D4c39d9d3abcBD16989F875707';

export const governanceTypes: readonly ActionType[] = [
  actionType('upgrade', 'give a contract new code, and call it in the same breath', {
    arguments: { contract: contract(upgradeable), implementation: address, data: optional(bytes(), '0x') },
    example: () => ({ contract: 'DimoToken', implementation: governor }),
    build: upgradeContract,
  }),
  actionType('grant-role', 'let an account do what a role may do', {
    arguments: { role: choice(roleNames), account: address },
    example: () => ({ role: 'reward-poster', account: somebody }),
    build: grantRole,
  }),
  actionType('revoke-role', 'take a role from an account', {
    arguments: { role: choice(roleNames), account: address },
    example: () => ({ role: 'reward-poster', account: somebody }),
    build: revokeRole,
  }),
  actionType('set-level-terms', 'set what a level asks of later proposals', {
    arguments: { level, majority: percent(50), quorum: percent(0.01) },
    example: () => ({ level: '2', majority: '60 %', quorum: '5 %' }),
    build: (deployment, { level, majority, quorum }) =>
      setLevelTerms(deployment, { level, majorityPercent: majority, quorumPercent: quorum }),
  }),
  actionType('set-action-levels', 'set the level of functions in later proposals', {
    arguments: { functions: list(map({ function: functionReference, level })) },
    example: () => ({ functions: [{ function: 'ManufacturerRegistry.setDeviceCap', level: '2' }] }),
    build: (deployment, { functions }) =>
      setActionLevels(
        deployment,
        functions.map(({ function: { target, selector }, level }) => ({ target, selector, level })),
      ),
  }),
  actionType('set-voting-delay', 'say how long a proposal waits before the vote', {
    arguments: { delay: duration },
    example: () => ({ delay: '3 days' }),
    build: (deployment, { delay }) => setVotingDelay(deployment, { days: delay / day }),
  }),
  actionType('set-voting-period', 'say how long a vote lasts', {
    arguments: { period: duration },
    example: () => ({ period: '10 days' }),
    build: (deployment, { period }) => setVotingPeriod(deployment, { days: period / day }),
  }),
  actionType('set-late-quorum-extension', 'say by how much a late quorum extends the vote', {
    arguments: { extension: duration },
    example: () => ({ extension: '3 days' }),
    build: (deployment, { extension }) =>
      contractCall(deployment, 'DimoGovernor', 'setLateQuorumVoteExtension', [extension]),
  }),
  actionType('set-proposal-threshold', 'say how many votes it takes to propose', {
    arguments: { votes: dimo },
    example: () => ({ votes: '1000000 DIMO' }),
    build: setProposalThreshold,
  }),
  actionType('set-guardian', 'say who may cancel proposals, for a year from now', {
    arguments: { guardian: addressOrNobody },
    example: () => ({ guardian: 'nobody' }),
    build: (deployment, { guardian }) => setProposalGuardian(deployment, { address: guardian }),
  }),
  actionType('set-timelock-delay', 'say how long a passed proposal waits before it may be executed', {
    arguments: { delay: duration },
    example: () => ({ delay: '6 days' }),
    build: (deployment, { delay }) => setTimelockDelay(deployment, { days: delay / day }),
  }),
  actionType('replace-governor', 'put another governor, deployed already, in the place of this one', {
    arguments: { governor: address },
    example: () => ({ governor }),
    build: replaceGovernor,
  }),
  actionType('assert-governable', 'as the last action: undo everything if no working vote would be left', {
    arguments: {},
    example: () => ({}),
    build: assertGovernable,
  }),
];
