/**
 * What is deployed, in order, and who may do what with it. This table is both what `deployAll` carries out and what
 * `proveWiring` compares the chain with; a new contract is a new row.
 */
import { type Address, zeroAddress } from 'viem';
import type { ArtifactName } from './artifacts.ts';
import { actionRules } from './levels.ts';

export type ContractName = Exclude<ArtifactName, 'ERC1967Proxy'>;
export type Addresses = Record<ContractName, Address>;

/** Who gets what at the beginning. What the holders don't get of the 1,000,000,000 tokens is the treasury's. */
export interface DeployOptions {
  /** Amounts in token units of 18 decimals. */
  holders: readonly { holder: Address; amount: bigint }[];
  /**
   * Holds the TermedGuardian, through which it may for a year cancel proposals, suspend licences and decoders for 14
   * days, and veto reward roots. Left out: the guardian passes on nobody's calls.
   */
  guardian?: Address;
  /** May post weekly reward roots. */
  rewardPoster?: Address;
}

/** AccessManager's role 0 is the admin; whatever has no row here stays with it, that is, with the timelock. */
export const roles = {
  guardian: { id: 1n, label: 'GUARDIAN', holder: (at) => at.TermedGuardian },
  rewardPoster: { id: 2n, label: 'REWARD_POSTER', holder: (_at, options) => options.rewardPoster },
} as const satisfies Record<string, Role>;

interface Role {
  id: bigint;
  label: string;
  /** Who holds it besides the timelock; undefined for nobody. */
  holder: (at: Addresses, options: Pick<DeployOptions, 'rewardPoster'>) => Address | undefined;
}

export type RoleName = keyof typeof roles;

/** The restricted functions that somebody besides the timelock may call; the timelock holds these roles too. */
export const roleFunctions: readonly { contract: ContractName; role: RoleName; functions: readonly string[] }[] = [
  { contract: 'ManufacturerRegistry', role: 'guardian', functions: ['guardianSuspend'] },
  { contract: 'DecoderRegistry', role: 'guardian', functions: ['suspend'] },
  { contract: 'RewardPool', role: 'guardian', functions: ['veto'] },
  { contract: 'RewardPool', role: 'rewardPoster', functions: ['postRoot'] },
];

/** In seconds. The governor's own delay and period are in its constructor. */
export const timelockDelay = 4 * 86_400;

/** In seconds. The contract takes no longer one. */
export const guardianTerm = 365 * 86_400;

export interface ContractPlan {
  name: ContractName;
  /** Behind an ERC-1967 proxy, with these arguments to `initialize` instead of the constructor. */
  proxy?: boolean;
  args: (at: Addresses, options: DeployOptions, deployer: Address) => readonly unknown[];
}

export const plan: readonly ContractPlan[] = [
  { name: 'AccessManager', args: (_at, _options, deployer) => [deployer] },
  {
    name: 'DimoToken',
    proxy: true,
    args: (at, options) => [at.AccessManager, at.Treasury, options.holders],
  },
  { name: 'Treasury', proxy: true, args: (at) => [at.AccessManager, at.DimoToken] },
  {
    name: 'TimelockController',
    args: (at) => [timelockDelay, [at.DimoGovernor], [at.DimoGovernor], zeroAddress],
  },
  {
    name: 'ManufacturerRegistry',
    proxy: true,
    args: (at) => [at.AccessManager, at.DimoToken, at.Treasury],
  },
  { name: 'MinerRegistry', proxy: true, args: (at) => [at.AccessManager, at.ManufacturerRegistry] },
  { name: 'DecoderRegistry', proxy: true, args: (at) => [at.AccessManager] },
  {
    name: 'RewardPool',
    proxy: true,
    args: (at) => [at.AccessManager, at.DimoToken, at.Treasury, at.Bounties],
  },
  { name: 'RewardLevels', proxy: true, args: (at) => [at.AccessManager] },
  {
    name: 'VehicleLocks',
    proxy: true,
    args: (at) => [at.AccessManager, at.DimoToken, at.MinerRegistry, at.RewardLevels],
  },
  {
    name: 'ReferralProgram',
    proxy: true,
    args: (at) => [at.AccessManager, at.DimoToken, at.Treasury, at.MinerRegistry, at.RewardPool],
  },
  { name: 'Bounties', proxy: true, args: (at) => [at.AccessManager, at.DimoToken] },
  { name: 'Streams', proxy: true, args: (at) => [at.AccessManager, at.DimoToken, at.Treasury] },
  { name: 'Grants', proxy: true, args: (at) => [at.AccessManager, at.DimoToken, at.Treasury] },
  { name: 'PackVerifier', args: (at) => [at.MinerRegistry] },
  { name: 'GovernanceCheck', args: () => [] },
  { name: 'TermedGuardian', args: (_at, options) => [options.guardian ?? zeroAddress, guardianTerm] },
  {
    name: 'DimoGovernor',
    args: (at) => [at.DimoToken, at.TimelockController, at.TermedGuardian, actionRules(at)],
  },
];
