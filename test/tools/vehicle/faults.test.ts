/** Each fault as a host sees it: our own host on TCP, and what the vehicle counts. */
import assert from 'node:assert/strict';
import { lstatSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import { liveClock } from '../../../edge/sim/index.ts';
import {
  kernel,
  type SlcanBusEvent,
  SlcanHost,
  type SlcanProfile,
  SlcanStatus,
  slcanProfiles,
} from '../../../edge/slcan/index.ts';
import { openTransport } from '../../../edge/transport/node.ts';
import { profileNames } from '../../../tools/cli/commands/vehicle.ts';
import {
  obeyLine,
  runVehicle,
  type Vehicle,
  type VehicleEvent,
  type VehicleOptions,
} from '../../../tools/vehicle/index.ts';
import { skipWithoutPty } from './process.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'vehicle-faults-'));
const running: { close(): Promise<void> }[] = [];
after(async () => {
  for (const one of running) await one.close();
  rmSync(folder, { recursive: true });
});

/** A candump log of `count` frames of id 0x200, `gapMs` apart, numbered in their payload. */
function logOf(count: number, gapMs: number): string {
  const file = path.join(folder, `${count}-${gapMs}.log`);
  const line = (i: number) => `(${(1 + (i * gapMs) / 1000).toFixed(6)}) can0 200#${i.toString(16).padStart(8, '0')}\n`;
  writeFileSync(file, Array.from({ length: count }, (_, i) => line(i)).join(''));
  return file;
}

async function start(options: VehicleOptions) {
  const events: VehicleEvent[] = [];
  const vehicle = await runVehicle({
    listen: 'tcp://127.0.0.1:0',
    obd: 'off',
    ...options,
    onEvent: (event) => events.push(event),
  });
  running.push(vehicle);
  return { vehicle, events };
}

/** A host with its channel open, and the ids and numbers that it heard. */
async function connect(vehicle: Vehicle, profile?: SlcanProfile) {
  const transport = await openTransport(vehicle.port);
  const heard: [id: number, number: number][] = [];
  const bus: SlcanBusEvent[] = [];
  const host = new SlcanHost(transport, {
    clock: liveClock(),
    ...(profile && { profile }),
    onBus: (event) => bus.push(event),
    answerTimeoutMs: 150,
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        heard.push([batch.id[i], new DataView(batch.data.buffer, i * batch.stride).getUint32(0)]);
      }
    },
  });
  running.push(transport);
  await host.open();
  return { host, transport, heard, bus, ids: (id: number) => heard.filter(([one]) => one === id).length };
}

async function until(what: string, isMet: () => boolean): Promise<void> {
  const endMs = performance.now() + 5000;
  while (!isMet()) {
    assert.ok(performance.now() < endMs, `${what}: not within 5 s`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** Nothing of what was played is unaccounted for. */
function assertBalanced(vehicle: Vehicle): void {
  const { frames, sent, unheard, overrun, discarded, starved, waiting, queued } = vehicle.counters();
  assert.equal(sent + unheard + overrun + discarded + starved + waiting + queued, frames);
}

describe('stepped', () => {
  test('frames come only on request, and every line of the request counts', async () => {
    const { vehicle } = await start({ log: logOf(100, 1), step: true });
    const { heard } = await connect(vehicle);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(heard.length, 0);
    const refused: string[] = [];
    for (const line of ['', 'step 3', '  ', 'stepp']) {
      await obeyLine(vehicle, line, (problem) => refused.push(problem.code));
    }
    await until('five frames', () => heard.length === 5);
    await new Promise((resolve) => setTimeout(resolve, 30));
    assert.equal(heard.length, 5);
    assert.deepEqual(refused, ['VEHICLE_COMMAND']);
    assert.equal(vehicle.status().paused, true);
    await obeyLine(vehicle, 'resume', () => {});
    assert.equal((await vehicle.finished).sent, 100);
    await until('all frames', () => heard.length === 100);
    assert.deepEqual(
      heard.map(([, number]) => number),
      Array.from({ length: 100 }, (_, i) => i),
    );
  });

  test('a pause is not caught up: what comes after keeps its distances', async () => {
    const { vehicle } = await start({ log: logOf(40, 5) });
    const { heard } = await connect(vehicle);
    await until('some frames', () => heard.length >= 5);
    await obeyLine(vehicle, 'pause', assert.fail);
    const paused = vehicle.counters().frames;
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.equal(vehicle.counters().frames, paused);
    const resumedMs = performance.now();
    await obeyLine(vehicle, 'resume', assert.fail);
    await vehicle.finished;
    assert.ok(performance.now() - resumedMs >= (39 - paused) * 5 - 10);
  });
});

describe('the line', () => {
  test('stalls without a hang-up: a host that asks gets no answer, and afterwards nothing was lost', async () => {
    const { vehicle } = await start({ log: logOf(100, 1) });
    const { host, heard } = await connect(vehicle);
    await until('some frames', () => heard.length >= 5);
    vehicle.stall(300);
    await assert.rejects(host.readStatus(), { code: 'SLCAN_NO_ANSWER' });
    assert.equal(host.isOpen, true);
    await vehicle.finished;
    await until('all frames', () => heard.length === 100);
    assertBalanced(vehicle);
  });

  test('carries garbage: the host counts it and goes on', async () => {
    const { vehicle } = await start({ log: logOf(400, 1) });
    const { host, heard } = await connect(vehicle);
    for (let i = 0; i < 4; i++) await obeyLine(vehicle, 'garbage 500', assert.fail);
    await vehicle.finished;
    await until('the last frame', () => heard.at(-1)?.[1] === 399);
    const { malformed, overlong } = host.counters;
    assert.ok(malformed + overlong > 0);
    assert.ok(heard.length >= 400 - 8, `${heard.length}`);
    assert.equal(vehicle.counters().garbage, 2000);
  });

  test('is unplugged for a time and comes back by itself', async () => {
    const { vehicle, events } = await start({ log: logOf(400, 1), loop: true });
    const { transport } = await connect(vehicle);
    const lost = new Promise<string | undefined>((resolve) => transport.onClose((fault) => resolve(fault?.code)));
    await obeyLine(vehicle, 'unplug 60ms', assert.fail);
    assert.equal(await lost, 'PORT_LOST');
    assert.equal(vehicle.status().plugged, false);
    await until('plugged again', () => vehicle.status().plugged);
    const again = await connect(vehicle);
    await until('frames again', () => again.heard.length > 0);
    assert.ok(vehicle.counters().unheard > 0);
    assertBalanced(vehicle);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['listening', 'channel', 'channel', 'unplugged', 'listening', 'channel'],
    );
  });
});

describe('the bus', () => {
  test('in trouble, told by an adapter that tells: errors, warning, passive, bus-off and back', async () => {
    const { vehicle } = await start({ log: logOf(2000, 1), profile: kernel });
    const { bus, heard } = await connect(vehicle, kernel);
    await until('some frames', () => heard.length >= 5);
    for (const line of ['error crc', 'warning', 'passive', 'active', 'bus-off 60ms']) {
      await obeyLine(vehicle, line, assert.fail);
    }
    await until('bus-off', () => bus.some((event) => event.type === 'state' && event.state === 'bus-off'));
    const before = vehicle.counters().unheard;
    await until('frames that nobody hears', () => vehicle.counters().unheard > before);
    const sent = vehicle.counters().sent;
    await until('back on the bus', () => vehicle.counters().sent > sent);
    await until('told of it', () => bus.length >= 6);
    assert.deepEqual(
      bus.map((event) => (event.type === 'state' ? event.state : event.type)),
      ['error', 'error-warning', 'error-passive', 'error-active', 'bus-off', 'error-active'],
    );
    const error = bus[0];
    assert.ok(error.type === 'error' && (error.errorClass & 0x88) === 0x88 && error.data[3] === 0x08);
    assert.equal(vehicle.counters().errors, 1);
    assertBalanced(vehicle);
  });

  test('in trouble, asked of an adapter that only answers: the flags of F', async () => {
    const { vehicle } = await start({ step: true });
    const { host } = await connect(vehicle);
    const flags: [line: string, flags: number][] = [
      ['error stuff', SlcanStatus.busError],
      ['error arbitration', SlcanStatus.arbitrationLost],
      ['warning', SlcanStatus.errorWarning],
      ['passive', SlcanStatus.errorWarning | SlcanStatus.errorPassive],
      ['active', 0],
    ];
    for (const [line, expected] of flags) {
      await obeyLine(vehicle, line, assert.fail);
      assert.equal(await host.readStatus(), expected, line);
    }
  });

  test('left without a time: closing and opening the channel leads back', async () => {
    const { vehicle } = await start({ log: logOf(400, 1), loop: true });
    const { host, heard } = await connect(vehicle);
    await until('some frames', () => heard.length >= 5);
    await obeyLine(vehicle, 'bus-off', assert.fail);
    await until('silence', () => vehicle.counters().unheard > 20);
    await host.close();
    const before = heard.length;
    await host.open();
    await until('frames again', () => heard.length > before);
    assertBalanced(vehicle);
  });
});

describe('every firmware', () => {
  for (const profile of Object.values(slcanProfiles)) {
    test(`${profile.name}: the drive arrives, and nothing malformed`, async () => {
      const { vehicle } = await start({ durationMs: 200, speed: 0, profile });
      const { host, heard } = await connect(vehicle, profile);
      const { sent } = await vehicle.finished;
      await until('all frames', () => heard.length === sent);
      assert.ok(sent > 50);
      assert.equal(host.counters.malformed, 0);
    });
  }

  test('names of profiles on the command line are all there are', () => {
    assert.deepEqual(profileNames, Object.keys(slcanProfiles));
  });
});

describe('a node that babbles', () => {
  test('with the lowest id holds everyone else back; with a high one nobody; all is accounted for', async () => {
    const { vehicle } = await start({ log: logOf(300, 1), bitRate: 500_000 });
    const { heard, ids } = await connect(vehicle);
    await until('some frames', () => heard.length >= 5);
    await obeyLine(vehicle, 'babble 100ms 0x0', assert.fail);
    await until('babble', () => ids(0) > 100);
    const before = ids(0x200);
    await until('more of it', () => ids(0) > 200);
    assert.ok(ids(0x200) - before <= 2, 'the higher id waits');
    await vehicle.finished;
    await until('all frames', () => ids(0x200) === 300);
    const { babbled, starved, waiting, frames } = vehicle.counters();
    assert.equal(frames, 300 + babbled);
    assert.deepEqual({ starved, waiting }, { starved: 0, waiting: 0 });
    assert.ok(vehicle.status().busLoad > 0.05);
    assertBalanced(vehicle);
  });
});

describe('a plan', () => {
  test('acts at its times after the host opened the channel, and tells so', async () => {
    const { vehicle, events } = await start({
      log: logOf(300, 1),
      faults: '20ms garbage 8, 40ms babble 10ms 0x7ff, 60ms unplug 20ms',
    });
    await new Promise((resolve) => setTimeout(resolve, 60));
    assert.equal(events.length, 1);
    const { transport } = await connect(vehicle);
    await new Promise<void>((resolve) => transport.onClose(() => resolve()));
    await until('plugged again', () => vehicle.status().plugged);
    assert.deepEqual(
      events.flatMap((event) => (event.event === 'planned' ? [event.command] : [])),
      ['garbage 8', 'babble 10ms 0x7ff', 'unplug 20ms'],
    );
    assert.ok(vehicle.counters().babbled > 0 && vehicle.counters().garbage === 8);
  });

  test('that cannot be read keeps the vehicle from starting', async () => {
    await assert.rejects(start({ faults: '10s melt' }), { code: 'VEHICLE_COMMAND' });
  });
});

describe('on TCP', () => {
  test('a second client reads one line and the end; the first one notices nothing', async () => {
    const { vehicle, events } = await start({ log: logOf(300, 1) });
    const first = await connect(vehicle);
    const { hostname, port } = new URL(vehicle.port.replace('tcp:', 'http:'));
    const said = await new Promise<string>((resolve, reject) => {
      let text = '';
      const socket = net.connect(Number(port), hostname);
      socket.on('data', (bytes) => {
        text += bytes;
      });
      socket.on('error', reject);
      socket.on('close', () => resolve(text));
      socket.write('V\r');
    });
    assert.equal(said, '# another host has this adapter\r\n');
    assert.equal(events.filter(({ event }) => event === 'refused').length, 1);
    await vehicle.finished;
    await until('all frames', () => first.heard.length === 300);
    assert.equal(first.host.counters.malformed, 0);
  });

  test('has no link', async () => {
    await assert.rejects(start({ link: path.join(folder, 'link') }), { code: 'VEHICLE_LINK' });
  });
});

describe('the link', { skip: skipWithoutPty }, () => {
  test('points at the pty while there is one, also after a re-plug, and is gone at the end', async () => {
    const link = path.join(folder, 'car');
    symlinkSync('/dev/nowhere', link);
    const { vehicle } = await start({ listen: 'pty', link, durationMs: 60_000 });
    const before = vehicle.port;
    assert.equal(readlinkSync(link), before);
    await vehicle.unplug();
    assert.equal(lstatSync(link, { throwIfNoEntry: false }), undefined);
    await vehicle.plug();
    assert.equal(readlinkSync(link), vehicle.port);
    const transport = await openTransport(link);
    const host = new SlcanHost(transport, { clock: liveClock(), onFrames: () => {} });
    assert.equal((await host.open()).version, '1013');
    await transport.close();
    await vehicle.close();
    assert.equal(lstatSync(link, { throwIfNoEntry: false }), undefined);
  });

  test('never replaces what is no link, and leaves alone what somebody else made of it', async () => {
    const file = path.join(folder, 'file');
    writeFileSync(file, 'mine');
    await assert.rejects(start({ listen: 'pty', link: file }), { code: 'VEHICLE_LINK' });
    await assert.rejects(start({ listen: 'pty', link: path.join(folder, 'no/such/folder') }), { code: 'VEHICLE_LINK' });
    const link = path.join(folder, 'theirs');
    const { vehicle } = await start({ listen: 'pty', link });
    rmSync(link);
    symlinkSync('/dev/null', link);
    await vehicle.close();
    assert.equal(readlinkSync(link), '/dev/null');
  });
});
