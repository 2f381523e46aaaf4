/** Draws the tables of docs/benchmarks.md from bench/results, between marks that the page carries. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { packageRoot } from '../tools/package-root.ts';
import type { ContractFigures } from './contracts/figures.ts';
import { gasTable, runWords, sizeTable } from './contracts/page.ts';
import { type DatabaseReport, isWhole, type StoredReport } from './decode-report.ts';
import { byRate, millions, peerTotals, percent, wrongText } from './decode-text.ts';
import type { EdgeReport } from './edge/figures.ts';
import { edgeTables } from './edge/page.ts';
import { goals } from './goals.ts';
import { quantile, usualTiming } from './measure.ts';
import type { ParseReport } from './parse.ts';

export interface BenchResults {
  decode: StoredReport;
  parse: ParseReport;
  contracts: ContractFigures;
  /** Absent until `npm run bench:publish` has run. */
  edge?: EdgeReport;
}

/** The blocks by the name in their mark. */
const blocks: Record<string, (results: BenchResults) => string> = {
  run: ({ decode }) => runText(decode),
  overview: ({ decode }) => overview(decode),
  goals: ({ decode }) => goalTable(decode),
  databases: ({ decode }) => canonical(decode).map(databaseTable).join('\n\n'),
  peers: ({ decode }) => peerList(decode),
  bound: ({ decode }) => boundTable(decode),
  many: ({ decode }) => manyTable(decode),
  parse: ({ parse }) => parseTable(parse),
  contracts: ({ contracts }) => runWords(contracts),
  gas: ({ contracts }) => gasTable(contracts),
  sizes: ({ contracts }) => sizeTable(contracts),
  edge: ({ edge }) => edgeTables(edge),
};

/** The figures that the page shows, as they were last written. */
export function readResults(): BenchResults {
  const fileOf = (name: string): string => path.join(packageRoot, `bench/results/${name}.json`);
  const read = (name: string): unknown => JSON.parse(readFileSync(fileOf(name), 'utf8'));
  const edge = existsSync(fileOf('edge')) ? { edge: read('edge') } : {};
  return { decode: read('decode'), parse: read('parse'), contracts: read('contracts'), ...edge } as BenchResults;
}

/** Redraws docs/benchmarks.md. */
export function publishPage(): void {
  const page = path.join(packageRoot, 'docs/benchmarks.md');
  writeFileSync(page, drawPage(readFileSync(page, 'utf8'), readResults()));
}

/**
 * Replaces what stands between `<!-- figures: name -->` and `<!-- end of figures -->`.
 * @throws when a mark names no block: the page and this file have parted
 */
export function drawPage(page: string, results: BenchResults): string {
  return page.replace(/(<!-- figures: (\w+) -->\n)[\s\S]*?(<!-- end of figures -->)/g, (_, open, name, close) => {
    const block = blocks[name];
    if (block === undefined) throw new Error(`docs/benchmarks.md asks for figures "${name}", which do not exist`);
    return `${open}\n${block(results)}\n\n${close}`;
  });
}

const canonical = ({ databases }: StoredReport): [string, DatabaseReport][] =>
  Object.entries(databases).flatMap(([name, report]) => (isWhole(report) ? [[name, report]] : []));

function markdown(heading: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  return [line(heading), line(heading.map((_, i) => (i === 0 ? '---' : '--:'))), ...rows.map(line)].join('\n');
}

function runText({ machine, options, databases }: StoredReport): string {
  const commit = machine.commit === undefined ? '' : `, commit ${machine.commit}`;
  const isTrial = options.round_ms < usualTiming.roundMs || options.warm_up_ms < usualTiming.warmUpMs;
  return (
    `${isTrial ? '**A trial with short rounds: these figures are not to be relied on.** ' : ''}Run of ${machine.date.slice(0, 10)}${commit}: ${machine.cpu}, ${machine.cores} cores, ${machine.platform}, ` +
    `${machine.runtime}. ${Object.keys(databases).length} databases, seed ${options.seed}, ` +
    `medians of ${options.rounds} rounds, ${options.count.toLocaleString('en')} frames for each canonical database.`
  );
}

const overviewColumns = ['batch', 'c', 'perFrame', 'perFrameObjects', 'wasmScalar', 'interpret', 'candied'];

function overview(report: StoredReport): string {
  const rows = canonical(report).map(([name, database]) => [
    name,
    database.signals.toLocaleString('en'),
    database.signals_per_frame.toFixed(1),
    ...overviewColumns.map((key) => rateAndRatio(database, key)),
  ]);
  return markdown(['database', 'signals', 'values a frame', ...overviewColumns], rows);
}

function rateAndRatio(database: DatabaseReport, key: string): string {
  const rate = database.frames_per_second[key];
  if (rate === undefined) return 'none';
  return key === database.baseline ? millions(rate) : `${millions(rate)} (${ratioText(database.ratio[key])})`;
}

const ratioText = (ratio: number): string => (ratio < 0.1 ? ratio.toPrecision(2) : ratio.toFixed(2));

function goalTable(report: StoredReport): string {
  const rows = canonical(report).flatMap(([name, database]) =>
    goals.flatMap((goal) => {
      const least = goal.least(name, database);
      const ratio = database.ratio[goal.backEnd];
      if (least === undefined || ratio === undefined || database.baseline !== 'c') return [];
      return [[name, goal.backEnd, ratioText(least), ratioText(ratio), ratio >= least ? 'reached' : '**missed**']];
    }),
  );
  if (rows.length === 0) return 'No compiled C took part in this run.';
  return markdown(['database', 'back end', 'goal, times C', 'measured', ''], rows);
}

function databaseTable([name, report]: [string, DatabaseReport]): string {
  const rows = byRate(report).map((key) => {
    const { slowest, fastest } = report.frames_per_second_spread[key];
    const p99 = report.ns_per_frame_p99[key];
    return [
      key,
      millions(report.frames_per_second[key]),
      `${millions(slowest)} to ${millions(fastest)}`,
      millions(report.signals_per_second[key]),
      ratioText(report.ratio[key]),
      p99 === undefined ? '' : p99.toFixed(0),
      wrongText(report, key) || '',
    ];
  });
  const heading = [
    'back end',
    'M frames/s',
    'spread',
    'M signals/s',
    `to ${report.baseline}`,
    'p99 ns',
    'wrong values',
  ];
  const facts = `${report.messages} messages, ${report.signals.toLocaleString('en')} signals`;
  const left = Object.entries(report.skipped).map(([key, reason]) => `${key} left out: ${reason}.`);
  return [`**${name}**: ${facts}. ${left.join(' ')}`.trim(), '', markdown(heading, rows)].join('\n');
}

function peerList(report: StoredReport): string {
  const all = Object.values(report.databases);
  const names = new Set(all.flatMap(({ peers }) => Object.keys(peers)));
  const reasons = new Map<string, Map<string, number>>();
  for (const { skipped } of all) {
    for (const [name, reason] of Object.entries(skipped)) {
      const counts = reasons.get(name) ?? new Map<string, number>();
      counts.set(reason, (counts.get(reason) ?? 0) + 1);
      reasons.set(name, counts);
    }
  }
  const read = [...names].map((name) => `- ${peerTotals(name, report.databases)}`);
  const refused = [...reasons].flatMap(([name, counts]) =>
    [...counts].map(([reason, count]) => `- ${name}, ${count} of ${all.length} databases: ${reason}`),
  );
  return [...read, ...refused].join('\n');
}

function boundTable(report: StoredReport): string {
  const gigabytes = (rate: number): string => `${(rate / 1e9).toFixed(1)} GB/s`;
  const { memory_bytes_per_second: memory, cached_bytes_per_second: cached } = report.memory;
  const rows = canonical(report).map(([name, { bytes_per_frame: bytes, bound, frames_per_second }]) => [
    name,
    bytes.in.toFixed(0),
    bytes.out.toFixed(0),
    millions(bound.memory),
    millions(bound.cached),
    millions(frames_per_second.batch),
    percent(bound.batch_share),
  ]);
  const heading = [
    'database',
    'bytes in',
    'bytes out',
    'in from memory',
    'in and out in cache',
    'batch',
    'of the lower',
  ];
  return `Copying runs at ${gigabytes(memory)} through memory and ${gigabytes(cached)} within the core's cache, bytes read and bytes written counted.\n\n${markdown(heading, rows)}`;
}

function manyTable(report: StoredReport): string {
  const many = Object.entries(report.databases).filter(([, database]) => !database.canonical);
  if (many.length === 0) return 'No others were at hand.';
  const keys = ['batch', 'perFrame', 'perFrameObjects', 'wasmScalar'];
  const rows = keys.map((key) => {
    const sorted = many.toSorted(([, a], [, b]) => a.frames_per_second[key] - b.frames_per_second[key]);
    const rates = sorted.map(([, { frames_per_second: rate }]) => rate[key]);
    const slowest = `${millions(rates[0])} (${sorted[0][0]})`;
    return [key, slowest, millions(quantile(rates, 0.5)), millions(rates.at(-1) ?? 0)];
  });
  const agree = many.every(([, database]) => database.agree)
    ? 'Our back ends agree on all of them.'
    : '**Not all agree.**';
  const nothing = Object.entries(report.nothing_to_decode).map(([name, reason]) => `${name} (${reason})`);
  const left = nothing.length === 0 ? '' : ` Left out: ${nothing.join(', ')}.`;
  return `${many.length} more databases. ${agree}${left}\n\n${markdown(['back end', 'slowest', 'median', 'fastest'], rows)}`;
}

function parseTable({ files }: ParseReport): string {
  const ms = (value: number): string => `${value.toFixed(1)} ms`;
  const rows = files.map((file) => [
    file.file,
    `${Math.round(file.bytes / 1000).toLocaleString('en')} kB`,
    ms(file.parse_ms),
    ms(file.compile_ms),
    ms(file.ready_ms),
    ms(file.batch_ms),
    ms(file.cold_ready_ms),
    ms(file.cold_process_ms),
  ]);
  return markdown(
    ['file', 'size', 'parse', 'compile', 'ready, warm', 'batch module', 'ready, cold', 'whole process'],
    rows,
  );
}
