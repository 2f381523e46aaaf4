/**
 * What the chain says of an epoch: who owned which device at its last second, locks, decoders, the table of levels,
 * emission and share. What a later block still answers is asked; owners, locks and decoders are read from events up to
 * the last block before the epoch's end. So any node with the events will do, no archive of states is needed, and it
 * takes the same few requests for one vehicle as for a hundred thousand.
 */
import { type Abi, BaseError, type Hex, toEventSelector } from 'viem';
import { edgeError } from '../../edge/errors/index.ts';
import {
  type ChainClients,
  type ContractName,
  type Deployment,
  loadArtifact,
  type RawLog,
  readLogs,
} from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { type DecoderEvent, type DecoderStanding, isActiveAt, stepDecoder } from './decoder-standing.ts';
import type { PointsTable } from './points.ts';

type Reader = ChainClients['publicClient'];

export interface ChainFacts {
  chainId: number;
  rewardPool: Hex;
  epoch: number;
  /** Unix seconds of the epoch's end; its last second is the one before. */
  endsAt: number;
  /** The last block before the end. */
  block: { number: number; hash: Hex };
  pool: bigint;
  bountyShareBasisPoints: number;
  levels: { version: number; table: PointsTable };
  /** The tables in force at the beginning of each epoch from 0 to this one. */
  tables: readonly PointsTable[];
  /** The key that a device's was rotated to, and so on; the device itself where it was not. All lower case. */
  heirOf(device: Hex): Hex;
  /** @returns undefined for a device that was not enrolled */
  ownerOf(device: Hex): Hex | undefined;
  /** 0 to 3, of a lock that the holder took for the device. */
  lockLevelOf(device: Hex, holder: Hex): number;
  /** @returns undefined for a decoder that was never listed */
  platformOf(contentHash: Hex): Hex | undefined;
  /** Whether any decoder of the platform might be used. */
  isDecoded(platform: Hex): boolean;
}

/**
 * @throws {MinerError} EPOCH_NOT_OVER, CHAIN_UNREACHABLE
 */
export async function readChainFacts(client: Reader, deployment: Deployment, epoch: number): Promise<ChainFacts> {
  const url = String(client.transport.url ?? client.transport.name);
  try {
    return await read(client, deployment, epoch);
  } catch (cause) {
    if (!(cause instanceof BaseError)) throw cause;
    throw edgeError('CHAIN_UNREACHABLE', { url, reason: cause.shortMessage }, cause);
  }
}

async function read(client: Reader, deployment: Deployment, epoch: number): Promise<ChainFacts> {
  const at = deployment.addresses;
  const ask = <T>(contract: ContractName, functionName: string, args: readonly unknown[]): Promise<T> =>
    client.readContract({ address: at[contract], abi: loadArtifact(contract).abi, functionName, args }) as Promise<T>;
  const endsAt = Number(await ask<bigint>('RewardPool', 'endOf', [BigInt(epoch)]));
  const latest = await client.getBlock();
  if (Number(latest.timestamp) < endsAt) {
    throw toolError('EPOCH_NOT_OVER', { epoch, endsAt: isoOf(endsAt), now: isoOf(Number(latest.timestamp)) });
  }
  const block = await lastBlockBefore(client, endsAt, BigInt(deployment.block), latest.number);
  const logs = (contract: ContractName) =>
    readLogs(client, { address: at[contract], from: BigInt(deployment.block), to: block.number });
  const [pool, bountyShare, miners, locks, decoders, { version, tables }] = await Promise.all([
    ask<bigint>('RewardPool', 'emissionOf', [BigInt(epoch)]),
    ask<bigint>('RewardPool', 'bountyShareOf', [BigInt(epoch)]),
    logs('MinerRegistry').then(ownersFrom),
    logs('VehicleLocks').then(locksFrom),
    logs('DecoderRegistry').then(decodersFrom),
    readTables(ask, epoch, endsAt),
  ]);
  const decodedPlatforms = new Set<Hex>();
  for (const { platform, standing } of decoders.values()) {
    if (isActiveAt(standing, endsAt - 1)) decodedPlatforms.add(platform);
  }
  return {
    chainId: deployment.chainId,
    rewardPool: at.RewardPool.toLowerCase() as Hex,
    epoch,
    endsAt,
    block: { number: Number(block.number), hash: block.hash },
    pool,
    bountyShareBasisPoints: Number(bountyShare),
    levels: { version, table: tables[epoch]! },
    tables,
    heirOf: (device) => {
      let heir = device;
      for (let next = miners.heirs.get(heir); next !== undefined; next = miners.heirs.get(heir)) heir = next;
      return heir;
    },
    ownerOf: (device) => miners.owners.get(device),
    lockLevelOf: (device, holder) => {
      const lock = locks.get(device + holder);
      return lock && endsAt - 1 < lock.endsAt ? lock.level : 0;
    },
    platformOf: (contentHash) => decoders.get(contentHash)?.platform,
    isDecoded: (platform) => decodedPlatforms.has(platform),
  };
}

/** By halving: blocks have no index by time. */
async function lastBlockBefore(client: Reader, endsAt: number, first: bigint, last: bigint) {
  let [low, high] = [first, last + 1n];
  let found = await client.getBlock({ blockNumber: low });
  while (high - low > 1n) {
    const middle = (low + high) / 2n;
    const block = await client.getBlock({ blockNumber: middle });
    if (Number(block.timestamp) < endsAt) {
      low = middle;
      found = block;
    } else high = middle;
  }
  return { number: found.number, hash: found.hash };
}

type Ask = <T>(contract: ContractName, functionName: string, args: readonly unknown[]) => Promise<T>;

interface TableOnChain {
  data: readonly { packsMin: number; signalsMin: number }[];
  streak: { weeksMin1: number; weeksMin2: number; weeksMin3: number; missedWeeksMax: number };
}

async function readTables(ask: Ask, epoch: number, endsAt: number) {
  const versions = await Promise.all(
    Array.from({ length: epoch + 1 }, async (_, week) => {
      const beganAt = endsAt - (epoch - week + 1) * 604_800;
      // Week 0 began before the first table was set, and is judged by it.
      return Math.max(1, Number(await ask<bigint>('RewardLevels', 'versionAt', [beganAt])));
    }),
  );
  const byVersion = new Map<number, PointsTable>();
  for (const version of new Set(versions)) {
    const { data, streak } = await ask<TableOnChain>('RewardLevels', 'tableOf', [BigInt(version)]);
    byVersion.set(version, {
      data: data.map(({ packsMin, signalsMin }) => ({ packsMin, signalsMin })),
      streakWeeksMin: [streak.weeksMin1, streak.weeksMin2, streak.weeksMin3],
      missedWeeksMax: streak.missedWeeksMax,
    });
  }
  return { version: versions[epoch]!, tables: versions.map((version) => byVersion.get(version)!) };
}

const topicOf = (contract: ContractName, name: string): Hex => {
  const event = (loadArtifact(contract).abi as Abi).find((item) => item.type === 'event' && item.name === name);
  return toEventSelector(event as Extract<Abi[number], { type: 'event' }>);
};
const addressIn = (word: Hex): Hex => `0x${word.slice(26)}`;
const numberIn = (data: Hex, index: number): number => Number(`0x${data.slice(2 + 64 * index, 66 + 64 * index)}`);

function ownersFrom(logs: readonly RawLog[]) {
  const owners = new Map<Hex, Hex>();
  const heirs = new Map<Hex, Hex>();
  const enrolled = topicOf('MinerRegistry', 'DeviceEnrolled');
  const transferred = topicOf('MinerRegistry', 'DeviceTransferred');
  const rotated = topicOf('MinerRegistry', 'DeviceRotated');
  for (const { topics } of logs) {
    const [name, device, , last] = topics as [Hex, Hex, Hex, Hex];
    if (name === enrolled || name === transferred) owners.set(addressIn(device), addressIn(last));
    else if (name === rotated) {
      const [old, heir] = [addressIn(device), addressIn(topics[2]!)];
      heirs.set(old, heir);
      const owner = owners.get(old);
      if (owner) owners.set(heir, owner);
    }
  }
  return { owners, heirs };
}

interface LockStanding {
  level: number;
  endsAt: number;
}

/** By device and holder. A lock that was withdrawn had ended before, so its withdrawal changes nothing. */
function locksFrom(logs: readonly RawLog[]): Map<string, LockStanding> {
  const locks = new Map<string, LockStanding>();
  const [locked, raised, moved] = ['Locked', 'LockRaised', 'LockMoved'].map((name) => topicOf('VehicleLocks', name));
  for (const { topics, data } of logs) {
    const [name, device, holder] = topics as [Hex, Hex, Hex];
    const key = addressIn(device ?? '0x') + addressIn(holder ?? '0x');
    if (name === locked || name === raised) locks.set(key, { level: numberIn(data, 0), endsAt: numberIn(data, 2) });
    else if (name === moved) {
      const lock = locks.get(key);
      locks.delete(key);
      if (lock) locks.set(addressIn(topics[3]!) + addressIn(holder), lock);
    }
  }
  return locks;
}

function decodersFrom(logs: readonly RawLog[]): Map<Hex, { platform: Hex; standing: DecoderStanding }> {
  const decoders = new Map<Hex, { platform: Hex; standing: DecoderStanding }>();
  const listed = topicOf('DecoderRegistry', 'DecoderListed');
  const steps: [Hex, (data: Hex) => DecoderEvent][] = [
    [topicOf('DecoderRegistry', 'DecoderDeprecated'), (data) => ({ kind: 'deprecated', graceEnds: numberIn(data, 0) })],
    [topicOf('DecoderRegistry', 'DecoderSuspended'), (data) => ({ kind: 'suspended', until: numberIn(data, 0) })],
    [topicOf('DecoderRegistry', 'DecoderReinstated'), () => ({ kind: 'reinstated' })],
    [topicOf('DecoderRegistry', 'DecoderRetired'), () => ({ kind: 'ended' })],
    [topicOf('DecoderRegistry', 'DecoderRevoked'), () => ({ kind: 'ended' })],
  ];
  for (const { topics, data } of logs) {
    const [name, contentHash, platform] = topics as [Hex, Hex, Hex];
    if (name === listed) decoders.set(contentHash, { platform, standing: { ended: false, suspendedUntil: 0 } });
    const decoder = decoders.get(contentHash);
    const step = steps.find(([topic]) => topic === name);
    if (decoder && step) decoder.standing = stepDecoder(decoder.standing, step[1](data));
  }
  return decoders;
}

function isoOf(unixSeconds: number): string {
  return new Date(unixSeconds * 1000).toISOString();
}
