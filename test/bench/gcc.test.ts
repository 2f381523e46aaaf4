/** The yardstick decodes what the interpreter decodes, and its figures hang together. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { drawFrames } from '../../bench/frames.ts';
import { compileWithGcc } from '../../bench/gcc.ts';
import { type FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { compilePlan, createInterpreter, type Plan } from '../../edge/decode/index.ts';
import { by, database, message, signal } from '../edge/decode/support/build.ts';
import { skipWithoutGcc } from '../edge/decode/support/gcc.ts';

const plan = compilePlan(
  database(
    message(0x100, [
      signal('M', { length: 3, isSelector: true }),
      signal('A', { startBit: 8, scale: 0.1, maximum: 10, multiplexedBy: by('M', 1, 3) }),
      signal('F', { startBit: 16, length: 32, valueType: 'float32' }),
    ]),
    message(0x0cf00400, [signal('S', { length: 64 }), signal('L', { startBit: 80 })], { extended: true, j1939: true }),
    message(0x101, [signal('D', { startBit: 100, length: 30, byteOrder: 'motorola', signed: true })], {
      length: 24,
      fd: true,
    }),
  ),
);

function checksumOf(decoded: Plan, frames: FrameBatch): string {
  const hash = createHash('sha256');
  const decoder = createInterpreter(decoded);
  const { id, flags, length, data, stride } = frames;
  for (let i = 0; i < frames.count; i++) {
    const found = decoder.decode(id[i], flags[i], data, i * stride, length[i]);
    if (found === undefined) continue;
    hash.update(`${found.extended} ${found.id};`);
    hash.update(decoder.status.subarray(0, found.signals.length));
    hash.update(
      decoder.physical.map((value) => (Number.isNaN(value) ? Number.NaN : value)).subarray(0, found.signals.length),
    );
  }
  return hash.digest('hex');
}

test('checksum, and a time for every pass', { skip: skipWithoutGcc }, () => {
  const frames = drawFrames(plan, 3000, 5);
  for (let i = 0; i < frames.count; i += 7) frames.flags[i] |= [FrameFlag.remote, FrameFlag.error][i % 2];
  for (let i = 0; i < frames.count; i += 5) frames.length[i] = i % 8;
  for (let i = 0; i < frames.count; i += 11) frames.id[i] ^= 0xfe;
  const compiled = compileWithGcc(plan, frames)!;
  try {
    assert.equal(compiled.checksum, checksumOf(plan, frames));
    assert.equal(compiled.checkedFrames, 3000);
    const { lean, full } = compiled.time(4);
    for (const seconds of [lean, full]) {
      assert.equal(seconds.length, 4);
      assert.ok(seconds.every((one) => one > 0));
    }
  } finally {
    compiled.dispose();
  }
});

test('a plan without messages has a checksum too', { skip: skipWithoutGcc }, () => {
  const empty = compilePlan(database());
  const frames = drawFrames(plan, 10, 1);
  const compiled = compileWithGcc(empty, frames)!;
  compiled.dispose();
  assert.equal(compiled.checksum, checksumOf(empty, frames));
});
