/** `miner run`: a Miner on a serial port, or only a look at what a decoder reads there. */
import path from 'node:path';
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { RecordFrames } from '../../../edge/miner.ts';
import type { PollItem } from '../../../edge/obd/index.ts';
import type { HttpAddress } from '../../metrics/index.ts';
import { defaultFolder } from '../data-folder.ts';
import { httpAddress, integerBetween, numberBetween } from '../options.ts';

/** As edge/slcan has them; not imported here, so that --help is quick. */
const profileNames = ['auto', 'lawicel', 'can232', 'canable1', 'canable2', 'weact', 'kernel', 'slcanfd'];

export interface RunFlags {
  port: string;
  wait?: boolean;
  profile: string;
  baud?: number;
  bitRate: number;
  dataBitRate?: number;
  active?: boolean;
  /** Parameters to ask for; the usual ones when true. */
  obd?: true | PollItem[];
  dbc: string[];
  look?: boolean;
  record: RecordFrames;
  sampleMs: number;
  packS: number;
  data: string;
  key?: string;
  storeMb: number;
  rpc?: string;
  chainId?: number;
  checkpoint?: string;
  signers?: string;
  trustS: number;
  uplink?: string;
  gateway?: string;
  ca?: string;
  tlsCert?: string;
  tlsKey?: string;
  json?: boolean;
  verbose?: boolean;
  logFile?: string;
  http?: HttpAddress;
  duration?: number;
  flash?: string;
  bootKey?: string;
  image?: string;
  requireImage?: boolean;
  console?: string;
  smpUdp?: HttpAddress;
  smpTcp?: HttpAddress;
}

export function registerRun(program: Command): void {
  program
    .command('run')
    .description('a Miner on a serial port: decode with listed decoders, sign, store, send; runs until Ctrl-C')
    .optionsGroup('Port and bus:')
    .requiredOption(
      '--port <port>',
      'serial path (/dev/ttyACM0, COM3), a pattern ("/dev/ttyACM*"), tcp://host:port, or pty:[link]',
    )
    .option('--wait', 'go on when port or chain are not there at the start, and wait for them')
    .addOption(
      new Option('--profile <name>', "the adapter's firmware; auto asks it").choices(profileNames).default('auto'),
    )
    .option('--baud <n>', 'of the serial line, where it matters', integerBetween(300, 10_000_000))
    .option('--bit-rate <n>', 'of the CAN bus, bit/s', integerBetween(10_000, 1_000_000), 500_000)
    .option('--data-bit-rate <n>', "of CAN FD's data phase, bit/s", integerBetween(100_000, 15_000_000))
    .option('--active', 'acknowledge frames on the bus instead of only listening')
    .option('--obd [list]', 'ask the vehicle, with --active: parameters=seconds, such as 0c=1,2f=30', obdList)
    .optionsGroup('Decoding:')
    .option(
      '--dbc <file...>',
      'decoders; those that are not listed are refused. The built-in electric car when left out',
      [],
    )
    .option('--look', 'only show what the decoders read, or the frames themselves without --dbc; nothing is signed')
    .option('--sample-ms <ms>', 'keep a changed value at most this often', numberBetween(0, 3_600_000, 'ms'), 1000)
    .option('--pack-s <s>', 'sign a pack this often', numberBetween(0.1, 3600, 'seconds'), 10)
    .addOption(
      new Option(
        '--record <which>',
        'frames that go into packs as they came: none, while trust has expired, or all unread',
      )
        .choices(['never', 'untrusted', 'undecoded'])
        .default('untrusted'),
    )
    .optionsGroup('Identity and store:')
    .option('--data <folder>', 'key, packs, and where `miner chain` and `miner gateway` wrote', defaultFolder)
    .option('--key <file>', 'device key, made when it is not there; <data>/device.key when left out')
    .option(
      '--store-mb <n>',
      'for packs without receipt; then the oldest go, declared',
      numberBetween(1, 1e6, 'MB'),
      1000,
    )
    .optionsGroup('Trust:')
    .option('--rpc <url>', "the chain's JSON-RPC, where it differs from what `miner chain` wrote")
    .option(
      '--chain-id <n>',
      'the chain that is meant; another one is refused',
      integerBetween(1, Number.MAX_SAFE_INTEGER),
    )
    .option('--checkpoint <file>', 'which decoders are listed, signed, for when no chain answers')
    .option('--signers <file>', 'whose signatures count; <data>/checkpoint-signers.json when left out')
    .option('--trust-s <s>', 'ask this often which decoders are listed', numberBetween(0.5, 86_400, 'seconds'), 30)
    .optionsGroup('Uplink:')
    .option('--uplink <where>', 'mqtt://host:port, mqtts://host:port or file:FOLDER; else what `miner gateway` wrote')
    .option('--gateway <address>', 'the gateway whose receipts count; else what `miner gateway` wrote', accountAddress)
    .option('--ca <file>', "PEM of who signed the broker's certificate")
    .option('--tls-cert <file>', "PEM of the device's certificate, for brokers that ask for one")
    .option('--tls-key <file>', 'PEM of its key')
    .optionsGroup('Firmware:')
    .option('--flash <file>', 'flash memory, made when it is not there: boot the image in it, reset after reset')
    .option('--boot-key <file>', 'PEM of the key whose images the boot loader runs, public or private')
    .option('--image <file>', 'the signed image for blank flash, as a factory writes it')
    .option('--require-image', 'an image on trial that nobody certified fails its self-test')
    .option('--console <port>', 'serial path, pty:[link] or tcp://host:port: events as text, and SMP (mcumgr)')
    .option('--smp-udp <[host:]port>', 'SMP over UDP; only this machine unless told', httpAddress)
    .option('--smp-tcp <[host:]port>', 'SMP over TCP; only this machine unless told', httpAddress)
    .optionsGroup('Watching:')
    .option('--json', 'events as JSON lines')
    .option('--verbose', 'small things too, such as each pack that could not be sent')
    .option('--log-file <file>', 'events as JSON lines to this file as well; 16 MB, then <file>.1')
    .option(
      '--http <[host:]port>',
      'GET /healthz and /metrics (Prometheus); only this machine unless told',
      httpAddress,
    )
    .option('--duration <s>', 'end after this time', numberBetween(0.1, 1e7, 'seconds'))
    .addHelpText(
      'after',
      `
The port may go away and come back: the Miner waits for it and counts what it can tell was lost.
What was signed stays in <data>/packs until a gateway's receipt. Ctrl-C signs and stores what was sampled.
With --flash, decoders and intervals are those of the image's manifest, and then of what was stored over SMP; the files
of --dbc are those that it may find. SMP has no password: whoever reaches console or port can flash (signed images only).

Examples
  $ miner run --port /dev/ttyACM0 --look
  $ miner run --port /dev/ttyACM0 --look > drive.log
  $ miner run --port /dev/ttyACM0 --look --dbc car.dbc
  $ miner run --port /dev/pts/3 --dbc car.dbc
  $ miner run --port tcp://192.168.1.20:3333 --wait --dbc car.dbc --http 9100 --json
  $ miner run --port pty: --wait --flash flash.bin --boot-key root.pem --image miner.bin --console pty:/tmp/console`,
    )
    .action(run);
}

async function run(flags: RunFlags): Promise<void> {
  const { readInput } = await import('../../files.ts');
  await requireFlash(flags);
  if (flags.dbc.length === 0 && !flags.look) {
    const { electricCarDbc } = await import('../../vehicle/index.ts');
    process.stderr.write(
      'no --dbc: decoding with the built-in electric car, as `miner vehicle` and `miner chain` do\n',
    );
    flags.dbc = [electricCarDbc];
  }
  const files = flags.dbc.map((file) => ({ name: path.basename(file), bytes: readInput(file) }));
  if (flags.look) {
    const { look } = await import('../run/look.ts');
    await look(flags, files);
  } else {
    const { runMiner } = await import('../run/run-miner.ts');
    await runMiner(flags, files);
  }
  // All is written and closed; an attempt to connect that was under way would only hold the shell.
  process.exit();
}

/** Parameters of OBD service 01 in hex, each with its seconds. */
function obdList(text: string): PollItem[] {
  return text.split(',').map((item) => {
    const parts = /^([0-9a-fA-F]{1,2})=(\d{1,6}(?:\.\d{1,3})?)$/.exec(item.trim());
    const intervalMs = Number(parts?.[2]) * 1000;
    if (parts && intervalMs >= 100) return { pid: Number.parseInt(parts[1], 16), intervalMs };
    throw new InvalidArgumentError(
      `Expected parameters in hex with seconds from 0.1, such as 0c=1,2f=30; got ${item}.`,
    );
  });
}

function accountAddress(text: string): string {
  if (/^0x[0-9a-fA-F]{40}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected an address: 0x and 40 hex digits.');
}

/** Of options that mean nothing without an image that runs. @throws {MinerError} OPTION_MISSING */
async function requireFlash({ flash, bootKey, image, console, smpUdp, smpTcp, requireImage }: RunFlags): Promise<void> {
  const options = { bootKey, image, console, smpUdp, smpTcp, requireImage };
  const given = Object.entries(options).find(([, value]) => value !== undefined);
  if (flash !== undefined || !given) return;
  const { toolError } = await import('../../errors/index.ts');
  const name = given[0].replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
  throw toolError('OPTION_MISSING', { option: '--flash', reason: `--${name} is of a device that boots from flash` });
}
