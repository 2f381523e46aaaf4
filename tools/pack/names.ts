/** What signals are called outside: by their DBC, or by a mapping file. */
import { statSync } from 'node:fs';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import type { SignalPlace } from './decoders.ts';

export interface OutsideName {
  name: string;
  /** As the mapping has it; the DBC's own stands where it says none. */
  unit: string;
}

export interface NameMap {
  of(place: SignalPlace): OutsideName;
}

interface MappedName {
  name: string;
  unit?: string;
}

const fileBytesMax = 1 << 24;

/** `Message.Signal`, and the DBC's unit. */
export const dbcNames: NameMap = {
  of: ({ message, signal }) => ({ name: `${message.name}.${signal.name}`, unit: signal.unit }),
};

/**
 * Reads a mapping: the `vss.json` of a decoder package, or an object from `Message.Signal` to the name. What it does not
 * have keeps the DBC's names. Paths are taken as they are; `miner dbc package check` checks them.
 * @throws {MinerError} FILE_UNREADABLE, PACK_NAMES
 */
export function readNames(path: string): NameMap {
  const size = statSync(path, { throwIfNoEntry: false })?.size ?? 0;
  if (size > fileBytesMax) throw toolError('PACK_NAMES', { path, problem: `${size} bytes, at most ${fileBytesMax}` });
  let json: unknown;
  try {
    json = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(readInput(path)));
  } catch (cause) {
    if (!(cause instanceof SyntaxError || cause instanceof TypeError)) throw cause;
    throw toolError('PACK_NAMES', { path, problem: `not JSON: ${cause.message}` }, cause);
  }
  const fail = (problem: string): never => {
    throw toolError('PACK_NAMES', { path, problem });
  };
  const mapped = Array.isArray(json) ? fromList(json, fail) : fromObject(json, fail);
  return {
    of(place) {
      const own = dbcNames.of(place);
      const found = mapped.get(own.name);
      return found ? { name: found.name, unit: found.unit ?? own.unit } : own;
    },
  };
}

type Fail = (problem: string) => never;

function fromList(list: unknown[], fail: Fail): Map<string, MappedName> {
  const mapped = new Map<string, MappedName>();
  for (const [i, entry] of list.entries()) {
    const { message, signal, path, unit } = (entry ?? {}) as Record<string, unknown>;
    if (typeof message !== 'string' || typeof signal !== 'string') return fail(`/${i} has no message and signal`);
    if (typeof path !== 'string' || path === '') return fail(`/${i}/path is no text`);
    if (unit !== undefined && typeof unit !== 'string') return fail(`/${i}/unit is no text`);
    mapped.set(`${message}.${signal}`, { name: path, ...(unit !== undefined && { unit }) });
  }
  return mapped;
}

function fromObject(value: unknown, fail: Fail): Map<string, MappedName> {
  if (typeof value !== 'object' || value === null) return fail('neither an array nor an object');
  const mapped = new Map<string, MappedName>();
  for (const [signal, name] of Object.entries(value)) {
    if (typeof name !== 'string' || name === '') fail(`/${signal} is no text`);
    mapped.set(signal, { name });
  }
  return mapped;
}
