/**
 * The published inputs of an epoch: everything that its root follows from, the table of levels and the standing of each
 * vehicle included, so that nobody needs an archive of the chain to compute it again. One canonical text, one row a
 * line: equal content has equal bytes, and two files that differ show where.
 */
import { createHash } from 'node:crypto';
import type { Hex } from 'viem';
import { toolError } from '../errors/index.ts';
import { firstPointsTable, lockLevelMax, type PointsTable, type VehicleActivity } from './points.ts';

export interface EpochInputs {
  chainId: number;
  rewardPool: Hex;
  epoch: number;
  /** Tokens to share out, in the token's smallest unit. */
  pool: bigint;
  vehicles: readonly VehicleActivity[];
  /** The table of RewardLevels in force when the epoch began; version 1 unless told otherwise. */
  levels?: { version: number; table: PointsTable };
  /** RewardPool.bountyShareOf(epoch): parts in 10,000 of an undecoded vehicle's reward; none unless told otherwise. */
  bountyShareBasisPoints?: number;
  /** The last block before the epoch's end, as of which owners, locks and decoders were read. */
  block?: { number: number; hash: Hex };
}

export const inputsFormat = 'dimo-rewards-inputs/1';
export const basisPoints = 10_000;

/** Of a vehicle's row, in order. */
export const vehicleColumns = [
  'device',
  'account',
  'packs',
  'samples',
  'signals',
  'connectedWeeks',
  'missedWeeks',
  'lockLevel',
  'platform',
  'decoded',
] as const;

export type VehicleRow = [Hex, Hex, number, number, number, number, number, number, Hex | null, boolean];

export const lower = (hex: Hex) => hex.toLowerCase() as Hex;

/** By device: the order in which rows are published and leaves are counted. */
export function sortVehicles(vehicles: readonly VehicleActivity[]): VehicleActivity[] {
  const keyed = vehicles.map((vehicle) => ({ key: lower(vehicle.device), vehicle }));
  return keyed.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map(({ vehicle }) => vehicle);
}

export function vehicleRow(v: VehicleActivity): VehicleRow {
  const platform = v.platform === undefined ? null : lower(v.platform);
  const streak = [v.connectedWeeks ?? 0, v.missedWeeks ?? 0] as const;
  const counts = [v.packs, v.samples, v.signals] as const;
  return [lower(v.device), lower(v.account), ...counts, ...streak, v.lockLevel ?? 0, platform, v.decoded ?? true];
}

/** Fixed order of keys, rows by device, lower-case hex, amounts as decimal text since they may pass 2^53. */
export function formatInputs(inputs: EpochInputs): string {
  const { chainId, rewardPool, epoch, pool, levels, block, bountyShareBasisPoints = 0 } = inputs;
  const { version, table } = levels ?? { version: 1, table: firstPointsTable };
  const facts = {
    format: inputsFormat,
    chainId,
    rewardPool: lower(rewardPool),
    epoch,
    block: block ? [block.number, lower(block.hash)] : null,
    pool: pool.toString(),
    bountyShareBasisPoints,
    levelsVersion: version,
    dataLevels: table.data.map(({ packsMin, signalsMin }) => [packsMin, signalsMin]),
    streakWeeksMin: table.streakWeeksMin,
    missedWeeksMax: table.missedWeeksMax,
    columns: vehicleColumns,
  };
  return objectLines(facts, { vehicles: sortVehicles(inputs.vehicles).map(vehicleRow) });
}

/** JSON with a line for each fact and for each row of the lists. */
export function objectLines(facts: object, lists: Record<string, readonly unknown[]>): string {
  const lines = Object.entries(facts).map(([key, value]) => `"${key}":${JSON.stringify(value)}`);
  for (const [key, rows] of Object.entries(lists)) {
    const body = rows.map((row) => JSON.stringify(row)).join(',\n');
    lines.push(`"${key}":[${body && `\n${body}\n`}]`);
  }
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** SHA-256 of a published text, as RewardPool.postRoot takes it. */
export function hashOfText(text: string): Hex {
  return `0x${createHash('sha256').update(text, 'utf8').digest('hex')}`;
}

/**
 * Reads published inputs. Only the canonical text is taken: the hash on chain is of these bytes.
 * @param path names the file in errors
 * @throws {MinerError} REWARD_FILE with the first line that is wrong
 */
export function parseInputs(text: string, path: string): EpochInputs {
  const fail = (problem: string, line?: number): never => {
    throw toolError('REWARD_FILE', { path: line === undefined ? path : `${path}:${line}`, problem });
  };
  let raw: Record<string, unknown>;
  try {
    raw = JSON.parse(text) as Record<string, unknown>;
  } catch (cause) {
    return fail(`not JSON: ${(cause as Error).message.slice(0, 120)}`);
  }
  if (raw?.format !== inputsFormat)
    fail(`its format is ${JSON.stringify(raw?.format)?.slice(0, 40)}, not "${inputsFormat}"`);
  const { chainId, rewardPool, epoch, pool, block, bountyShareBasisPoints, levelsVersion, vehicles } = raw;
  if (!isCount(chainId)) fail('chainId is no count');
  if (!isHex(rewardPool, 20)) fail('rewardPool is no address in lower case');
  if (!isCount(epoch)) fail('epoch is no count');
  if (typeof pool !== 'string' || !/^(0|[1-9]\d{0,30})$/.test(pool)) fail('pool is no amount in decimal digits');
  if (!isCount(bountyShareBasisPoints, basisPoints)) fail(`bountyShareBasisPoints is not 0 to ${basisPoints}`);
  if (!isCount(levelsVersion)) fail('levelsVersion is no count');
  if (!Array.isArray(vehicles)) fail('vehicles is no list');
  const isBlock = Array.isArray(block) && isCount(block[0]) && isHex(block[1], 32);
  if (block !== null && !isBlock) fail('block is neither null nor [number, hash]');
  const table = parseTable(raw, fail);
  const rows = vehicles as unknown[];
  const firstLine = text.split('\n', 64).findIndex((line) => line.startsWith('"vehicles"')) + 2;
  const inputs: EpochInputs = {
    chainId: chainId as number,
    rewardPool: rewardPool as Hex,
    epoch: epoch as number,
    pool: BigInt(pool as string),
    bountyShareBasisPoints: bountyShareBasisPoints as number,
    levels: { version: levelsVersion as number, table },
    ...(isBlock && { block: { number: block[0] as number, hash: block[1] as Hex } }),
    vehicles: rows.map((row, index) => parseVehicle(row, (problem) => fail(problem, firstLine + index))),
  };
  for (let i = 1; i < inputs.vehicles.length; i++) {
    const [before, device] = [inputs.vehicles[i - 1]!.device, inputs.vehicles[i]!.device];
    if (before === device) fail(`vehicle ${device} a second time`, firstLine + i);
    if (before > device) fail(`vehicle ${device} stands after ${before}: rows go by device`, firstLine + i);
  }
  const canonical = formatInputs(inputs);
  if (canonical !== text) {
    const [theirs, ours] = [text.split('\n'), canonical.split('\n')];
    const line = ours.findIndex((one, index) => one !== theirs[index]);
    fail(`not as it would be published; expected ${(ours[line] ?? 'the end').slice(0, 100)}`, line + 1);
  }
  return inputs;
}

function parseTable(raw: Record<string, unknown>, fail: (problem: string) => never): PointsTable {
  const { dataLevels, streakWeeksMin, missedWeeksMax } = raw;
  const isPair = (row: unknown) => Array.isArray(row) && row.length === 2 && row.every((value) => isCount(value));
  if (!Array.isArray(dataLevels) || dataLevels.length > 4 || !dataLevels.every(isPair))
    return fail('dataLevels is no list of at most 4 [packsMin, signalsMin]');
  if (!Array.isArray(streakWeeksMin) || streakWeeksMin.length > 3 || !streakWeeksMin.every((value) => isCount(value)))
    return fail('streakWeeksMin is no list of at most 3 counts');
  if (!isCount(missedWeeksMax) || missedWeeksMax === 0) return fail('missedWeeksMax is no count from 1');
  const data = (dataLevels as [number, number][]).map(([packsMin, signalsMin]) => ({ packsMin, signalsMin }));
  return { data, streakWeeksMin: streakWeeksMin as number[], missedWeeksMax };
}

function parseVehicle(row: unknown, fail: (problem: string) => never): VehicleActivity {
  if (!Array.isArray(row) || row.length !== vehicleColumns.length)
    return fail(`a vehicle has ${vehicleColumns.length} values: ${vehicleColumns.join(', ')}`);
  const [device, account, packs, samples, signals, connectedWeeks, missedWeeks, lockLevel, platform, decoded] = row;
  if (!isHex(device, 20)) return fail('device is no address in lower case');
  if (!isHex(account, 20)) return fail(`account of ${device} is no address in lower case`);
  const counts = { packs, samples, signals, connectedWeeks, missedWeeks };
  for (const [name, value] of Object.entries(counts)) if (!isCount(value)) fail(`${name} of ${device} is no count`);
  if (!isCount(lockLevel, lockLevelMax)) return fail(`lockLevel of ${device} is not 0 to ${lockLevelMax}`);
  if (platform !== null && !isHex(platform, 32)) return fail(`platform of ${device} is neither null nor a key`);
  if (typeof decoded !== 'boolean') return fail(`decoded of ${device} is neither true nor false`);
  return { device, account, ...counts, lockLevel, ...(platform !== null && { platform }), decoded } as VehicleActivity;
}

function isCount(value: unknown, maximum = Number.MAX_SAFE_INTEGER): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0 && (value as number) <= maximum;
}

function isHex(value: unknown, bytes: number): value is Hex {
  return typeof value === 'string' && value.length === 2 + 2 * bytes && /^0x[0-9a-f]+$/.test(value);
}
