/** Actions on the treasury, on the supply, and on weekly rewards. */
import { treasurySpend } from '../../actions.ts';
import {
  burnTokens,
  divestTreasury,
  fundRewards,
  investTreasury,
  mintTokens,
  setRewardParameters,
  spendEther,
  treasuryCall,
} from '../../money-actions.ts';
import { setLevelTable } from '../../program-actions.ts';
import {
  address,
  bytes,
  count,
  dimo,
  dimoOrUnits,
  duration,
  ether,
  list,
  map,
  optional,
  percent,
  units,
} from '../arguments/index.ts';
import { type ActionType, actionType, somebody } from './action-type.ts';

const level = count(0, 4_294_967_295);
const weeks = count(0, 65_535);
const vault = '0x5FC8d32690cc91D4c39d9d3abcBD16989F875707';

export const moneyTypes: readonly ActionType[] = [
  actionType('spend', 'pay tokens out of the treasury', {
    arguments: { to: address, amount: dimo },
    example: () => ({ to: somebody, amount: '250000 DIMO' }),
    build: treasurySpend,
  }),
  actionType('spend-token', 'pay tokens of another kind, which the treasury holds', {
    arguments: { token: address, to: address, amount: units },
    example: () => ({ token: vault, to: somebody, amount: '1500e6 units' }),
    build: treasurySpend,
  }),
  actionType('spend-ether', 'pay ether out of the treasury', {
    arguments: { to: address, amount: ether },
    example: () => ({ to: somebody, amount: '0.5 ETH' }),
    build: (deployment, { to, amount }) => spendEther(deployment, { to, wei: amount }),
  }),
  actionType('invest', "deposit the treasury's assets into an ERC-4626 vault", {
    arguments: { vault: address, assets: dimoOrUnits, minShares: units },
    example: () => ({ vault, assets: '1000000 DIMO', minShares: '990000e18 units' }),
    build: investTreasury,
  }),
  actionType('divest', "redeem the treasury's shares of a vault", {
    arguments: { vault: address, shares: units, minAssets: dimoOrUnits },
    example: () => ({ vault, shares: '500000e18 units', minAssets: '495000 DIMO' }),
    build: divestTreasury,
  }),
  actionType('treasury-call', 'make the treasury call anything', {
    arguments: { target: address, data: bytes(), value: optional(ether, 0n) },
    example: () => ({ target: 'token', data: '0x18160ddd' }),
    build: (deployment, { target, data, value }) => treasuryCall(deployment, { target, data, wei: value }),
  }),
  actionType('mint', 'create tokens', {
    arguments: { to: address, amount: dimo },
    example: () => ({ to: 'treasury', amount: '1000000 DIMO' }),
    build: mintTokens,
  }),
  actionType('burn', 'destroy tokens of the treasury', {
    arguments: { amount: dimo },
    example: () => ({ amount: '1000000 DIMO' }),
    build: burnTokens,
  }),
  actionType('fund-rewards', 'pay tokens of the treasury into the pool of weekly rewards', {
    arguments: { amount: dimo },
    example: () => ({ amount: '2210000 DIMO' }),
    build: fundRewards,
  }),
  actionType('set-reward-parameters', 'set the terms of weekly rewards', {
    arguments: {
      weeklyInitial: dimo,
      yearly: percent(),
      bountyShare: percent(),
      challenge: duration,
      claimWeeks: count(1, 520),
    },
    example: () => ({
      weeklyInitial: '1105000 DIMO',
      yearly: '85 %',
      bountyShare: '20 %',
      challenge: '48 hours',
      claimWeeks: '104',
    }),
    build: (deployment, { weeklyInitial, yearly, bountyShare, challenge, claimWeeks }) =>
      setRewardParameters(deployment, {
        weeklyInitial,
        yearlyPercent: yearly,
        bountySharePercent: bountyShare,
        challengeHours: challenge / 3_600,
        claimWeeks,
      }),
  }),
  actionType('set-level-table', "set what a vehicle's week is worth from the next week on", {
    arguments: {
      data: list(map({ packsMin: level, signalsMin: level }), 4, 4),
      streak: map({ weeksMin1: weeks, weeksMin2: weeks, weeksMin3: weeks, missedWeeksMax: weeks }),
      locks: list(map({ amount: dimo, duration }), 3, 3),
    },
    example: () => ({
      data: [
        { packsMin: '1', signalsMin: '1' },
        { packsMin: '14', signalsMin: '10' },
        { packsMin: '140', signalsMin: '20' },
        { packsMin: '700', signalsMin: '30' },
      ],
      streak: { weeksMin1: '4', weeksMin2: '21', weeksMin3: '36', missedWeeksMax: '3' },
      locks: [
        { amount: '500 DIMO', duration: '180 days' },
        { amount: '1500 DIMO', duration: '365 days' },
        { amount: '4000 DIMO', duration: '730 days' },
      ],
    }),
    build: (deployment, { data, streak, locks }) =>
      setLevelTable(deployment, {
        data,
        streak,
        locks: locks.map(({ amount, duration }) => ({ amount, durationSeconds: duration })),
      }),
  }),
];
