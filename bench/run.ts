/**
 * `node bench/run.ts [--dbc FILE]... [--frames N] [--seed N] [--rounds N] [--json]`
 * Without arguments: the repository's own car, and real databases where they are at hand.
 */
import { existsSync, readFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { parseDbc } from '../edge/dbc/index.ts';
import { compilePlan } from '../edge/decode/index.ts';
import { benchDecode, type DecodeBenchResult } from './decode.ts';

const ownDbc = 'tools/vehicle/electric-car.dbc';
const realDbcs = ['tesla_can', 'vw_mlb', 'cadillac_ct6_object', 'ford_lincoln_base_pt'];

function canonicalDbcs(): string[] {
  const candidates = [ownDbc, ...realDbcs.map((name) => `../shared/corpus/opendbc/${name}.dbc`)];
  return candidates.map((path) => fileURLToPath(new URL(`../${path}`, import.meta.url))).filter(existsSync);
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

const { values } = parseArgs({
  options: {
    dbc: { type: 'string', multiple: true },
    frames: { type: 'string', default: '500000' },
    seed: { type: 'string', default: '1' },
    rounds: { type: 'string', default: '5' },
    json: { type: 'boolean', default: false },
  },
});

const options = { frameCount: Number(values.frames), seed: Number(values.seed), rounds: Number(values.rounds) };
const results: Record<string, DecodeBenchResult> = {};
for (const path of values.dbc ?? canonicalDbcs()) {
  const name = basename(path);
  results[name] = benchDecode(compilePlan(parseDbc(readFileSync(path)).database), options);
  if (!values.json) console.log(`${table(name, results[name])}\n`);
}
if (values.json) {
  const machine = { cpu: cpus()[0]?.model, runtime: `Node ${process.version}`, date: new Date().toISOString() };
  console.log(JSON.stringify({ ...machine, ...options, databases: results }, undefined, 2));
}
process.exitCode = Object.values(results).every(({ agree }) => agree) ? 0 : 1;
