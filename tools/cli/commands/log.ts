/** `miner log ...`: CAN logs, converted and summed up. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { type LogFormat, logFormats } from '../../../edge/can/index.ts';
import { numberBetween } from '../options.ts';
import { table } from '../table.ts';

interface ConvertFlags {
  from?: LogFormat;
  to?: LogFormat;
  json?: boolean;
}

interface StatFlags {
  from?: LogFormat;
  bitRate: number;
  dataBitRate: number;
  gap: number;
  json?: boolean;
}

const formatsText = `
Formats: candump (.log), Vector asc and blf, PCAN trc, SavvyCAN gvret (.csv); .gz is packed and unpacked.`;

export function registerLog(program: Command): void {
  const log = program.command('log').description('CAN logs: converted, summed up');
  log
    .command('convert')
    .argument('<source>', 'a log, gzip or not; - is stdin')
    .argument('<target>', 'the log to write, packed when its name ends with .gz; - is stdout')
    .description('one log format into another; says what the target cannot hold')
    .addOption(fromOption())
    .addOption(new Option('--to <format>', "the target's format; default: as its name says").choices(logFormats))
    .option('--json', 'what was done, as one object')
    .addHelpText(
      'after',
      `${formatsText}

Example
  $ miner log convert drive.blf drive.log.gz
  $ candump -L can0 | miner log convert - drive.asc`,
    )
    .action(convert);
  log
    .command('stat')
    .argument('<log>', 'a log, gzip or not; - is stdin')
    .description('what a log holds: ids with rates and intervals, bus load, gaps, malformed lines')
    .addOption(fromOption())
    .option('--bit-rate <rate>', 'bits per second, such as 500k or 1M', bitRate, 500_000)
    .option('--data-bit-rate <rate>', "bits per second of CAN FD's data phase", bitRate, 2_000_000)
    .option('--gap <s>', 'seconds without a frame that count as a gap', numberBetween(1e-6, 1e9, 'seconds'), 1)
    .option('--json', 'one object')
    .addHelpText('after', `${formatsText}\n\nExample\n  $ miner log stat drive.asc --bit-rate 500k`)
    .action(stat);
}

function fromOption(): Option {
  return new Option('--from <format>', "the source's format; default: by its first bytes").choices(logFormats);
}

async function convert(source: string, target: string, { from, to, json }: ConvertFlags): Promise<void> {
  const { convertLog, convertText } = await import('../../log/index.ts');
  const facts = await convertLog(source, target, { from, to });
  const text = json ? `${JSON.stringify(facts)}\n` : convertText(facts, target);
  // The log itself is on stdout then.
  (target === '-' ? process.stderr : process.stdout).write(text);
}

async function stat(path: string, flags: StatFlags): Promise<void> {
  const { statLog, statText } = await import('../../log/index.ts');
  const { from: format, bitRate, dataBitRate, gap } = flags;
  const facts = await statLog(path, { format, bitRate, dataBitRate, gapUs: gap * 1e6 });
  process.stdout.write(flags.json ? `${JSON.stringify(facts)}\n` : statText(facts, table));
}

/** `500000`, `500k`, `1M`. */
function bitRate(text: string): number {
  const match = /^(\d+(?:\.\d+)?)([kM]?)$/.exec(text);
  const value = match === null ? Number.NaN : Number(match[1]) * { '': 1, k: 1e3, M: 1e6 }[match[2] as '' | 'k' | 'M'];
  if (value >= 1000 && value <= 20e6) return value;
  throw new InvalidArgumentError('Expected bits per second from 1000 to 20M, such as 500k.');
}
