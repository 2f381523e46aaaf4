/** Decoding on threads: the same results in the same order as on one, and failures that reach the caller. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { FrameBatch } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { decodeOnWorkers } from '../../../edge/decode/batch/node-workers.ts';
import { compilePlan, createBatchDecoder } from '../../../edge/decode/index.ts';
import { makeSink } from './support/sum-sink.ts';

const dbc = readFileSync(new URL('../../../tools/vehicle/electric-car.dbc', import.meta.url));
const sink = new URL('./support/sum-sink.ts', import.meta.url);
const plan = compilePlan(parseDbc(dbc).database);

/** Batches of all the plan's messages, payloads counting up; some longer than a block. */
function* batches(count: number): Generator<FrameBatch> {
  for (let at = 0; at < count; at++) {
    const batch = new FrameBatch(at % 3 === 0 ? 10_000 : 1000);
    for (let i = 0; !batch.full; i++) {
      const { id, length } = plan.messages[(i + at) % plan.messages.length];
      batch.push(
        i,
        id,
        0,
        Uint8Array.from({ length: Math.min(8, length) }, (_, byte) => (i * 7 + at + byte) & 255),
      );
    }
    yield batch;
  }
}

async function all<T>(results: AsyncIterable<T>): Promise<T[]> {
  const found: T[] = [];
  for await (const result of results) found.push(result);
  return found;
}

test('three workers give what one thread gives, in order', async () => {
  const decoder = createBatchDecoder(plan);
  const consume = makeSink(plan, undefined);
  const expected: unknown[] = [];
  for (const batch of batches(12))
    for (let from = 0; from < batch.count; from += decoder.capacity) {
      decoder.decode(batch, from, Math.min(batch.count, from + decoder.capacity));
      expected.push(consume(decoder));
    }
  const found = await all(decodeOnWorkers(batches(12), { dbc, sink, workers: 3 }));
  assert.deepEqual(found, expected);
});

test('leaving the loop early ends the workers', async () => {
  for await (const result of decodeOnWorkers(batches(100), { dbc, sink, workers: 2 })) {
    assert.ok(result);
    break;
  }
});

test("a sink's error reaches the caller", async () => {
  const run = all(decodeOnWorkers(batches(4), { dbc, sink, workers: 2, sinkOptions: 'fail' }));
  await assert.rejects(run, { message: 'the sink fails' });
});

test('a sink that is not there reaches the caller', async () => {
  const nowhere = new URL('./support/no-sink.ts', import.meta.url);
  await assert.rejects(all(decodeOnWorkers(batches(4), { dbc, sink: nowhere, workers: 2 })), {
    code: 'ERR_MODULE_NOT_FOUND',
  });
});
