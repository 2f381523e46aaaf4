/** DIPs on weekly rewards, on the treasury and on the supply. */
import assert from 'node:assert/strict';
import { encodeFunctionData, getAddress, numberToHex } from 'viem';
import {
  burnTokens,
  contractCall,
  divestTreasury,
  fundRewards,
  investTreasury,
  mintTokens,
  rawCall,
  setRewardParameters,
  spendEther,
  treasuryCall,
  treasurySpend,
} from '../../../tools/dip/index.ts';
import type { DipRow } from './row.ts';
import { hash, million, ownArtifact, token, type World } from './world.ts';

const balanceOf = (world: World, account: string) => world.read<bigint>('DimoToken', 'balanceOf', [account]);
const supplyOf = (world: World) => world.read<bigint>('DimoToken', 'totalSupply');

/** OpenZeppelin's vault over the token, with the treasury's tokens in it where an amount is given. */
async function vaultOf(world: World, invested = 0n): Promise<`0x${string}`> {
  const vault = await world.deploy(ownArtifact('Outside', 'Vault'), [world.at.DimoToken]);
  if (invested > 0n) {
    await world.earlier(investTreasury(world.deployment, { vault, assets: invested, minShares: 1n }));
  }
  return vault;
}

const sharesOf = (world: World, vault: `0x${string}`) =>
  world.clients.publicClient.readContract({
    address: vault,
    abi: ownArtifact('Outside', 'Vault').abi,
    functionName: 'balanceOf',
    args: [world.at.Treasury],
  });

/** The three levels of a payment, and which amount has which. */
const spends: readonly [string, bigint, 1 | 2 | 3][] = [
  ['just under 5,000,000', 5n * million - 1n, 1],
  ['5,000,000', 5n * million, 2],
  ['15,000,000', 15n * million, 2],
  ['more than 15,000,000', 15n * million + 1n, 3],
];

const spendRows = spends.map(
  ([amountInWords, amount, level]): DipRow => ({
    name: `pays ${amountInWords} from the treasury at level ${level}`,
    level,
    reason: 'spend-total',
    async prepare(world) {
      const to = world.stranger.address;
      return {
        actions: [treasurySpend(world.deployment, { to, amount })],
        state: () => balanceOf(world, to),
        before: 0n,
        after: amount,
        events: [{ name: 'Treasury.Spent', args: { token: world.at.DimoToken, to, amount } }],
      };
    },
  }),
);

export const moneyRows: readonly DipRow[] = [
  {
    name: 'sets the terms of rewards',
    level: 2,
    async prepare(world) {
      const terms = {
        weeklyInitial: 900_000n * token,
        yearlyPercent: 80,
        bountySharePercent: 25,
        challengeHours: 72,
        claimWeeks: 52,
      };
      const parameters = () => world.read<Record<string, unknown>>('RewardPool', 'parameters');
      const before = await parameters();
      const changed = {
        weeklyInitial: 900_000n * token,
        yearlyBasisPoints: 8_000,
        bountyShareBasisPoints: 2_500,
        challengeSeconds: 72 * 3_600,
        claimWeeks: 52,
      };
      return {
        actions: [setRewardParameters(world.deployment, terms)],
        state: parameters,
        before,
        after: { ...before, ...changed },
        events: [{ name: 'RewardPool.ParametersSet' }],
      };
    },
  },
  {
    name: 'funds rewards',
    level: 1,
    reason: 'spend-total',
    async prepare(world) {
      return {
        actions: [fundRewards(world.deployment, { amount: million })],
        state: () => balanceOf(world, world.at.RewardPool),
        before: 0n,
        after: million,
        events: [{ name: 'Treasury.Spent', args: { to: world.at.RewardPool, amount: million } }],
      };
    },
  },
  ...spendRows,
  {
    name: 'pays in ether',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const to = getAddress(hash('somebody').slice(0, 42));
      const { request, at } = world;
      await request({ method: 'hardhat_setBalance', params: [at.Treasury, numberToHex(5n * token)] });
      return {
        actions: [spendEther(world.deployment, { to, wei: 2n * token })],
        state: () => world.clients.publicClient.getBalance({ address: to }),
        before: 0n,
        after: 2n * token,
        events: [{ name: 'Treasury.EtherSpent', args: { to, amount: 2n * token } }],
      };
    },
  },
  {
    name: 'pays in a token that the governor does not know',
    level: 3,
    reason: 'foreign-token',
    async prepare(world) {
      const vault = await vaultOf(world, million);
      const to = world.stranger.address;
      return {
        actions: [treasurySpend(world.deployment, { to, amount: million / 2n, token: vault })],
        state: () => sharesOf(world, vault),
        before: million,
        after: million / 2n,
        events: [{ name: 'Treasury.Spent', args: { token: vault, to, amount: million / 2n } }],
      };
    },
  },
  {
    name: 'invests in a vault',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const vault = await vaultOf(world);
      const investment = { vault, assets: million, minShares: million };
      return {
        actions: [investTreasury(world.deployment, investment)],
        state: async () => [await sharesOf(world, vault), await balanceOf(world, vault)],
        before: [0n, 0n],
        after: [million, million],
        events: [{ name: 'Treasury.Invested', args: { vault, assets: million, shares: million } }],
        async afterwards() {
          assert.equal(await world.read('DimoToken', 'allowance', [world.at.Treasury, vault]), 0n);
        },
      };
    },
  },
  {
    name: 'divests from a vault',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const vault = await vaultOf(world, million);
      const before = await balanceOf(world, world.at.Treasury);
      return {
        actions: [divestTreasury(world.deployment, { vault, shares: million, minAssets: million })],
        state: async () => [await sharesOf(world, vault), await balanceOf(world, world.at.Treasury)],
        before: [million, before],
        after: [0n, before + million],
        events: [{ name: 'Treasury.Divested', args: { vault, shares: million, assets: million } }],
      };
    },
  },
  {
    name: 'makes the treasury call anything',
    level: 3,
    reason: 'nested',
    async prepare(world) {
      const stranger = ownArtifact('Outside', 'Stranger');
      const target = await world.deploy(stranger, [world.at.Treasury]);
      const data = encodeFunctionData({ abi: stranger.abi, functionName: 'set', args: [42n] });
      return {
        actions: [treasuryCall(world.deployment, { target, data })],
        state: () =>
          world.clients.publicClient.readContract({ address: target, abi: stranger.abi, functionName: 'value' }),
        before: 0n,
        after: 42n,
        events: [
          { name: 'ValueSet', args: { value: 42n, paid: 0n } },
          { name: 'Treasury.Executed', args: { target } },
        ],
      };
    },
  },
  {
    name: 'creates tokens',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const to = world.stranger.address;
      const before = await supplyOf(world);
      return {
        actions: [mintTokens(world.deployment, { to, amount: million })],
        state: async () => [await supplyOf(world), await balanceOf(world, to)],
        before: [before, 0n],
        after: [before + million, million],
        events: [{ name: 'DimoToken.Minted', args: { to, amount: million } }],
      };
    },
  },
  {
    name: 'destroys tokens of the treasury',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const before = await supplyOf(world);
      return {
        actions: burnTokens(world.deployment, { amount: million }),
        state: () => supplyOf(world),
        before,
        after: before - million,
        events: [{ name: 'DimoToken.Burned', args: { from: world.at.TimelockController, amount: million } }],
      };
    },
  },
  {
    name: 'calls an arbitrary contract, with ether',
    level: 3,
    reason: 'carries-ether',
    async prepare(world) {
      const { request, at } = world;
      const stranger = ownArtifact('Outside', 'Stranger');
      const target = await world.deploy(stranger, [at.TimelockController]);
      await request({ method: 'hardhat_setBalance', params: [at.TimelockController, numberToHex(token)] });
      const data = encodeFunctionData({ abi: stranger.abi, functionName: 'set', args: [7n] });
      return {
        actions: [rawCall(target, data, token)],
        state: () => world.clients.publicClient.getBalance({ address: target }),
        before: 0n,
        after: token,
        events: [{ name: 'ValueSet', args: { value: 7n, paid: token } }],
      };
    },
  },
  {
    name: 'calls an arbitrary contract',
    level: 3,
    reason: 'unlisted',
    async prepare(world) {
      const stranger = ownArtifact('Outside', 'Stranger');
      const target = await world.deploy(stranger, [world.at.TimelockController]);
      const data = encodeFunctionData({ abi: stranger.abi, functionName: 'set', args: [7n] });
      return {
        actions: [rawCall(target, data)],
        state: () =>
          world.clients.publicClient.readContract({ address: target, abi: stranger.abi, functionName: 'value' }),
        before: 0n,
        after: 7n,
        events: [{ name: 'ValueSet', args: { value: 7n, paid: 0n } }],
      };
    },
  },
  {
    name: 'takes several steps of several contracts, at the level of the heaviest',
    level: 2,
    async prepare(world) {
      const to = world.stranger.address;
      const parameters = await world.read<Record<string, unknown>>('RewardPool', 'parameters');
      return {
        actions: [
          treasurySpend(world.deployment, { to, amount: million }),
          contractCall(world.deployment, 'RewardPool', 'setParameters', [{ ...parameters, claimWeeks: 9 }]),
          fundRewards(world.deployment, { amount: million }),
        ],
        state: async () => [
          await balanceOf(world, to),
          await balanceOf(world, world.at.RewardPool),
          await world.read('RewardPool', 'parameters'),
        ],
        before: [0n, 0n, parameters],
        after: [million, million, { ...parameters, claimWeeks: 9 }],
        events: [{ name: 'Treasury.Spent' }, { name: 'RewardPool.ParametersSet' }, { name: 'Treasury.Spent' }],
      };
    },
  },
];
