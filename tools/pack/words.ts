/** Packs, and what was found about them, for a person to read. */
import { printable } from '../dbc/index.ts';
import { breakText, type ChainReport } from './chain-check.ts';
import type { ShownPack } from './explain.ts';
import type { RedecodingSummary, SignalChange } from './redecode.ts';

type Table = (rows: readonly (readonly (string | number)[])[], indent?: string) => string;

/** Rows that a table shows of one kind; the rest is counted. --json has them all. */
const rowsMax = 200;

export function packText(pack: ShownPack, plainTable: Table): string {
  const table = printableTable(plainTable);
  const { clock, decoders, columns, frames, gaps, counters } = pack;
  const rows: (string | number)[][] = [
    ['device', `${pack.device} (${pack.algorithm}, signature not checked)`],
    ['seq', `${pack.seq}, boot ${pack.boot}, t0 ${pack.startMs} ms after it`],
    ['size', `${pack.bytes} bytes, ${pack.samples} samples, schema ${pack.schema}`],
    ['SHA-256', pack.hash],
  ];
  const add = (name: string, text: string | undefined) => {
    if (text !== undefined) rows.push([name, text]);
  };
  add('follows', pack.previousHash && `the pack whose SHA-256 begins with ${pack.previousHash}`);
  add('clock', clock && `${clock.time} at t0, from ${clock.source}, give or take ${clock.uncertaintyMs} ms`);
  add('firmware', pack.imageHash);
  add('type', pack.type && JSON.stringify(pack.type));
  decoders.forEach(({ contentHash, registryIndex, name }, i) => {
    const known = [registryIndex === undefined ? '' : `registry index ${registryIndex}`, name ?? ''].filter(Boolean);
    rows.push([`decoder ${i}`, known.length > 0 ? `${contentHash} (${known.join(', ')})` : contentHash]);
  });
  for (const [name, count] of Object.entries(counters)) rows.push([name, String(count)]);
  for (const { from, to, name } of gaps) rows.push(['gap', `seq ${from} to ${to}, ${name}`]);
  const parts = [table(rows)];
  if (columns.length > 0) parts.push(limited(table, columnHead, columns.map(columnRow)));
  if (frames.length > 0) parts.push(limited(table, frameHead, frames.map(frameRow)));
  return parts.join('\n\n');
}

/** What names, units and labels of a decoder would steer a terminal with is escaped. */
function printableTable(table: Table): Table {
  const cell = (content: string | number) => (typeof content === 'string' ? printable(content) : content);
  return (rows, indent) =>
    table(
      rows.map((row) => row.map(cell)),
      indent,
    );
}

function limited(table: Table, head: string[], rows: (string | number)[][]): string {
  const text = table([head, ...rows.slice(0, rowsMax)]);
  return rows.length > rowsMax ? `${text}\n... and ${rows.length - rowsMax} more; --json has all` : text;
}

const columnHead = ['decoder', 'signal', 'name', 'samples', 'times, ms', 'last raw', 'last value'];

function columnRow(column: ShownPack['columns'][number]): (string | number)[] {
  const { decoder, signalIndex, name = '', samples, firstMs, lastMs, lastRaw, lastValue = '', lastText } = column;
  const times = firstMs === lastMs ? `${firstMs}` : `${firstMs} to ${lastMs}`;
  const raw = lastText === undefined ? String(lastRaw) : JSON.stringify(lastText.slice(0, 60));
  return [decoder, signalIndex, name, samples, times, raw, lastValue];
}

const frameHead = ['raw frames', 'kind', 'name', 'frames', 'times, ms', 'last payload'];

function frameRow(column: ShownPack['frames'][number]): (string | number)[] {
  const { id, extended, remote, error, name = '', frames, firstMs, lastMs, lastPayload } = column;
  const kind = [extended ? '29-bit' : '11-bit', remote ? 'remote' : '', error ? 'error' : ''].filter(Boolean).join(' ');
  return [id, kind, name, frames, firstMs === lastMs ? `${firstMs}` : `${firstMs} to ${lastMs}`, lastPayload];
}

/** How packs follow each other, a line each; nothing where there is one pack alone. */
export function chainText(report: ChainReport): string {
  const { packs, devices, duplicates, linked, declared, missing, breaks } = report;
  const numbers = missing.reduce((sum, { from, to }) => sum + (to - from + 1), 0);
  const found = breaks.map((one) => `broken: ${breakText(one)}`);
  for (const { device, from, to } of missing.slice(0, rowsMax)) {
    found.push(`missing: seq ${from === to ? from : `${from} to ${to}`} of device ${device}, declared by no pack`);
  }
  const facts = [
    `${packs} packs of ${devices} ${devices === 1 ? 'device' : 'devices'}`,
    `${linked} follow the one before by its hash`,
    `${declared} numbers declared as gaps`,
    `${numbers} missing`,
  ];
  if (duplicates > 0) facts.push(`${duplicates} copies`);
  return [...found, facts.join(', ')].map(printable).join('\n');
}

export function redecodingLine(summary: RedecodingSummary): string {
  const { samples, same, changed, moved, gone, valuesChanged, fromFrames } = summary;
  return (
    `${samples} samples: ${same} mean what they meant, ${changed} of signals that changed (${valuesChanged} values ` +
    `differ), ${moved} of signals that lie elsewhere now, ${gone} of signals that are gone; ` +
    `${fromFrames} had from raw frames`
  );
}

export function redecodingText(
  summary: RedecodingSummary,
  changes: readonly SignalChange[],
  plainTable: Table,
): string {
  const table = printableTable(plainTable);
  const { older, newer, packs, framesUnknown } = summary;
  const head = table([
    ['decoder', `${older}, as the packs name it`],
    ['read with', newer],
    ['packs', String(packs)],
    ['raw frames', `${framesUnknown} of ids that the new decoder does not have`],
  ]);
  const rows = changes
    .filter(({ outcome }) => outcome !== 'same')
    .map((change) => [
      `${change.message}.${change.signal}`,
      change.outcome,
      change.differences.join(', '),
      change.samples,
      change.samplesChanged,
      change.samplesFromFrames,
    ]);
  const columns = ['signal', 'outcome', 'differs in', 'samples', 'values differ', 'from frames'];
  const parts = [head, redecodingLine(summary)];
  if (rows.length > 0) parts.splice(1, 0, limited(table, columns, rows));
  return parts.join('\n\n');
}
