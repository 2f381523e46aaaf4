/** `miner dbc decode`: a log through a DBC, into rows that other programs read. */
import { type Command, Option } from 'commander';
import type { DecodeFlags } from '../../decode/index.ts';
import { stopOnSignals } from '../stop.ts';

/** Adds the subcommand to `miner dbc`. */
export function addDecode(dbc: Command): void {
  dbc
    .command('decode')
    .argument('<dbc>', 'a DBC file')
    .argument('[log]', 'a log in any format that is read, gzip too; - reads standard input')
    .description('decode a log, or a file of frames, into JSON lines, CSV, Parquet or Arrow')
    .option('--frames <file>', 'a file of frame records instead of a log')
    .option('--fd', 'its records have room for 64 bytes')
    .addOption(
      new Option('--format <name>', 'of the output').choices(['jsonl', 'csv', 'parquet', 'arrow']).default('jsonl'),
    )
    .option('-o, --output <path>', 'jsonl, csv: a file (default: stdout); parquet, arrow: a folder of tables')
    .option('--force', 'replace what an earlier run left there')
    .addHelpText('after', help)
    .action(decode);
}

const help = `
jsonl  one line per frame; what JSON has no number for (integers past 2^53, NaN, Infinity) is a string
csv    one row per signal value
parquet, arrow
       one table per message and per multiplexer branch: columns t (seconds), frame (its number in the log), one per
       signal (null where absent), status (of signals that are neither ok nor absent); tables.json lists them.
       Join a branch to its message by frame.
Frames that the DBC does not have are left out, and counted on stderr. Ctrl-C finishes what was read so far.
A record of --frames: u32 little-endian id (bit 31: 29-bit id), u8 length, 3 zero bytes, 8 (--fd: 64) payload bytes;
it has no time, so t is null.

Examples
  $ miner dbc decode car.dbc drive.log.gz
  $ candump -L can0 | miner dbc decode car.dbc - --format csv
  $ miner dbc decode car.dbc drive.blf --format parquet -o drive`;

async function decode(dbc: string, log: string | undefined, flags: DecodeFlags): Promise<void> {
  const { runDecode } = await import('../../decode/index.ts');
  const stop = stopOnSignals((text) => process.stderr.write(`${text}\n`));
  const report = (text: string) => process.stderr.write(text);
  try {
    await runDecode(dbc, log, flags, { signal: stop.signal, report });
  } finally {
    stop.release();
  }
}
