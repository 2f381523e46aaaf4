/** Two ends of one stream: order, back-pressure, and an end that each side is told once. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { memoryPair } from '../../../edge/transport/index.ts';

test('bytes arrive in order, and never inside the call that sends them', async () => {
  const [a, b] = memoryPair();
  const got: number[] = [];
  b.onData((bytes) => got.push(...bytes));
  const writes = [a.write(Uint8Array.of(1, 2)), a.write(Uint8Array.of(3))];
  assert.deepEqual(got, []);
  await Promise.all(writes);
  assert.deepEqual(got, [1, 2, 3]);
});

test('the bytes are copied: the writer may reuse its buffer at once', async () => {
  const [a, b] = memoryPair();
  const got: number[] = [];
  b.onData((bytes) => got.push(...bytes));
  const buffer = Uint8Array.of(7);
  const written = a.write(buffer);
  buffer[0] = 0;
  await written;
  assert.deepEqual(got, [7]);
});

test('a write resolves only when someone received it', async () => {
  const [a, b] = memoryPair();
  let isWritten = false;
  const written = a.write(Uint8Array.of(1)).then(() => {
    isWritten = true;
  });
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(isWritten, false);
  b.onData(() => {});
  await written;
});

test('closing one end: silent here, a loss there, once each', async () => {
  const [a, b] = memoryPair('wire');
  const ends: string[] = [];
  a.onClose((fault) => ends.push(`a ${fault?.message}`));
  b.onClose((fault) => ends.push(`b ${fault?.message}`));
  await a.close();
  await a.close();
  await b.close();
  assert.deepEqual(ends, ['a undefined', 'b wire:b: the connection ended: the other end was closed']);
  b.onClose((fault) => ends.push(`late ${fault?.code}`));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal(ends[2], 'late PORT_LOST');
});

test('writing to a closed end fails with the cause', async () => {
  const [a, b] = memoryPair();
  await b.close();
  await assert.rejects(a.write(Uint8Array.of(1)), { code: 'PORT_LOST' });
  await assert.rejects(b.write(Uint8Array.of(1)), { code: 'PORT_LOST' });
});
