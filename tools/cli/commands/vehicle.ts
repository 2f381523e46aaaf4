/** `miner vehicle`: an emulated CAN adapter with a vehicle behind it. */
import type { Command } from 'commander';
import type { VehicleEvent, VehicleOptions } from '../../vehicle/index.ts';
import { integerBetween, numberBetween } from '../options.ts';
import { stopOnSignals } from '../stop.ts';

interface VehicleFlags {
  listen: string;
  log?: string;
  dbc?: string;
  seed: number;
  speed: number;
  duration?: number;
  loop?: boolean;
  bitRate: number;
  baud: number;
  json?: boolean;
}

export function registerVehicle(program: Command): void {
  program
    .command('vehicle')
    .description('an emulated SLCAN adapter with a car behind it, on a pty or a TCP port')
    .option('--listen <where>', '`pty`, or tcp://host:port', 'pty')
    .option('--log <file>', 'replay a recorded log (candump, SavvyCAN/GVRET CSV, gzip of each)')
    .option('--dbc <file>', 'drive through this DBC; the built-in electric car when left out')
    .option('--seed <n>', 'another seed, another drive', integerBetween(0, 2 ** 32 - 1), 1)
    .option('--speed <x>', '1 own pace, 2 twice as fast, 0 as fast as the host reads', numberBetween(0, 10_000), 1)
    .option('--duration <s>', 'length of the drive; without end when left out', numberBetween(0.1, 1e7, 'seconds'))
    .option('--loop', 'begin again at the end')
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
      '\nExamples\n  $ miner vehicle\n  $ miner vehicle --listen tcp://127.0.0.1:4000 --log drive.log --loop',
    )
    .action(vehicle);
}

async function vehicle({ json, duration, baud, ...flags }: VehicleFlags): Promise<void> {
  const { runVehicle } = await import('../../vehicle/index.ts');
  const say = (text: string) => process.stdout.write(`${text}\n`);
  const stop = stopOnSignals((note) => process.stderr.write(`${note}\n`));
  const options: VehicleOptions = {
    ...flags,
    serialBaud: baud,
    ...(duration && { durationMs: duration * 1000 }),
    onEvent: (event) => say(json ? JSON.stringify(event) : eventText(event)),
  };
  try {
    const running = await runVehicle(options);
    await stop.requested;
    await running.close();
    const { frames, sent, unheard, overrun } = running.counters();
    if (json) say(JSON.stringify({ event: 'closed', ...running.counters() }));
    else say(`${frames} frames played: ${sent} sent, ${unheard} unheard, ${overrun} overrun`);
  } finally {
    stop.release();
  }
}

function eventText(event: VehicleEvent): string {
  switch (event.event) {
    case 'listening': {
      const left =
        event.leftOut.length > 0 ? `; not sent, too long for a classic frame: ${event.leftOut.join(', ')}` : '';
      return `${event.source}\nlistening: open ${event.port} in another shell, e.g. miner run --port ${event.port}${left}`;
    }
    case 'channel':
      return event.state === 'closed'
        ? 'channel closed by the host'
        : `channel opened by the host at ${event.bitRate} bit/s${event.bitRate === event.busBitRate ? '' : `, but the bus runs at ${event.busBitRate}: it hears nothing`}`;
    case 'finished':
      return `source at its end: ${event.frames} frames, ${event.sent} sent, ${event.overrun} overrun; the port stays open (Ctrl-C ends)`;
    case 'unplugged':
      return 'unplugged';
    case 'fault':
      return event.message;
  }
}
