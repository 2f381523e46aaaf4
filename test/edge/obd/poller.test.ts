/** What is asked of a vehicle, when, how often, and when nothing is asked. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { edgeError } from '../../../edge/errors/index.ts';
import { exampleVin } from '../../../tools/vehicle/ecu/index.ts';
import { DriveModel } from '../../../tools/vehicle/index.ts';
import { type BusFrame, World } from './world.ts';

const noExtras = { identify: false, dtcIntervalMs: 0 };

test('a drive: control units, what they have, who the car is, its trouble codes, then values', async () => {
  const world = new World();
  await world.run(10_000);
  const [started] = world.of('drive-started');
  assert.deepEqual([started.addressing, started.ecus], ['11-bit', ['7E8', '7EC']]);
  assert.deepEqual(
    world.of('supported').map(({ ecu, pids }) => [ecu, pids.length]),
    [
      ['7E8', 21],
      ['7EC', 5],
    ],
  );
  assert.deepEqual(
    world.of('vin').map(({ reading }) => [reading.ecu, reading.service, reading.vin, reading.checkDigit]),
    [
      ['7E8', '09 02', exampleVin, 'holds'],
      ['7E8', '22 F190', exampleVin, 'holds'],
      ['7EC', '22 F190', exampleVin, 'holds'],
    ],
  );
  assert.equal(world.poller.vin?.vin, exampleVin);
  assert.deepEqual(
    world.of('calibration-ids').map(({ ids }) => ids),
    [['VCU-4.2.17', 'MCU-1.9.3'], ['BMS-7.0.2']],
  );
  assert.deepEqual(
    world.of('ecu-name').map(({ name }) => name),
    ['VCU-VehicleControl', 'BECM-BatteryControl'],
  );
  assert.deepEqual(
    world.of('trouble-codes').map(({ ecu, stored, pending }) => [ecu, stored, pending]),
    [
      ['7E8', [], ['P0C73']],
      ['7EC', ['P0A80'], []],
    ],
  );
  assert.ok(world.of('reading').some(({ pid }) => pid === 0x0d));
});

const addressings: [cars: '11-bit' | '29-bit' | 'both', wanted: 'auto' | '11-bit' | '29-bit', found?: string][] = [
  ['11-bit', 'auto', '11-bit'],
  ['29-bit', 'auto', '29-bit'],
  ['both', 'auto', '11-bit'],
  ['both', '29-bit', '29-bit'],
  ['11-bit', '29-bit', undefined],
  ['29-bit', '11-bit', undefined],
];
for (const [addressing, wanted, found] of addressings) {
  test(`a car with ${addressing} ids, looked for by ${wanted}: ${found ?? 'not found'}`, async () => {
    const world = new World({ car: { addressing }, settings: { ...noExtras, addressing: wanted } });
    await world.run(3000);
    assert.equal(world.of('drive-started')[0]?.addressing, found);
    assert.equal(world.of('reading').length > 0, found !== undefined);
  });
}

test('each parameter is asked for at its own interval, of a control unit that has it', async () => {
  const pids = [
    { pid: 0x0d, intervalMs: 1000 },
    { pid: 0x5b, intervalMs: 10_000 },
    { pid: 0x2f, intervalMs: 1000 },
  ];
  const world = new World({ settings: { ...noExtras, pids } });
  await world.run(60_000);
  const count = (pid: number) => world.of('reading').filter((reading) => reading.pid === pid).length;
  assert.ok(Math.abs(count(0x0d) - 59) <= 1, `${count(0x0d)}`);
  assert.ok(Math.abs(count(0x5b) - 6) <= 1, `${count(0x5b)}`);
  // The car has no fuel level, and says so in its masks.
  assert.equal(world.asked(0x2f), 0);
  assert.ok(world.of('reading').every(({ pid, ecu }) => ecu === (pid === 0x5b ? '7EC' : '7E8')));
});

test('never more questions a second than set, whatever is due', async () => {
  const pids = Array.from({ length: 0x64 }, (_, i) => ({ pid: i + 1, intervalMs: 100 }));
  const world = new World({ settings: { pids, requestsPerSecondMax: 4 } });
  await world.run(30_000);
  const times = world.requests().map(({ atMs }) => atMs);
  assert.ok(times.length > 100);
  for (let i = 4; i < times.length; i++) assert.ok(times[i] - times[i - 4] >= 1000 - 1e-6, `${times[i]}`);
});

test('several parameters in one request, where the control unit answers them; one by one where not', async () => {
  const pids = [0x0d, 0x0c, 0x05, 0x42, 0x5b, 0x1c].map((pid) => ({ pid, intervalMs: 1000 }));
  const world = new World({ settings: { ...noExtras, pids, pidsPerRequest: 6 } });
  await world.run(20_000);
  const asked = world.requests().filter(({ bytes }) => bytes[0] === 1 && bytes[1] % 32 !== 0);
  assert.ok(asked.some(({ id, bytes }) => id === 0x7e0 && bytes.length === 6));
  const readings = new Set(world.of('reading').map(({ pid }) => pid));
  assert.deepEqual([...readings].sort(), [0x05, 0x0c, 0x0d, 0x1c, 0x42, 0x5b].sort());
});

test('a control unit that answers the first of several only is asked one by one from then on', async () => {
  const script = (request: number[]) => {
    if (request[1] === 0) return [0x41, 0, 0x18, 0x18, 0, 0];
    return request[0] === 1 ? [0x41, request[1], 1, 2].slice(0, request[1] === 0x0c ? 4 : 3) : undefined;
  };
  const pids = [0x04, 0x05, 0x0c, 0x0d].map((pid) => ({ pid, intervalMs: 1000 }));
  const world = new World({ script, settings: { ...noExtras, pids, pidsPerRequest: 4 } });
  await world.run(10_000);
  const lengths = world.requests().map(({ bytes }) => bytes.length);
  assert.equal(lengths.filter((length) => length > 2).length, 1);
  for (const { pid } of pids) assert.ok(world.of('reading').filter((reading) => reading.pid === pid).length >= 7);
});

test('one that refuses several at once is asked one by one, and loses none of them', async () => {
  const script = (request: number[]) => {
    if (request[1] === 0) return [0x41, 0, 0x08, 0x08, 0, 0];
    return request.length > 2 ? [0x7f, 1, 0x13] : [0x41, request[1], 9];
  };
  const pids = [0x05, 0x0d].map((pid) => ({ pid, intervalMs: 1000 }));
  const world = new World({ script, settings: { ...noExtras, pids, pidsPerRequest: 2 } });
  await world.run(5000);
  assert.deepEqual(new Set(world.of('reading').map(({ pid }) => pid)), new Set([0x05, 0x0d]));
  assert.deepEqual(world.of('unsupported'), []);
});

test('a parameter that is refused is not asked for again in this drive, but in the next one', async () => {
  let isAway = false;
  const script = (request: number[]) => {
    if (isAway) return undefined;
    if (request[1] === 0) return [0x41, 0, 0x08, 0x08, 0, 0];
    return request[1] === 0x05 ? [0x7f, 1, 0x12] : [0x41, request[1], 9];
  };
  const pids = [0x05, 0x0d].map((pid) => ({ pid, intervalMs: 1000 }));
  const world = new World({ script, settings: { ...noExtras, pids } });
  await world.run(20_000);
  assert.equal(world.asked(0x05), 1);
  assert.deepEqual(
    world.of('unsupported').map(({ pid, reason }) => [pid, reason]),
    [[0x05, 'subFunctionNotSupported']],
  );
  isAway = true;
  await world.run(30_000);
  isAway = false;
  await world.run(90_000);
  assert.equal(world.of('drive-started').length, 2);
  assert.equal(world.asked(0x05), 2);
});

test('a parameter that is never answered is asked for more and more rarely, then not at all; others go on', async () => {
  const script = (request: number[]) => {
    if (request[1] === 0) return [0x41, 0, 0x08, 0x08, 0, 0];
    return request[1] === 0x05 ? undefined : [0x41, request[1], 9];
  };
  const pids = [0x05, 0x0d].map((pid) => ({ pid, intervalMs: 500 }));
  const world = new World({ script, settings: { ...noExtras, pids } });
  await world.run(120_000);
  // Five times, and once of all: the control unit had not yet answered to its own address.
  assert.equal(world.asked(0x05), 6);
  assert.equal(world.of('unsupported').length, 1);
  assert.equal(world.of('drive-ended').length, 0);
  assert.ok(world.asked(0x0d) > 200);
});

test('nobody there: looked for ever more rarely, once a minute in the end', async () => {
  const world = new World({ passes: ({ from }) => from === 'tester' });
  await world.run(600_000);
  const retries = world.of('silent').map(({ retryMs }) => retryMs);
  assert.deepEqual(retries.slice(0, 7), [2000, 4000, 8000, 16_000, 32_000, 60_000, 60_000]);
  assert.ok(world.frames.length < 40, `${world.frames.length} frames in ten minutes`);
});

test('the car falls silent: the drive ends; it comes back: a new one begins', async () => {
  let isAway = false;
  const world = new World({ passes: ({ from }) => from === 'tester' || !isAway });
  await world.run(20_000);
  isAway = true;
  await world.run(20_000);
  assert.deepEqual(
    world.of('drive-ended').map(({ reason }) => reason),
    ['silent'],
  );
  assert.deepEqual(world.poller.ecus, []);
  isAway = false;
  await world.run(60_000);
  assert.equal(world.of('drive-started').length, 2);
  assert.equal(world.poller.counters.drives, 2);
});

test('one of two control units falls silent: it is left alone for a while, the other one goes on', async () => {
  let isAway = false;
  const pids = [0x0d, 0x5b].map((pid) => ({ pid, intervalMs: 1000 }));
  const world = new World({ settings: { ...noExtras, pids }, passes: ({ id }) => !(isAway && id === 0x7ec) });
  await world.run(10_000);
  isAway = true;
  await world.run(60_000);
  const late = world.requests().filter(({ atMs, id }) => atMs > 15_000 && id === 0x7e4);
  assert.ok(late.length < 8, `${late.length}`);
  assert.equal(world.of('drive-ended').length, 0);
  assert.ok(world.of('reading').filter(({ atMs }) => atMs > 15_000).length > 40);
});

test('a parked car, by its own voltage: one look, then rarer and rarer ones', async () => {
  const world = new World({ volts: () => 12.6 });
  await world.run(3_600_000);
  assert.deepEqual(
    world.of('voltage-gate').map(({ isOpen, volts }) => [isOpen, volts]),
    [[false, 12.6]],
  );
  assert.equal(world.of('drive-ended')[0].reason, 'voltage');
  const late = world.requests().filter(({ atMs }) => atMs > 10_000);
  // One request per look.
  assert.ok(late.length <= 18 && late.length >= 12, `${late.length} requests in an hour`);
  assert.ok(late.every(({ bytes }) => `${bytes}` === '1,66'));
});

test('the engine starts: the next look finds out, and a drive begins', async () => {
  const world = new World({ volts: (atMs) => (atMs < 60_000 ? 12.6 : 14.1) });
  await world.run(150_000);
  assert.deepEqual(
    world.of('voltage-gate').map(({ isOpen }) => isOpen),
    [false, true],
  );
  assert.ok(world.of('reading').some(({ pid }) => pid === 0x0d));
});

test('with an adapter that tells the voltage, nothing at all is sent to a parked car', async () => {
  const world = new World();
  world.poller.noteVoltage(12.4);
  await world.run(3_600_000);
  assert.deepEqual(world.frames, []);
  world.poller.noteVoltage(13.9);
  await world.run(5000);
  assert.equal(world.of('drive-started').length, 1);
  assert.equal(world.of('drive-started')[0].atMs < 3_601_000, true);
});

test('cranking and a resting alternator do not close the gate, half a minute below does', async () => {
  const world = new World({ settings: noExtras });
  const tell = async (volts: number, forMs: number) => {
    for (let ms = 0; ms < forMs; ms += 1000) {
      world.poller.noteVoltage(volts);
      await world.run(1000);
    }
  };
  await tell(14, 5000);
  await tell(9.5, 4000);
  await tell(12.7, 60_000);
  await tell(12.3, 29_000);
  await tell(12.6, 5000);
  assert.equal(world.of('drive-ended').length, 0);
  await tell(12.3, 32_000);
  assert.deepEqual(
    world.of('drive-ended').map(({ reason }) => reason),
    ['voltage'],
  );
  // Hysteresis: what would have kept it open does not open it again.
  await tell(12.9, 60_000);
  assert.equal(world.of('drive-started').length, 1);
});

test('voltages that no battery has change nothing', async () => {
  const world = new World({ settings: noExtras });
  world.poller.noteVoltage(14);
  await world.run(1000);
  for (const volts of [0, -1, 65.5, Number.NaN, Number.POSITIVE_INFINITY]) world.poller.noteVoltage(volts);
  await world.run(60_000);
  assert.equal(world.of('drive-ended').length, 0);
});

test('a car that tells no voltage is asked, or left alone, as set', async () => {
  const script = (request: number[]) => (request[1] === 0 ? [0x41, 0, 0x08, 0, 0, 0] : undefined);
  const asking = new World({ script, settings: noExtras });
  await asking.run(5000);
  assert.equal(asking.of('drive-started').length, 1);
  const waiting = new World({ script, settings: { ...noExtras, withoutVoltage: 'wait' } });
  await waiting.run(100_000);
  assert.equal(waiting.of('drive-started').length, 0);
  assert.ok(waiting.requests().every(({ bytes }) => bytes[1] === 0x42));
});

test('a gateway that lets only questions to all pass: asked that way', async () => {
  const world = new World({ passes: ({ from, id, data }) => from === 'vehicle' || id === 0x7df || data[0] >> 4 === 3 });
  await world.run(20_000);
  assert.equal(world.of('supported')[0].pids.length, 21);
  assert.ok(world.of('reading').length > 20);
  assert.equal(world.poller.vin?.vin, exampleVin);
});

test('another tester is heard: nothing is asked for a while, and its answers are left to it', async () => {
  const world = new World({ settings: { ...noExtras, otherTesterMs: 10_000 } });
  await world.run(5000);
  const before = world.frames.length;
  world.intrude(0x7e0, 3, 0x22, 0xf1, 0x90, 0, 0, 0, 0);
  await world.run(1000);
  // A first frame that we did not ask for: a flow control frame of ours would spoil it.
  world.intrude(0x7e8, 0x10, 0x14, 0x62, 0xf1, 0x90, 1, 2, 3);
  await world.run(8000);
  const between = world.frames.slice(before).filter(({ from }) => from === 'tester');
  assert.ok(between.length <= 1, `${between.length}`);
  assert.equal(world.of('other-tester').length, 1);
  await world.run(5000);
  assert.ok(world.frames.length > before + 5);
});

test('our own frames handed back are no other tester', async () => {
  const world: World = new World({
    settings: noExtras,
    passes: (frame: BusFrame) => {
      if (frame.from === 'tester') world.intrude(frame.id, ...frame.data);
      return true;
    },
  });
  await world.run(10_000);
  assert.equal(world.of('other-tester').length, 0);
  assert.ok(world.of('reading').length > 10);
});

test('trouble codes are read again at their interval, and cleared only on an explicit call', async () => {
  const world = new World({ settings: { dtcIntervalMs: 60_000, pids: [] }, volts: () => 14 });
  await world.run(200_000);
  assert.equal(world.of('trouble-codes').length, 8);
  assert.ok(world.requests().every(({ bytes }) => bytes[0] !== 0x04 && bytes[0] !== 0x14));
  const outcomes = world.poller.clearTroubleCodes();
  await world.run(1000);
  // The car drives at that moment, so that it refuses.
  for (const { cleared, fault } of await outcomes) {
    assert.equal(cleared, false);
    assert.match(fault?.message ?? '', /conditionsNotCorrect/);
  }
});

test('a standing car lets its codes be cleared', async () => {
  const { state: standing } = new DriveModel(1);
  standing.lowVolts = 14;
  const world = new World({ car: { state: () => standing }, settings: { pids: [], dtcIntervalMs: 10_000 } });
  await world.run(3000);
  const outcomes = world.poller.clearTroubleCodes();
  await world.run(15_000);
  assert.deepEqual(await outcomes, [
    { ecu: '7E8', cleared: true },
    { ecu: '7EC', cleared: true },
  ]);
  assert.deepEqual(world.of('trouble-codes').at(-1)?.stored, []);
});

test('clearing before any control unit is known does nothing', async () => {
  assert.deepEqual(await new World().poller.clearTroubleCodes(), []);
});

for (const afterMs of [0, 50, 300, 1234, 20_000]) {
  test(`stopped after ${afterMs} ms, nothing more is sent, and nothing waits any more`, async () => {
    const world = new World();
    await world.run(afterMs);
    world.poller.stop();
    const before = world.frames.filter(({ from }) => from === 'tester').length;
    await world.stop();
    await world.finished;
    assert.equal(world.frames.filter(({ from }) => from === 'tester').length, before);
    assert.equal(world.clock.pending, 0);
  });
}

test('a link that listens only: said, and tried ever more rarely', async () => {
  const refuse = () => {
    throw edgeError('SLCAN_FRAME', { problem: 'the channel is open to listen only', profile: 'lawicel' });
  };
  for (const link of [refuse, async () => refuse()]) {
    const world = new World({ link });
    await world.run(20_000);
    const [silent] = world.of('silent');
    assert.match(silent.fault?.message ?? '', /listen only/);
    assert.ok(world.of('silent').length < 6);
    assert.ok(world.poller.counters.faults > 0);
  }
});

test('counters add up: every question has an end', async () => {
  let n = 0;
  const world = new World({ passes: () => n++ % 7 !== 0 });
  await world.run(120_000);
  await world.stop();
  const { requests, positive, negative, unanswered, faults } = world.poller.counters;
  assert.ok(requests > 100 && unanswered > 0);
  assert.equal(requests, positive + negative + unanswered + faults);
});

test('property: whatever is lost or comes from strangers, only harmless services are asked, within the rate', async () => {
  const noise = fc.tuple(fc.constantFrom(0x7e8, 0x7ec, 0x7ef, 0x7df), fc.uint8Array({ maxLength: 8 }));
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.boolean(), { maxLength: 200 }),
      fc.array(noise, { maxLength: 30 }),
      async (kept, noises) => {
        let n = 0;
        const world = new World({
          settings: { requestsPerSecondMax: 20, otherTesterMs: 500 },
          passes: () => kept[n++] ?? true,
        });
        for (const [id, data] of noises) {
          await world.run(100);
          world.intrude(id, ...data);
        }
        await world.run(5000);
        await world.stop();
        const times = world.requests().map(({ atMs }) => atMs);
        for (let i = 1; i < times.length; i++) assert.ok(times[i] - times[i - 1] >= 50 - 1e-6);
        for (const { bytes } of world.requests())
          assert.ok([0x01, 0x03, 0x07, 0x09, 0x22].includes(bytes[0]), `${bytes}`);
      },
    ),
    { numRuns: 25 },
  );
});
