/** Somebody else's report of the gate against one's own. */

import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import { type GateReport, gateFormat } from './gate.ts';

/** A fact that the two reports give otherwise. */
export interface ReportDifference {
  /** `golden.frames`, `replaces.changes.3` */
  at: string;
  theirs: string;
  ours: string;
}

const reportBytesMax = 16 << 20;

/**
 * Reads a report as JSON, whatever it says.
 * @throws {MinerError} GATE_REPORT, FILE_UNREADABLE
 */
export function readGateReport(path: string): { report: unknown; bytes: Uint8Array } {
  const fail = (problem: string): never => {
    throw toolError('GATE_REPORT', { path, problem });
  };
  const bytes = readInput(path);
  if (bytes.length > reportBytesMax) fail(`${bytes.length} bytes, at most ${reportBytesMax} are read`);
  let report: { format?: unknown } | null;
  try {
    report = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes)) as { format?: unknown } | null;
  } catch {
    return fail('is no JSON');
  }
  if (report?.format !== gateFormat) fail(`format is no ${JSON.stringify(gateFormat)}`);
  return { report, bytes };
}

/** All differences but those of the benchmark, which each machine makes its own. */
export function compareReports(theirs: unknown, ours: GateReport): ReportDifference[] {
  const [given, own] = [facts(theirs), facts(ours)];
  return [...new Set([...given.keys(), ...own.keys()])]
    .filter((at) => given.get(at) !== own.get(at))
    .map((at) => ({ at, theirs: given.get(at) ?? 'nothing', ours: own.get(at) ?? 'nothing' }));
}

/** Every leaf by its path. JSON that is nested deeper than any report is one leaf. */
function facts(report: unknown): Map<string, string> {
  const found = new Map<string, string>();
  const visit = (value: unknown, path: string[]) => {
    if (path.length === 1 && path[0] === 'benchmark') return;
    const isLeaf = typeof value !== 'object' || value === null || path.length > 8 || Object.keys(value).length === 0;
    if (isLeaf)
      found.set(path.join('.'), typeof value === 'object' && path.length > 8 ? 'too deep' : JSON.stringify(value));
    else for (const [name, inner] of Object.entries(value)) visit(inner, [...path, name]);
  };
  visit(report, []);
  return found;
}
