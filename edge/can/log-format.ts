/**
 * `candump`: can-utils, all of candump's outputs. `asc`, `blf`: Vector's text and binary logs. `trc`: PCAN's traces.
 * `gvret`: SavvyCAN's and GVRET's CSV.
 */
export type LogFormat = 'candump' | 'asc' | 'blf' | 'trc' | 'gvret';

/** All of them, as the help lists them. */
export const logFormats: readonly LogFormat[] = ['candump', 'asc', 'blf', 'trc', 'gvret'];

/** What people call them. */
export const logFormatNames: Readonly<Record<LogFormat, string>> = {
  candump: 'candump',
  asc: 'Vector ASC',
  blf: 'Vector BLF',
  trc: 'PCAN TRC',
  gvret: 'SavvyCAN / GVRET CSV',
};

const byEnding: Readonly<Record<string, LogFormat>> = {
  log: 'candump',
  candump: 'candump',
  asc: 'asc',
  blf: 'blf',
  trc: 'trc',
  csv: 'gvret',
};

/**
 * The format that a file's name promises, a trailing `.gz` aside; undefined for an ending that none of them has.
 * @example logFormatOfName('drive.asc.gz')  // 'asc'
 */
export function logFormatOfName(name: string): LogFormat | undefined {
  const ending = /\.([a-z]+)(?:\.gz)?$/i.exec(name)?.[1].toLowerCase() ?? '';
  return Object.hasOwn(byEnding, ending) ? byEnding[ending] : undefined;
}
