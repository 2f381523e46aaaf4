/** `miner bench ...`: throughput as ratios within one run. */
import type { Command } from 'commander';
import { integerBetween } from '../options.ts';

interface BenchFlags {
  dbc: string[];
  frames: number;
  seed: number;
  rounds: number;
  json?: boolean;
}

export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure on this machine; compare within one run only');
  bench
    .command('decode')
    .description('the same frames through every decoder back end: medians, spreads, ratios, and a checksum')
    .option('--dbc <file...>', 'databases; the built-in electric car and real ones at hand when left out', [])
    .option('--frames <n>', 'generated frames', integerBetween(1000, 50_000_000), 200_000)
    .option('--seed <n>', 'of the frames', integerBetween(0, 2 ** 32 - 1), 1)
    .option('--rounds <n>', 'measured rounds', integerBetween(5, 1000), 5)
    .option('--json', 'one object')
    .addHelpText('after', '\nExit code 1 when two back ends disagree.\n\nExample\n  $ miner bench decode --dbc car.dbc')
    .action(decode);
}

async function decode({ dbc, frames, seed, rounds, json }: BenchFlags): Promise<void> {
  const { reportDecodeBench } = await import('../../../bench/decode-report.ts');
  const agree = reportDecodeBench(dbc, { frameCount: frames, seed, rounds }, json === true);
  process.exitCode = agree ? 0 : 1;
}
