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

/**
 * What two readings of one database must agree on: all of it but the line numbers of what was kept verbatim, and where
 * comments stand whose statement is broken.
 */
export function withoutPlaces(database: Database): Database {
  return {
    ...database,
    unknownSections: database.unknownSections.map((section) => ({ ...section, line: 0 })),
    sourceComments: (database.sourceComments ?? [])
      .map(({ text }) => ({ text, place: 'before' as const, statement: '' }))
      .sort((a, b) => (a.text < b.text ? -1 : 1)),
  };
}

/** A small file with each section that the language has. */
export const everySection = new TextEncoder().encode(
  'VERSION "1"\nNS_ :\n\tCM_\nBS_:\nBU_: N M\nVAL_TABLE_ T 0 "a" ;\nBO_ 1 A: 8 N\n SG_ S M : 0|8@1+ (1,0) [0|0] "" N\n' +
    ' SG_ X m1 : 8|16@0- (0.5,-1) [0|9] "km" M\nBO_ 2566834942 P: 8 N\n SG_ F : 0|32@1- (1,0) [0|0] "°" N,M\n' +
    'BO_TX_BU_ 1 : N,M;\nEV_ E: 0 [0|1] "" 0 1 D N;\nENVVAR_DATA_ E: 4;\nSGTYPE_ G : 8@1+ (1,0) [0|0] "" 0;\n' +
    'CM_ "net";\nCM_ BU_ N "n";\nCM_ BO_ 1 "m";\nCM_ SG_ 1 S "c";\nCM_ EV_ E "e";\nBA_DEF_ BO_ "I" INT 0 9;\n' +
    'BA_DEF_ "Z" ENUM "x","y";\nBA_DEF_REL_ BU_SG_REL_ "R" FLOAT 0 1;\nBA_DEF_DEF_ "I" 0;\nBA_DEF_DEF_REL_ "R" 0;\n' +
    'BA_ "I" BO_ 1 5;\nBA_ "Z" 1;\nBA_REL_ "R" BU_SG_REL_ N SG_ 1 S 0.5;\nVAL_ 1 S 0 "off" -1 "on" ;\nVAL_ E 0 "z" ;\n' +
    'SIG_GROUP_ 1 G 1 : S X;\nSIG_VALTYPE_ 2566834942 F : 1;\nSG_MUL_VAL_ 1 X S 1-2, 4-4;\nCAT_DEF_ 1 x;\n',
);

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
