/** One reward epoch: from the gateway's ledger to a claimed reward. */

import { getAddress, type Hex } from 'viem';
import { toHex } from '../../../edge/pack/index.ts';
import { loadArtifact, send } from '../../deploy/index.ts';
import type { Ledger } from '../../gateway/index.ts';
import { computeEpoch, type RewardEpoch } from '../../rewards/index.ts';
import type { ChainWorld } from './world.ts';

export interface ClaimedReward {
  epoch: number;
  account: Hex;
  amount: bigint;
  computed: RewardEpoch;
}

const weekMs = 7 * 86_400_000;

/**
 * Computes the running epoch's rewards, waits for its end, posts the root, waits out the challenge, and claims.
 * @returns undefined when no vehicle earned anything
 */
export async function rewardEpoch(world: ChainWorld, ledger: Ledger): Promise<ClaimedReward | undefined> {
  const { clients, deployment, actors } = world;
  const pool = { to: deployment.addresses.RewardPool, abi: loadArtifact('RewardPool').abi };
  const read = (functionName: string, args: unknown[] = []) =>
    clients.publicClient.readContract({ address: pool.to, abi: pool.abi, functionName, args });
  const waitForChain = async (unixSeconds: bigint) => {
    const { timestamp } = await clients.publicClient.getBlock();
    if (unixSeconds > timestamp) await world.advance(Number(unixSeconds - timestamp));
  };

  const epoch = Number(await read('currentEpoch'));
  const endsAt = (await read('endOf', [BigInt(epoch)])) as bigint;
  await waitForChain(endsAt);
  const computed = computeEpoch({
    chainId: deployment.chainId,
    rewardPool: pool.to,
    epoch,
    pool: (await read('emissionOf', [BigInt(epoch)])) as bigint,
    vehicles: await Promise.all(
      ledger.activity(Number(endsAt) * 1000 - weekMs, Number(endsAt) * 1000).map(async (activity) => {
        const device = getAddress(`0x${toHex(activity.kid)}`);
        const { packs, samples, signals } = activity;
        return { device, account: await ownerOf(world, device), packs, samples, signals };
      }),
    ),
  });
  if (!computed) return undefined;

  const root = [BigInt(epoch), computed.root, computed.total, computed.inputsHash];
  await send(clients, { ...pool, name: 'postRoot', args: root, account: actors.poster });
  const { claimableFrom } = (await read('epochOf', [BigInt(epoch)])) as { claimableFrom: number };
  await waitForChain(BigInt(claimableFrom));
  const [{ index, account, amount }] = computed.leaves;
  const claim = [BigInt(epoch), BigInt(index), account, amount, computed.proof(index)];
  await send(clients, { ...pool, name: 'claim', args: claim, account: actors.driver });
  return { epoch, account, amount, computed };
}

async function ownerOf({ clients, deployment }: ChainWorld, device: Hex): Promise<Hex> {
  const info = (await clients.publicClient.readContract({
    address: deployment.addresses.MinerRegistry,
    abi: loadArtifact('MinerRegistry').abi,
    functionName: 'deviceInfo',
    args: [device],
  })) as { owner: Hex };
  return info.owner;
}
