/**
 * A vehicle as a process of its own, for ptys die with the process that made them. Options as arguments
 * (`--listen pty --log drive.log`), events as JSON lines on stdout and, when forked, as messages; commands as
 * commands.ts reads them: as lines on stdin, or as messages.
 */
import { parseArgs } from 'node:util';
import { MinerError } from '../../edge/errors/index.ts';
import { profileOf } from '../../edge/slcan/index.ts';
import { readCommands } from './console.ts';
import { obeyLine } from './obey.ts';
import { runVehicle, type VehicleOptions } from './vehicle.ts';

/** Tells of what happened; whoever started us may be gone already. */
function tell(event: object): void {
  if (process.connected) process.send?.(event);
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

function readOptions(): VehicleOptions {
  const { values } = parseArgs({
    options: {
      listen: { type: 'string' },
      log: { type: 'string' },
      dbc: { type: 'string' },
      seed: { type: 'string' },
      'duration-ms': { type: 'string' },
      speed: { type: 'string' },
      loop: { type: 'boolean' },
      step: { type: 'boolean' },
      link: { type: 'string' },
      faults: { type: 'string' },
      profile: { type: 'string' },
      obd: { type: 'string' },
      vin: { type: 'string' },
      'start-on': { type: 'string' },
      'bit-rate': { type: 'string' },
      'pace-to-bit-rate': { type: 'boolean' },
      baud: { type: 'string' },
    },
    allowNegative: true,
  });
  const given = {
    listen: values.listen,
    log: values.log,
    dbc: values.dbc,
    seed: numberOf(values.seed),
    durationMs: numberOf(values['duration-ms']),
    speed: numberOf(values.speed),
    loop: values.loop,
    step: values.step,
    link: values.link,
    faults: values.faults,
    profile: values.profile === undefined ? undefined : profileOf(values.profile),
    obd: values.obd as VehicleOptions['obd'],
    vin: values.vin,
    startOn: values['start-on'] as VehicleOptions['startOn'],
    bitRate: numberOf(values['bit-rate']),
    paceToBitRate: values['pace-to-bit-rate'],
    serialBaud: numberOf(values.baud),
  };
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
}

function numberOf(text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (text.trim() === '' || !Number.isFinite(value) || value < 0)
    throw new TypeError(`expected a number, got "${text}"`);
  return value;
}

/** A line that could not be obeyed: the vehicle goes on. */
function refuse(problem: MinerError): void {
  tell({ event: 'refused-command', ...problem.toJSON() });
}

function fail(problem: unknown): void {
  const isOurs = problem instanceof MinerError;
  tell({ event: 'fault', ...(isOurs ? problem.toJSON() : { message: String(problem) }) });
  process.exitCode = isOurs ? problem.exitCode : 2;
  // Without a channel to the parent, and with nothing listening, the process ends by itself.
  if (process.connected) process.disconnect();
}

// A reader of our output that leaves is no reason to stop driving.
process.stdout.on('error', () => {});

try {
  const vehicle = await runVehicle({ ...readOptions(), onEvent: tell });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => vehicle.close());
  // A parent that dies takes its vehicle with it: no orphans.
  process.on('disconnect', () => vehicle.close());
  process.on('message', (message) => obeyLine(vehicle, String(message), refuse));
  readCommands(vehicle, refuse);
  await vehicle.closed;
  tell({ event: 'closed', ...vehicle.counters() });
  process.exit(0);
} catch (problem) {
  fail(problem);
}
