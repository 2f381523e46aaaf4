/** Blocks of frames, and the batch decoder held to another decoder value by value. */
import assert from 'node:assert/strict';
import { FrameBatch } from '../../../../edge/can/index.ts';
import {
  type BatchDecoder,
  type ColumnType,
  createInterpreter,
  type FrameDecoder,
  type Plan,
  type PlanSignal,
  physicalAt,
  SignalStatus,
} from '../../../../edge/decode/index.ts';

export interface BlockFrame {
  id: number;
  flags: number;
  payload: Uint8Array;
}

export function batchOf(frames: readonly BlockFrame[], stride: 8 | 64): FrameBatch {
  const batch = new FrameBatch(Math.max(1, frames.length), stride);
  frames.forEach(({ id, flags, payload }, i) => {
    assert.ok(batch.push(1e6 + i * 10, id, flags, payload.subarray(0, stride)));
  });
  return batch;
}

/** Frames as records of a frame file. */
export function recordsOf(frames: readonly BlockFrame[], payloadBytes: 8 | 64): Uint8Array {
  const size = payloadBytes + 8;
  const bytes = new Uint8Array(frames.length * size);
  const view = new DataView(bytes.buffer);
  frames.forEach(({ id, flags, payload }, i) => {
    view.setUint32(i * size, (id | ((flags & 1) << 31)) >>> 0, true);
    const length = Math.min(payload.length, payloadBytes);
    bytes[i * size + 4] = length;
    bytes.set(payload.subarray(0, length), i * size + 8);
  });
  return bytes;
}

/** Value and status. */
type Decoded = [number | bigint, number];

/** What one frame decodes to, by the oracle: value and status of every signal that is not inactive. */
function expectedOf(
  oracle: FrameDecoder,
  frame: BlockFrame,
  payloadBytes: number,
  typeOf: (signal: PlanSignal) => ColumnType,
): Map<string, Decoded> {
  const payload = frame.payload.subarray(0, payloadBytes);
  const message = oracle.decode(frame.id, frame.flags, payload, 0, payload.length);
  const expected = new Map<string, Decoded>();
  for (const signal of message?.signals ?? []) {
    const status = oracle.status[signal.slot];
    if (status === SignalStatus.inactive) continue;
    // Of a selector that is absent nobody knows what it selects: the batch decoder has no rows for those.
    const selectorIsAbsent = signal.selectorSlot >= 0 && oracle.status[signal.selectorSlot] === SignalStatus.absent;
    if (selectorIsAbsent) continue;
    const type = typeOf(signal);
    const isInteger = type === 'i32' || type === 'i64';
    const value = isInteger ? physicalAt(oracle, signal) : oracle.physical[signal.slot];
    expected.set(`${signal.signalIndex}`, [
      held(type === 'f32' ? Math.fround(Number(value)) : value, type, status),
      status,
    ]);
  }
  return expected;
}

/** Holds what the tables have after a block to the interpreter, for frames from `first` on. */
export function assertDecoded(
  plan: Plan,
  decoder: BatchDecoder,
  frames: readonly BlockFrame[],
  { payloadBytes, hasTime }: { payloadBytes: number; hasTime: boolean },
): void {
  const oracle = createInterpreter(plan);
  const found = frames.map(() => new Map<string, Decoded>());
  const types = new Map(decoder.tables.flatMap((table) => table.signals.map((one, k) => [one, table.types[k]])));
  const typeOf = (signal: PlanSignal): ColumnType => types.get(signal)!;
  for (const table of decoder.tables) {
    const { rows, count, timeUs } = table;
    assert.equal(rows.length, count);
    assert.equal(timeUs.length, hasTime ? count : 0);
    rows.forEach((row, i) => {
      assert.ok(i === 0 || rows[i - 1] < row, 'rows ascend');
      if (hasTime) assert.equal(timeUs[i], 1e6 + row * 10);
    });
    table.signals.forEach((signal, k) => {
      const column = table.column(k);
      const status = table.status(k);
      assert.equal(column.length, count);
      assert.ok(status === undefined || status.some((one) => one !== SignalStatus.ok));
      rows.forEach((row, i) => {
        const key = `${signal.signalIndex}`;
        assert.ok(!found[row].has(key), `${signal.name} twice in one frame`);
        found[row].set(key, [held(column[i], table.types[k], status?.[i]), status?.[i] ?? SignalStatus.ok]);
      });
    });
  }
  frames.forEach((frame, row) => {
    const wanted = expectedOf(oracle, frame, payloadBytes, typeOf);
    assert.deepEqual(sorted(found[row]), sorted(wanted));
  });
}

const sorted = <T>(map: Map<string, T>): [string, T][] => [...map].sort(([a], [b]) => Number(a) - Number(b));

/** Integers as bigints whatever the column holds them as; nothing where a frame holds nothing. */
function held(value: number | bigint, type: ColumnType, status: number | undefined): number | bigint {
  if (status === SignalStatus.absent) return Number.NaN;
  return type === 'i32' || type === 'i64' ? BigInt(value) : Number(value);
}
