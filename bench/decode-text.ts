/** A decode report for people. */
import type { DatabaseReport, DecodeReport } from './decode-report.ts';

/** Columns padded to their widest cell, the first to the left and the others to the right. */
function align(rows: readonly (readonly string[])[], indent: string): string {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)));
  const line = (row: readonly string[]) =>
    row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i]) : cell.padStart(widths[i]))).join('  ');
  return rows.map((row) => indent + line(row)).join('\n');
}

/** Three digits, in millions. */
export const millions = (perSecond: number): string => {
  const value = perSecond / 1e6;
  return value >= 100 ? value.toFixed(0) : value >= 0.1 ? value.toPrecision(3) : value.toFixed(3);
};

export const percent = (share: number): string => {
  const value = share * 100;
  return `${value === 0 || value >= 10 ? value.toFixed(0) : value.toPrecision(2)} %`;
};

/** Wrong values as a share of all that were compared, or `0`. */
export function wrongText(report: DatabaseReport, name: string): string {
  const wrong = report.wrong_values[name];
  if (wrong === undefined) return '';
  const { values = 0, invented = 0 } = report.peers[name] ?? {};
  return wrong === 0 || values === 0 ? String(wrong) : `${wrong} (${percent(wrong / (values + invented))})`;
}

/** Names of contestants, fastest first. */
export function byRate(report: DatabaseReport): string[] {
  const rates = report.frames_per_second;
  return Object.keys(rates).sort((a, b) => rates[b] - rates[a]);
}

/** The table of one database, with what else there is to say of it. */
export function databaseText(name: string, report: DatabaseReport): string {
  const heading = [
    'back end',
    'M frames/s',
    'spread',
    'M signals/s',
    `to ${report.baseline}`,
    'p99 ns',
    'wrong values',
  ];
  const rows = byRate(report).map((key) => {
    const { slowest, fastest } = report.frames_per_second_spread[key];
    const p99 = report.ns_per_frame_p99[key];
    return [
      key,
      millions(report.frames_per_second[key]),
      `${millions(slowest)} to ${millions(fastest)}`,
      millions(report.signals_per_second[key]),
      report.ratio[key].toFixed(3),
      p99 === undefined ? '' : p99.toFixed(0),
      wrongText(report, key),
    ];
  });
  const { bytes_per_frame: bytes, bound } = report;
  return [
    `${name}: ${report.messages} messages, ${report.signals} signals; ${report.frames} frames of ${report.signals_per_frame.toFixed(1)} values`,
    align([heading, ...rows], '  '),
    ...Object.entries(report.skipped).map(([key, reason]) => `  ${key} left out: ${reason}`),
    ...Object.entries(report.frames_seen).map(([key, seen]) => `  ${key} is timed on ${seen} of the frames`),
    ...Object.entries(report.peers).flatMap(([key, peer]) => peerText(key, peer)),
    `  batch reads ${bytes.in} bytes a frame and writes ${bytes.out.toFixed(0)}: copying as much makes ` +
      `${millions(bound.least)} M frames/s, of which it reaches ${percent(bound.batch_share)}`,
    `  checked on ${report.checked_frames} frames: ${verdictText(report)}`,
  ].join('\n');
}

function peerText(name: string, peer: DatabaseReport['peers'][string]): string[] {
  if (peer.wrong + peer.missing + peer.invented === 0) return [];
  const because = peer.firstError === undefined ? '' : `; it threw: ${peer.firstError}`;
  const counts = `${peer.wrong} wrong (${peer.clamped} clamped to their range), ${peer.missing} missing, ${peer.invented} that the frame does not hold`;
  return [`  ${name} ${peer.version}, of ${peer.values} values: ${counts}${because}`];
}

function verdictText(report: DatabaseReport): string {
  const unknown = report.checked_frames_unknown;
  const strangers = unknown === 0 ? '' : `, ${unknown} of them of no message in the database`;
  if (report.agree) return `our back ends agree${strangers}, ${report.checksums.interpret.slice(0, 16)}`;
  const wrong = Object.keys(report.checksums).filter((key) => report.checksums[key] !== report.checksums.interpret);
  return `${wrong.join(', ')} DISAGREES WITH THE INTERPRETER${strangers}`;
}

/** One line for a database among many. */
export function briefText(name: string, report: DatabaseReport): string {
  const rates = ['batch', 'perFrame', 'perFrameObjects', 'wasmScalar']
    .map((key) => `${key} ${millions(report.frames_per_second[key])}`)
    .join(', ');
  const peers = Object.keys(report.peers).map((key) => `; ${key} wrong ${wrongText(report, key)}`);
  return `${name}: ${rates} M frames/s${peers.join('')}; ${report.agree ? 'agree' : verdictText(report)}`;
}

/** What stands below all databases. */
export function closingText(report: DecodeReport): string {
  const all = Object.values(report.databases);
  const gigabytes = (rate: number): string => (rate / 1e9).toFixed(1);
  const lines = [
    `memory: copies ${gigabytes(report.memory.memory_bytes_per_second)} GB/s, ` +
      `within the cache ${gigabytes(report.memory.cached_bytes_per_second)} GB/s, read and written`,
  ];
  for (const [name, reason] of Object.entries(report.nothing_to_decode)) lines.push(`${name} left out: ${reason}`);
  if (all.length > 1) {
    const agreeing = all.filter(({ agree }) => agree).length;
    lines.push(`${all.length} databases: our back ends agree on ${agreeing === all.length ? 'all' : agreeing}`);
    for (const name of new Set(all.flatMap(({ peers }) => Object.keys(peers))))
      lines.push(peerTotals(name, report.databases));
  }
  return lines.join('\n');
}

/** How a peer did on all databases together. */
export function peerTotals(name: string, databases: Record<string, Pick<DatabaseReport, 'peers'>>): string {
  const all = Object.values(databases);
  const read = all.flatMap(({ peers }) => peers[name] ?? []);
  const sum = (key: 'values' | 'wrong' | 'clamped' | 'missing' | 'invented') =>
    read.reduce((total, peer) => total + peer[key], 0);
  const faults = sum('wrong') + sum('missing') + sum('invented');
  return (
    `${name} ${read[0]?.version}: reads ${read.length} of ${all.length}; of ${sum('values')} values ` +
    `${sum('wrong')} wrong (${sum('clamped')} clamped to their range), ${sum('missing')} missing, ${sum('invented')} invented ` +
    `(${percent(faults / (sum('values') + sum('invented')))})`
  );
}
