/** A decoder package whole: what its parts are, and whether they fit together. */
import type { Diagnostic } from '../../../edge/dbc/index.ts';
import { contentHash, parseDbc, semanticHash } from '../../../edge/dbc/index.ts';
import { compilePlan, moduleHash, type Plan } from '../../../edge/decode/index.ts';
import { MinerError } from '../../../edge/errors/index.ts';
import { checkGolden, type GoldenReport } from './golden-check.ts';
import type { GoldenFrame } from './golden-line.ts';
import { checkManifest, type Manifest } from './manifest.ts';
import type { Problems } from './problem.ts';
import { checkVss, type VssEntry } from './vss.ts';

/** The identities of a decoder, each 64 lower-case hex digits. */
export interface Hashes {
  contentHash: string;
  semanticHash: string;
  /** null when a message is too large to be compiled. */
  moduleHash: string | null;
}

/** A package that holds together. */
export interface DecoderPackage {
  manifest: Manifest;
  /** The DBC file, byte for byte. */
  dbc: Uint8Array;
  plan: Plan;
  hashes: Hashes;
  golden: GoldenFrame[];
  vss: VssEntry[];
}

/** The parts as they were found, nothing checked. */
export interface PackageParts {
  /** As JSON has it. */
  manifest: unknown;
  dbc: Uint8Array;
  golden: GoldenFrame[];
  /** How problems call golden frame `index`. */
  goldenPlace: (index: number) => string;
  /** As JSON has it. */
  vss: unknown;
}

export interface Inspected {
  /** Undefined when anything is wrong. */
  package: DecoderPackage | undefined;
  hashes: Hashes;
  report: GoldenReport;
}

/** Checks every part and how they fit; all that is wrong goes to `problems`. */
export function inspectPackage(parts: PackageParts, problems: Problems): Inspected {
  const manifest = checkManifest(parts.manifest, problems);
  const { plan, hashes } = readDecoder(parts.dbc, problems);
  const report = inspectGolden(parts, plan, problems);
  const vss = checkVss(parts.vss, plan, problems);
  if (manifest === undefined || problems.errorCount > 0) return { package: undefined, hashes, report };
  return { package: { manifest, dbc: parts.dbc, plan, hashes, golden: parts.golden, vss }, hashes, report };
}

/** Reads the DBC: what was dropped from it is an error, since whoever approves the package would not know. */
export function readDecoder(dbc: Uint8Array, problems: Problems): { plan: Plan; hashes: Hashes } {
  const { database, diagnostics } = parseDbc(dbc);
  const place = ({ line, column }: Diagnostic): string => `decoder.dbc:${line}:${column}`;
  for (const one of diagnostics)
    if (one.severity === 'error') problems.error(place(one), `${one.code}: ${one.message}`);
  const warnings = diagnostics.filter(({ severity }) => severity === 'warning');
  if (warnings.length > 0) {
    const first = `${place(warnings[0])}: ${warnings[0].code}: ${warnings[0].message}`;
    const count = warnings.length === 1 ? '1 warning' : `${warnings.length} warnings, the first`;
    problems.note('decoder.dbc', `${count}: ${first}`);
  }
  if (database.messages.length === 0) problems.error('decoder.dbc', 'no message could be read from it');
  const plan = compilePlan(database);
  const hashes = {
    contentHash: contentHash(dbc),
    semanticHash: semanticHash(database),
    moduleHash: moduleHashOf(plan, problems),
  };
  return { plan, hashes };
}

function moduleHashOf(plan: Plan, problems: Problems): string | null {
  try {
    return moduleHash(plan);
  } catch (error) {
    if (!(error instanceof MinerError)) throw error;
    problems.note('decoder.dbc', `no moduleHash: ${error.message}`);
    return null;
  }
}

function inspectGolden({ golden, goldenPlace }: PackageParts, plan: Plan, problems: Problems): GoldenReport {
  if (golden.length === 0) problems.error('golden.jsonl', 'no golden frame: nothing shows that the decoder is right');
  const report = checkGolden(plan, golden);
  for (const { frame, backEnd, signal, expected, got } of report.differences) {
    const what = `${golden[frame].message}${signal === undefined ? '' : `.${signal}`}`;
    problems.error(goldenPlace(frame), `${what}: expected ${expected}, ${backEnd} gives ${got}`);
  }
  for (const { backEnd, reason } of report.skipped) problems.note('golden.jsonl', `${backEnd} did not run: ${reason}`);
  const shown = new Set(golden.map(({ message }) => message));
  const bare = plan.messages.filter(({ name }) => !shown.has(name));
  if (bare.length > 0 && golden.length > 0)
    problems.note('golden.jsonl', `${bare.length} of ${plan.messages.length} messages have no golden frame`);
  return report;
}
