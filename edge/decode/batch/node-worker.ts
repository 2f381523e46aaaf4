/** The thread behind `decodeOnWorkers`: compiles the DBC, then decodes the batches it is sent. */
import { parentPort, workerData } from 'node:worker_threads';
import type { FrameBatch } from '../../can/index.ts';
import { parseDbc } from '../../dbc/index.ts';
import { compilePlan } from '../plan.ts';
import { createBatchDecoder } from './batch-decoder.ts';
import type { PostedFrames, SinkModule, WorkerAnswer } from './node-workers.ts';

const { dbc, sink, sinkOptions } = workerData as { dbc: Uint8Array; sink: string; sinkOptions: unknown };
const { makeSink, columnType } = (await import(sink)) as SinkModule<unknown>;
const plan = compilePlan(parseDbc(dbc).database);
const decoder = createBatchDecoder(plan, { columnType });
const consume = makeSink(plan, sinkOptions);

function decodeAll(frames: PostedFrames): WorkerAnswer {
  try {
    const results: unknown[] = [];
    for (let from = 0; from < frames.count; from += decoder.capacity) {
      decoder.decode(frames as FrameBatch, from, Math.min(frames.count, from + decoder.capacity));
      results.push(consume(decoder));
    }
    return { results };
  } catch (failure) {
    return { failure };
  }
}

parentPort!.on('message', (frames: PostedFrames) => {
  parentPort!.postMessage(decodeAll(frames));
});
