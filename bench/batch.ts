/** The batch decoder at the bench: its contestant, what it says, and the bytes it moves. */
import { type FrameBatch, frameRecordBytes, frameRecords } from '../edge/can/index.ts';
import {
  type BatchDecoder,
  type BatchTable,
  createBatchDecoder,
  type Plan,
  type PlanMessage,
  SignalStatus,
} from '../edge/decode/index.ts';
import type { Contestant } from './measure.ts';
import { emptyReadings, type Readings, type ReadingsLayout, unsaid } from './readings.ts';

/** Decodes block after block into columns; nothing of a block is kept. */
export function batchContestant(name: string, decoder: BatchDecoder, frames: FrameBatch): Contestant {
  const last = decoder.tables.at(-1);
  return {
    name,
    frameCount: frames.count,
    blockFrames: decoder.capacity,
    runBlock(from, to) {
      decoder.decode(frames, from, to);
      return last?.count ?? 0;
    },
  };
}

/** The same from records as a frame file has them, read into the decoder's own memory as from a disk. */
export function batchRecordsContestant(name: string, decoder: BatchDecoder, frames: FrameBatch): Contestant {
  const records = frameRecords(frames, frames.stride);
  const recordBytes = frameRecordBytes(frames.stride);
  const last = decoder.tables.at(-1);
  return {
    name,
    frameCount: records.length / recordBytes,
    blockFrames: decoder.capacity,
    runBlock(from, to) {
      decoder.records.set(records.subarray(from * recordBytes, to * recordBytes));
      decoder.decodeRecords(frames.stride, 0, to - from);
      return last?.count ?? 0;
    },
  };
}

/** Reads every frame, from columns back to frames. */
export function readBatch(decoder: BatchDecoder, layout: ReadingsLayout): Readings {
  return readBlocks(decoder, layout, batchContestant('', decoder, layout.frames));
}

/** The same by way of records; of frames that a record can hold, as all drawn ones are. */
export function readBatchRecords(decoder: BatchDecoder, layout: ReadingsLayout): Readings {
  return readBlocks(decoder, layout, batchRecordsContestant('', decoder, layout.frames));
}

function readBlocks(decoder: BatchDecoder, layout: ReadingsLayout, { runBlock }: Contestant): Readings {
  const readings = emptyReadings(layout);
  for (let from = 0; from < layout.count; from += decoder.capacity) {
    runBlock(from, Math.min(from + decoder.capacity, layout.count));
    for (const table of decoder.tables) readTable(table, readings, from);
  }
  layout.messages.forEach((message, i) => {
    if (message !== undefined) inferInactive(message, readings, layout.starts[i]);
  });
  return readings;
}

function readTable(table: BatchTable, { layout, physical, status }: Readings, from: number): void {
  table.signals.forEach(({ slot }, k) => {
    const values = table.column(k);
    const statuses = table.status(k);
    for (let row = 0; row < table.count; row++) {
      const frame = from + table.rows[row];
      if (layout.messages[frame] !== table.message) continue;
      physical[layout.starts[frame] + slot] = Number(values[row]);
      status[layout.starts[frame] + slot] = statuses?.[row] ?? SignalStatus.ok;
    }
  });
}

/** A branch has no row for a frame that does not select it: absent when its selector is absent, else inactive. */
function inferInactive(message: PlanMessage, { status }: Readings, start: number): void {
  for (const { slot, selectorSlot } of message.signals) {
    if (status[start + slot] !== unsaid || selectorSlot < 0) continue;
    const ofSelector = status[start + selectorSlot];
    if (ofSelector === unsaid) continue;
    status[start + slot] = ofSelector === SignalStatus.absent ? SignalStatus.absent : SignalStatus.inactive;
  }
}

export interface BytesPerFrame {
  /** Payload at its stride, id, flags, length and time. */
  in: number;
  /** Columns, row numbers and times. */
  out: number;
}

/** Bytes that decoding the frames reads and writes, each counted once, per frame. */
export function bytesPerFrame(plan: Plan, frames: FrameBatch): BytesPerFrame {
  const decoder = createBatchDecoder(plan);
  const to = Math.min(frames.count, decoder.capacity);
  if (to === 0) return { in: 0, out: 0 };
  decoder.decode(frames, 0, to);
  const perFrame = frames.data.BYTES_PER_ELEMENT * frames.stride;
  const rest = [frames.id, frames.flags, frames.length, frames.timeUs];
  const out = decoder.tables.reduce((sum, table) => {
    const columns = table.signals.reduce((bytes, _, k) => bytes + table.column(k).BYTES_PER_ELEMENT, 0);
    return sum + table.count * (columns + table.rows.BYTES_PER_ELEMENT + table.timeUs.BYTES_PER_ELEMENT);
  }, 0);
  return { in: perFrame + rest.reduce((sum, array) => sum + array.BYTES_PER_ELEMENT, 0), out: out / to };
}
