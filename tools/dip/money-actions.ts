/** Actions of a DIP that move or promise money, beyond those in actions.ts. Amounts are in units of 18 decimals. */
import type { Address, Hex } from 'viem';
import type { Deployment } from '../deploy/index.ts';
import { type Action, contractCall, treasurySpend } from './actions.ts';

/** The terms of weekly rewards; see IRewardPool.Parameters. What is left out of an object is not guessed. */
export interface RewardTerms {
  /** Token units in each week of year 0. */
  weeklyInitial: bigint;
  /** A year's emission in percent of the year before; two decimals. */
  yearlyPercent: number;
  /** Of an undecoded platform's rewards: what goes to that platform's decoder bounty. Two decimals. */
  bountySharePercent: number;
  challengeHours: number;
  claimWeeks: number;
}

/** Sets the terms of weeks that are posted from now on. */
export function setRewardParameters(deployment: Deployment, terms: RewardTerms): Action {
  const { weeklyInitial, yearlyPercent, bountySharePercent, challengeHours, claimWeeks } = terms;
  const yearlyBasisPoints = Math.round(yearlyPercent * 100);
  const bountyShareBasisPoints = Math.round(bountySharePercent * 100);
  const challengeSeconds = Math.round(challengeHours * 3_600);
  const parameters = { weeklyInitial, yearlyBasisPoints, bountyShareBasisPoints, challengeSeconds, claimWeeks };
  return contractCall(deployment, 'RewardPool', 'setParameters', [parameters]);
}

/** Pays tokens from the treasury into the pool that weekly rewards are claimed from. */
export function fundRewards(deployment: Deployment, funding: { amount: bigint }): Action {
  return treasurySpend(deployment, { to: deployment.addresses.RewardPool, amount: funding.amount });
}

/** Says how long rounds of bounties that are opened from now on last. */
export function setBountyLifetime(deployment: Deployment, bounties: { lifetimeDays: number }): Action {
  return contractCall(deployment, 'Bounties', 'setLifetime', [Math.round(bounties.lifetimeDays * 86_400)]);
}

/** Pays ether out of the treasury. */
export function spendEther(deployment: Deployment, payment: { to: Address; wei: bigint }): Action {
  return contractCall(deployment, 'Treasury', 'spendEther', [payment.to, payment.wei]);
}

/** Makes the treasury call anything. */
export function treasuryCall(deployment: Deployment, call: { target: Address; data: Hex; wei?: bigint }): Action {
  return contractCall(deployment, 'Treasury', 'execute', [call.target, call.wei ?? 0n, call.data]);
}

/** Deposits the treasury's assets into an ERC-4626 vault, for at least `minShares` (above 0). */
export function investTreasury(
  deployment: Deployment,
  deposit: { vault: Address; assets: bigint; minShares: bigint },
): Action {
  return contractCall(deployment, 'Treasury', 'invest', [deposit.vault, deposit.assets, deposit.minShares]);
}

/** Redeems the treasury's shares of a vault, for at least `minAssets` (above 0). */
export function divestTreasury(
  deployment: Deployment,
  redemption: { vault: Address; shares: bigint; minAssets: bigint },
): Action {
  return contractCall(deployment, 'Treasury', 'divest', [redemption.vault, redemption.shares, redemption.minAssets]);
}

/** Creates tokens. */
export function mintTokens(deployment: Deployment, mint: { to: Address; amount: bigint }): Action {
  return contractCall(deployment, 'DimoToken', 'mint', [mint.to, mint.amount]);
}

/** Destroys tokens of the treasury: it pays the timelock, which burns its own. */
export function burnTokens(deployment: Deployment, burn: { amount: bigint }): Action[] {
  return [
    treasurySpend(deployment, { to: deployment.addresses.TimelockController, amount: burn.amount }),
    contractCall(deployment, 'DimoToken', 'burn', [burn.amount]),
  ];
}
