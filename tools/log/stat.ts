/** `miner log stat`: reads a log and tells what is in it. */
import { type LogFormat, logFormatNames, type MalformedLine } from '../../edge/can/index.ts';
import { type LogFile, openLogFile } from '../../edge/can/node.ts';
import { createProgress } from '../progress.ts';
import { LogTally, type TallyOptions } from './tally.ts';

/** Facts of a log, as `--json` prints them. Times are seconds, rates per second, loads of 1. */
export interface LogFacts {
  format: LogFormat;
  frames: number;
  errorFrames: number;
  /** Seconds since the log's origin, which is the Unix epoch where the log has a date. */
  start: number | null;
  seconds: number;
  /** Lines that are no frame by intent. */
  ignored: number;
  canXlFrames: number;
  malformed: number;
  firstMalformed: MalformedLine[];
  /** Frames older than the one before them. */
  backward: number;
  gaps: { count: number; longest: { at: number; seconds: number }[] };
  bitRate: number;
  dataBitRate: number;
  buses: { bus: number; name: string; frames: number; load: number; peakLoad: number }[];
  ids: IdFacts[];
}

export interface IdFacts {
  bus: number;
  id: number;
  extended: boolean;
  count: number;
  /** Per second, over the time in which the id was seen; null when it came once. */
  rate: number | null;
  interval: { mean: number; min: number; max: number } | null;
  lengths: number[];
  remote: number;
  transmitted: number;
  fd: number;
}

export interface StatOptions extends TallyOptions {
  format?: LogFormat;
}

/** @throws {MinerError} as `openLogFile` */
export async function statLog(path: string, options: StatOptions): Promise<LogFacts> {
  const log = await openLogFile(path, { format: options.format });
  const tally = new LogTally(options);
  const progress = createProgress({ label: 'reading', totalBytes: log.totalBytes, unit: 'frames' });
  try {
    for await (const batch of log.batches()) {
      tally.add(batch);
      log.recycle(batch);
      progress.update(log.bytesRead, tally.frames);
    }
  } finally {
    progress.end();
  }
  return factsOf(log, tally, options);
}

function factsOf(log: LogFile, tally: LogTally, { bitRate, dataBitRate }: StatOptions): LogFacts {
  const { stats } = log;
  const seconds = tally.frames > 0 ? (tally.lastUs - tally.firstUs) / 1e6 : 0;
  return {
    format: log.format,
    frames: tally.frames,
    errorFrames: tally.errors,
    start: tally.frames > 0 ? tally.firstUs / 1e6 : null,
    seconds,
    ignored: stats.ignored,
    canXlFrames: stats.framesXl,
    malformed: stats.malformed,
    firstMalformed: stats.firstMalformed,
    backward: tally.backward,
    gaps: {
      count: tally.gapCount,
      longest: tally.gaps.map(({ fromUs, toUs }) => ({ at: fromUs / 1e6, seconds: (toUs - fromUs) / 1e6 })),
    },
    bitRate,
    dataBitRate,
    buses: tally.loads.flatMap((load, bus) => [
      {
        bus,
        name: stats.buses[bus] ?? '',
        frames: load.frames,
        load: seconds > 0 ? load.busyUs / 1e6 / seconds : 0,
        peakLoad: load.peak,
      },
    ]),
    ids: tally.ids().map((entry) => {
      const span = (entry.lastUs - entry.firstUs) / 1e6;
      const mean = span / (entry.count - 1);
      return {
        bus: entry.bus,
        id: entry.id,
        extended: entry.isExtended,
        count: entry.count,
        rate: entry.count > 1 && span > 0 ? 1 / mean : null,
        interval: entry.count > 1 ? { mean, min: entry.intervalUsMin / 1e6, max: entry.intervalUsMax / 1e6 } : null,
        lengths: [...entry.lengths.keys()].sort((a, b) => a - b),
        remote: entry.remotes,
        transmitted: entry.transmitted,
        fd: entry.fd,
      };
    }),
  };
}

/** The facts as text for people. */
export function statText(facts: LogFacts, table: (rows: (string | number)[][]) => string): string {
  const parts = [headText(facts)];
  const percent = (share: number) => `${(share * 100).toFixed(1)} %`;
  const buses = facts.buses.map(({ bus, name, frames, load, peakLoad }) => [
    `bus ${bus}${name === '' ? '' : ` (${name})`}`,
    frames,
    percent(load),
    percent(peakLoad),
  ]);
  parts.push(
    `${table([['', 'frames', 'load', 'busiest second'], ...buses])}\n` +
      `at ${rateText(facts.bitRate)}, CAN FD data at ${rateText(facts.dataBitRate)}; stuff bits counted from each frame's own bits`,
  );
  if (facts.ids.length > 0) parts.push(table([idHeader, ...facts.ids.map(idRow)]));
  if (facts.gaps.count > 0) {
    const rows = facts.gaps.longest.map(({ at, seconds }) => [`at ${at.toFixed(6)} s`, `${seconds.toFixed(3)} s`]);
    parts.push(`${facts.gaps.count} gaps; the longest:\n${table(rows)}`);
  }
  if (facts.malformed > 0) {
    const rows = facts.firstMalformed.map(
      ({ line, text, reason }) => `line ${line}: ${reason}\n    ${printable(text)}`,
    );
    parts.push(
      `malformed lines: ${facts.malformed}${facts.malformed > rows.length ? ', the first of them' : ''}\n${rows.join('\n')}`,
    );
  }
  return `${parts.join('\n\n')}\n`;
}

function headText(facts: LogFacts): string {
  const lines = [`${logFormatNames[facts.format]}, ${facts.frames} frames in ${facts.seconds.toFixed(3)} s`];
  // Earlier times are not times of day: they count from the log's own begin.
  if (facts.start !== null && facts.start >= 1e8) lines.push(`from ${new Date(facts.start * 1000).toISOString()}`);
  const notes: [string, number][] = [
    ['error frames', facts.errorFrames],
    ['CAN XL frames, left out', facts.canXlFrames],
    ['lines that are no frame by intent', facts.ignored],
    ['frames older than the one before', facts.backward],
  ];
  const told = notes.filter(([, count]) => count > 0).map(([what, count]) => `${what}: ${count}`);
  return [...lines, ...told].join('\n');
}

/** Wide enough for 99 seconds; text is set to the left otherwise. */
const right = (text: string) => text.padStart(9);
const idHeader = ['bus', 'id', 'frames', ...['1/s', 'mean ms', 'min ms', 'max ms'].map(right), 'bytes', ''];

function idRow(each: IdFacts): (string | number)[] {
  const ms = (seconds: number | undefined) => right(seconds === undefined ? '-' : (seconds * 1000).toFixed(3));
  const notes: [number, string][] = [
    [each.fd, 'FD'],
    [each.remote, 'remote'],
    [each.transmitted, 'Tx'],
  ];
  return [
    each.bus,
    each.id
      .toString(16)
      .toUpperCase()
      .padStart(each.extended ? 8 : 3, '0'),
    each.count,
    right(each.rate === null ? '-' : each.rate.toFixed(2)),
    ms(each.interval?.mean),
    ms(each.interval?.min),
    ms(each.interval?.max),
    each.lengths.join(' '),
    notes
      .filter(([count]) => count > 0)
      .map(([count, what]) => (count === each.count ? what : `${what} ${count}`))
      .join(', '),
  ];
}

function rateText(bitRate: number): string {
  return bitRate >= 1e6 ? `${bitRate / 1e6} Mbit/s` : `${bitRate / 1e3} kbit/s`;
}

/** A malformed line may hold anything, escape sequences for the terminal too. */
function printable(text: string): string {
  return text.replaceAll(/\p{C}/gu, '\u00b7');
}
