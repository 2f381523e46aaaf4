/**
 * What can be read of our contracts, and for which keys an execution may have changed it. Each view is read before and
 * after, for the keys that the execution's events name; every difference is told by its name.
 */
import { type Address, parseAbi, zeroAddress } from 'viem';
import type { ContractName } from '../../deploy/index.ts';
import type { ExecutionEvent } from './execute.ts';
import type { Unit } from './values.ts';

export interface View {
  contract: ContractName;
  name: string;
  /** What the value is of, from the arguments: `licence 1`. */
  title: (args: readonly unknown[]) => string;
  /** What a bare number of it counts. */
  unit?: Unit;
  /** Arguments to read it with; none for a view without arguments. */
  keys?: (events: readonly ExecutionEvent[]) => readonly (readonly unknown[])[];
}

/** What ERC-20 tokens tell of an account. */
export const tokenAbi = parseAbi([
  'function balanceOf(address) view returns (uint256)',
  'function symbol() view returns (string)',
  'function decimals() view returns (uint8)',
]);

/** The values that events of a contract have for these arguments, each combination once. */
function named(contract: ContractName, ...names: string[]): NonNullable<View['keys']> {
  return (events) =>
    unique(
      events
        .filter((event) => event.contract === contract)
        .map(({ args }) => names.map((name) => args[name]))
        .filter((args) => args.every((value) => value !== undefined)),
    );
}

/** The accounts that stand in any of these arguments. */
function accounts(contract: ContractName, event: string, ...names: string[]): NonNullable<View['keys']> {
  return (events) =>
    unique(
      events
        .filter((one) => one.contract === contract && one.name === event)
        .flatMap(({ args }) => names.map((name) => [args[name]]))
        .filter(([account]) => account !== undefined && account !== zeroAddress),
    );
}

function unique(rows: readonly (readonly unknown[])[]): readonly (readonly unknown[])[] {
  return [...new Map(rows.map((row) => [row.map(String).join(), row])).values()];
}

const of = (noun: string) => (args: readonly unknown[]) => `${noun} ${args.map(String).join(', ')}`;
const plainly = (title: string) => () => title;

export const views: readonly View[] = [
  {
    contract: 'DimoToken',
    name: 'balanceOf',
    unit: 'DIMO',
    title: of('DIMO of'),
    keys: accounts('DimoToken', 'Transfer', 'from', 'to'),
  },
  {
    contract: 'DimoToken',
    name: 'getVotes',
    unit: 'DIMO',
    title: of('votes of'),
    keys: accounts('DimoToken', 'DelegateVotesChanged', 'delegate'),
  },
  {
    contract: 'DimoToken',
    name: 'delegates',
    title: of('delegate of'),
    keys: accounts('DimoToken', 'DelegateChanged', 'delegator'),
  },
  {
    contract: 'DimoToken',
    name: 'allowance',
    unit: 'DIMO',
    title: ([owner, spender]) => `DIMO of ${owner} that ${spender} may take`,
    keys: named('DimoToken', 'owner', 'spender'),
  },
  { contract: 'DimoToken', name: 'totalSupply', unit: 'DIMO', title: plainly('supply of DIMO') },
  {
    contract: 'ManufacturerRegistry',
    name: 'licenceOf',
    title: of('licence'),
    keys: named('ManufacturerRegistry', 'id'),
  },
  {
    contract: 'ManufacturerRegistry',
    name: 'balanceOf',
    title: of('licences of'),
    keys: accounts('ManufacturerRegistry', 'Transfer', 'from', 'to'),
  },
  { contract: 'ManufacturerRegistry', name: 'licenceCount', title: plainly('licences so far') },
  {
    contract: 'ManufacturerRegistry',
    name: 'isVerifier',
    title: of('verifier'),
    keys: named('ManufacturerRegistry', 'verifier'),
  },
  {
    contract: 'ManufacturerRegistry',
    name: 'certificateOf',
    title: ([id, model, image]) => `audit of licence ${id}, model ${model}, image ${image}`,
    keys: named('ManufacturerRegistry', 'id', 'modelId', 'imageHash'),
  },
  { contract: 'MinerRegistry', name: 'deviceInfo', title: of('device'), keys: named('MinerRegistry', 'device') },
  {
    contract: 'DecoderRegistry',
    name: 'decoderOf',
    title: of('decoder'),
    keys: named('DecoderRegistry', 'contentHash'),
  },
  { contract: 'DecoderRegistry', name: 'activeRoot', title: plainly('root of active decoders') },
  { contract: 'DecoderRegistry', name: 'activeEpoch', title: plainly('changes of the active decoders') },
  { contract: 'DecoderRegistry', name: 'checkpointSigners', title: plainly('checkpoint signers') },
  { contract: 'RewardPool', name: 'parameters', title: plainly('rewards') },
  { contract: 'RewardPool', name: 'epochOf', title: of('reward week'), keys: named('RewardPool', 'epoch') },
  { contract: 'RewardLevels', name: 'latestVersion', title: plainly('version of the level table') },
  { contract: 'ReferralProgram', name: 'termsVersion', title: plainly('version of the referral terms') },
  { contract: 'ReferralProgram', name: 'closedAt', unit: 'time', title: plainly('referrals closed') },
  {
    contract: 'Bounties',
    name: 'balanceOf',
    unit: 'DIMO',
    title: of('bounty of platform'),
    keys: named('Bounties', 'platform'),
  },
  {
    contract: 'Bounties',
    name: 'roundOf',
    title: ([platform, round]) => `round ${round} of platform ${platform}`,
    keys: named('Bounties', 'platform', 'round'),
  },
  { contract: 'Bounties', name: 'lifetimeSeconds', unit: 'duration', title: plainly('lifetime of bounties') },
  { contract: 'Streams', name: 'streamOf', title: of('stream'), keys: named('Streams', 'id') },
  { contract: 'Streams', name: 'reserved', unit: 'DIMO', title: plainly('promised by streams') },
  { contract: 'Grants', name: 'grantOf', title: of('grant'), keys: named('Grants', 'id') },
  { contract: 'Grants', name: 'reserved', unit: 'DIMO', title: plainly('promised by grants') },
  { contract: 'Grants', name: 'committeeOf', title: of('committee'), keys: named('Grants', 'committeeId') },
  { contract: 'DimoGovernor', name: 'votingDelay', unit: 'duration', title: plainly('delay before a vote') },
  { contract: 'DimoGovernor', name: 'votingPeriod', unit: 'duration', title: plainly('length of a vote') },
  {
    contract: 'DimoGovernor',
    name: 'lateQuorumVoteExtension',
    unit: 'duration',
    title: plainly('extension by a late quorum'),
  },
  { contract: 'DimoGovernor', name: 'proposalThreshold', unit: 'DIMO', title: plainly('votes to propose') },
  { contract: 'DimoGovernor', name: 'proposalGuardian', title: plainly('guardian of proposals') },
  { contract: 'DimoGovernor', name: 'levelTerms', title: of('level'), keys: named('DimoGovernor', 'level') },
  {
    contract: 'DimoGovernor',
    name: 'actionRule',
    title: ([target, selector]) => `weighing of ${target}.${selector}`,
    keys: named('DimoGovernor', 'target', 'selector'),
  },
  { contract: 'TimelockController', name: 'getMinDelay', unit: 'duration', title: plainly('delay of the timelock') },
  {
    contract: 'TimelockController',
    name: 'hasRole',
    title: ([role, account]) => `role ${role} of the timelock for ${account}`,
    keys: named('TimelockController', 'role', 'account'),
  },
  {
    contract: 'AccessManager',
    name: 'hasRole',
    title: ([role, account]) => `role ${role} for ${account}`,
    keys: named('AccessManager', 'roleId', 'account'),
  },
  {
    contract: 'AccessManager',
    name: 'getTargetFunctionRole',
    title: ([target, selector]) => `role to call ${target}.${selector}`,
    keys: named('AccessManager', 'target', 'selector'),
  },
];

/** Tokens of others that moved, and the accounts that they moved between. */
export function foreignHoldings(events: readonly ExecutionEvent[]): { token: Address; account: Address }[] {
  const moved = events.filter(({ contract, name }) => name === 'Transfer' && !contract);
  const rows = moved.flatMap(({ address, args }) => [args.from, args.to].map((account) => [address, account]));
  return unique(rows)
    .filter(([, account]) => typeof account === 'string' && account !== zeroAddress)
    .map(([token, account]) => ({ token: token as Address, account: account as Address }));
}
