/** `miner bench decode`: every database through every back end, as tables or as one object. */
import { existsSync } from 'node:fs';
import { cpus } from 'node:os';
import path from 'node:path';
import { parseDbc } from '../edge/dbc/index.ts';
import { compilePlan } from '../edge/decode/index.ts';
import { readInput } from '../tools/files.ts';
import { packageRoot } from '../tools/package-root.ts';
import { benchDecode, type DecodeBenchOptions, type DecodeBenchResult } from './decode.ts';

const ownDbc = 'tools/vehicle/electric-car.dbc';
const realDbcs = ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt'];

/** The repository's own car, and real databases where they are at hand. */
function canonicalDbcs(): string[] {
  const candidates = [ownDbc, ...realDbcs.map((name) => `../shared/corpus/opendbc/${name}.dbc`)];
  return candidates.map((file) => path.join(packageRoot, file)).filter(existsSync);
}

const inMillions = (perSecond: number): string => (perSecond / 1e6).toFixed(perSecond < 1e6 ? 3 : 2);

function table(title: string, result: DecodeBenchResult): string {
  const lines = result.rows.map((row) => {
    const spread = `${inMillions(row.framesPerSecondMin)} to ${inMillions(row.framesPerSecondMax)}`;
    const rate = inMillions(row.framesPerSecond).padStart(8);
    const p99 = row.nsPerFrameP99.toFixed(0).padStart(9);
    return `  ${row.name.padEnd(20)}${rate}  ${spread.padEnd(18)}${row.ratio.toFixed(3).padStart(8)}${p99}`;
  });
  const verdict = result.agree ? `all agree, ${result.rows[0].checksum.slice(0, 16)}` : 'THE BACK ENDS DISAGREE';
  return [
    `${title}: ${result.messages} messages, ${result.signals} signals, ${result.frameCount} frames`,
    `  ${'back end'.padEnd(20)}${'M frames/s'.padStart(8)}  ${'spread'.padEnd(18)}${'ratio'.padStart(6)}${'p99 ns'.padStart(9)}`,
    ...lines,
    `  checked on ${result.checkedFrames} frames: ${verdict}`,
  ].join('\n');
}

/**
 * Runs the benchmark and writes its report to stdout.
 * @param dbcs files; the canonical ones when empty
 * @returns whether all back ends agreed on everything
 * @throws {MinerError} FILE_UNREADABLE
 */
export function reportDecodeBench(dbcs: readonly string[], options: DecodeBenchOptions, json: boolean): boolean {
  const results: Record<string, DecodeBenchResult> = {};
  for (const file of dbcs.length > 0 ? dbcs : canonicalDbcs()) {
    const name = path.basename(file);
    results[name] = benchDecode(compilePlan(parseDbc(readInput(file)).database), options);
    if (!json) process.stdout.write(`${table(name, results[name])}\n\n`);
  }
  if (json) {
    const machine = { cpu: cpus()[0]?.model, runtime: `Node ${process.version}`, date: new Date().toISOString() };
    process.stdout.write(`${JSON.stringify({ ...machine, ...options, databases: results }, undefined, 2)}\n`);
  }
  return Object.values(results).every(({ agree }) => agree);
}
