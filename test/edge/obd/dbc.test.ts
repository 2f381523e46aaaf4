/** tools/vehicle/obd2.dbc says the same of an answer as the parameter table does, which the examples check. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, createFrameDecoder, createInterpreter, decodeToObject } from '../../../edge/decode/index.ts';
import { parameterTable, parameterValues } from '../../../edge/obd/index.ts';
import { SeededRandom } from '../../../edge/sim/index.ts';
import { packageRoot } from '../../../tools/package-root.ts';
import { World } from './world.ts';

const { database, diagnostics } = parseDbc(readFileSync(path.join(packageRoot, 'tools/vehicle/obd2.dbc')));
const plan = compilePlan(database);
const decoders = [createFrameDecoder(plan), createInterpreter(plan)];

/** Selectors are in every answer that they select something of. */
const selectors = ['FrameType', 'Service', 'Parameter'];

test('it is read without a diagnostic', () => assert.deepEqual(diagnostics, []));

for (const [id, flags] of [
  [0x7e8, 0],
  [0x7ec, 0],
  [0x18daf110, FrameFlag.extended],
]) {
  test(`answers of ${id.toString(16)} decode to the table's values`, () => {
    const random = new SeededRandom(id);
    for (const { pid, bytes, fields } of parameterTable.values()) {
      const data = new Uint8Array(bytes);
      random.fill(data);
      const frame = new Uint8Array(8).fill(0xaa);
      frame.set([2 + bytes, 0x41, pid, ...data]);
      const expected = parameterValues(pid, data);
      for (const decoder of decoders) {
        const signals = decodeToObject(decoder, id, flags, frame)?.signals ?? {};
        const found = Object.keys(signals).filter((name) => !selectors.includes(name));
        assert.deepEqual(found.sort(), fields.map(({ name }) => name).sort());
        for (const { name, value } of expected) {
          assert.ok(Math.abs(Number(signals[name]) - value) < 1e-9, `${name}: ${signals[name]}, expected ${value}`);
        }
      }
    }
  });
}

const others: [name: string, frame: number[], signals: Record<string, number>][] = [
  ['a consecutive frame that looks like an answer', [0x21, 0x41, 0x0c, 1, 2, 3, 4, 5], { FrameType: 2 }],
  ['a first frame', [0x10, 0x41, 0x0c, 1, 2, 3, 4, 5], { FrameType: 1 }],
  ['a refusal', [3, 0x7f, 0x01, 0x12, 0, 0, 0, 0], { FrameType: 0, Service: 0x7f }],
  ['an answer of UDS', [4, 0x62, 0xf1, 0x86, 1, 0, 0, 0], { FrameType: 0, Service: 0x62 }],
  ['stored trouble codes', [6, 0x43, 2, 1, 0x43, 0xd0, 0x16, 0], { FrameType: 0, Service: 0x43, StoredCodeCount: 2 }],
  ['no pending ones', [2, 0x47, 0, 0, 0, 0, 0, 0], { FrameType: 0, Service: 0x47, PendingCodeCount: 0 }],
];
for (const [name, frame, signals] of others) {
  test(`no value is made of ${name}`, () => {
    for (const decoder of decoders) {
      assert.deepEqual({ ...decodeToObject(decoder, 0x7e8, 0, Uint8Array.from(frame))?.signals }, signals);
    }
  });
}

test('what a poller hears of the emulated car decodes to the values that the car has', async () => {
  const world = new World();
  await world.run(30_000);
  const [frames, interpreter] = decoders;
  const speeds: number[] = [];
  for (const { id, flags, data, from } of world.frames) {
    if (from !== 'vehicle') continue;
    const signals = decodeToObject(frames, id, flags, data)?.signals;
    assert.deepEqual(decodeToObject(interpreter, id, flags, data)?.signals, signals);
    if (signals && 'VehicleSpeed' in signals) speeds.push(Number(signals.VehicleSpeed));
    // Consecutive frames of VIN and names are there, and say nothing.
    if (data[0] >> 4 !== 0) assert.deepEqual(Object.keys(signals ?? {}), ['FrameType']);
  }
  const read = world.of('reading').filter(({ pid }) => pid === 0x0d);
  assert.deepEqual(
    speeds,
    read.map(({ data }) => data[0]),
  );
  assert.ok(new Set(speeds).size > 5, 'the car drives');
});
