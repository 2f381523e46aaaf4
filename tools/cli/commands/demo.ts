/** `miner demo` */
import type { Command } from 'commander';
import { toolError } from '../../errors/index.ts';
import { integerBetween, numberBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface DemoFlags {
  duration: number;
  seed: number;
  log?: string;
  dbc?: string;
  json?: boolean;
}

export function registerDemo(program: Command): void {
  program
    .command('demo')
    .description('the whole loop on this machine: vote, licence, Miner, packs, gateway, reward')
    .option('--duration <s>', 'length of the drive, seconds', numberBetween(1, 86_400, 'seconds'), 12)
    .option(
      '--seed <n>',
      'another seed, another car and other keys; the same seed, the same',
      integerBetween(0, 2 ** 32 - 1),
      1,
    )
    .option('--log <file>', 'replay a recorded log instead (candump, SavvyCAN/GVRET CSV, gzip of each); needs --dbc')
    .option('--dbc <file>', 'drive, or read the log, through this DBC')
    .option('--json', 'the report as one object on stdout; the story goes to stderr')
    .addHelpText(
      'after',
      `
Needs no network and no other server. Exit code 1 if any step did not hold.

Examples
  $ miner demo
  $ miner demo --log drive.log --dbc car.dbc
  $ miner demo --json --seed 7 | jq .packs`,
    )
    .action(demo);
}

async function demo({ duration, seed, log, dbc, json }: DemoFlags): Promise<void> {
  if (log && !dbc)
    throw toolError('OPTION_MISSING', { option: '--dbc', reason: `it reads the frames of --log ${log}` });
  const out = json ? process.stderr : process.stdout;
  const stop = stopOnSignals((note) => out.write(`${note}\n`));
  const { runDemo } = await import('../demo/run-demo.ts');
  const { reportText } = await import('../demo/report.ts');
  try {
    const report = await runDemo({
      seed,
      durationS: duration,
      signal: stop.signal,
      out,
      ...(log && { log }),
      ...(dbc && { dbc }),
    });
    process.stdout.write(json ? `${JSON.stringify(report)}\n` : reportText(report));
    process.exitCode = report.held ? 0 : 1;
  } finally {
    stop.release();
  }
}
