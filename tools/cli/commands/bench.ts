/** `miner bench ...`: throughput as ratios within one run. */
import { type Command, InvalidArgumentError } from 'commander';
import type { EdgePart } from '../../../bench/index.ts';
import { integerBetween, numberBetween } from '../options.ts';

export function registerBench(program: Command): void {
  const bench = program.command('bench').description('measure on this machine; compare within one run only');
  const seed = (of: string) => ['--seed <n>', of, integerBetween(0, 2 ** 32 - 1), 1] as const;
  bench
    .command('decode')
    .description('the same frames through every decoder back end, compiled C and npm peers: medians, ratios, errors')
    .option('--dbc <file...>', 'databases; the canonical ones and all others at hand when left out', [])
    .option('--frames <file>', 'frames from a frame file instead of generated ones')
    .option('--fd', 'the records of the frame file hold 64 bytes of payload')
    .option('--count <n>', 'generated frames for each database', integerBetween(1000, 50_000_000), 200_000)
    .option(...seed('of the generated frames'))
    .option('--rounds <n>', 'measured rounds', integerBetween(5, 1000), 5)
    .option('--round-ms <n>', 'least time of a round', integerBetween(1, 60_000), 100)
    .option('--warm-up-ms <n>', 'least time before the first round counts', integerBetween(0, 60_000), 2000)
    .option('--json', 'one object')
    .addHelpText(
      'after',
      `
A frame file has records of: id (32 bits, little-endian, bit 31 set for a 29-bit id), payload length (1 byte), three
zero bytes, payload padded to 8 bytes (64 with --fd). "miner bench frames" writes one.

Exit code 1 when two of our back ends disagree.

Example
  $ miner bench decode --dbc car.dbc
  $ miner bench decode --dbc car.dbc --frames drive.frames --json`,
    )
    .action(decode);
  bench
    .command('frames')
    .description('draw frames for a database into a frame file: the same seed gives the same file')
    .requiredOption('--dbc <file>', 'a database')
    .requiredOption('-o, --output <file>', 'the frame file to write')
    .option('--count <n>', 'frames', integerBetween(1, 50_000_000), 200_000)
    .option(...seed('of the frames'))
    .option('--fd', 'records of 64 bytes of payload; without, messages that need CAN FD are left out')
    .addHelpText('after', '\nExample\n  $ miner bench frames --dbc car.dbc --count 1000000 -o car.frames')
    .action(frames);
  bench
    .command('parse')
    .description('from the text of a database to a decoder that is ready: warm, and in a fresh process')
    .option('--dbc <file...>', 'databases; the largest at hand when left out', [])
    .option('--rounds <n>', 'measured rounds', integerBetween(5, 1000), 9)
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner bench parse --dbc car.dbc')
    .action(parse);
  bench
    .command('edge')
    .description('what the Miner and a gateway carry on this machine: codec, packs, log, sizes, gateway, a real pty')
    .option('--only <parts>', `some of ${edgePartNames.join(',')}`, edgePartsOf)
    .option('--seconds <s>', 'of a saturated bus through the pty', numberBetween(0.1, 3600, 'seconds'), 10)
    .option('--rounds <n>', 'measured rounds', integerBetween(5, 1000), 5)
    .option('--round-ms <n>', 'least time of a round', integerBetween(1, 60_000), 200)
    .option('--warm-up-ms <n>', 'least time before the first round counts', integerBetween(0, 60_000), 1000)
    .option('--quick', 'a sixtieth of the work: to see that all runs, not to keep the figures')
    .option('--json', 'one object')
    .addHelpText(
      'after',
      `
Figures are medians of the rounds beside the slowest and the fastest, with the goal where there is one. A goal that is
missed is told, and is no failure: a busy or a small machine misses some. The published figures take --seconds 60.

Exit code 1 when frames were lost or the same input gave different outputs.

Examples
  $ miner bench edge
  $ miner bench edge --only codec,pty --seconds 60 --json`,
    )
    .action(edge);
  bench
    .command('flash')
    .description('an image into a device over a pty, and beside what the framing leaves of 115,200 baud')
    .option('--size <bytes>', 'of each image', integerBetween(10_000, 4_000_000), 400_000)
    .option('--rounds <n>', 'uploads', integerBetween(1, 1000), 5)
    .option('--seconds <s>', 'of the slow line', numberBetween(0.5, 600, 'seconds'), 10)
    .option('--json', 'one object')
    .addHelpText('after', '\nExample\n  $ miner bench flash --json')
    .action(flash);
}

const edgePartNames: readonly EdgePart[] = [
  'codec',
  'packs',
  'sign',
  'log',
  'sizes',
  'gateway',
  'rewards',
  'pty',
  'baud',
];

function edgePartsOf(text: string): EdgePart[] {
  return text.split(',').map((word) => {
    const part = edgePartNames.find((name) => name === word.trim());
    if (part === undefined) throw new InvalidArgumentError(`Expected some of ${edgePartNames.join(',')}.`);
    return part;
  });
}

interface EdgeFlags {
  only?: EdgePart[];
  seconds: number;
  rounds: number;
  roundMs: number;
  warmUpMs: number;
  quick?: boolean;
  json?: boolean;
}

async function edge({ only, seconds, quick = false, json, ...timing }: EdgeFlags): Promise<void> {
  const { edgeClosingText, edgeParts, partText, reportEdgeBench } = await import('../../../bench/index.ts');
  const report = await reportEdgeBench(
    { only: only ?? edgeParts, seconds, timing, isTrial: quick },
    {
      started: (part, index, total) => status(`${index + 1} of ${total}: ${part}`),
      measured(part, result) {
        status('');
        if (!json) process.stdout.write(`${partText(part, result)}\n\n`);
      },
    },
  );
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${edgeClosingText(report)}\n`);
  process.exitCode = report.good ? 0 : 1;
}

interface FlashBenchFlags {
  size: number;
  rounds: number;
  seconds: number;
  json?: boolean;
}

async function flash({ size, rounds, seconds, json }: FlashBenchFlags): Promise<void> {
  const { flashBenchText, reportFlashBench } = await import('../../../bench/index.ts');
  const report = await reportFlashBench({ imageBytes: size, rounds, baudSeconds: seconds });
  process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : flashBenchText(report)}\n`);
  process.exitCode = report.good ? 0 : 1;
}

interface DecodeFlags {
  dbc: string[];
  frames?: string;
  fd?: boolean;
  count: number;
  seed: number;
  rounds: number;
  roundMs: number;
  warmUpMs: number;
  json?: boolean;
}

async function decode({ dbc, frames: file, fd, count, seed, json, ...timing }: DecodeFlags): Promise<void> {
  const { fileSource, reportDecodeBench, readFrameFile, sourcesAtHand } = await import('../../../bench/index.ts');
  const { briefText, closingText, databaseText } = await import('../../../bench/index.ts');
  const frames = file === undefined ? undefined : await readFrameFile(file, fd ? 64 : 8, say);
  const sources = dbc.length > 0 ? dbc.map((path) => fileSource(path)) : sourcesAtHand();
  const report = await reportDecodeBench(
    { sources, frames, count, seed, timing },
    {
      started: (name, index, total) => status(`${index + 1} of ${total}: ${name}`),
      measured(name, result) {
        status('');
        if (json) return;
        const text = result.canonical ? `${databaseText(name, result)}\n` : briefText(name, result);
        process.stdout.write(`${text}\n`);
      },
    },
  );
  status('');
  process.stdout.write(json ? `${JSON.stringify(report, undefined, 2)}\n` : `${closingText(report)}\n`);
  process.exitCode = report.agree ? 0 : 1;
}

interface FramesFlags {
  dbc: string;
  output: string;
  count: number;
  seed: number;
  fd?: boolean;
}

async function frames({ dbc, output, count, seed, fd }: FramesFlags): Promise<void> {
  const { fileSource, writeFrameFile } = await import('../../../bench/index.ts');
  const { plan } = fileSource(dbc).read();
  const written = writeFrameFile({ dbc, plan, output, count, seed, fd: fd === true });
  say(`${output}: ${written.frames} frames`);
  if (written.messagesLeftOut > 0) say(`${written.messagesLeftOut} messages need CAN FD and were left out: see --fd`);
}

interface ParseFlags {
  dbc: string[];
  rounds: number;
  json?: boolean;
}

async function parse({ dbc, rounds, json }: ParseFlags): Promise<void> {
  const { largestAtHand, parseText, reportParseBench } = await import('../../../bench/index.ts');
  const report = reportParseBench(dbc.length > 0 ? dbc : largestAtHand(), rounds);
  process.stdout.write(`${json ? JSON.stringify(report, undefined, 2) : parseText(report)}\n`);
}

const say = (text: string): void => {
  process.stderr.write(`${text}\n`);
};

/** What is being done, on a terminal only; overwritten by the next. */
function status(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}
