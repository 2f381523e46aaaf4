/** `miner dbc diff`: what makes one decoder another, in plain words, and how many values it changes. */
import type { Command } from 'commander';
import type { DatabaseDiff, ValueComparison, ValueDiff } from '../../../dbc/index.ts';
import type { OpenedDatabase } from '../../../dbc/open-node.ts';
import { toolError } from '../../../errors/index.ts';
import { readInput } from '../../../files.ts';
import { table } from '../../table.ts';
import { terminalWidth } from './terminal-width.ts';

interface DiffFlags {
  json?: boolean;
  log?: string;
  golden?: string;
}

export function addDiff(dbc: Command): void {
  dbc
    .command('diff')
    .argument('<before>', 'a DBC file, or its JSON form')
    .argument('<after>', 'another')
    .description('compare two decoders by what they mean; exit 1 when any value, name, unit or label may differ')
    .option('--log <file>', 'decode this log with both, and count the values that change; - is standard input')
    .option('--golden <file>', 'the same with the frames of a golden file')
    .option('--json', 'one object: meaningDiffers, changes, values')
    .addHelpText('after', '\nExample\n  $ miner dbc diff old.dbc new.dbc --log drive.log')
    .action(diff);
}

async function diff(before: string, after: string, flags: DiffFlags): Promise<void> {
  if (flags.log !== undefined && flags.golden !== undefined)
    throw toolError('OPTION_INVALID', {
      option: '--golden',
      value: flags.golden,
      expected: 'either --log or --golden',
    });
  const { diffDatabases } = await import('../../../dbc/index.ts');
  const { noteDropped, openDatabase } = await import('../../../dbc/open-node.ts');
  const [old, now] = [openDatabase(before), openDatabase(after)];
  for (const opened of [old, now]) noteDropped(opened);
  const found = diffDatabases(old.database, now.database);
  const values = await compareValues(old, now, flags);
  process.exitCode = found.meaningDiffers ? 1 : 0;
  if (flags.json) process.stdout.write(`${JSON.stringify({ before, after, ...found, ...(values && { values }) })}\n`);
  else process.stdout.write(`${(await diffText(found, values, flags)).join('\n')}\n`);
}

async function compareValues(
  old: OpenedDatabase,
  now: OpenedDatabase,
  { log, golden }: DiffFlags,
): Promise<ValueDiff | undefined> {
  const { createValueComparison } = await import('../../../dbc/index.ts');
  const comparison = createValueComparison(old.database, now.database);
  if (golden !== undefined) await addGolden(comparison, golden);
  else if (log !== undefined) {
    const { openLogFile } = await import('../../../../edge/can/node.ts');
    const file = await openLogFile(log);
    for await (const batch of file.batches()) comparison.add(batch);
    const { malformed, lines } = file.stats;
    if (malformed > 0) process.stderr.write(`${log}: ${malformed} of ${lines} lines could not be read\n`);
  } else return undefined;
  return comparison.result();
}

async function addGolden(comparison: ValueComparison, path: string): Promise<void> {
  const { readGolden } = await import('../../../dbc/package/index.ts');
  const { FrameFlag } = await import('../../../../edge/can/index.ts');
  const { frames, problems } = readGolden(new TextDecoder().decode(readInput(path)));
  if (problems.length > 0) {
    const [{ line, problem }] = problems;
    throw toolError('DBC_FRAMES_LINE', { path, line, reason: problem });
  }
  for (const { id, extended, data } of frames) comparison.addFrame(id, extended ? FrameFlag.extended : 0, data);
}

async function diffText(found: DatabaseDiff, values: ValueDiff | undefined, flags: DiffFlags): Promise<string[]> {
  const { changeLines, cut, isMetadata, printable, wrap } = await import('../../../dbc/index.ts');
  const { changes, meaningDiffers } = found;
  const metadata = changes.filter(isMetadata).length;
  const width = terminalWidth();
  const lines = changeLines(changes);
  if (lines.length > 0) lines.push('');
  const rest = `${metadata} of comments, attributes and the like`;
  if (!meaningDiffers) lines.push(`the same meaning${metadata > 0 ? `; ${rest} differ` : ''}`);
  else
    lines.push(
      ...wrap(`another meaning: ${changes.length - metadata} differences that bear on values, ${rest}`, width),
    );
  if (values === undefined) return lines;
  const { frames, compared, changed, relabelled, appeared, disappeared, signals } = values;
  const counts =
    `${frames} frames of ${flags.golden ?? flags.log}: of ${compared} values ${changed} change, ` +
    `${relabelled} keep their number with another label, unit or status; ${appeared} appear, ${disappeared} disappear`;
  lines.push('', ...wrap(counts, width));
  if (signals.length === 0) return lines;
  const rows = signals.map((each) => [
    printable(`${each.message}.${each.signal}`),
    each.changed,
    each.relabelled,
    each.appeared,
    each.disappeared,
    printable(`${each.example?.before} is ${each.example?.after} now`),
  ]);
  const header = ['signal', 'change', 'relabel', 'appear', 'disappear', 'first'];
  const drawn = table([header, ...rows]).split('\n');
  return lines.concat(drawn.map((line) => cut(line, width)));
}
