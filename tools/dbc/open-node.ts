/** Databases from files, and files from what was made of them. */
import { statSync, writeFileSync } from 'node:fs';
import { type Database, type Diagnostic, parseDbc } from '../../edge/dbc/index.ts';
import { compilePlan, type Plan } from '../../edge/decode/index.ts';
import { toolError } from '../errors/index.ts';
import { readInput } from '../files.ts';
import { databaseFromJson } from './convert/json.ts';

export interface OpenedDatabase {
  path: string;
  bytes: Uint8Array;
  database: Database;
  /** None for JSON: what is wrong with that is an error. */
  diagnostics: Diagnostic[];
  /** How many of the diagnostics are errors: each dropped something. */
  dropped: number;
}

/**
 * Reads a DBC, or, when the name ends in `.json`, the JSON form of one.
 * @throws {MinerError} `FILE_UNREADABLE`, `DBC_JSON_SYNTAX`, `DBC_JSON`
 */
export function openDatabase(path: string): OpenedDatabase {
  const bytes = readInput(path);
  if (path.toLowerCase().endsWith('.json'))
    return { path, bytes, database: databaseFromJson(parseJson(path, bytes)), diagnostics: [], dropped: 0 };
  const { database, diagnostics } = parseDbc(bytes);
  return {
    path,
    bytes,
    database,
    diagnostics,
    dropped: diagnostics.filter(({ severity }) => severity === 'error').length,
  };
}

/**
 * As `openDatabase`, with the plan. Notes on stderr when something of the file was dropped.
 * @throws {MinerError} `DECODER_EMPTY` too, when it has no message: most likely no DBC at all
 */
export function openDecoder(path: string): OpenedDatabase & { plan: Plan } {
  const opened = openDatabase(path);
  if (opened.database.messages.length === 0) throw toolError('DECODER_EMPTY', { path });
  noteDropped(opened);
  return { ...opened, plan: compilePlan(opened.database) };
}

/** One line on stderr when reading lost something. */
export function noteDropped({ path, dropped }: OpenedDatabase): void {
  if (dropped === 0) return;
  const what =
    dropped === 1 ? '1 construct that could not be read was' : `${dropped} constructs that could not be read were`;
  process.stderr.write(`${path}: ${what} left out; see \`miner dbc check\`\n`);
}

function parseJson(path: string, bytes: Uint8Array) {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw toolError('DBC_JSON_SYNTAX', { path, reason: (cause as Error).message }, cause);
  }
}

/**
 * Writes a whole file.
 * @param force replaces a file that is there
 * @throws {MinerError} `OUTPUT_EXISTS`, `OUTPUT_UNWRITABLE`
 */
export function writeOutput(path: string, content: Uint8Array | string, force: boolean): void {
  const found = statSync(path, { throwIfNoEntry: false });
  if (found?.isDirectory()) throw toolError('OUTPUT_UNWRITABLE', { path, reason: 'it is a folder' });
  if (found?.isFile() && !force) throw toolError('OUTPUT_EXISTS', { path, what: 'a file' });
  try {
    writeFileSync(path, content);
  } catch (cause) {
    throw toolError(
      'OUTPUT_UNWRITABLE',
      { path, reason: (cause as NodeJS.ErrnoException).code ?? String(cause) },
      cause,
    );
  }
}
