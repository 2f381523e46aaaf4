/** The drive: the same for the same seed, physically consistent, and encodable through any DBC. */
import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { parseDbc } from '../../../edge/dbc/index.ts';
import { compilePlan, createFrameDecoder, type Plan, SignalStatus } from '../../../edge/decode/index.ts';
import { createJ1939Reassembler } from '../../../edge/j1939/index.ts';
import { DriveModel, driveFrames, electricCarDbc, messagesLeftOut } from '../../../tools/vehicle/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';

const car = parseDbc(readFileSync(electricCarDbc));
const carPlan = compilePlan(car.database);

function driveHash(plan: Plan, seed: number, durationMs: number): string {
  const hash = createHash('sha256');
  for (const batch of driveFrames({ plan, seed, durationMs })) {
    hash.update(batch.data.subarray(0, batch.count * batch.stride));
    hash.update(new Uint8Array(batch.timeUs.buffer, 0, batch.count * 8));
    hash.update(new Uint8Array(batch.id.buffer, 0, batch.count * 4));
  }
  return hash.digest('hex');
}

/** Every decoded value of a drive, with its time. */
function decodeDrive(plan: Plan, seed: number, durationMs: number): Map<string, { timeMs: number; value: number }[]> {
  const decoder = createFrameDecoder(plan);
  const values = new Map<string, { timeMs: number; value: number }[]>();
  for (const batch of driveFrames({ plan, seed, durationMs })) {
    for (let i = 0; i < batch.count; i++) {
      const message = decoder.decode(batch.id[i], batch.flags[i], batch.data, i * batch.stride, batch.length[i]);
      assert.ok(message, `frame ${batch.id[i].toString(16)} is in the plan`);
      for (const { slot, name } of message.signals) {
        const status = decoder.status[slot];
        if (status === SignalStatus.inactive) continue;
        assert.equal(status, SignalStatus.ok, `${message.name}.${name} = ${decoder.physical[slot]}`);
        const series = values.get(name) ?? [];
        series.push({ timeMs: batch.timeUs[i] / 1000, value: decoder.physical[slot] });
        values.set(name, series);
      }
    }
  }
  return values;
}

describe('the electric car’s DBC', () => {
  test('is read without any diagnostic', () => assert.deepEqual(car.diagnostics, []));

  test('has both byte orders, signs, labels, a multiplexer, an extended id, and a cycle time for each message', () => {
    const { messages } = car.database;
    const signals = messages.flatMap((message) => message.signals);
    assert.ok(messages.length >= 25);
    assert.ok(messages.every((message) => (message.cycleTimeMs ?? 0) > 0 && message.comment));
    for (const byteOrder of ['intel', 'motorola']) assert.ok(signals.some((signal) => signal.byteOrder === byteOrder));
    assert.ok(signals.some((signal) => signal.signed) && signals.some((signal) => signal.labels.length > 0));
    assert.equal(signals.filter((signal) => /^CellVoltage\d\d$/.test(signal.name)).length, 96);
    assert.ok(messages.some((message) => message.extended));
  });
});

describe('a drive', () => {
  test('is the same for the same seed, and another for another', () => {
    assert.equal(driveHash(carPlan, 7, 5000), driveHash(carPlan, 7, 5000));
    assert.notEqual(driveHash(carPlan, 7, 5000), driveHash(carPlan, 8, 5000));
  });

  test('does not depend on how its time is asked for', () => {
    const fine = new DriveModel(3);
    for (let timeMs = 0; timeMs <= 60_000; timeMs += 7) fine.advanceTo(timeMs);
    assert.deepEqual(fine.advanceTo(60_000), new DriveModel(3).advanceTo(60_000));
  });

  test('sends each message at its cycle time, in order of time', () => {
    const times = new Map<number, number[]>();
    let lastUs = 0;
    for (const batch of driveFrames({ plan: carPlan, seed: 1, durationMs: 5000 })) {
      for (let i = 0; i < batch.count; i++) {
        assert.ok(batch.timeUs[i] >= lastUs);
        lastUs = batch.timeUs[i];
        const key = batch.id[i] + ((batch.flags[i] & FrameFlag.extended) !== 0 ? 2 ** 31 : 0);
        times.set(key, [...(times.get(key) ?? []), batch.timeUs[i] / 1000]);
      }
    }
    for (const message of carPlan.messages) {
      const sent = times.get(message.id + (message.extended ? 2 ** 31 : 0)) ?? [];
      assert.ok(sent.length >= Math.floor(4900 / message.cycleTimeMs), message.name);
      for (let i = 1; i < sent.length; i++) assert.equal(sent[i] - sent[i - 1], message.cycleTimeMs, message.name);
    }
  });

  test('decodes to values within range for every signal, every cell included', () => {
    const values = decodeDrive(carPlan, 1, 10_000);
    const silent = carPlan.signals.filter((signal) => !values.has(signal.name)).map((signal) => signal.name);
    assert.deepEqual(silent, []);
  });

  test('is consistent: power is volts times amperes, speed adds up to distance, braking charges', () => {
    for (const seed of [1, 2, 3, 4, 5]) {
      const model = new DriveModel(seed);
      const startKm = model.state.odometerKm;
      let metres = 0;
      let charged = false;
      for (let timeMs = 10; timeMs <= 300_000; timeMs += 10) {
        const state = model.advanceTo(timeMs);
        metres += (state.speedKmh / 3.6) * 0.01;
        assert.ok(Math.abs(state.batteryVolts * state.batteryAmperes - state.batteryKilowatts * 1000) < 0.01);
        assert.ok(state.speedKmh >= 0 && state.speedKmh < 130 && Math.abs(state.accelerationMs2) < 5);
        assert.ok(state.batteryVolts > 280 && state.batteryVolts < 420 && state.chargePercent > 40);
        charged ||= state.batteryAmperes < -10 && state.accelerationMs2 < 0;
      }
      assert.ok(Math.abs((model.state.odometerKm - startKm) * 1000 - metres) < 5, `seed ${seed}`);
      assert.ok(metres > 1000 && charged, `seed ${seed}`);
    }
  });

  test('shows in the signals that mean it', () => {
    const values = decodeDrive(carPlan, 1, 60_000);
    const speed = values.get('VehicleSpeed') ?? [];
    const wheel = values.get('WheelSpeedFrontLeft') ?? [];
    assert.ok(Math.max(...speed.map(({ value }) => value)) > 40);
    assert.ok(Math.abs(speed[speed.length - 1].value - wheel[wheel.length - 1].value) < 1);
    const pack = values.get('BatteryVoltage') ?? [];
    const cells = Array.from({ length: 96 }, (_, i) => values.get(`CellVoltage${String(i + 1).padStart(2, '0')}`)?.[0]);
    const sum = cells.reduce((volts, cell) => volts + (cell?.value ?? 0), 0);
    assert.ok(Math.abs(sum - pack[0].value) < 15, `${sum} V, pack ${pack[0].value} V`);
    const gear = values.get('GearSelector') ?? [];
    assert.deepEqual([gear[0].value, gear[gear.length - 1].value], [0, 3]);
    const counter = (values.get('MotorTorqueCounter') ?? []).slice(0, 40).map(({ value }) => value);
    assert.deepEqual(
      counter,
      Array.from({ length: 40 }, (_, i) => i % 16),
    );
  });
});

describe('through other people’s DBCs', () => {
  for (const corpus of ['corpus/opendbc', 'corpus/cantools']) {
    const folder = sharedPath(corpus);
    test(`every file of ${corpus} can be driven`, { skip: skipWithout(corpus) }, () => {
      for (const file of readdirSync(folder ?? '').filter((name) => name.endsWith('.dbc'))) {
        const plan = compilePlan(parseDbc(readFileSync(path.join(folder ?? '', file))).database);
        let frames = 0;
        for (const batch of driveFrames({ plan, seed: 1, durationMs: 300 })) frames += batch.count;
        assert.equal(frames > 0, plan.messages.length > messagesLeftOut(plan).length, file);
      }
    });
  }

  const families: [file: string, what: string][] = [
    ['opendbc/generated__hyundai_kia_mando_corner_radar_generated.dbc', 'CAN FD'],
    ['opendbc/generated__honda_common_canfd_generated.dbc', 'CAN FD'],
    ['cantools/j1939.dbc', 'J1939'],
  ];
  for (const [file, what] of families) {
    test(`${what}: every message of ${file} is driven and decodes`, { skip: skipWithout(`corpus/${file}`) }, () => {
      const plan = compilePlan(parseDbc(readFileSync(sharedPath(`corpus/${file}`) ?? '')).database);
      const decoder = createFrameDecoder(plan);
      const seen = new Set<string>();
      for (const batch of driveFrames({ plan, seed: 1, durationMs: 2000, fd: true })) {
        for (let i = 0; i < batch.count; i++) {
          const { name, length } =
            decoder.decode(batch.id[i], batch.flags[i], batch.data, i * batch.stride, batch.length[i]) ?? {};
          if (name !== undefined) seen.add(name);
          assert.equal(batch.length[i], length);
          assert.equal((batch.flags[i] & FrameFlag.fd) !== 0, batch.length[i] > 8);
        }
      }
      const left = messagesLeftOut(plan, true);
      const silent = plan.messages.map(({ name }) => name).filter((name) => !seen.has(name) && !left.includes(name));
      assert.deepEqual(silent, []);
      assert.ok(seen.size > 0);
    });
  }

  test('J1939: messages of more than 8 bytes go as broadcasts, one at a time for each source', () => {
    const text = `
BO_ 2566834942 DM1: 22 Vector__XXX
 SG_ Lamp : 6|2@1+ (1,0) [1|3] "" Vector__XXX
 SG_ VehicleSpeed : 160|16@1+ (0.01,0) [0|250] "km/h" Vector__XXX
BO_ 2566834686 Long: 1785 Vector__XXX
 SG_ Last : 14272|8@1+ (1,0) [7|7] "" Vector__XXX
BA_DEF_ BO_ "VFrameFormat" ENUM "StandardCAN","ExtendedCAN","reserved","J1939PG";
BA_DEF_DEF_ "VFrameFormat" "J1939PG";
`;
    const plan = compilePlan(parseDbc(Buffer.from(text)).database);
    assert.deepEqual(messagesLeftOut(plan), []);
    const reassembler = createJ1939Reassembler();
    const decoder = createFrameDecoder(plan);
    const messages: string[] = [];
    for (const { count, timeUs, id, flags, data, stride, length } of driveFrames({
      plan,
      seed: 1,
      durationMs: 60_000,
    })) {
      for (let i = 0; i < count; i++) {
        const whole = reassembler.push(timeUs[i], id[i], flags[i], data, i * stride, length[i]);
        if (whole === undefined) continue;
        const message = decoder.decode(whole.id, whole.flags, whole.data, 0, whole.data.length);
        messages.push(message?.name ?? '');
        if (message?.name === 'Long') assert.equal(decoder.physical[0], 7);
      }
    }
    assert.ok(messages.includes('DM1') && messages.includes('Long'), messages.join());
    const { stats } = reassembler;
    assert.equal(stats.completed, messages.length);
    assert.deepEqual(
      Object.values(stats.lost),
      Object.values(stats.lost).map(() => 0),
    );
  });

  test('a known name in another unit is converted', () => {
    const text = `BO_ 256 Speed: 8 X
 SG_ VehicleSpeed : 0|16@1+ (0.01,0) [0|300] "mph" X
 SG_ VehicleSpeedKmh : 16|16@1+ (0.01,0) [0|300] "km/h" X
`;
    const values = decodeDrive(compilePlan(parseDbc(Buffer.from(text)).database), 1, 15_000);
    const mph = values.get('VehicleSpeed')?.at(-1)?.value ?? 0;
    const kmh = values.get('VehicleSpeedKmh')?.at(-1)?.value ?? 0;
    assert.ok(kmh > 20 && Math.abs(kmh / mph - 1.609344) < 0.01, `${kmh} km/h, ${mph} mph`);
  });

  test('nested selectors visit every combination', () => {
    const text = `BO_ 256 Nested: 8 X
 SG_ Outer M : 0|4@1+ (1,0) [0|0] "" X
 SG_ Inner m1M : 4|4@1+ (1,0) [0|0] "" X
 SG_ A m0 : 8|8@1+ (1,0) [0|0] "" X
 SG_ B m2 : 8|8@1+ (1,0) [0|0] "" X
 SG_ C m3 : 8|8@1+ (1,0) [0|0] "" X

SG_MUL_VAL_ 256 Inner Outer 1-1;
SG_MUL_VAL_ 256 A Outer 0-0;
SG_MUL_VAL_ 256 B Inner 2-2;
SG_MUL_VAL_ 256 C Inner 3-3;
`;
    const values = decodeDrive(compilePlan(parseDbc(Buffer.from(text)).database), 1, 2000);
    for (const name of ['A', 'B', 'C']) assert.ok((values.get(name)?.length ?? 0) > 0, name);
  });
});
