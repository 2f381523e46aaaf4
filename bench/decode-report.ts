/** `miner bench decode`: database after database, and what is said of each. */
import type { FrameBatch } from '../edge/can/index.ts';
import type { Plan } from '../edge/decode/index.ts';
import { type BackEnd, ownBackEnds } from './back-ends.ts';
import type { DatabaseSource } from './databases.ts';
import { benchDecode, type DecodeBenchResult } from './decode.ts';
import { drawFrames } from './frames.ts';
import { describeMachine, type Machine } from './machine.ts';
import type { Timing } from './measure.ts';
import { type MemoryBandwidth, measureMemory } from './memory.ts';

export interface DecodeReportRequest {
  sources: readonly DatabaseSource[];
  /** The same frames for every database; drawn for each when undefined. */
  frames?: FrameBatch;
  /** Frames to draw. */
  count: number;
  seed: number;
  /** Of a canonical database; one among many gets a seventh of the times. */
  timing: Timing;
  /** Who takes part of our own; all of them unless told. */
  backEnds?: (plan: Plan) => BackEnd[];
}

/** What `--json` prints, and what bench/results holds. */
export interface DecodeReport {
  benchmark: 'decode';
  machine: Machine;
  options: { count: number; seed: number; rounds: number; round_ms: number; warm_up_ms: number };
  memory: { cached_bytes_per_second: number; memory_bytes_per_second: number };
  /** Of the database, when there is but one: medians by back end. */
  frames_per_second?: Record<string, number>;
  databases: Record<string, DatabaseReport>;
  /** Databases for which no frame can be drawn, and why. */
  nothing_to_decode: Record<string, string>;
  /** Whether our back ends agreed on everything. */
  agree: boolean;
}

export interface DatabaseReport extends DecodeBenchResult {
  /** Measured at length, and shown with a table of its own. */
  canonical: boolean;
  /**
   * Frames a second that no decoder of this kind passes: what comes in has to come from memory, and what comes in and
   * goes out passes the core's cache, both at the speed of a copy. `least` is the smaller of the two.
   */
  bound: { memory: number; cached: number; least: number; batch_share: number };
}

/** Of a database among many, what bench/results keeps. */
export type BriefReport = Pick<
  DatabaseReport,
  'canonical' | 'messages' | 'signals' | 'frames' | 'frames_per_second' | 'wrong_values' | 'peers' | 'skipped' | 'agree'
>;

/** A report as bench/results keeps it: whole for the canonical databases. */
export type StoredReport = Omit<DecodeReport, 'databases'> & {
  databases: Record<string, DatabaseReport | BriefReport>;
};

/** Whether the whole report of a database was kept. */
export function isWhole(report: DatabaseReport | BriefReport): report is DatabaseReport {
  return 'checksums' in report;
}

/** Leaves of all but the canonical databases only what the page needs. */
export function storedReport(report: DecodeReport): StoredReport {
  const databases = Object.entries(report.databases).map(([name, database]) => [
    name,
    database.canonical ? database : briefReport(database),
  ]);
  return { ...report, databases: Object.fromEntries(databases) as StoredReport['databases'] };
}

function briefReport(report: DatabaseReport): BriefReport {
  const { canonical, messages, signals, frames, frames_per_second, wrong_values, peers, skipped, agree } = report;
  return { canonical, messages, signals, frames, frames_per_second, wrong_values, peers, skipped, agree };
}

/** Hears how far a report has come. */
export interface DecodeReportEvents {
  started?(name: string, index: number, count: number): void;
  measured?(name: string, report: DatabaseReport): void;
}

/** A canonical database is measured at length. */
const atLength = { checkedFrames: 20_000, gcc: true, timePeers: true };
const inBrief = { checkedFrames: 2000, gcc: false, timePeers: false };
const briefTimesShare = 1 / 7;
/** Most frames drawn for one database among many. */
const briefCountMax = 50_000;

/** Runs the benchmark. */
export async function reportDecodeBench(
  request: DecodeReportRequest,
  events: DecodeReportEvents = {},
): Promise<DecodeReport> {
  const { sources, count, seed, timing } = request;
  const bandwidth = measureMemory();
  const databases: Record<string, DatabaseReport> = {};
  const nothing: Record<string, string> = {};
  for (const [index, source] of sources.entries()) {
    events.started?.(source.name, index, sources.length);
    const database = source.read();
    const wanted = source.isCanonical ? count : Math.min(count, briefCountMax);
    const frames = request.frames ?? drawFrames(database.plan, wanted, seed);
    if (frames.count === 0) {
      nothing[source.name] = reasonForNothing(database.plan);
      continue;
    }
    const options = source.isCanonical ? { ...atLength, ...timing } : { ...inBrief, ...brief(timing) };
    const result = await benchDecode(database, frames, { ...options, backEnds: request.backEnds ?? ownBackEnds });
    const report = { ...result, canonical: source.isCanonical, bound: boundOf(result, bandwidth) };
    const name = unusedName(source.name, databases);
    databases[name] = report;
    events.measured?.(name, report);
  }
  const results = Object.values(databases);
  return {
    benchmark: 'decode',
    machine: describeMachine(),
    options: {
      count: request.frames?.count ?? count,
      seed,
      rounds: timing.rounds,
      round_ms: timing.roundMs,
      warm_up_ms: timing.warmUpMs,
    },
    memory: {
      cached_bytes_per_second: bandwidth.cachedBytesPerSecond,
      memory_bytes_per_second: bandwidth.memoryBytesPerSecond,
    },
    ...(results.length === 1 && { frames_per_second: results[0].frames_per_second }),
    databases,
    nothing_to_decode: nothing,
    agree: results.every(({ agree }) => agree),
  };
}

const brief = ({ rounds, roundMs, warmUpMs }: Timing): Timing => ({
  rounds,
  roundMs: roundMs * briefTimesShare,
  warmUpMs: warmUpMs * briefTimesShare,
});

/** Files in different folders may have one name. */
function unusedName(name: string, used: Record<string, unknown>): string {
  let unused = name;
  for (let number = 2; Object.hasOwn(used, unused); number++) unused = `${name} (${number})`;
  return unused;
}

function reasonForNothing({ messages, signals }: Plan): string {
  if (messages.length === 0) return 'it has no messages';
  if (signals.length === 0) return 'its messages have no signals';
  return 'no message with signals fits a frame';
}

function boundOf(result: DecodeBenchResult, bandwidth: MemoryBandwidth): DatabaseReport['bound'] {
  const { in: bytesIn, out: bytesOut } = result.bytes_per_frame;
  const memory = bandwidth.memoryBytesPerSecond / bytesIn;
  const cached = bandwidth.cachedBytesPerSecond / (bytesIn + bytesOut);
  const least = Math.min(memory, cached);
  return { memory, cached, least, batch_share: result.frames_per_second.batch / least };
}
