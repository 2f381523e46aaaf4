/**
 * What a person or a plan can ask of a vehicle that plays: one grammar for lines on standard input, for messages to a
 * vehicle in a process of its own, and for plans such as `10s error, 20s bus-off 500ms, 40s unplug 1s`.
 */
import { toolError } from '../errors/index.ts';
import { type BusErrorKind, busErrorKinds } from './bus-errors.ts';

export type VehicleCommand =
  | { name: 'start' | 'stop' | 'pause' | 'resume' | 'plug' | 'active' | 'warning' | 'passive' }
  | { name: 'status' | 'help' | 'close' }
  | { name: 'step'; frames: number }
  /** Without a duration until `plug`, or until the host opens its channel again. */
  | { name: 'unplug' | 'bus-off'; durationMs?: number }
  | { name: 'stall'; durationMs: number }
  | { name: 'babble'; durationMs: number; id: number }
  | { name: 'error'; kind: BusErrorKind }
  | { name: 'garbage'; bytes: number };

type Name = VehicleCommand['name'];

interface CommandHelp {
  name: Name;
  /** As a person types it. */
  usage: string;
  does: string;
}

export const stallMsDefault = 5000;
export const babbleMsDefault = 1000;
export const garbageBytesDefault = 64;
const durationMsMax = 86_400_000;
const framesMax = 1_000_000;
const garbageBytesMax = 65_536;

/** Every command, in the order that help shows them. */
export const vehicleCommands: readonly CommandHelp[] = [
  {
    name: 'step',
    usage: 'step [n]',
    does: 'pause, and play the next n frames (1) at once; while paused Enter does the same',
  },
  { name: 'pause', usage: 'pause', does: 'play no frame until resume' },
  { name: 'resume', usage: 'resume', does: 'go on from the frame where it paused' },
  { name: 'start', usage: 'start', does: 'play from the beginning, unless it plays' },
  { name: 'stop', usage: 'stop', does: 'stop playing; the port stays' },
  { name: 'error', usage: 'error [class]', does: `one error on the bus: ${busErrorKinds.join(', ')}` },
  { name: 'warning', usage: 'warning', does: 'error counters at 96: error warning' },
  { name: 'passive', usage: 'passive', does: 'error counters at 128: error passive' },
  { name: 'active', usage: 'active', does: 'error counters at 0, and back from bus-off' },
  {
    name: 'bus-off',
    usage: 'bus-off [time]',
    does: 'leave the bus; back after that time, or when the host opens its channel anew',
  },
  {
    name: 'babble',
    usage: 'babble [time] [id]',
    does: 'a node floods the bus with its id (0x0) for that time (1s): higher ids wait',
  },
  { name: 'unplug', usage: 'unplug [time]', does: 'hang up; plugged in again after that time, or by plug' },
  { name: 'plug', usage: 'plug', does: 'plug in again; a pty comes back under another path' },
  {
    name: 'stall',
    usage: 'stall [time]',
    does: 'neither read nor write the line for that time (5s), without hanging up',
  },
  { name: 'garbage', usage: 'garbage [n]', does: 'n random bytes (64) to the host, as noise on the line' },
  { name: 'status', usage: 'status', does: 'counters and bus load' },
  { name: 'help', usage: 'help', does: 'these commands' },
  { name: 'close', usage: 'close', does: 'end' },
];

/** One line that names them all. */
export const commandsLine = `commands: ${vehicleCommands.map(({ usage }) => usage).join(', ')}`;

/** Times are milliseconds, or carry ms, s or min. */
export function commandsHelp(): string {
  const width = Math.max(...vehicleCommands.map(({ usage }) => usage.length));
  return vehicleCommands.map(({ usage, does }) => `  ${usage.padEnd(width)}  ${does}`).join('\n');
}

/**
 * Reads one command.
 * @throws {MinerError} VEHICLE_COMMAND
 * @example parseVehicleCommand('babble 2s 0x10')  // { name: 'babble', durationMs: 2000, id: 16 }
 */
export function parseVehicleCommand(line: string): VehicleCommand {
  const [word = '', ...words] = line.trim().toLowerCase().split(/\s+/);
  // What candump and Wireshark call it.
  const name = word === 'error-frame' ? 'error' : word;
  const refuse = (problem: string): never => {
    throw toolError('VEHICLE_COMMAND', { line: line.trim().slice(0, 80), problem });
  };
  const entry = vehicleCommands.find((candidate) => candidate.name === name);
  if (entry === undefined) return refuse(`no command ${JSON.stringify(word.slice(0, 40))}`);
  const wordsMax = entry.usage.split(' ').length - 1;
  if (words.length > wordsMax) return refuse(`expected ${entry.usage}`);
  const duration = (text: string) => parseDurationMs(text) ?? refuse(`${text} is no time such as 500ms or 2s`);
  const count = (text: string, max: number) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : 0;
    return value >= 1 && value <= max ? value : refuse(`${text} is no number from 1 to ${max}`);
  };
  const [argument] = words;
  switch (entry.name) {
    case 'step':
      return { name: 'step', frames: argument === undefined ? 1 : count(argument, framesMax) };
    case 'garbage':
      return {
        name: 'garbage',
        bytes: argument === undefined ? garbageBytesDefault : count(argument, garbageBytesMax),
      };
    case 'stall':
      return { name: 'stall', durationMs: argument === undefined ? stallMsDefault : duration(argument) };
    case 'unplug':
    case 'bus-off':
      return { name: entry.name, ...(argument !== undefined && { durationMs: duration(argument) }) };
    case 'babble': {
      const id = words.find((text) => text.startsWith('0x'));
      const times = words.filter((text) => !text.startsWith('0x'));
      if (times.length > 1 || words.length - times.length > 1) return refuse(`expected ${entry.usage}`);
      return {
        name: 'babble',
        durationMs: times[0] === undefined ? babbleMsDefault : duration(times[0]),
        id: id === undefined ? 0 : (parseId(id) ?? refuse(`${id} is no id from 0x0 to 0x1fffffff`)),
      };
    }
    case 'error': {
      const kind = busErrorKinds.find((candidate) => candidate === (argument ?? 'stuff'));
      return kind === undefined
        ? refuse(`${argument} is no class of errors: ${busErrorKinds.join(', ')}`)
        : { name: 'error', kind };
    }
    default:
      return { name: entry.name };
  }
}

/** A command at a time after playing began. */
export interface PlannedCommand {
  atMs: number;
  command: VehicleCommand;
  /** As it was written. */
  line: string;
}

/**
 * Reads a plan: commands, each after its time, separated by commas; in any order.
 * @throws {MinerError} VEHICLE_COMMAND naming the item
 * @example parseFaultPlan('10s error stuff, 20s bus-off 500ms')
 */
export function parseFaultPlan(text: string): PlannedCommand[] {
  return text.split(',').map((item) => {
    const [time = '', ...rest] = item.trim().split(/\s+/);
    const atMs = parseDurationMs(time.toLowerCase());
    if (atMs === undefined || rest.length === 0) {
      throw toolError('VEHICLE_COMMAND', {
        line: item.trim().slice(0, 80),
        problem: 'a plan holds a time and a command, such as 10s unplug 1s',
      });
    }
    const line = rest.join(' ');
    return { atMs, command: parseVehicleCommand(line), line };
  });
}

const milliseconds: Readonly<Record<string, number>> = { '': 1, ms: 1, s: 1000, min: 60_000 };

function parseDurationMs(text: string): number | undefined {
  const parts = /^(\d{1,9}(?:\.\d{1,6})?)(ms|s|min)?$/.exec(text);
  if (parts === null) return undefined;
  const durationMs = Number(parts[1]) * milliseconds[parts[2] ?? ''];
  return durationMs <= durationMsMax ? durationMs : undefined;
}

function parseId(text: string): number | undefined {
  const id = /^0x[\da-f]{1,8}$/.test(text) ? Number(text) : Number.NaN;
  return id <= 0x1fff_ffff ? id : undefined;
}
