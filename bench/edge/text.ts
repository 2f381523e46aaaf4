/** Figures of `miner bench edge` in words: for a terminal, and for docs/benchmarks.md. */
import { table } from '../../tools/cli/table.ts';
import { type EdgePart, type EdgeReport, type Figure, isReached, type PartReport } from './figures.ts';

export const partTitles: Readonly<Record<EdgePart, string>> = {
  codec: 'SLCAN codec, one core',
  packs: 'serial bytes to signed packs in the log, in memory, one core',
  sign: 'signing',
  log: 'log',
  sizes: 'pack sizes, signature included',
  gateway: 'gateway, one core',
  rewards: 'a reward epoch, one core',
  pty: '1 Mbit/s through a real pty',
  baud: 'a slow serial line',
};

/** One part as a table for a terminal, with what is to be said about it. */
export function partText(part: EdgePart, { figures, faults, skipped, notes, checksum }: PartReport): string {
  const rows = figures.map((figure) => [
    figure.label,
    valueText(figure, figure.value).padStart(12),
    figure.unit,
    spreadText(figure),
    goalText(figure),
  ]);
  return [
    partTitles[part],
    ...(rows.length > 0 ? [table(rows, '  ')] : []),
    ...notes.map((note) => `  ${note}`),
    ...(checksum === undefined ? [] : [`  output ${checksum.slice(0, 16)}`]),
    ...skipped.map((reason) => `  not measured: ${reason}`),
    ...faults.map((fault) => `  FAULT ${fault}`),
  ].join('\n');
}

/** Goals reached and missed, and the faults. */
export function edgeClosingText({ parts, good }: EdgeReport): string {
  const goals = Object.values(parts)
    .flatMap(({ figures }) => figures)
    .filter(({ goal }) => goal !== undefined);
  const missed = goals.filter((figure) => !isReached(figure));
  const names = missed.length > 0 ? `; missed: ${missed.map(({ label }) => label).join('; ')}` : '';
  return `${goals.length - missed.length} of ${goals.length} goals reached${names}${good ? '' : '\nframes were lost, or outputs disagree: see FAULT above'}`;
}

/** The figure in as many digits as it deserves. */
export function valueText({ unit }: Figure, value: number): string {
  if (unit === 'bytes a sample' || unit === 's') return value.toFixed(2);
  if (unit === 'ms') return value.toFixed(3);
  if (unit === '%' || unit === 'times') return value.toFixed(1);
  return Math.round(value).toLocaleString('en');
}

export function spreadText(figure: Figure): string {
  const { slowest, fastest } = figure;
  if (slowest === undefined || fastest === undefined) return '';
  return `${valueText(figure, slowest)} to ${valueText(figure, fastest)}`;
}

export function goalText(figure: Figure): string {
  const { goal, better = 'more' } = figure;
  if (goal === undefined) return '';
  const bound = goal === 0 ? 'none' : `${better === 'more' ? 'at least' : 'at most'} ${goal.toLocaleString('en')}`;
  return `${bound}: ${isReached(figure) ? 'reached' : 'missed'}`;
}
