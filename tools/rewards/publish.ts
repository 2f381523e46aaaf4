/** An epoch as it is published: `epoch-<n>/inputs.json`, `leaves.json` and, written last, `root.json`. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Hex } from 'viem';
import { toolError } from '../errors/index.ts';
import { type BountyLeaf, computeEpoch, type RewardEpoch, type RewardLeaf } from './epoch.ts';
import { type EpochInputs, hashOfText, lower, objectLines, parseInputs } from './inputs.ts';

export const leavesFormat = 'dimo-rewards-leaves/1';
export const rootFormat = 'dimo-rewards-root/1';

/** What RewardPool.postRoot takes, and the hashes of the other two files. */
export interface RootRecord {
  format: typeof rootFormat;
  chainId: number;
  rewardPool: Hex;
  epoch: number;
  root: Hex;
  /** Base units, in decimal digits. */
  total: string;
  inputsHash: Hex;
  leavesHash: Hex;
  vehicles: number;
  rewards: number;
  bounties: number;
}

export interface PublishedEpoch {
  inputs: EpochInputs;
  computed: RewardEpoch;
}

export type LeafRow = [index: number, account: Hex, points: number, amount: string];
export type BountyRow = [index: number, platform: Hex, amount: string];

export const leafRow = (leaf: RewardLeaf): LeafRow => [leaf.index, leaf.account, leaf.points, leaf.amount.toString()];
export const bountyRow = (leaf: BountyLeaf): BountyRow => [leaf.index, leaf.platform, leaf.amount.toString()];

export function formatLeaves({ chainId, rewardPool, epoch }: EpochInputs, computed: RewardEpoch): string {
  const facts = { format: leavesFormat, chainId, rewardPool: lower(rewardPool), epoch, root: computed.root };
  const lists = { rewards: computed.leaves.map(leafRow), bounties: computed.bountyLeaves.map(bountyRow) };
  return objectLines({ ...facts, columns: ['index', 'account', 'points', 'amount'] }, lists);
}

export function rootRecord(inputs: EpochInputs, computed: RewardEpoch, leavesHash: Hex): RootRecord {
  return {
    format: rootFormat,
    chainId: inputs.chainId,
    rewardPool: lower(inputs.rewardPool),
    epoch: inputs.epoch,
    root: computed.root,
    total: computed.total.toString(),
    inputsHash: computed.inputsHash,
    leavesHash,
    vehicles: inputs.vehicles.length,
    rewards: computed.leaves.length,
    bounties: computed.bountyLeaves.length,
  };
}

export const epochFolder = (folder: string, epoch: number) => path.join(folder, `epoch-${epoch}`);

/**
 * Writes the three files; each is whole or not there, and root.json is the last.
 * @throws {MinerError} REWARD_WRITE
 */
export function publishEpoch(folder: string, inputs: EpochInputs, computed: RewardEpoch): RootRecord {
  const target = epochFolder(folder, inputs.epoch);
  const leaves = formatLeaves(inputs, computed);
  const record = rootRecord(inputs, computed, hashOfText(leaves));
  const files = { 'inputs.json': computed.inputs, 'leaves.json': leaves, 'root.json': rootText(record) };
  try {
    mkdirSync(target, { recursive: true });
    for (const [name, text] of Object.entries(files)) {
      const file = path.join(target, name);
      writeFileSync(`${file}.part`, text);
      renameSync(`${file}.part`, file);
    }
  } catch (cause) {
    throw toolError('REWARD_WRITE', { path: target, reason: (cause as Error).message }, cause);
  }
  return record;
}

export const rootText = (record: RootRecord) => `${JSON.stringify(record, null, 2)}\n`;

/**
 * Reads published inputs and computes the epoch from them; the other two files are not believed, nor needed.
 * @throws {MinerError} REWARD_FILE
 */
export function readInputs(file: string): PublishedEpoch {
  const inputs = parseInputs(readText(file), file);
  const computed = computeEpoch(inputs);
  if (!computed) throw toolError('EPOCH_EMPTY', { epoch: inputs.epoch });
  return { inputs, computed };
}

export function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (cause) {
    throw toolError('REWARD_FILE', { path: file, problem: `cannot be read (${(cause as Error).message})` }, cause);
  }
}
