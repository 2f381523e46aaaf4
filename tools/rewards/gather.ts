/** From activity and the chain's facts to the inputs of an epoch. */
import type { Hex } from 'viem';
import type { ChainClients, Deployment } from '../deploy/index.ts';
import { toolError } from '../errors/index.ts';
import { type Delivery, type DeviceHistory, signalCount, tallyActivity } from './activity.ts';
import { type ChainFacts, readChainFacts } from './chain-facts.ts';
import type { EpochInputs } from './inputs.ts';
import { weekMs } from './packs-list.ts';
import { nextStreak, type PointsTable, type Streak, type VehicleActivity } from './points.ts';

export interface GatherOptions {
  facts: ChainFacts;
  /** By device, see tallyActivity: of this epoch alone when `previous` is given, otherwise of every epoch so far. */
  activity: ReadonlyMap<Hex, DeviceHistory>;
  /** Published inputs of the epoch before, from which streaks go on. */
  previous?: EpochInputs;
  /** Platforms that were declared, by device: they come before what the decoders in its packs say. */
  platforms?: ReadonlyMap<Hex, Hex>;
}

export interface Gathered {
  inputs: EpochInputs;
  /** Devices with activity that had no owner at the epoch's end: nobody to pay. */
  ownerless: Hex[];
}

/** Where the accepted packs come from: those received in [startMs, endMs), weeks counted from `firstEpoch`. */
export type PackSource = (weeks: {
  startMs: number;
  firstEpoch: number;
  endMs: number;
}) => Iterable<Delivery> | Promise<Iterable<Delivery>>;

/** What PackSource needs of a gateway's ledger. */
export interface DeliveryLedger {
  deliveries(startMs: number, endMs: number, weekMs: number): Iterable<Omit<Delivery, 'epoch'> & { week: number }>;
}

export function fromLedger(ledger: DeliveryLedger): PackSource {
  return function* ({ startMs, firstEpoch, endMs }) {
    for (const { week, ...delivery } of ledger.deliveries(startMs, endMs, weekMs)) {
      yield { ...delivery, epoch: firstEpoch + week };
    }
  };
}

/**
 * Reads the chain and the packs, and gathers an epoch that is over.
 * @param options.previous Without it, streaks are computed from every pack since epoch 0.
 * @throws {MinerError} EPOCH_NOT_OVER, CHAIN_UNREACHABLE, REWARD_FILE
 */
export async function gatherEpoch(
  { clients, deployment }: { clients: Pick<ChainClients, 'publicClient'>; deployment: Deployment },
  options: { epoch: number; packs: PackSource } & Pick<GatherOptions, 'previous' | 'platforms'>,
): Promise<Gathered> {
  const { epoch, packs, ...rest } = options;
  const facts = await readChainFacts(clients.publicClient, deployment, epoch);
  const endMs = facts.endsAt * 1000;
  const firstEpoch = rest.previous ? epoch : 0;
  const startMs = endMs - (epoch - firstEpoch + 1) * weekMs;
  const deliveries = await packs({ startMs, firstEpoch, endMs });
  return gatherInputs({ facts, activity: tallyActivity(deliveries, { epoch, heirOf: facts.heirOf }), ...rest });
}

const noStreak: Streak = { connectedWeeks: 0, missedWeeks: 0 };

/**
 * A vehicle has a row while it delivers, and as long as there is something left of its streak.
 * @throws {MinerError} REWARD_FILE: `previous` is not of the epoch before, or of another pool
 */
export function gatherInputs({ facts, activity, previous, platforms = new Map() }: GatherOptions): Gathered {
  const { chainId, rewardPool, epoch, block, pool, levels, bountyShareBasisPoints } = facts;
  const streaksBefore = previous && streaksOf(previous, facts);
  const devices = new Set([...activity.keys(), ...(streaksBefore?.keys() ?? [])]);
  const vehicles: VehicleActivity[] = [];
  const ownerless: Hex[] = [];
  for (const device of devices) {
    const history = activity.get(device);
    const isConnected = history?.connected.at(-1) === epoch;
    const streak = streaksBefore
      ? nextStreak(streaksBefore.get(device) ?? noStreak, isConnected, levels.table)
      : streakOf(history?.connected ?? [], facts.tables);
    if ((history?.packs ?? 0) === 0 && streak.connectedWeeks === 0) continue;
    const account = facts.ownerOf(device);
    if (!account) {
      ownerless.push(device);
      continue;
    }
    const platform = platforms.get(device) ?? (history && platformOf(history, facts));
    vehicles.push({
      device,
      account,
      packs: history?.packs ?? 0,
      samples: history?.samples ?? 0,
      signals: history ? signalCount(history) : 0,
      ...streak,
      lockLevel: facts.lockLevelOf(device, account),
      ...(platform && { platform }),
      decoded: platform === undefined || facts.isDecoded(platform),
    });
  }
  const inputs = { chainId, rewardPool, epoch, block, pool, levels, bountyShareBasisPoints, vehicles };
  return { inputs, ownerless: ownerless.sort() };
}

/** Week by week from the first connected one, each under the table that was in force. */
function streakOf(connected: readonly number[], tables: readonly PointsTable[]): Streak {
  let streak = noStreak;
  let next = 0;
  for (let week = connected[0] ?? tables.length; week < tables.length; week++) {
    const isConnected = connected[next] === week;
    if (isConnected) next += 1;
    streak = nextStreak(streak, isConnected, tables[week]);
  }
  return streak;
}

function streaksOf(previous: EpochInputs, facts: ChainFacts): Map<Hex, Streak> {
  const isBefore =
    previous.epoch === facts.epoch - 1 &&
    previous.chainId === facts.chainId &&
    previous.rewardPool.toLowerCase() === facts.rewardPool;
  if (!isBefore) {
    const found = `epoch ${previous.epoch} of ${previous.rewardPool} on chain ${previous.chainId}`;
    const expected = `epoch ${facts.epoch - 1} of ${facts.rewardPool} on chain ${facts.chainId}`;
    throw toolError('REWARD_FILE', {
      path: 'inputs of the epoch before',
      problem: `are ${found}, expected ${expected}`,
    });
  }
  return new Map(
    previous.vehicles.map(({ device, connectedWeeks = 0, missedWeeks = 0 }) => {
      return [facts.heirOf(device.toLowerCase() as Hex), { connectedWeeks, missedWeeks }];
    }),
  );
}

/** That of the decoder with the most signals; of equals, the one with the lowest hash. */
function platformOf({ signalsByDecoder }: DeviceHistory, facts: ChainFacts): Hex | undefined {
  let best: { decoder: string; signals: number; platform: Hex } | undefined;
  for (const [decoder, signals] of signalsByDecoder) {
    const platform = facts.platformOf(`0x${decoder}`);
    const isBetter = !best || signals > best.signals || (signals === best.signals && decoder < best.decoder);
    if (platform && isBetter) best = { decoder, signals, platform };
  }
  return best?.platform;
}
