/** A reward epoch of a hundred thousand vehicles: from the gateway's ledger to published files, and computed again. */
import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { Hex } from 'viem';
import { encodeSignals, Ledger } from '../../tools/gateway/index.ts';
import {
  type ChainFacts,
  computeEpoch,
  epochFolder,
  firstPointsTable,
  fromLedger,
  gatherInputs,
  publishEpoch,
  readInputs,
  tallyActivity,
  weekMs,
} from '../../tools/rewards/index.ts';
import { emptyPart, type Figure, type PartReport } from './figures.ts';
import { type EdgeTiming, medianFigure } from './rounds.ts';

const vehicles = 100_000;
const packsEach = 4;
const goalSeconds = 10;
const decoder = new Uint8Array(32).fill(0xdc);

/** @param share of the vehicles, for a trial */
export async function benchRewards(timing: EdgeTiming, share: number): Promise<PartReport> {
  const part = emptyPart();
  const folder = mkdtempSync(path.join(tmpdir(), 'miner-bench-rewards-'));
  const count = Math.ceil(vehicles * share);
  const ledger = new Ledger(path.join(folder, 'ledger.sqlite'));
  const seconds: Record<'compute' | 'verify', number[]> = { compute: [], verify: [] };
  const roots = new Set<string>();
  try {
    fillLedger(ledger, count);
    for (let round = 0; round < timing.rounds; round++) {
      const began = performance.now();
      const root = await computeOnce(ledger, folder);
      const computed = performance.now();
      const again = readInputs(path.join(epochFolder(folder, facts.epoch), 'inputs.json')).computed.root;
      seconds.compute.push((computed - began) / 1000);
      seconds.verify.push((performance.now() - computed) / 1000);
      roots.add(root).add(again);
    }
  } finally {
    ledger.close();
    rmSync(folder, { recursive: true });
  }
  if (roots.size > 1) part.faults.push(`rewards: ${roots.size} different roots of the same packs`);
  part.checksum = createHash('sha256')
    .update([...roots].join())
    .digest('hex');
  part.figures.push(
    secondsFigure(seconds.compute, 'rewards_compute', `an epoch of ${count} vehicles, from ledger to published files`),
    secondsFigure(seconds.verify, 'rewards_verify', 'the same, computed again from the published inputs'),
  );
  part.notes.push(
    `${packsEach} packs of each vehicle in a ledger on disk; owners, locks and decoders are at hand, as read from the ` +
      'events of the chain before.',
  );
  return part;
}

function secondsFigure(rounds: readonly number[], key: string, label: string): Figure {
  const figure = medianFigure(rounds, { key, label, unit: 's', goal: goalSeconds });
  return { ...figure, slowest: figure.fastest, fastest: figure.slowest, better: 'less' };
}

async function computeOnce(ledger: Ledger, folder: string): Promise<Hex> {
  const endMs = facts.endsAt * 1000;
  const deliveries = await fromLedger(ledger)({ startMs: endMs - weekMs, firstEpoch: facts.epoch, endMs });
  const activity = tallyActivity(deliveries, { epoch: facts.epoch });
  const { inputs } = gatherInputs({ facts, activity });
  const computed = computeEpoch(inputs)!;
  publishEpoch(folder, inputs, computed);
  return computed.root;
}

/** Vehicles with one to three signals, owned two by two, a tenth of them with a lock. */
const facts: ChainFacts = {
  chainId: 31_337,
  rewardPool: `0x${'99'.repeat(20)}`,
  epoch: 0,
  endsAt: 1_800_000_000,
  block: { number: 1000, hash: `0x${'bb'.repeat(32)}` },
  pool: 1_000_000n * 10n ** 18n,
  bountyShareBasisPoints: 1000,
  levels: { version: 1, table: firstPointsTable },
  tables: [firstPointsTable],
  heirOf: (device) => device,
  ownerOf: (device) => `0x${(numberOf(device) >> 1).toString(16).padStart(40, '0')}`,
  lockLevelOf: (device) => (numberOf(device) % 10 === 0 ? 2 : 0),
  platformOf: () => `0x${'aa'.repeat(32)}`,
  isDecoded: () => true,
};

const numberOf = (device: Hex): number => Number.parseInt(device.slice(-8), 16);

function fillLedger(ledger: Ledger, count: number): void {
  const beganMs = facts.endsAt * 1000 - weekMs;
  const kid = new Uint8Array(20);
  const signals = [1, 2, 3].map((length) =>
    encodeSignals(Array.from({ length }, (_, signalIndex) => ({ decoder, signalIndex }))),
  );
  ledger.transact(() => {
    for (let vehicle = 0; vehicle < count; vehicle++) {
      new DataView(kid.buffer).setUint32(16, vehicle);
      for (let seq = 1; seq <= packsEach; seq++) {
        const hash = new Uint8Array(32).fill(seq);
        const set = signals[vehicle % signals.length]!;
        const pack = { kid: kid.slice(), seq, hash, boot: 1, bytes: hash, gaps: [], samples: 60, signals: set };
        ledger.accept(pack, beganMs + seq);
      }
    }
  });
}
