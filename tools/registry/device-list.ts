/** The list that a production line writes: a device a line, and what it is enrolled as. */
import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { type Address, getAddress, type Hex, isAddress } from 'viem';
import { toolError } from '../errors/index.ts';
import { modelIdOf } from './model-id.ts';
import { type Curve, curves, deviceAddress } from './public-key.ts';

export interface DeviceList {
  /** In the order of the file. */
  devices: Address[];
  /** By index; left out where the file names no owner. */
  owners: Map<number, Address>;
  /** The one model that the file names, if it names any. */
  modelId: Hex | undefined;
}

export const devicesMax = 1_000_000;
const lineLengthMax = 1_024;

const columns = ['key', 'owner', 'model', 'curve'] as const;
type Column = (typeof columns)[number];

/**
 * Reads a CSV of devices. The first line may name its columns (`key`, `owner`, `model`, `curve`); without one they are
 * these, in this order. All devices of a batch are of one model, which the contract asks.
 * @param onRow told now and then how many devices were read
 * @throws {MinerError} BATCH_ROW with file, line and reason: no key, not on its curve, a device twice, another model
 * @example readDeviceList('devices.csv')  // { devices: ['0x…', …], owners: Map(0), modelId: undefined }
 */
export async function readDeviceList(path: string, onRow: (count: number) => void = () => {}): Promise<DeviceList> {
  const list: DeviceList = { devices: [], owners: new Map(), modelId: undefined };
  const lineOf = new Map<Address, number>();
  let order: readonly Column[] = columns;
  let number = 0;
  const input = createReadStream(path, { encoding: 'utf8' });
  const lines = createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY });
  try {
    for await (const text of lines) {
      number += 1;
      const fail = (problem: string): never => {
        throw toolError('BATCH_ROW', { place: `${path}:${number}`, problem });
      };
      const line = number === 1 ? text.replace(/^\uFEFF/, '') : text;
      if (line.length > lineLengthMax) fail(`longer than ${lineLengthMax} characters`);
      if (line.trim() === '') continue;
      const cells = line.split(',').map(cellText);
      const header = lineOf.size === 0 && order === columns ? headerOf(cells, fail) : undefined;
      if (header) {
        order = header;
        continue;
      }
      if (cells.length > order.length) fail(`${cells.length} cells, expected at most ${order.length}`);
      const row = Object.fromEntries(order.map((name, at) => [name, cells[at] ?? ''])) as Record<Column, string>;
      addRow(list, row, fail);
      const device = list.devices.at(-1)!;
      const earlier = lineOf.get(device);
      if (earlier !== undefined) fail(`device ${device} stands in line ${earlier} already`);
      lineOf.set(device, number);
      if (lineOf.size > devicesMax) fail(`more than ${devicesMax} devices: make several batches`);
      if (lineOf.size % 1_000 === 0) onRow(lineOf.size);
    }
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).syscall === undefined) throw cause;
    const problem = (cause as NodeJS.ErrnoException).code === 'ENOENT' ? 'no such file' : (cause as Error).message;
    throw toolError('BATCH_ROW', { place: path, problem }, cause);
  } finally {
    input.destroy();
  }
  if (list.devices.length === 0) throw toolError('BATCH_ROW', { place: path, problem: 'no device in it' });
  return list;
}

const cellText = (cell: string) => cell.trim().replace(/^"(.*)"$/, '$1');

/** The columns that a first line names; undefined when it is a device. */
function headerOf(cells: readonly string[], fail: (problem: string) => never): readonly Column[] | undefined {
  const names = cells.map((cell) => cell.toLowerCase());
  if (!names.includes('key')) return undefined;
  const unknown = names.find((name, at) => !(columns as readonly string[]).includes(name) || names.indexOf(name) < at);
  if (unknown !== undefined) fail(`column ${JSON.stringify(unknown)}, expected ${columns.join(', ')}, each once`);
  return names as Column[];
}

function addRow(list: DeviceList, row: Record<Column, string>, fail: (problem: string) => never): void {
  const curve = (row.curve ?? '').toLowerCase();
  if (curve !== '' && !(curves as readonly string[]).includes(curve)) {
    fail(`curve ${JSON.stringify(row.curve)}, expected ${curves.join(' or ')}`);
  }
  const found = deviceAddress(row.key, curve === '' ? undefined : (curve as Curve));
  const device =
    'address' in found ? found.address : fail(`key ${JSON.stringify(row.key.slice(0, 24))}: ${found.problem}`);
  if (row.owner) {
    const isLower = row.owner === row.owner.toLowerCase();
    if (!isAddress(row.owner, { strict: !isLower })) {
      fail(
        `owner ${JSON.stringify(row.owner.slice(0, 44))}: expected an address, with its checksum when in mixed case`,
      );
    }
    list.owners.set(list.devices.length, getAddress(row.owner));
  }
  if (row.model) {
    const modelId = modelIdOf(row.model) ?? fail(`model ${JSON.stringify(row.model.slice(0, 40))}: more than 32 bytes`);
    list.modelId ??= modelId;
    if (modelId !== list.modelId) {
      fail(`model ${JSON.stringify(row.model)} is another one than before: a batch is of one model`);
    }
  }
  list.devices.push(device);
}
