/** What a table's columns are called and hold: the same for every file format. */
import {
  type BatchTable,
  integerLimits,
  type PlanMessage,
  type PlanSelectorRange,
  type PlanSignal,
} from '../../../edge/decode/index.ts';

/** `u64`: unsigned; `text`: UTF-8. */
export type ColumnKind = 'f64' | 'f32' | 'i32' | 'i64' | 'u64' | 'text';

export interface ColumnSchema {
  name: string;
  kind: ColumnKind;
  nullable: boolean;
  /** Of columns that hold a signal's values. */
  signal?: PlanSignal;
}

/** One step of the way from a message to a branch of its multiplexers. */
export interface BranchStep {
  selector: PlanSignal;
  ranges: readonly PlanSelectorRange[];
}

export interface TableSchema {
  /** Safe as a file name without its extension, and like no other table's whatever the letters' case. */
  name: string;
  message: PlanMessage;
  /** From the outermost selector inwards; empty for a message's own table. */
  branch: BranchStep[];
  /** t, frame, one per signal in order, status. */
  columns: ColumnSchema[];
}

/** How many columns stand before the signals'. */
export const leadingColumns = 2;

const fileNameMax = 100;

export function tableSchemas(tables: readonly BatchTable[]): TableSchema[] {
  const taken = new Set<string>();
  return tables.map((table) => {
    const branch = branchOf(table);
    const steps = branch.map(({ selector, ranges }) => `.${selector.name}_${rangesText(ranges)}`);
    const safe = (table.message.name + steps.join('')).replace(/[^A-Za-z0-9_.+-]/g, '_').slice(0, fileNameMax);
    return { name: unlike(taken, safe), message: table.message, branch, columns: columnsOf(table) };
  });
}

function branchOf(table: BatchTable): BranchStep[] {
  const steps: BranchStep[] = [];
  for (let step = table.branch; step !== undefined; ) {
    steps.unshift(step);
    const { selectorSlot, selectorRanges } = step.selector;
    step = selectorSlot < 0 ? undefined : { selector: table.message.signals[selectorSlot], ranges: selectorRanges };
  }
  return steps;
}

/** `3`, `1-4`, `1-4+7`. */
export function rangesText(ranges: readonly PlanSelectorRange[]): string {
  return ranges.map(({ from, to }) => (from === to ? `${from}` : `${from}-${to}`)).join('+');
}

function columnsOf({ signals, types }: BatchTable): ColumnSchema[] {
  const taken = new Set(['t', 'frame', 'status']);
  const ofSignals = signals.map((signal, k): ColumnSchema => {
    const kind = types[k] === 'i64' && exceedsInt64(signal) ? 'u64' : types[k];
    return { name: unlike(taken, signal.name), kind, nullable: true, signal };
  });
  return [
    { name: 't', kind: 'f64', nullable: true },
    { name: 'frame', kind: 'i64', nullable: false },
    ...ofSignals,
    { name: 'status', kind: 'text', nullable: true },
  ];
}

/** The name, or with `_2`, `_3` behind it: readers such as DuckDB don't tell upper case from lower. */
function unlike(taken: Set<string>, wanted: string): string {
  let name = wanted;
  for (let count = 2; taken.has(name.toLowerCase()); count++) name = `${wanted}_${count}`;
  taken.add(name.toLowerCase());
  return name;
}

const exceedsInt64 = (signal: PlanSignal): boolean => integerLimits(signal)!.maximum >= 2n ** 63n;

/**
 * The type that loses nothing and costs least: integers for signals whose scale and offset are integers and whose
 * every value fits; single precision for plain 32-bit floats.
 */
export function chooseColumnType(signal: PlanSignal): 'f64' | 'f32' | 'i32' | 'i64' {
  const { valueType, scale, offset } = signal;
  if (valueType === 'float32' && scale === 1 && offset === 0) return 'f32';
  const limits = integerLimits(signal);
  if (limits === undefined) return 'f64';
  const { minimum, maximum } = limits;
  if (minimum >= -(2n ** 31n) && maximum < 2n ** 31n) return 'i32';
  const fits = minimum >= 0n ? maximum < 2n ** 64n : minimum >= -(2n ** 63n) && maximum < 2n ** 63n;
  return fits ? 'i64' : 'f64';
}
