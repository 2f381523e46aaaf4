/** Our own back ends as contestants, and what each of them says about the checked frames. */
import type { FrameBatch } from '../edge/can/index.ts';
import {
  createBatchDecoder,
  createFrameDecoder,
  createInterpreter,
  createWasmDecoder,
  decodeToObject,
  type FrameDecoder,
  type Plan,
} from '../edge/decode/index.ts';
import { batchContestant, batchRecordsContestant, readBatch, readBatchRecords } from './batch.ts';
import type { Contestant } from './measure.ts';
import { type Readings, type ReadingsLayout, readFrames } from './readings.ts';

export interface BackEnd {
  name: string;
  contestant(frames: FrameBatch): Contestant;
  /** Results of this very decoder. */
  read(layout: ReadingsLayout): Readings;
}

/** All of them, the interpreter first: the others are held to it. */
export function ownBackEnds(plan: Plan): BackEnd[] {
  const batch = createBatchDecoder(plan);
  return [
    oneByOne('interpret', createInterpreter(plan)),
    oneByOne('wasmScalar', createWasmDecoder(plan)),
    perFrameObjects(plan),
    perFrame(plan),
    {
      name: 'batchRecords',
      contestant: (frames) => batchRecordsContestant('batchRecords', batch, frames),
      read: (layout) => readBatchRecords(batch, layout),
    },
    {
      name: 'batch',
      contestant: (frames) => batchContestant('batch', batch, frames),
      read: (layout) => readBatch(batch, layout),
    },
  ];
}

const blockFrames = 1000;

function oneByOne(name: string, decoder: FrameDecoder): BackEnd {
  return {
    name,
    contestant: (frames) => ({
      name,
      frameCount: frames.count,
      blockFrames,
      runBlock(from, to) {
        const { id, flags, length, data, stride } = frames;
        let sum = 0;
        for (let i = from; i < to; i++) {
          decoder.decode(id[i], flags[i], data, i * stride, length[i]);
          sum += decoder.status[0];
        }
        return sum;
      },
    }),
    read: (layout) => readFrames(decoder, layout),
  };
}

/** A loop of its own: sharing one with slower decoders would cost it a check of the decoder's type at every frame. */
function perFrame(plan: Plan): BackEnd {
  const name = 'perFrame';
  const decoder = createFrameDecoder(plan);
  return {
    name,
    contestant: (frames) => ({
      name,
      frameCount: frames.count,
      blockFrames,
      runBlock(from, to) {
        const { id, flags, length, data, stride } = frames;
        let sum = 0;
        for (let i = from; i < to; i++) {
          decoder.decode(id[i], flags[i], data, i * stride, length[i]);
          sum += decoder.status[0];
        }
        return sum;
      },
    }),
    read: (layout) => readFrames(decoder, layout),
  };
}

function perFrameObjects(plan: Plan): BackEnd {
  const name = 'perFrameObjects';
  const decoder = createFrameDecoder(plan);
  return {
    name,
    contestant: (frames) => ({
      name,
      frameCount: frames.count,
      blockFrames,
      runBlock(from, to) {
        const { id, flags, length, data, stride } = frames;
        let sum = 0;
        for (let i = from; i < to; i++) {
          const decoded = decodeToObject(decoder, id[i], flags[i], data, i * stride, length[i]);
          if (decoded?.signals !== undefined) sum++;
        }
        return sum;
      },
    }),
    read: (layout) => readFrames(viaObjects(decoder), layout),
  };
}

/** The decoder with its physical values taken from its objects; of a bigint, the double that stands beside it. */
function viaObjects(decoder: FrameDecoder): FrameDecoder {
  const physical = new Float64Array(decoder.physical.length);
  return {
    plan: decoder.plan,
    physical,
    raw: decoder.raw,
    status: decoder.status,
    rawAt: (slot) => decoder.rawAt(slot),
    decode(id, flags, data, offset, length) {
      const decoded = decodeToObject(decoder, id, flags, data, offset, length);
      if (decoded === undefined) return undefined;
      const { message, signals } = decoded;
      decoder.decode(id, flags, data, offset, length);
      for (const { name, slot } of message.signals) {
        const value = signals[name] ?? Number.NaN;
        physical[slot] = typeof value === 'bigint' ? decoder.physical[slot] : value;
      }
      return message;
    },
  };
}
