/** `miner vehicle`: an emulated CAN adapter with a vehicle behind it. */
import { type Command, InvalidArgumentError, Option } from 'commander';
import type { MinerError } from '../../../edge/errors/index.ts';
import type { VehicleEvent, VehicleOptions, VehicleStatus } from '../../vehicle/index.ts';
import { integerBetween, numberBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface VehicleFlags {
  listen: string;
  link?: string;
  log?: string;
  dbc?: string;
  seed: number;
  speed: number;
  duration?: number;
  loop?: boolean;
  step?: boolean;
  faults?: string;
  profile: string;
  obd: NonNullable<VehicleOptions['obd']>;
  vin?: string;
  bitRate: number;
  baud: number;
  json?: boolean;
}

/** A command's help is shown without loading what it runs; a test holds that these are all. */
export const profileNames = ['lawicel', 'can232', 'canable1', 'canable2', 'weact', 'kernel', 'slcanfd'];

export function registerVehicle(program: Command): void {
  program
    .command('vehicle')
    .description('an emulated SLCAN adapter with a car behind it, on a pty or a TCP port')
    .option('--listen <where>', '`pty`, or tcp://host:port', 'pty')
    .option('--link <path>', 'a symbolic link kept on the current pty, so that a host finds it after a re-plug')
    .option('--log <file>', 'replay a recorded log (candump, ASC, BLF, TRC, SavvyCAN/GVRET CSV, gzip of each)')
    .option('--dbc <file>', 'drive through this DBC; the built-in electric car when left out')
    .option('--seed <n>', 'another seed, another drive', integerBetween(0, 2 ** 32 - 1), 1)
    .option('--speed <x>', '1 own pace, 2 twice as fast, 0 as fast as the host reads', numberBetween(0, 10_000), 1)
    .option('--duration <s>', 'length of the drive; without end when left out', numberBetween(0.1, 1e7, 'seconds'))
    .option('--loop', 'begin again at the end')
    .option('--step', 'frames only on request: Enter, or step n')
    .option('--faults <plan>', 'commands at times after playing began: "10s error stuff, 20s bus-off 500ms"')
    .addOption(
      new Option('--profile <name>', 'firmware that the emulated adapter plays')
        .choices(profileNames)
        .default('lawicel'),
    )
    .addOption(
      new Option('--obd <how>', 'how control units answer OBD and UDS requests')
        .choices(['11-bit', '29-bit', 'both', 'off'])
        .default('11-bit'),
    )
    .option('--vin <vin>', 'what they answer as the identification number; an example when left out', vinOf)
    .option(
      '--bit-rate <n>',
      'of the emulated bus, bit/s; a host at another rate hears nothing',
      integerBetween(10_000, 1_000_000),
      500_000,
    )
    .option('--baud <n>', 'of the serial line; 0 is unlimited', integerBetween(0, 10_000_000), 0)
    .option('--json', 'events as JSON lines')
    .addHelpText(
      'after',
      `
While it runs it reads commands, one a line, from standard input; "help" lists them. Every frame is accounted for at
the end and on "status": sent, unheard, overrun, discarded, starved.

On tcp://0.0.0.0:port a host on another machine can connect. So can anyone on that network, read the drive, and send
frames to the emulated bus: keep to 127.0.0.1, or to a network that you trust.

Examples
  $ miner vehicle
  $ miner vehicle --link /tmp/car --faults "10s unplug 1s, 20s babble 2s 0x0"
  $ miner vehicle --listen tcp://127.0.0.1:4000 --log drive.log --loop`,
    )
    .action(vehicle);
}

/** 17 characters; no I, O or Q (ISO 3779). */
function vinOf(text: string): string {
  if (/^[A-HJ-NPR-Z\d]{17}$/.test(text)) return text;
  throw new InvalidArgumentError('Expected 17 characters of A to Z and 0 to 9, without I, O and Q.');
}

async function vehicle({ json, duration, baud, profile, ...flags }: VehicleFlags): Promise<void> {
  const { profileOf } = await import('../../../edge/slcan/index.ts');
  const { commandsHelp, commandsLine, isInBackground, readCommands, runVehicle } = await import(
    '../../vehicle/index.ts'
  );
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const stop = stopOnSignals((note) => process.stderr.write(`${note}\n`));
  const options: VehicleOptions = {
    ...flags,
    serialBaud: baud,
    profile: profileOf(profile),
    ...(duration && { durationMs: duration * 1000 }),
    onEvent: (event) => {
      if (event.event === 'help') process.stderr.write(`${commandsHelp()}\n`);
      else say(json ? JSON.stringify(event) : eventText(event));
    },
  };
  const refused = ({ code, message, hint }: MinerError) => {
    if (json) say(JSON.stringify({ event: 'refused-command', code, message, hint }));
    else process.stderr.write(`${message}\n`);
  };
  let leaveInput = () => {};
  try {
    const running = await runVehicle(options);
    if (process.stdin.isTTY && !isInBackground() && !json) process.stderr.write(`${commandsLine}\n`);
    leaveInput = readCommands(running, refused);
    await Promise.race([stop.requested, running.closed]);
    await running.close();
    if (json) say(JSON.stringify({ event: 'closed', ...running.counters() }));
    else say(statusText(running.status()));
  } finally {
    leaveInput();
    stop.release();
  }
}

function eventText(event: Exclude<VehicleEvent, { event: 'help' }>): string {
  switch (event.event) {
    case 'listening': {
      const { source, leftOut, link, port } = event;
      const left = leftOut.length > 0 ? `; not sent, too long for a frame: ${leftOut.join(', ')}` : '';
      const open = link === undefined ? `open ${port}` : `open ${link} (now ${port})`;
      return `${source}\nlistening: ${open} in another shell, e.g. miner run --port ${link ?? port}${left}`;
    }
    case 'channel':
      return event.state === 'closed'
        ? 'channel closed by the host'
        : `channel opened by the host at ${event.bitRate} bit/s${event.bitRate === event.busBitRate ? '' : `, but the bus runs at ${event.busBitRate}: it hears nothing`}`;
    case 'finished':
      return `source at its end: ${event.frames} frames, ${event.sent} sent, ${event.overrun} overrun; the port stays open (Ctrl-C ends)`;
    case 'unplugged':
      return 'unplugged';
    case 'refused':
      return `${event.client} was refused: another host has the adapter`;
    case 'planned':
      return `plan: ${event.command}`;
    case 'status':
      return statusText(event);
    case 'fault':
      return event.message;
  }
}

/** Where every frame went; what is rare stands only where it happened. */
function statusText(status: VehicleStatus): string {
  const { frames, sent, unheard, overrun, busLoad, busLoadPeak, paused, plugged } = status;
  const rare = (['discarded', 'starved', 'waiting', 'queued', 'babbled', 'errors', 'received'] as const).flatMap(
    (name) => (status[name] > 0 ? [`${status[name]} ${name}`] : []),
  );
  const bytes = [
    ...(status.garbage > 0 ? [`${status.garbage} bytes of garbage`] : []),
    ...(status.bytesLost > 0 ? [`${status.bytesLost} bytes from the host lost`] : []),
  ];
  const parts = [`${sent} sent`, `${unheard} unheard`, `${overrun} overrun`, ...rare, ...bytes];
  const percent = (share: number) => `${(100 * share).toFixed(1)} %`;
  const load = frames > 0 ? `; bus load ${percent(busLoad)}, at most ${percent(busLoadPeak)}` : '';
  return `${frames} frames played: ${parts.join(', ')}${load}${paused ? '; paused' : ''}${plugged ? '' : '; unplugged'}`;
}
