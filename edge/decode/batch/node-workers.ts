/** Blocks of frames decoded on several threads. */
import { availableParallelism } from 'node:os';
import { Worker } from 'node:worker_threads';
import type { FrameBatch } from '../../can/index.ts';
import type { Plan } from '../types.ts';
import type { BatchDecoder, BatchOptions } from './types.ts';

/**
 * What a worker does with each block, in a module of its own: `makeSink` is called once per worker, and the function
 * it returns after every block, while the decoder's tables hold it. What that returns travels back by structured clone.
 */
export interface SinkModule<Result> {
  /** @param options `sinkOptions`, cloned */
  makeSink(plan: Plan, options: unknown): (decoder: BatchDecoder) => Result;
  /** Column types, as in `BatchOptions`. */
  columnType?: BatchOptions['columnType'];
}

export interface WorkersOptions {
  /** The decoder's DBC: every worker compiles its own. */
  dbc: Uint8Array;
  /** A module with the exports of `SinkModule`. */
  sink: URL;
  sinkOptions?: unknown;
  /** One per core unless told. */
  workers?: number;
}

/** What a worker is sent: a batch without its class. */
export type PostedFrames = Pick<FrameBatch, 'count' | 'stride' | 'timeUs' | 'id' | 'flags' | 'length' | 'data'>;
/** What it answers: one result per block, or why there is none. */
export type WorkerAnswer = { results: unknown[] } | { failure: unknown };

/** Batches under way per worker: one being decoded, one waiting. */
const batchesPerWorker = 2;

/**
 * Decodes batches on worker threads and yields what the sink made of each block, in the order of the frames.
 * Takes the batches over: their memory is handed to the workers, not copied. Keeps two batches per worker under way, so
 * memory stays constant however long the log. Leaving the loop ends the workers.
 * @throws whatever the sink throws, and what ends a worker
 * @example
 *   const sums = decodeOnWorkers<number>(readLogFile('drive.log'), { dbc, sink: new URL('./sum-sink.ts', import.meta.url) });
 *   for await (const sum of sums) total += sum;
 */
export async function* decodeOnWorkers<Result>(
  batches: AsyncIterable<FrameBatch> | Iterable<FrameBatch>,
  options: WorkersOptions,
): AsyncGenerator<Result> {
  const workers = Array.from({ length: options.workers ?? availableParallelism() }, () => new DecodeWorker(options));
  try {
    const underWay: Promise<unknown[]>[] = [];
    let next = 0;
    for await (const batch of batches) {
      const answer = workers[next++ % workers.length].decode(batch);
      // Whoever waits for it is told; until then a rejection is nobody's.
      answer.catch(() => {});
      underWay.push(answer);
      if (underWay.length >= workers.length * batchesPerWorker) yield* (await underWay.shift()!) as Result[];
    }
    for (const answer of underWay) yield* (await answer) as Result[];
  } finally {
    await Promise.all(workers.map((worker) => worker.close()));
  }
}

/** Compiled, the worker has the ending of this file. */
const script = new URL(`./node-worker${import.meta.url.slice(import.meta.url.lastIndexOf('.'))}`, import.meta.url);

/** One thread; answers come in the order of the questions. */
class DecodeWorker {
  readonly #worker: Worker;
  readonly #waiting: { resolve: (results: unknown[]) => void; reject: (reason: unknown) => void }[] = [];
  #ended: Error | undefined;

  constructor({ dbc, sink, sinkOptions }: WorkersOptions) {
    const workerData = { dbc, sink: sink.href, sinkOptions };
    this.#worker = new Worker(script, { workerData });
    this.#worker.on('message', (answer: WorkerAnswer) => {
      const { resolve, reject } = this.#waiting.shift()!;
      if ('failure' in answer) reject(answer.failure);
      else resolve(answer.results);
    });
    this.#worker.on('error', (error) => this.#end(error as Error));
    this.#worker.on('exit', (code) => this.#end(new Error(`decode worker ended with code ${code}`)));
  }

  decode({ count, stride, timeUs, id, flags, length, data }: FrameBatch): Promise<unknown[]> {
    if (this.#ended !== undefined) return Promise.reject(this.#ended);
    const frames: PostedFrames = { count, stride, timeUs, id, flags, length, data };
    const buffers = new Set([timeUs, id, flags, length, data].map(({ buffer }) => buffer as ArrayBuffer));
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      this.#worker.postMessage(frames, [...buffers]);
    });
  }

  async close(): Promise<void> {
    await this.#worker.terminate();
  }

  #end(reason: Error): void {
    this.#ended ??= reason;
    for (const { reject } of this.#waiting.splice(0)) reject(this.#ended);
  }
}
