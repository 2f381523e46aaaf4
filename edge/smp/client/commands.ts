/** The commands of a device, one function each: fields as the protocol names them on the wire, words of ours here. */
import type { MinerError } from '../../errors/index.ts';
import { cborMap } from '../../pack/index.ts';
import { SmpBody, type SmpReadValue } from '../cbor-read.ts';
import { ImageCommand, OsCommand, SettingsCommand, SmpError, SmpGroup, SmpOp, StatisticsCommand } from '../protocol.ts';
import { SmpRefusal } from '../refusal.ts';
import { answerError, type SmpClient } from './client.ts';

const { read, write } = SmpOp;

/** What a device takes at once. */
export interface SmpBuffers {
  bytes: number;
  count: number;
}

/** One occupied slot. Flags that a device leaves out are false. */
export interface DeviceSlot {
  /** Of devices with several images, each in slots of its own. */
  image: number;
  slot: number;
  version: string;
  /** Empty where the device does not tell. */
  hash: Uint8Array;
  bootable: boolean;
  pending: boolean;
  confirmed: boolean;
  active: boolean;
  permanent: boolean;
}

export interface DeviceSlotInfo {
  image: number;
  slot: number;
  sizeBytes: number;
  /** The largest image that an upload can bring; undefined where the device does not tell. */
  imageBytesMax?: number;
}

/** Whether a device lacks a command, or the group it is in. */
export function isNotSupported(problem: unknown): boolean {
  const { code, facts } = problem as Partial<MinerError>;
  return code === 'SMP_REFUSED' && facts?.group === undefined && facts?.rc === SmpError.notSupported;
}

/** @returns undefined where the device was built without the command */
export async function ifSupported<Answer>(asked: Promise<Answer>): Promise<Answer | undefined> {
  try {
    return await asked;
  } catch (problem) {
    if (isNotSupported(problem)) return undefined;
    throw problem;
  }
}

export async function echo(client: SmpClient, text: string): Promise<string> {
  const question = { op: write, group: SmpGroup.os, command: OsCommand.echo, name: 'echo' };
  const answer = await client.ask({ ...question, body: new Map([['d', text]]) });
  return needed(client, question.name, 'r', () => answer.text('r'));
}

/** @throws {MinerError} as SmpClient.ask; older devices lack the command */
export async function readBuffers(client: SmpClient, attempts?: number): Promise<SmpBuffers> {
  const name = 'mcumgr parameters';
  const answer = await client.ask({
    op: read,
    group: SmpGroup.os,
    command: OsCommand.mcumgrParameters,
    name,
    attempts,
  });
  return {
    bytes: needed(client, name, 'buf_size', () => answer.unsigned('buf_size')),
    count: needed(client, name, 'buf_count', () => answer.unsigned('buf_count')),
  };
}

/** As `uname` prints it. @param format letters as `uname` has them, or `a` for all */
export async function readInfo(client: SmpClient, format = 'a'): Promise<string> {
  const question = { op: read, group: SmpGroup.os, command: OsCommand.info, name: 'info' };
  const answer = await client.ask({ ...question, body: new Map([['format', format]]) });
  return needed(client, question.name, 'output', () => answer.text('output'));
}

/** As the device writes it: `2026-11-30T12:00:00`, with a fraction or zone or without. */
export async function readDateTime(client: SmpClient): Promise<string> {
  const question = { op: read, group: SmpGroup.os, command: OsCommand.dateTime, name: 'date and time' };
  const answer = await client.ask(question);
  return needed(client, question.name, 'datetime', () => answer.text('datetime'));
}

/** @param dateTime `yyyy-MM-ddTHH:mm:ss`, which a device without time zones takes as it is */
export async function writeDateTime(client: SmpClient, dateTime: string): Promise<void> {
  await client.ask({
    op: write,
    group: SmpGroup.os,
    command: OsCommand.dateTime,
    name: 'setting date and time',
    body: new Map([['datetime', dateTime]]),
  });
}

/** The device answers first, and goes down a moment later. Asked once: a repetition could reset it twice. */
export async function reset(client: SmpClient, { force = false, timeoutMs = 5000 } = {}): Promise<void> {
  const body = force ? new Map([['force', true]]) : undefined;
  await client.ask({
    op: write,
    group: SmpGroup.os,
    command: OsCommand.reset,
    name: 'reset',
    body,
    timeoutMs,
    attempts: 1,
  });
}

const imageState = { group: SmpGroup.image, command: ImageCommand.state };

export async function readImageState(client: SmpClient, attempts?: number): Promise<DeviceSlot[]> {
  const name = 'image state';
  return slotsOf(client, name, await client.ask({ op: read, ...imageState, name, attempts }));
}

/** Chooses what boots next: on trial, or with `confirm` for good. Without a hash it confirms what runs. */
export async function writeImageState(
  client: SmpClient,
  { hash, confirm }: { hash?: Uint8Array; confirm: boolean },
): Promise<DeviceSlot[]> {
  const name = confirm ? 'confirming the image' : 'marking the image for a trial';
  const body = cborMap([
    ['hash', hash],
    ['confirm', confirm],
  ]);
  return slotsOf(client, name, await client.ask({ op: write, ...imageState, name, body }));
}

function slotsOf(client: SmpClient, name: string, answer: SmpBody): DeviceSlot[] {
  const slotOf = (entry: SmpBody): DeviceSlot => ({
    image: entry.unsigned('image') ?? 0,
    slot: needed(client, name, 'slot', () => entry.unsigned('slot')),
    version: entry.text('version') ?? '',
    hash: entry.bytes('hash') ?? new Uint8Array(),
    bootable: entry.boolean('bootable') ?? false,
    pending: entry.boolean('pending') ?? false,
    confirmed: entry.boolean('confirmed') ?? false,
    active: entry.boolean('active') ?? false,
    permanent: entry.boolean('permanent') ?? false,
  });
  return fieldsOf(client, name, () => mapsOf(client, name, answer, 'images').map(slotOf));
}

/** How long a device may take over erasing a slot before the request is repeated. */
const eraseTimeoutMs = 15_000;

/** @param slot the one for uploads unless told */
export async function eraseSlot(client: SmpClient, slot?: number): Promise<void> {
  await client.ask({
    op: write,
    group: SmpGroup.image,
    command: ImageCommand.erase,
    name: 'erasing the slot',
    body: cborMap([['slot', slot]]),
    timeoutMs: eraseTimeoutMs,
    attempts: 3,
  });
}

export async function readSlotInfo(client: SmpClient): Promise<DeviceSlotInfo[]> {
  const name = 'slot info';
  const answer = await client.ask({ op: read, group: SmpGroup.image, command: ImageCommand.slotInfo, name });
  const slotOf = (entry: SmpBody, slot: SmpBody): DeviceSlotInfo[] => {
    // A slot that the device cannot read carries an error instead of a size.
    const sizeBytes = slot.unsigned('size');
    if (sizeBytes === undefined) return [];
    const image = entry.unsigned('image') ?? 0;
    const imageBytesMax = entry.unsigned('max_image_size');
    return [{ image, slot: needed(client, name, 'slot', () => slot.unsigned('slot')), sizeBytes, imageBytesMax }];
  };
  return fieldsOf(client, name, () =>
    mapsOf(client, name, answer, 'images').flatMap((entry) =>
      mapsOf(client, name, entry, 'slots').flatMap((slot) => slotOf(entry, slot)),
    ),
  );
}

export async function listStatistics(client: SmpClient): Promise<string[]> {
  const name = 'list of statistics';
  const answer = await client.ask({ op: read, group: SmpGroup.statistics, command: StatisticsCommand.list, name });
  const groups = needed(client, name, 'stat_list', () => answer.list('stat_list'));
  return groups.filter((group): group is string => typeof group === 'string');
}

export async function readStatistics(client: SmpClient, group: string): Promise<Map<string, number | bigint>> {
  const name = `statistics of ${group}`;
  const answer = await client.ask({
    op: read,
    group: SmpGroup.statistics,
    command: StatisticsCommand.show,
    name,
    body: new Map([['name', group]]),
  });
  const fields = needed(client, name, 'fields', () => answer.map('fields'));
  const values = fields.names.map((field) => [field, fields.value(field)] as const);
  return new Map(values.filter((entry): entry is [string, number | bigint] => isWhole(entry[1])));
}

export async function readSetting(client: SmpClient, setting: string): Promise<Uint8Array> {
  const name = `setting ${setting}`;
  const question = { op: read, group: SmpGroup.settings, command: SettingsCommand.readWrite, name };
  const answer = await client.ask({ ...question, body: new Map([['name', setting]]) });
  return needed(client, name, 'val', () => answer.bytes('val'));
}

export async function writeSetting(client: SmpClient, setting: string, value: Uint8Array): Promise<void> {
  const body = new Map<string, string | Uint8Array>([
    ['name', setting],
    ['val', value],
  ]);
  const name = `writing setting ${setting}`;
  await client.ask({ op: write, group: SmpGroup.settings, command: SettingsCommand.readWrite, name, body });
}

/** Makes written settings take effect. */
export async function commitSettings(client: SmpClient): Promise<void> {
  const name = 'committing the settings';
  await client.ask({ op: write, group: SmpGroup.settings, command: SettingsCommand.commit, name });
}

/** Makes them outlive a reset. */
export async function saveSettings(client: SmpClient): Promise<void> {
  const name = 'saving the settings';
  await client.ask({ op: write, group: SmpGroup.settings, command: SettingsCommand.loadSave, name });
}

function isWhole(value: SmpReadValue | undefined): value is number | bigint {
  return typeof value === 'number' || typeof value === 'bigint';
}

/**
 * Reads fields of an answer.
 * @throws {MinerError} SMP_ANSWER when one is of another type; what `read` throws itself
 */
export function fieldsOf<Value>(client: SmpClient, request: string, read: () => Value): Value {
  try {
    return read();
  } catch (problem) {
    if (problem instanceof SmpRefusal) throw answerError(client, request, 'a field of it is of another type');
    throw problem;
  }
}

/** @throws {MinerError} SMP_ANSWER when the field is missing, or of another type */
export function needed<Value>(
  client: SmpClient,
  request: string,
  field: string,
  get: () => Value | undefined,
): Exclude<Value, undefined> {
  let value: Value | undefined;
  try {
    value = get();
  } catch {
    throw answerError(client, request, `its ${field} is of another type`);
  }
  if (value === undefined) throw answerError(client, request, `it has no ${field}`);
  return value as Exclude<Value, undefined>;
}

function mapsOf(client: SmpClient, name: string, body: SmpBody, field: string): SmpBody[] {
  const list = needed(client, name, field, () => body.list(field));
  const maps = list.filter((entry) => entry instanceof SmpBody);
  if (maps.length < list.length) throw answerError(client, name, `its ${field} are no maps`);
  return maps;
}
