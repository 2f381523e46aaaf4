/** `miner run`: a Miner on a serial port, or only a look at what a decoder reads there. */
import path from 'node:path';
import type { Command } from 'commander';
import { defaultFolder } from '../data-folder.ts';
import { integerBetween, numberBetween } from '../options.ts';

export interface RunFlags {
  port: string;
  dbc: string[];
  data: string;
  key?: string;
  rpc?: string;
  chainId?: number;
  bitRate: number;
  active?: boolean;
  sampleMs: number;
  packS: number;
  look?: boolean;
  duration?: number;
  json?: boolean;
}

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('a Miner on a serial port: decode with listed decoders, sign, store, send; runs until Ctrl-C')
    .requiredOption('--port <port>', 'serial path (/dev/ttyACM0, /dev/pts/3, COM3), or tcp://host:port')
    .requiredOption('--dbc <file...>', 'decoders; those that are not listed are refused')
    .option('--look', 'only show what the decoders read: no chain, nothing signed, nothing sent')
    .option('--data <folder>', 'key, packs, and where `miner chain` and `miner gateway` wrote', defaultFolder)
    .option('--key <file>', 'device key, made when it is not there; <data>/device.key when left out')
    .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
    .option(
      '--chain-id <n>',
      'the chain that is meant; another one is refused',
      integerBetween(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--bit-rate <n>', 'of the CAN bus, bit/s', integerBetween(10_000, 1_000_000), 500_000)
    .option('--active', 'acknowledge frames on the bus instead of only listening')
    .option('--sample-ms <ms>', 'keep a changed value at most this often', numberBetween(0, 3_600_000, 'ms'), 1000)
    .option('--pack-s <s>', 'sign a pack this often', numberBetween(0.1, 3600, 'seconds'), 10)
    .option('--duration <s>', 'end after this time', numberBetween(0.1, 1e7, 'seconds'))
    .option('--json', 'events as JSON lines')
    .addHelpText(
      'after',
      `
The port may go away and come back: the Miner waits for it and counts what it can tell was lost.
What was signed stays in <data>/packs until a gateway's receipt.

Examples
  $ miner run --port /dev/ttyACM0 --dbc car.dbc --look
  $ miner run --port /dev/pts/3 --dbc car.dbc`,
    )
    .action(run);
}

async function run(flags: RunFlags): Promise<void> {
  const { readInput } = await import('../../files.ts');
  const files = flags.dbc.map((file) => ({ name: path.basename(file), bytes: readInput(file) }));
  if (flags.look) {
    const { look } = await import('../run/look.ts');
    await look(flags, files);
  } else {
    const { runMiner } = await import('../run/run-miner.ts');
    await runMiner(flags, files);
  }
}
