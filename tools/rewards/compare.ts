/** What differs between two accounts of one epoch, named row by row: a single altered number is found. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { RewardEpoch } from './epoch.ts';
import { type EpochInputs, formatInputs, hashOfText, vehicleColumns, vehicleRow } from './inputs.ts';
import { formatLeaves, rootRecord, rootText } from './publish.ts';

export interface Difference {
  /** `inputs`, `leaves`, `root` or `chain`. */
  in: 'inputs' | 'leaves' | 'root' | 'chain';
  /** Which row or fact: a device, a line, a name. */
  at: string;
  /** Which value of it. */
  what: string;
  theirs: string;
  ours: string;
}

/** Theirs against what we gathered ourselves. */
export function compareInputs(theirs: EpochInputs, ours: EpochInputs): Difference[] {
  const differences: Difference[] = [];
  const [theirLines, ourLines] = [theirs, ours].map((inputs) => factLines(inputs));
  for (const [index, line] of ourLines!.entries()) {
    const their = theirLines![index] ?? '';
    if (their !== line) {
      const [name = '', value = ''] = splitFact(line);
      differences.push({ in: 'inputs', at: 'the epoch', what: name, theirs: splitFact(their)[1] ?? '', ours: value });
    }
  }
  const [theirRows, ourRows] = [theirs, ours].map(
    ({ vehicles }) => new Map(vehicles.map(vehicleRow).map((r) => [r[0], r])),
  );
  for (const device of [...new Set([...theirRows!.keys(), ...ourRows!.keys()])].sort()) {
    const [their, our] = [theirRows!.get(device), ourRows!.get(device)];
    if (!their || !our) {
      const presence = (row: unknown) => (row ? JSON.stringify(row) : 'no row');
      differences.push({ in: 'inputs', at: device, what: 'row', theirs: presence(their), ours: presence(our) });
      continue;
    }
    for (const [column, what] of vehicleColumns.entries()) {
      if (their[column] === our[column]) continue;
      differences.push({ in: 'inputs', at: device, what, theirs: String(their[column]), ours: String(our[column]) });
    }
  }
  return differences;
}

const factLines = (inputs: EpochInputs) => formatInputs({ ...inputs, vehicles: [] }).split('\n');
const splitFact = (line: string) => /^"(\w+)":(.*?),?$/.exec(line)?.slice(1) ?? [];

/** The files that stand beside published inputs, line by line, against what follows from those inputs. */
export function compareFiles(folder: string, inputs: EpochInputs, computed: RewardEpoch): Difference[] {
  const leaves = formatLeaves(inputs, computed);
  const texts = { leaves, root: rootText(rootRecord(inputs, computed, hashOfText(leaves))) };
  return (['leaves', 'root'] as const).flatMap((name) => {
    const file = path.join(folder, `${name}.json`);
    return existsSync(file) ? compareLines(name, readFileSync(file, 'utf8'), texts[name]) : [];
  });
}

function compareLines(name: 'leaves' | 'root', theirs: string, ours: string): Difference[] {
  if (theirs === ours) return [];
  const [theirLines, ourLines] = [theirs.split('\n'), ours.split('\n')];
  const differences: Difference[] = [];
  for (let i = 0; i < Math.max(theirLines.length, ourLines.length); i++) {
    const [their = 'no such line', our = 'no such line'] = [theirLines[i], ourLines[i]];
    if (their !== our) differences.push({ in: name, at: `line ${i + 1}`, what: 'line', theirs: their, ours: our });
  }
  return differences;
}

/** What a root on chain, or one that somebody told, says of it. */
export interface ClaimedRoot {
  root: string;
  total?: bigint;
  inputsHash?: string;
}

export function compareRoot(theirs: ClaimedRoot, ours: RewardEpoch): Difference[] {
  const rows: [string, string | undefined, string][] = [
    ['root', theirs.root.toLowerCase(), ours.root],
    ['total', theirs.total?.toString(), ours.total.toString()],
    ['inputsHash', theirs.inputsHash?.toLowerCase(), ours.inputsHash],
  ];
  return rows
    .filter(([, their, our]) => their !== undefined && their !== our)
    .map(([what, their, our]) => ({ in: 'chain', at: 'the posted root', what, theirs: their!, ours: our }));
}
