/**
 * One reward epoch: from activity to points, shares and a Merkle root. Deterministic: the same inputs give the same
 * bytes on every machine, so anyone can recompute a posted root and find a single altered row.
 */
import { StandardMerkleTree } from '@openzeppelin/merkle-tree';
import { type Hex, sha256, stringToHex } from 'viem';
import { pointsOf, type VehicleActivity } from './points.ts';

export interface EpochInputs {
  chainId: number;
  rewardPool: Hex;
  epoch: number;
  /** Tokens to share out, in the token's smallest unit. */
  pool: bigint;
  vehicles: readonly VehicleActivity[];
}

/** One account's share; a leaf of the tree, in the order that the contract hashes. */
export interface RewardLeaf {
  index: number;
  account: Hex;
  amount: bigint;
  points: number;
}

export interface RewardEpoch {
  /** The published inputs: canonical JSON, sorted by device. */
  inputs: string;
  /** SHA-256 of `inputs`. */
  inputsHash: Hex;
  root: Hex;
  total: bigint;
  leaves: RewardLeaf[];
  /** @returns the siblings from leaf `index` to the root */
  proof(index: number): Hex[];
}

/** Types of a leaf: chain id, contract, epoch, index, account, amount. RewardPool hashes the same, twice. */
const leafTypes = ['uint256', 'address', 'uint256', 'uint256', 'address', 'uint256'];

/**
 * Shares `pool` by points; what integer division leaves over stays in the pool.
 * @returns undefined when no vehicle earned a point: such an epoch has nothing to claim, and no root.
 */
export function computeEpoch(inputs: EpochInputs): RewardEpoch | undefined {
  const vehicles = [...inputs.vehicles].sort((a, b) => (a.device.toLowerCase() < b.device.toLowerCase() ? -1 : 1));
  const pointsByAccount = new Map<Hex, number>();
  for (const vehicle of vehicles) {
    const points = pointsOf(vehicle);
    const account = vehicle.account.toLowerCase() as Hex;
    if (points > 0) pointsByAccount.set(account, (pointsByAccount.get(account) ?? 0) + points);
  }
  const allPoints = BigInt([...pointsByAccount.values()].reduce((sum, points) => sum + points, 0));
  if (allPoints === 0n) return undefined;

  const leaves = [...pointsByAccount.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([account, points], index) => ({
      index,
      account,
      points,
      amount: (inputs.pool * BigInt(points)) / allPoints,
    }));
  const tree = StandardMerkleTree.of(
    leaves.map((leaf) => [
      BigInt(inputs.chainId),
      inputs.rewardPool,
      BigInt(inputs.epoch),
      BigInt(leaf.index),
      leaf.account,
      leaf.amount,
    ]),
    leafTypes,
  );
  const text = canonicalInputs({ ...inputs, vehicles });
  return {
    inputs: text,
    inputsHash: sha256(stringToHex(text)),
    root: tree.root as Hex,
    total: leaves.reduce((sum, leaf) => sum + leaf.amount, 0n),
    leaves,
    proof: (index) => tree.getProof(index) as Hex[],
  };
}

/** Fixed key order, lower-case addresses, integers as decimal text where they may pass 2^53. */
function canonicalInputs({ chainId, rewardPool, epoch, pool, vehicles }: EpochInputs): string {
  return JSON.stringify({
    chainId,
    rewardPool: rewardPool.toLowerCase(),
    epoch,
    pool: pool.toString(),
    vehicles: vehicles.map((v) => [v.device.toLowerCase(), v.account.toLowerCase(), v.packs, v.samples, v.signals]),
  });
}
