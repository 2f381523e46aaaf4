/** `miner flash`: images into devices over SMP, one or a fleet, and what else a device can be asked. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import { integerBetween, numberBetween, sizeBetween } from '../options.ts';

export interface FlashFlags {
  port?: string;
  baud: number;
  udp?: string;
  tcp?: string;
  raw?: boolean;
  linePause: number;
  smpVersion: '1' | '2';
  timeout: number;
  chunk?: number;
  window?: number;
  key?: string;
  image: number;
  upgradeOnly?: boolean;
  erase?: boolean;
  test?: boolean;
  confirm?: boolean;
  reset?: boolean;
  waitBoot: number;
  list?: boolean;
  slotInfo?: boolean;
  info?: boolean;
  echo?: string;
  stats?: true | string;
  datetime?: true | number;
  get?: string;
  set?: { name: string; value: Uint8Array };
  downloadLog?: string;
  logPath: string;
  many?: string;
  jobs: number;
  journal?: string;
  report?: string;
  console?: boolean;
  json?: boolean;
}

export function registerFlash(program: Command): void {
  program
    .command('flash')
    .argument('[image]', 'a signed MCUboot image')
    .description('an image into a device over SMP (mcumgr): upload, trial, confirmation, reset; or ask it something')
    .optionsGroup('Device:')
    .option('--port <port>', 'its console: serial path, pattern, or tcp://host:port of a serial server')
    .option('--baud <n>', 'of the serial line', integerBetween(300, 10_000_000), 115_200)
    .option('--udp <host[:port]>', 'SMP over UDP; port 1337 unless told')
    .option('--tcp <host:port>', 'SMP over TCP')
    .option('--raw', 'the serial line carries bare SMP messages, and no console')
    .optionsGroup('Image:')
    .option('--key <file>', 'check the signature before anything is sent: public or private key, PEM')
    .option('--image <n>', 'which image of a device with several', integerBetween(0, 255), 0)
    .option('--erase', 'empty the slot first')
    .option('--upgrade-only', 'the device is to refuse what is not newer than what it runs')
    .optionsGroup('Afterwards:')
    .option('--test', 'run it on trial at the next reset; unless it is confirmed, the reset after reverts it')
    .option('--confirm', 'run it for good; with --test once it answers on trial; without an image, what runs now')
    .option('--reset', 'reset the device, and say what it boots')
    .option(
      '--wait-boot <s>',
      'how long it may be away, after the reset or in mid-upload; 0 does not wait',
      numberBetween(0, 3600),
      60,
    )
    .optionsGroup('Questions:')
    .option('--list', 'the images in its slots')
    .option('--slot-info', 'the sizes of its slots')
    .option('--info', 'what it is, as uname has it')
    .option('--echo <text>', 'have a text sent back')
    .option('--stats [group]', 'its counters')
    .option('--datetime [time]', 'its clock; set it with "now" or 2026-11-30T12:00:00Z', dateTime)
    .option('--get <name>', 'a setting')
    .addOption(
      new Option('--set <name=value>', 'change a setting, and keep it: a number, 0x and bytes, or text').argParser(
        setting,
      ),
    )
    .option('--download-log <folder>', 'its pack log, into a folder')
    .option('--log-path <folder>', 'where the device keeps it', '/log')
    .optionsGroup('Fleet:')
    .option('--many <csv>', 'devices of a list: name,port or udp or tcp, where wanted baud and image')
    .option('--jobs <n>', 'devices at a time', integerBetween(1, 64), 4)
    .option('--journal <file>', 'what is done already; <csv>.journal when left out')
    .option('--report <file>', 'the outcome of each device, as JSON')
    .optionsGroup('Line and protocol:')
    .option('--chunk <bytes>', 'longest message; what the device says when left out', sizeBetween(64, 65_536))
    .option('--window <n>', 'requests under way at once; as its buffers allow when left out', integerBetween(1, 64))
    .option('--timeout <s>', 'until a request is repeated; each time twice as long', numberBetween(0.05, 60), 1)
    .option('--line-pause <ms>', 'before each continuation line, for slow devices', numberBetween(0, 1000), 0)
    .addOption(new Option('--smp-version <n>', 'of the protocol').choices(['1', '2']).default('2'))
    .optionsGroup('Output:')
    .option('--console', 'show what the device prints meanwhile, on stderr')
    .option('--json', 'events as JSON lines')
    .addHelpText(
      'after',
      `
Run it again after a cut: what the device has already is not sent twice.

Exit code 1 when the device refuses, or comes back with another image.

Examples
  $ miner flash miner.signed.bin --port /dev/ttyACM0 --test --reset
  $ miner flash miner.signed.bin --udp 192.168.1.20 --key root.pub.pem --test --confirm
  $ miner flash --list --port /dev/ttyACM0
  $ miner flash miner.signed.bin --many devices.csv --test --confirm --jobs 8`,
    )
    .action(run);
}

async function run(path: string | undefined, flags: FlashFlags): Promise<void> {
  const { runFlash } = await import('../flash/run-flash.ts');
  process.exitCode = await runFlash(path, flags);
}

/** @returns Unix time in milliseconds */
function dateTime(text: string): number {
  if (text === 'now') return Date.now();
  // Without a zone it would be this machine's.
  const unixMs = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d+)?(Z|[+-]\d{2}:\d{2})$/.test(text) ? Date.parse(text) : NaN;
  if (Number.isFinite(unixMs)) return unixMs;
  throw new InvalidArgumentError('Expected now, or a time with its zone such as 2026-11-30T12:00:00Z.');
}

/** A whole number is four bytes, least significant first, as a Miner has its settings. */
function setting(text: string): { name: string; value: Uint8Array } {
  const parts = /^([^=\s]+)=(.*)$/s.exec(text);
  if (parts === null) throw new InvalidArgumentError('Expected name=value.');
  const [, name, value] = parts;
  if (/^\d{1,10}$/.test(value) && Number(value) <= 0xffffffff) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(Number(value));
    return { name, value: bytes };
  }
  if (!value.startsWith('0x')) return { name, value: Buffer.from(value) };
  if (/^0x([0-9a-f]{2})*$/i.test(value)) return { name, value: Buffer.from(value.slice(2), 'hex') };
  throw new InvalidArgumentError('Expected whole bytes in hex after 0x.');
}
