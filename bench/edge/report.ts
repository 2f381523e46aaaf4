/** `miner bench edge`: what the Miner and a gateway carry on this machine, beside what they are to carry. */
import { describeMachine } from '../machine.ts';
import { benchCodec } from './codec.ts';
import { type EdgePart, type EdgeReport, edgeParts, type PartReport } from './figures.ts';
import { benchGateway } from './gateway.ts';
import { benchPacks } from './packs.ts';
import { benchBaud, benchPty } from './pty.ts';
import { benchRewards } from './rewards.ts';
import type { EdgeTiming } from './rounds.ts';
import { benchLog, benchSign } from './sign-log.ts';
import { benchSizes } from './sizes.ts';

export interface EdgeBenchOptions {
  /** In the order of `edgeParts`, whatever theirs; all when left out. */
  only?: readonly EdgePart[];
  /** Of the saturated bus. */
  seconds: number;
  timing: EdgeTiming;
  /** A sixtieth of the work in each round: to see that all runs, not to keep the figures. */
  isTrial?: boolean;
}

export interface EdgeProgress {
  started?(part: EdgePart, index: number, total: number): void;
  measured?(part: EdgePart, report: PartReport): void;
}

/** The slow line gets no longer than this: its rate is known after some seconds. */
const baudSecondsMax = 5;
/** Of bus time in a round. */
const packsSeconds = 60;
const gatewayPacksEach = 250;

export async function reportEdgeBench(options: EdgeBenchOptions, progress: EdgeProgress = {}): Promise<EdgeReport> {
  const { only = edgeParts, seconds, timing, isTrial = false } = options;
  const share = isTrial ? 1 / 60 : 1;
  const measure: Record<EdgePart, () => PartReport | Promise<PartReport>> = {
    codec: () => benchCodec(timing),
    packs: () => benchPacks(timing, packsSeconds * share),
    sign: () => benchSign(timing),
    log: () => benchLog(timing),
    sizes: () => benchSizes(),
    gateway: () => benchGateway(timing, Math.ceil(gatewayPacksEach * share)),
    rewards: () => benchRewards(timing, share),
    pty: () => benchPty(seconds),
    baud: () => benchBaud(Math.min(seconds, baudSecondsMax)),
  };
  const wanted = edgeParts.filter((part) => only.includes(part));
  const parts: EdgeReport['parts'] = {};
  for (const [index, part] of wanted.entries()) {
    progress.started?.(part, index, wanted.length);
    const report = await measure[part]();
    parts[part] = report;
    progress.measured?.(part, report);
  }
  const { rounds, roundMs } = timing;
  return {
    benchmark: 'edge',
    machine: describeMachine(),
    options: { seconds, rounds, round_ms: roundMs },
    parts,
    good: Object.values(parts).every(({ faults }) => faults.length === 0),
  };
}
