/** Short forms for the tests of edge/dbc. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Database, type ParseResult, parseDbc } from '../../../edge/dbc/index.ts';
import { sharedPath } from '../../shared.ts';

export function parse(source: string): ParseResult {
  return parseDbc(new TextEncoder().encode(source));
}

/** The codes of all diagnostics but the remark that a fragment has no preamble, in the order of the file. */
export function codes({ diagnostics }: ParseResult): string[] {
  const remarks = ['PREAMBLE_MISSING', 'NODE_UNDECLARED'];
  return diagnostics.map(({ code }) => code).filter((code) => !remarks.includes(code));
}

/** A message `A`, id 1, 8 bytes, with these SG_ lines; `rest` follows. */
export function message(signals: readonly string[], rest = ''): string {
  return `BO_ 1 A: 8 N\n${signals.map((signal) => ` SG_ ${signal}\n`).join('')}\n${rest}`;
}

/** What a signal needs when only its name matters. */
export const plain = ': 0|8@1+ (1,0) [0|0] "" N';

/** What two readings of one database must agree on: all of it but the line numbers of what was kept verbatim. */
export function withoutLines(database: Database): Database {
  return { ...database, unknownSections: database.unknownSections.map((section) => ({ ...section, line: 0 })) };
}

export interface CorpusFile {
  name: string;
  bytes: Uint8Array;
}

/** Every DBC of the shared corpus, or undefined where it is not at hand. */
export function corpus(): CorpusFile[] | undefined {
  const folder = sharedPath('corpus');
  if (folder === undefined) return undefined;
  return ['cantools', 'opendbc', 'savvycan'].flatMap((part) =>
    readdirSync(join(folder, part))
      .filter((name) => name.endsWith('.dbc'))
      .map((name) => ({ name: `${part}/${name}`, bytes: readFileSync(join(folder, part, name)) })),
  );
}

export const corpusMissing = 'needs ../shared/corpus';
