/** One database through every contestant: rates, ratios, and whether they all say the same. */
import type { FrameBatch } from '../edge/can/index.ts';
import type { Plan } from '../edge/decode/index.ts';
import type { BackEnd } from './back-ends.ts';
import { type BytesPerFrame, bytesPerFrame } from './batch.ts';
import { compileContestant } from './compiled.ts';
import { type Measurement, measure, type Timing } from './measure.ts';
import { loadPeer, type Peer, type PeerVerdict, peerNames } from './peers.ts';
import { checksum, differences, layoutReadings, valueCount } from './readings.ts';

/** A database to run. */
export interface BenchDatabase {
  /** How tables name it. */
  name: string;
  /** Where it stands; for peers that read files themselves. */
  file: string;
  /** The file's text, for peers. */
  text: string;
  plan: Plan;
}

export interface DecodeBenchOptions extends Timing {
  /** Most frames whose values are compared. */
  checkedFrames: number;
  /** Whether compiled C takes part. */
  gcc: boolean;
  /** Whether npm peers are timed too, or only checked. */
  timePeers: boolean;
  /** Who takes part of our own, the interpreter first. */
  backEnds: (plan: Plan) => BackEnd[];
}

type ByName<T> = Record<string, T>;

/** Frames per second of the slowest and the fastest round. */
export interface Spread {
  slowest: number;
  fastest: number;
}

/** Keys as `--json` prints them; those of the inner objects are back ends and peers. */
export interface DecodeBenchResult {
  messages: number;
  signals: number;
  frames: number;
  /** Values that a frame holds, on average over the checked ones. */
  signals_per_frame: number;
  /** Medians. */
  frames_per_second: ByName<number>;
  frames_per_second_spread: ByName<Spread>;
  signals_per_second: ByName<number>;
  /** What `ratio` is against: compiled C where there is a gcc, else perFrame. */
  baseline: string;
  ratio: ByName<number>;
  /** Nanoseconds per frame that 99 % of blocks keep to. */
  ns_per_frame_p99: ByName<number>;
  /** Of those too slow for all frames within their time: how many they decoded. */
  frames_seen: ByName<number>;
  checked_frames: number;
  /** Of these, frames that no message of the database answers to. */
  checked_frames_unknown: number;
  /** SHA-256 over message, statuses and values of the checked frames, of each of our back ends. */
  checksums: ByName<string>;
  /** Of ours: values or statuses that differ from the interpreter's; of peers: wrong, missing and invented ones. */
  wrong_values: ByName<number>;
  peers: ByName<PeerVerdict & { version: string }>;
  /** Who does not take part, and why. */
  skipped: ByName<string>;
  /** What the batch decoder reads and writes, each byte counted once. */
  bytes_per_frame: BytesPerFrame;
  /** Whether all our back ends agree on everything. */
  agree: boolean;
}

/** Checks every contestant against the interpreter, then times them. */
export async function benchDecode(
  database: BenchDatabase,
  frames: FrameBatch,
  options: DecodeBenchOptions,
): Promise<DecodeBenchResult> {
  const { plan } = database;
  const backEnds = options.backEnds(plan);
  const layout = layoutReadings(plan, frames, Math.min(frames.count, options.checkedFrames));
  const readings = backEnds.map((backEnd) => ({ name: backEnd.name, read: backEnd.read(layout) }));
  const expected = readings[0].read;
  const { peers, skipped } = await loadPeers(database);
  const verdicts = peers.map((peer) => ({ peer, verdict: peer.check(expected) }));

  const contestants = backEnds.map((backEnd) => backEnd.contestant(frames));
  if (options.timePeers) contestants.push(...peers.map((peer) => peer.contestant(frames, layout.count)));
  const entry = options.gcc ? compileContestant(plan, frames, options) : undefined;
  if (entry !== undefined && 'reason' in entry) skipped.c = entry.reason;
  const compiled = entry !== undefined && 'outsider' in entry ? entry : undefined;
  let measurements: Measurement[];
  try {
    measurements = measure(contestants, options, compiled?.outsider);
  } finally {
    compiled?.dispose();
  }

  const rates = pick(measurements, ({ framesPerSecond }) => framesPerSecond);
  const baseline = rates.c === undefined ? 'perFrame' : 'c';
  const checksums = Object.fromEntries(readings.map(({ name, read }) => [name, checksum(read)]));
  if (compiled?.checkedFrames === layout.count) checksums.c = compiled.checksum;
  const signalsPerFrame = layout.count === 0 ? 0 : valueCount(expected) / layout.count;
  return {
    messages: plan.messages.length,
    signals: plan.signals.length,
    frames: frames.count,
    checked_frames: layout.count,
    checked_frames_unknown: layout.messages.filter((message) => message === undefined).length,
    signals_per_frame: signalsPerFrame,
    frames_per_second: rates,
    frames_per_second_spread: pick(measurements, (row) => ({
      slowest: row.framesPerSecondMin,
      fastest: row.framesPerSecondMax,
    })),
    signals_per_second: pick(measurements, ({ framesPerSecond }) => framesPerSecond * signalsPerFrame),
    baseline,
    ratio: pick(measurements, ({ framesPerSecond }) => framesPerSecond / rates[baseline]),
    ns_per_frame_p99: Object.fromEntries(
      measurements.flatMap(({ name, nsPerFrameP99 }) => (nsPerFrameP99 === undefined ? [] : [[name, nsPerFrameP99]])),
    ),
    frames_seen: pick(
      measurements.filter(({ framesSeen }) => framesSeen < frames.count),
      ({ framesSeen }) => framesSeen,
    ),
    checksums,
    wrong_values: {
      ...Object.fromEntries(readings.map(({ name, read }) => [name, differences(expected, read)])),
      ...(checksums.c === checksums.interpret && { c: 0, cFull: 0 }),
      ...Object.fromEntries(verdicts.map(({ peer, verdict }) => [peer.name, faultCount(verdict)])),
    },
    peers: Object.fromEntries(verdicts.map(({ peer, verdict }) => [peer.name, { version: peer.version, ...verdict }])),
    skipped,
    bytes_per_frame: bytesPerFrame(plan, frames),
    agree: new Set(Object.values(checksums)).size === 1,
  };
}

const pick = <T>(rows: readonly Measurement[], value: (row: Measurement) => T): ByName<T> =>
  Object.fromEntries(rows.map((row) => [row.name, value(row)]));

const faultCount = ({ wrong, missing, invented }: PeerVerdict): number => wrong + missing + invented;

async function loadPeers({ file, text }: BenchDatabase): Promise<{ peers: Peer[]; skipped: ByName<string> }> {
  const peers: Peer[] = [];
  const skipped: ByName<string> = {};
  for (const name of peerNames) {
    const outcome = await loadPeer(name, file, text);
    if ('peer' in outcome) peers.push(outcome.peer);
    else skipped[name] = outcome.reason;
  }
  return { peers, skipped };
}
