/** The devices of a fleet, from a CSV file: `name,port` with more columns as needed. */

import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import { type FlashTarget, targetName } from './target.ts';

export interface FleetDevice {
  name: string;
  target: FlashTarget;
  /** Another image than that of the command line. */
  image?: string;
}

export const fleetColumns = ['name', 'port', 'udp', 'tcp', 'baud', 'image'] as const;
type Column = (typeof fleetColumns)[number];

const fileBytesMax = 16 << 20;
export const fleetDevicesMax = 10_000;
const nameLengthMax = 64;

/**
 * Reads the list. Its first line names the columns: `name`, one or more of `port`, `udp` and `tcp`, and where wanted
 * `baud` and `image`. Empty lines and those that begin with # are skipped.
 * @throws {MinerError} FILE_UNREADABLE; DEVICE_LIST, with the line
 */
export function readFleet(path: string): FleetDevice[] {
  const bytes = readInput(path);
  const refuse = (line: number, problem: string): never => {
    throw toolError('DEVICE_LIST', { path, line, problem });
  };
  if (bytes.length > fileBytesMax) refuse(1, `${bytes.length} bytes, expected ${fileBytesMax} at most`);
  const lines = new TextDecoder().decode(bytes).split(/\r?\n/);
  let columns: Column[] | undefined;
  const devices: FleetDevice[] = [];
  const lineOf = new Map<string, number>();
  for (const [index, text] of lines.entries()) {
    const line = index + 1;
    if (text.trim() === '' || text.startsWith('#')) continue;
    const cells = cellsOf(text) ?? refuse(line, 'a quote that does not end');
    if (columns === undefined) {
      columns = columnsOf(cells, (problem) => refuse(line, problem));
      continue;
    }
    const device = deviceOf(columns, cells, (problem) => refuse(line, problem));
    for (const key of [`name ${device.name}`, targetName(device.target)]) {
      const before = lineOf.get(key);
      if (before !== undefined) refuse(line, `${key} is on line ${before} already`);
      lineOf.set(key, line);
    }
    devices.push(device);
    if (devices.length > fleetDevicesMax) refuse(line, `more than ${fleetDevicesMax} devices`);
  }
  if (devices.length === 0) refuse(lines.length, 'no device, expected a line for each after that of the columns');
  return devices;
}

function columnsOf(cells: string[], refuse: (problem: string) => never): Column[] {
  for (const cell of cells) {
    if (!(fleetColumns as readonly string[]).includes(cell)) {
      refuse(`column ${JSON.stringify(cell)}, expected some of ${fleetColumns.join(', ')}`);
    }
  }
  if (new Set(cells).size < cells.length) refuse('a column twice');
  const isPlace = (cell: string) => cell === 'port' || cell === 'udp' || cell === 'tcp';
  if (!cells.includes('name') || !cells.some(isPlace)) refuse('expected columns name and port (or udp, or tcp)');
  return cells as Column[];
}

function deviceOf(columns: readonly Column[], cells: string[], refuse: (problem: string) => never): FleetDevice {
  if (cells.length > columns.length) refuse(`${cells.length} values, expected ${columns.length}`);
  const value = (column: Column) => cells[columns.indexOf(column)] || undefined;
  const name = value('name') ?? refuse('no name');
  // It stands in reports and on terminals.
  if (!/^[\x21-\x7e]+$/.test(name) || name.length > nameLengthMax) {
    refuse(`name ${JSON.stringify(name)}, expected 1 to ${nameLengthMax} printable characters without spaces`);
  }
  const [port, udp, tcp] = [value('port'), value('udp'), value('tcp')];
  if ([port, udp, tcp].filter((place) => place !== undefined).length !== 1)
    refuse(`${name}: expected one of port, udp, tcp`);
  const baudText = value('baud');
  const baud = baudText === undefined ? undefined : Number(baudText);
  if (baud !== undefined && !(Number.isInteger(baud) && baud >= 300 && baud <= 10_000_000)) {
    refuse(`${name}: baud ${JSON.stringify(baudText)}, expected 300 to 10000000`);
  }
  return { name, target: { port, udp, tcp, baud }, image: value('image') };
}

/** One line of CSV (RFC 4180): values may stand in quotes, a quote inside is doubled. @returns undefined when one is open */
function cellsOf(text: string): string[] | undefined {
  const cells: string[] = [];
  for (let at = 0; at <= text.length; ) {
    const quoted = /^\s*"((?:[^"]|"")*)"\s*(?=,|$)/.exec(text.slice(at));
    if (quoted !== null) {
      cells.push(quoted[1].replaceAll('""', '"'));
      at += quoted[0].length + 1;
      continue;
    }
    const comma = text.indexOf(',', at);
    const end = comma < 0 ? text.length : comma;
    const cell = text.slice(at, end).trim();
    if (cell.startsWith('"')) return undefined;
    cells.push(cell);
    at = end + 1;
  }
  return cells;
}
