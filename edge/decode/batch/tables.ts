/**
 * Lays a plan out as tables of columns. Each table reads its signals out of *words*: runs of 64-bit integers, one per
 * row, gathered from the same place of every payload. One word serves all signals that lie in it.
 */
import { edgeError } from '../../errors/index.ts';
import { bitPosition, bytesNeeded, idMax, integerLimits, isSigned } from '../layout.ts';
import { type Branch, branchesBySelector, branchesOverlap } from '../multiplexer.ts';
import type { Plan, PlanMessage, PlanSelectorRange, PlanSignal } from '../types.ts';
import type { ColumnType } from './types.ts';

/** The longest payload a frame carries: CAN FD. */
export const payloadBytesMax = 64;

/**
 * Eight bytes of the payload from `offset`, as Intel or (swapped) as Motorola reads them. With `shift` above 0, the
 * 64 bits that begin so many bits later: for a signal that touches nine bytes.
 */
export interface Word {
  offset: number;
  swapped: boolean;
  shift: number;
}

/** Where a signal's bits are: in word `word`, its least significant bit at bit `shift`. */
export interface Place {
  word: number;
  shift: number;
}

export interface ColumnLayout extends Place {
  signal: PlanSignal;
  type: ColumnType;
  /** An i64 column whose values go beyond 2^63 - 1. */
  isUnsigned: boolean;
  /** Bytes of the columns before it, per row. */
  offset: number;
}

/** A signal of a table that selects others. */
export interface SelectorLayout extends Place {
  signal: PlanSignal;
  branches: Branch[];
  /** Whether some raw value selects two branches. */
  overlaps: boolean;
  /** Position of the first branch's table; the others follow it. */
  firstTable: number;
}

export interface TableLayout {
  message: PlanMessage;
  /** Position of the message in the plan. */
  messageIndex: number;
  branch: { selector: PlanSignal; ranges: readonly PlanSelectorRange[] } | undefined;
  words: Word[];
  columns: ColumnLayout[];
  selectors: SelectorLayout[];
  /** Bytes of all columns, per row. */
  rowBytes: number;
}

/** Chooses a column's type; see `BatchOptions`. */
export type ChooseType = (signal: PlanSignal, message: PlanMessage) => ColumnType;

/**
 * Lays out all messages that frames can carry and that have signals.
 * @throws {MinerError} `COLUMN_NOT_INTEGER` when an integer column is asked for that can't hold every value
 */
export function layOutTables(plan: Plan, chooseType: ChooseType): TableLayout[] {
  const tables: TableLayout[] = [];
  plan.messages.forEach((message, messageIndex) => {
    if (message.signals.length === 0 || message.id > idMax(message.extended)) return;
    const branches = branchesBySelector(message);
    const own = message.signals.filter(({ selectorSlot }) => selectorSlot < 0);
    const first = tables.length;
    tables.push(layOut(message, messageIndex, own, undefined, chooseType));
    // The list grows while it is walked: each table's branches are put behind all that came before.
    for (let at = first; at < tables.length; at++) {
      for (const column of tables[at].columns) {
        const ofSelector = branches.get(column.signal.slot);
        if (ofSelector === undefined || bytesNeeded(column.signal) > payloadBytesMax) continue;
        tables[at].selectors.push({
          signal: column.signal,
          word: column.word,
          shift: column.shift,
          branches: ofSelector,
          overlaps: branchesOverlap(ofSelector),
          firstTable: tables.length,
        });
        for (const { signals, ranges } of ofSelector)
          tables.push(layOut(message, messageIndex, signals, { selector: column.signal, ranges }, chooseType));
      }
    }
  });
  return tables;
}

function layOut(
  message: PlanMessage,
  messageIndex: number,
  signals: readonly PlanSignal[],
  branch: TableLayout['branch'],
  chooseType: ChooseType,
): TableLayout {
  const words: Word[] = [];
  const known = new Map<string, number>();
  let offset = 0;
  const columns = signals.map((signal) => {
    const type = chooseType(signal, message);
    const isUnsigned = type === 'i64' && !fitsInteger(signal, -(2n ** 63n), 2n ** 63n - 1n);
    if (!holdsEveryValue(signal, type))
      throw edgeError('COLUMN_NOT_INTEGER', { message: message.name, signal: signal.name, type });
    const column = { signal, type, isUnsigned, offset, ...place(signal, words, known) };
    offset += columnBytes(type);
    return column;
  });
  return { message, messageIndex, branch, words, columns, selectors: [], rowBytes: offset };
}

/** Bytes of one value. */
export const columnBytes = (type: ColumnType): 4 | 8 => (type === 'f64' || type === 'i64' ? 8 : 4);

function holdsEveryValue(signal: PlanSignal, type: ColumnType): boolean {
  if (type === 'i32') return fitsInteger(signal, -(2n ** 31n), 2n ** 31n - 1n);
  if (type !== 'i64') return true;
  return fitsInteger(signal, -(2n ** 63n), 2n ** 63n - 1n) || fitsInteger(signal, 0n, 2n ** 64n - 1n);
}

function fitsInteger(signal: PlanSignal, least: bigint, most: bigint): boolean {
  const limits = integerLimits(signal);
  return limits !== undefined && limits.minimum >= least && limits.maximum <= most;
}

/** Finds or adds the word that holds the whole signal. */
function place(signal: PlanSignal, words: Word[], known: Map<string, number>): Place {
  // No frame reaches it: any word will do, for the value is never used.
  if (bytesNeeded(signal) > payloadBytesMax)
    return { word: addWord({ offset: 0, swapped: false, shift: 0 }), shift: 0 };
  const swapped = signal.byteOrder === 'motorola';
  const position = bitPosition(signal);
  // Aligned words are shared best; then eight bytes from the signal's first.
  for (const unit of [64, 8]) {
    const first = Math.floor(position / unit) * unit;
    const skipped = position - first;
    if (skipped + signal.length > 64) continue;
    const word = addWord({ offset: first / 8, swapped, shift: 0 });
    return { word, shift: swapped ? 64 - skipped - signal.length : skipped };
  }
  const word = addWord({ offset: Math.floor(position / 8), swapped, shift: position % 8 });
  return { word, shift: swapped ? 64 - signal.length : 0 };

  function addWord(wanted: Word): number {
    const key = `${wanted.offset} ${wanted.swapped} ${wanted.shift}`;
    const index = known.get(key) ?? words.push(wanted) - 1;
    known.set(key, index);
    return index;
  }
}

/** Bits of a raw pattern that say nothing once the value is known to be two's complement: its sign bit, or none. */
export const signBit = (signal: PlanSignal): bigint => (isSigned(signal) ? 1n << BigInt(signal.length - 1) : 0n);
