/** Golden frames through the batch decoder: columns turned back into one result per frame. */
import { FrameBatch } from '../../../edge/can/index.ts';
import {
  type BatchDecoder,
  type ColumnType,
  createBatchDecoder,
  createInterpreter,
  type FrameDecoder,
  integerLimits,
  type Plan,
  type PlanMessage,
  type PlanSignal,
  physicalAt,
  SignalStatus,
  statusNames,
} from '../../../edge/decode/index.ts';
import { flagsOf } from './golden-expect.ts';
import type { GoldenFrame } from './golden-line.ts';

/** Bytes of the largest frame on a bus; messages that a transport protocol puts together are no frames. */
const frameBytesMax = 64;
const blockFrames = 2048;

/** What the batch decoder makes of each frame; those it cannot take are left out. */
export function* batchResults(
  plan: Plan,
  frames: readonly GoldenFrame[],
): Generator<[number, GoldenFrame | undefined]> {
  const decoder = createBatchDecoder(plan, { capacity: blockFrames, columnType: exactType });
  const batch = new FrameBatch(decoder.capacity, frameBytesMax);
  const indexes: number[] = [];
  for (let next = 0; next < frames.length; ) {
    batch.clear();
    indexes.length = 0;
    for (; next < frames.length && !batch.full; next++) {
      const { id, data } = frames[next];
      if (batch.push(0, id, flagsOf(frames[next]), data)) indexes.push(next);
    }
    decoder.decode(batch);
    const results = resultsOf(plan, decoder, indexes, frames);
    yield* indexes.map((index, row): [number, GoldenFrame | undefined] => [index, results[row]]);
  }
}

/** Exact integers where doubles are not: what fits 64 bits. */
function exactType(signal: PlanSignal): ColumnType {
  const limits = integerLimits(signal);
  // Integer columns have no -0, which an offset of -0 leaves standing.
  if (limits === undefined || Object.is(signal.offset, -0)) return 'f64';
  const fits = (least: bigint, most: bigint): boolean => limits.minimum >= least && limits.maximum <= most;
  if (fits(-(2n ** 53n), 2n ** 53n)) return 'f64';
  return fits(-(2n ** 63n), 2n ** 63n - 1n) || fits(0n, 2n ** 64n - 1n) ? 'i64' : 'f64';
}

interface Row {
  message: PlanMessage;
  signals: Map<string, number | bigint>;
  /** By slot, of the signals that some table has. */
  statuses: Map<number, number>;
}

function resultsOf(
  plan: Plan,
  decoder: BatchDecoder,
  indexes: readonly number[],
  frames: readonly GoldenFrame[],
): (GoldenFrame | undefined)[] {
  const rows: (Row | undefined)[] = indexes.map(() => undefined);
  const exact = exactFrom(createInterpreter(plan));
  for (const table of decoder.tables) {
    for (const at of table.rows) rows[at] ??= { message: table.message, signals: new Map(), statuses: new Map() };
    table.signals.forEach((signal, k) => {
      const column = table.column(k);
      const status = table.status(k);
      const isRounded = integerLimits(signal) !== undefined && table.types[k] === 'f64';
      table.rows.forEach((at, i) => {
        const outcome = status?.[i] ?? SignalStatus.ok;
        rows[at]!.statuses.set(signal.slot, outcome);
        if (outcome === SignalStatus.absent) return;
        const value = narrow(column[i]);
        const isExact = !isRounded || Number.isSafeInteger(value);
        rows[at]!.signals.set(signal.name, isExact ? value : exact(frames[indexes[at]], signal, value));
      });
    });
  }
  return rows.map((row, i) => resultOf(plan, row, frames[indexes[i]]));
}

/**
 * No column holds integers past 64 bits: there the batch decoder is right when it has the interpreter's double, which
 * stands for the interpreter's exact integer.
 */
function exactFrom(oracle: FrameDecoder) {
  return (frame: GoldenFrame, signal: PlanSignal, value: number | bigint): number | bigint => {
    oracle.decode(frame.id, flagsOf(frame), frame.data, 0, frame.data.length);
    return Object.is(oracle.physical[signal.slot], value) ? physicalAt(oracle, signal) : value;
  };
}

function resultOf(plan: Plan, row: Row | undefined, frame: GoldenFrame): GoldenFrame | undefined {
  const { id, extended, data } = frame;
  // A message that decodes to nothing has no table to say so.
  const message = row?.message ?? plan.find(id, extended);
  if (message === undefined || (row === undefined && message.signals.length > 0)) return undefined;
  const status = new Map<string, string>();
  const statuses = row?.statuses ?? new Map<number, number>();
  for (const { name, slot, selectorSlot } of message.signals) {
    // Without its selector a branch has no rows: then its signals are absent too.
    if (!statuses.has(slot) && statuses.get(selectorSlot) === SignalStatus.absent)
      statuses.set(slot, SignalStatus.absent);
    const outcome = statuses.get(slot) ?? SignalStatus.inactive;
    if (outcome !== SignalStatus.ok && outcome !== SignalStatus.inactive) status.set(name, statusNames[outcome]);
  }
  return { id, extended, data, message: message.name, signals: row?.signals ?? new Map(), status };
}

function narrow(value: number | bigint): number | bigint {
  const rounded = Number(value);
  return Number.isSafeInteger(rounded) ? rounded : value;
}
