/**
 * The gate that a decoder passes before holders are asked about it: the package is whole, its golden frames come out of
 * every back end, what changes against the decoder it replaces is written down, and how fast it is.
 */
import { FrameFlag } from '../../edge/can/index.ts';
import { contentHash, parseDbc } from '../../edge/dbc/index.ts';
import { createValueComparison, diffDatabases, hex, isMetadata, type ValueDiff } from '../dbc/index.ts';
import { type DecoderPackage, flagsOf, type Hashes, type OpenedPackage, openPackage } from '../dbc/package/index.ts';
import { toolError } from '../errors/index.ts';
import { benchmarkDecoder, type DecoderBenchmark } from './benchmark.ts';

export const gateFormat = 'dimo-decoder-gate/1';

/** What changes for whoever used the replaced decoder. */
export interface Replacement {
  contentHash: string;
  /** False when both have the same semantic hash: every value comes out as before. */
  meaningDiffers: boolean;
  /** In words, of differences that bear on values; then of comments and the like. */
  changes: string[];
  /** The golden frames of the new decoder through both. */
  values: Omit<ValueDiff, 'signals'>;
}

/** A report that a DIP names by its SHA-256. All of it but the benchmark comes out the same on every machine. */
export interface GateReport {
  format: typeof gateFormat;
  package: { id: string; version: string; author: string; license: string; platform: unknown; sha256: string | null };
  decoder: { contentHash: string; semanticHash: string; moduleHash: string; sizeBytes: number };
  /** What the check had to say that is no error. */
  notes: string[];
  golden: { frames: number; backEnds: string[]; skipped: string[] };
  replaces: Replacement | null;
  benchmark: (DecoderBenchmark & { runtime: string }) | null;
}

export interface GateResult {
  report: GateReport;
  package: DecoderPackage;
}

export type GateStep = 'package and golden frames' | 'differences';

export interface GateOptions {
  /** The DBC of the decoder that is replaced. */
  replaced?: Uint8Array;
  onStep?: (step: GateStep) => void;
}

/**
 * Runs the gate, but for its benchmark: that comes once nothing else stands in the way.
 * @param path a package, as folder or file
 * @throws {MinerError} GATE_GOLDEN with the first frame that some back end decodes otherwise; GATE_PACKAGE with the first
 *   of other errors, those of the DBC before all; FILE_UNREADABLE
 */
export function runGate(path: string, options: GateOptions): GateResult {
  const { replaced, onStep = () => {} } = options;
  onStep('package and golden frames');
  const opened = openPackage(path);
  const whole = wholePackage(path, opened);
  const { manifest, dbc, hashes } = whole;
  const { report: checked } = opened.inspected!;
  if (replaced) onStep('differences');
  const replaces = replaced ? compareDecoders(replaced, whole) : null;
  const { id, version, author, license, platform } = manifest;
  const report: GateReport = {
    format: gateFormat,
    package: { id, version, author, license, platform, sha256: opened.sha256 ?? null },
    decoder: { ...listable(path, hashes), sizeBytes: dbc.length },
    notes: opened.problems.list.map(({ place, message }) => `${place}: ${message}`),
    golden: {
      frames: checked.frameCount,
      backEnds: checked.backEnds,
      skipped: checked.skipped.map(({ backEnd, reason }) => `${backEnd}: ${reason}`),
    },
    replaces,
    benchmark: null,
  };
  return { report, package: whole };
}

/**
 * The report with a benchmark in it.
 * @param machine a monotonic clock, and what it runs on
 */
export function benchmarkGate(
  { report, package: { plan, golden } }: GateResult,
  { nowMs, runtime }: { nowMs: () => number; runtime: string },
): GateReport {
  const benchmark = benchmarkDecoder(plan, golden, nowMs);
  return { ...report, benchmark: benchmark ? { ...benchmark, runtime } : null };
}

/** The report's text: what is hashed is every byte of it. */
export const gateReportText = (report: GateReport) => `${JSON.stringify(report, null, 2)}\n`;

function wholePackage(path: string, { parts, inspected, problems }: OpenedPackage): DecoderPackage {
  if (inspected?.package) return inspected.package;
  const errors = problems.list.filter(({ severity }) => severity === 'error');
  // A signal that was lost on reading is missing from golden frames too: then the loss is what has to be mended.
  const cause = errors.find(({ place }) => place.startsWith('decoder.dbc'));
  const difference = inspected?.report.differences[0];
  if (parts && difference && !cause) {
    const frame = parts.golden[difference.frame]!;
    const { signal, expected, backEnd, got } = difference;
    const id = frame.id
      .toString(16)
      .toUpperCase()
      .padStart(flagsOf(frame) & FrameFlag.extended ? 8 : 3, '0');
    throw toolError('GATE_GOLDEN', {
      place: parts.goldenPlace(difference.frame),
      frame: `${id}#${hex(frame.data.subarray(0, 64))}`,
      what: signal === undefined ? frame.message : `${frame.message}.${signal}`,
      expected,
      backEnd,
      got,
    });
  }
  const first = cause ?? errors[0]!;
  throw toolError('GATE_PACKAGE', {
    path,
    errors: problems.errorCount,
    place: first.place,
    problem: first.message,
  });
}

/** The registry lists no decoder without a module. */
function listable(path: string, { contentHash, semanticHash, moduleHash }: Hashes) {
  if (moduleHash !== null) return { contentHash, semanticHash, moduleHash };
  const problem = 'a message is too large to be compiled, so there is no module that could be listed';
  throw toolError('GATE_PACKAGE', { path, errors: 1, place: 'decoder.dbc', problem });
}

function compareDecoders(replaced: Uint8Array, { dbc, golden }: DecoderPackage): Replacement {
  const [before, after] = [parseDbc(replaced).database, parseDbc(dbc).database];
  const { changes, meaningDiffers } = diffDatabases(before, after);
  const comparison = createValueComparison(before, after);
  for (const frame of golden) comparison.addFrame(frame.id, flagsOf(frame), frame.data);
  const { signals: _, ...values } = comparison.result();
  const weighty = changes.toSorted((a, b) => Number(isMetadata(a)) - Number(isMetadata(b)));
  const words = weighty.map(({ message, signal, text }) =>
    [[message, signal].filter((name) => name !== undefined).join('.'), text].filter((part) => part !== '').join(': '),
  );
  return { contentHash: contentHash(replaced), meaningDiffers, changes: words, values };
}
