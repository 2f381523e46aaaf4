/**
 * One reward epoch: from activity to points, shares and a Merkle root. Deterministic: the same inputs give the same
 * bytes on every machine, so anyone can recompute a posted root and find a single altered row.
 */
import { bytesToHex, type Hex, keccak256, stringToHex } from 'viem';
import { keccakInto, merkleTree } from '../merkle/index.ts';
import { basisPoints, type EpochInputs, formatInputs, hashOfText, lower, sortVehicles } from './inputs.ts';
import { firstPointsTable, pointsOf, type VehicleActivity } from './points.ts';

/** One account's share; a leaf of the tree, in the order that the contract hashes. */
export interface RewardLeaf {
  index: number;
  account: Hex;
  amount: bigint;
  points: number;
}

/** What goes to one platform's decoder bounty; a leaf of the other kind, its index counted on from the accounts'. */
export interface BountyLeaf {
  index: number;
  platform: Hex;
  amount: bigint;
}

export interface RewardEpoch {
  /** The published inputs, see formatInputs. */
  inputs: string;
  /** SHA-256 of `inputs`. */
  inputsHash: Hex;
  root: Hex;
  /** Sum of all leaves of both kinds. */
  total: bigint;
  leaves: RewardLeaf[];
  bountyLeaves: BountyLeaf[];
  /** @returns the siblings from leaf `index` of either kind to the root */
  proof(index: number): Hex[];
}

const bountyLeafDomain = keccak256(stringToHex('dimo.rewards.bounty-leaf'));

/**
 * Shares `pool` by points; what integer division leaves over stays in the pool. Of what a vehicle earns whose platform
 * is known and has no listed decoder, the bounty's share goes to that platform.
 * @returns undefined when no vehicle earned a point: such an epoch has nothing to claim, and no root.
 * @throws {RangeError} a lock level or a share that no contract would have given
 */
export function computeEpoch(inputs: EpochInputs): RewardEpoch | undefined {
  const shares = sharesOf(sortVehicles(inputs.vehicles), inputs);
  if (shares.points === 0) return undefined;
  const amountOf = (weight: number) => (inputs.pool * BigInt(weight)) / BigInt(shares.points * basisPoints);

  const leaves = sorted(shares.accounts).map(([account, { points, weight }], index) => {
    return { index, account, points, amount: amountOf(weight) };
  });
  // A bounty can't be funded with nothing, so what rounds down to that gets no leaf.
  const bountyLeaves = sorted(shares.platforms)
    .map(([platform, weight]) => ({ platform, amount: amountOf(weight) }))
    .filter(({ amount }) => amount > 0n)
    .map((share, index) => ({ index: leaves.length + index, ...share }));

  const hashes = new Uint8Array(32 * (leaves.length + bountyLeaves.length));
  const view = new DataView(hashes.buffer);
  for (const leaf of leaves) hashTwice(rewardWords(inputs, leaf), view, 32 * leaf.index);
  for (const leaf of bountyLeaves) hashTwice(bountyWords(inputs, leaf), view, 32 * leaf.index);
  const tree = merkleTree(hashes);
  const text = formatInputs(inputs);
  return {
    inputs: text,
    inputsHash: hashOfText(text),
    root: tree.root,
    total: [...leaves, ...bountyLeaves].reduce((sum, leaf) => sum + leaf.amount, 0n),
    leaves,
    bountyLeaves,
    proof: tree.proof,
  };
}

type EpochFacts = Pick<EpochInputs, 'chainId' | 'rewardPool' | 'epoch'>;

/** As RewardPool.leafOf: hashed twice. */
export function rewardLeafHash(facts: EpochFacts, leaf: Pick<RewardLeaf, 'index' | 'account' | 'amount'>): Hex {
  return hashOfWords(rewardWords(facts, leaf));
}

/** As RewardPool.bountyLeafOf: a word longer than a reward's, so that neither passes for the other. */
export function bountyLeafHash(facts: EpochFacts, leaf: BountyLeaf): Hex {
  return hashOfWords(bountyWords(facts, leaf));
}

function rewardWords(
  { chainId, rewardPool, epoch }: EpochFacts,
  { index, account, amount }: Pick<RewardLeaf, 'index' | 'account' | 'amount'>,
): string {
  return word(chainId) + word(rewardPool) + word(epoch) + word(index) + word(account) + word(amount);
}

function bountyWords({ chainId, rewardPool, epoch }: EpochFacts, { index, platform, amount }: BountyLeaf): string {
  const place = word(chainId) + word(rewardPool) + word(epoch) + word(index);
  return word(bountyLeafDomain) + place + word(platform) + word(amount);
}

/** A value as abi.encode writes it, in hex. By hand: a hundred thousand leaves would wait for a general encoder. */
function word(value: number | bigint | Hex): string {
  const digits = typeof value === 'string' ? lower(value).slice(2) : value.toString(16);
  return digits.padStart(64, '0');
}

function hashTwice(words: string, output: DataView, at: number): void {
  const bytes = Buffer.from(words, 'hex');
  keccakInto(new DataView(bytes.buffer, bytes.byteOffset, bytes.length), 0, bytes.length, output, at);
  keccakInto(output, at, 32, output, at);
}

function hashOfWords(words: string): Hex {
  const hash = new Uint8Array(32);
  hashTwice(words, new DataView(hash.buffer), 0);
  return bytesToHex(hash);
}

interface Shares {
  /** Of all vehicles. */
  points: number;
  /** Weights are points in parts of 10,000, so that a share of them is still an integer. */
  accounts: Map<Hex, { points: number; weight: number }>;
  platforms: Map<Hex, number>;
}

function sharesOf(vehicles: readonly VehicleActivity[], inputs: EpochInputs): Shares {
  const { bountyShareBasisPoints: share = 0, levels } = inputs;
  if (!Number.isInteger(share) || share < 0 || share > basisPoints) {
    throw new RangeError(`bounty share ${share}: expected 0 to ${basisPoints} basis points`);
  }
  const shares: Shares = { points: 0, accounts: new Map(), platforms: new Map() };
  for (const vehicle of vehicles) {
    const points = pointsOf(vehicle, levels?.table ?? firstPointsTable);
    if (points === 0) continue;
    const toBounty = vehicle.decoded === false && vehicle.platform !== undefined ? share : 0;
    const account = lower(vehicle.account);
    const sum = shares.accounts.get(account) ?? { points: 0, weight: 0 };
    shares.points += points;
    shares.accounts.set(account, {
      points: sum.points + points,
      weight: sum.weight + points * (basisPoints - toBounty),
    });
    if (toBounty > 0) {
      const platform = lower(vehicle.platform!);
      shares.platforms.set(platform, (shares.platforms.get(platform) ?? 0) + points * toBounty);
    }
  }
  return shares;
}

function sorted<Value>(map: Map<Hex, Value>): [Hex, Value][] {
  return [...map.entries()].sort(([a], [b]) => (a < b ? -1 : 1));
}
