/** One reward epoch: from the gateway's ledger to a claimed reward, by the same steps as `miner rewards`. */
import type { Hex } from 'viem';
import type { Ledger } from '../../gateway/index.ts';
import {
  computeEpoch,
  fromLedger,
  gatherEpoch,
  payLeaves,
  postedEpoch,
  postRoot,
  type RewardEpoch,
  readPool,
  type VehicleActivity,
} from '../../rewards/index.ts';
import type { ChainWorld } from './world.ts';

export interface ClaimedReward {
  epoch: number;
  account: Hex;
  amount: bigint;
  /** What it was paid for. */
  vehicle: VehicleActivity;
  computed: RewardEpoch;
}

/**
 * Waits for the running epoch's end, computes its rewards, posts the root, waits out the challenge, and claims.
 * @returns undefined when no vehicle earned anything
 */
export async function rewardEpoch(world: ChainWorld, ledger: Ledger): Promise<ClaimedReward | undefined> {
  const { clients, actors } = world;
  const waitForChain = async (unixSeconds: number) => {
    const { timestamp } = await clients.publicClient.getBlock();
    if (unixSeconds > Number(timestamp)) await world.advance(unixSeconds - Number(timestamp));
  };

  const epoch = Number(await readPool<bigint>(world, 'currentEpoch'));
  await waitForChain(Number(await readPool<bigint>(world, 'endOf', [BigInt(epoch)])));
  const { inputs } = await gatherEpoch(world, { epoch, packs: fromLedger(ledger) });
  const computed = computeEpoch(inputs);
  if (!computed) return undefined;

  await postRoot(world, inputs, computed, actors.poster);
  await waitForChain((await postedEpoch(world, epoch))!.claimableFrom);
  const { account } = computed.leaves[0]!;
  const [payment] = await payLeaves(world, { inputs, computed }, { account }, actors.driver);
  if (payment?.outcome !== 'paid') return undefined;
  const vehicle = inputs.vehicles.find((one) => one.account === account)!;
  return { epoch, account, amount: payment.amount, vehicle, computed };
}
