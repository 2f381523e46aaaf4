/** The whole way: a vehicle in its own process, a real serial device, and our host reading it. */
import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, describe, test } from 'node:test';
import type { FrameBatch } from '../../../edge/can/index.ts';
import { readLogFile } from '../../../edge/can/node.ts';
import { liveClock } from '../../../edge/sim/index.ts';
import { SlcanHost } from '../../../edge/slcan/index.ts';
import { openTransport } from '../../../edge/transport/node.ts';
import { runVehicle, type VehicleEvent, type VehicleOptions } from '../../../tools/vehicle/index.ts';
import { sharedPath, skipWithout } from '../../shared.ts';
import { skipWithoutPty, startVehicle } from './process.ts';

const folder = await mkdtemp(path.join(tmpdir(), 'vehicle-'));
after(() => rm(folder, { recursive: true }));

/** A log of `count` frames, one every millisecond, all different. */
async function writeLog(name: string, count: number): Promise<string> {
  const lines = Array.from({ length: count }, (_, i) => {
    const time = (100 + i / 1000).toFixed(6);
    const id = (i % 0x7ff).toString(16).toUpperCase().padStart(3, '0');
    return `(${time}) vcan0 ${id}#${i.toString(16).toUpperCase().padStart(16, '0')}\n`;
  });
  const file = path.join(folder, name);
  await writeFile(file, lines.join(''));
  return file;
}

function describeFrames(batch: FrameBatch, into: string[]): void {
  for (let i = 0; i < batch.count; i++) {
    const { id, flags, data } = batch.frame(i);
    into.push(`${id.toString(16)} ${flags} ${Buffer.from(data).toString('hex')}`);
  }
}

async function framesOf(log: string): Promise<string[]> {
  const frames: string[] = [];
  for await (const batch of readLogFile(log)) describeFrames(batch, frames);
  return frames;
}

/** Opens the port as a Miner does. */
async function listen(port: string) {
  const transport = await openTransport(port);
  const frames: string[] = [];
  const host = new SlcanHost(transport, { clock: liveClock(), onFrames: (batch) => describeFrames(batch, frames) });
  const lost = new Promise<string | undefined>((resolve) => transport.onClose((fault) => resolve(fault?.code)));
  await host.open();
  const heard = async (count: number) => {
    const untilMs = performance.now() + 5000;
    while (frames.length < count && performance.now() < untilMs) await new Promise((resolve) => setTimeout(resolve, 2));
    return frames;
  };
  return { host, transport, frames, heard, lost };
}

describe('a vehicle in its own process', { skip: skipWithoutPty }, () => {
  test('every frame of a log arrives over a real serial device, in order', async () => {
    const log = await writeLog('fast.log', 20_000);
    const vehicle = await startVehicle('--log', log, '--speed', '0');
    const { heard, host } = await listen(vehicle.port);
    const finished = await vehicle.told('finished');
    assert.deepEqual(await heard(20_000), await framesOf(log));
    const { frames, sent, unheard, overrun, discarded } = finished;
    assert.deepEqual(
      { frames, sent, unheard, overrun, discarded },
      { frames: 20_000, sent: 20_000, unheard: 0, overrun: 0, discarded: 0 },
    );
    assert.equal(host.counters.malformed, 0);
    vehicle.process.kill('SIGTERM');
    assert.equal(await vehicle.exited, 0);
  });

  const recorded = 'corpus/savvycan/candump.log';
  test('the recorded drive arrives whole', { skip: skipWithout(recorded) }, async () => {
    const log = sharedPath(recorded) ?? '';
    const vehicle = await startVehicle('--log', log, '--speed', '0');
    const { heard } = await listen(vehicle.port);
    const { frames, overrun } = await vehicle.told('finished');
    assert.deepEqual({ frames, overrun }, { frames: 12_974, overrun: 0 });
    assert.deepEqual(await heard(12_974), await framesOf(log));
    vehicle.process.send('close');
    assert.equal(await vehicle.exited, 0);
  });

  test('killed: the host knows within 2 s', async () => {
    const vehicle = await startVehicle('--duration-ms', '60000');
    const { lost, heard, host } = await listen(vehicle.port);
    await heard(10);
    const killedMs = performance.now();
    vehicle.process.kill('SIGKILL');
    assert.equal(await lost, 'PORT_LOST');
    assert.ok(performance.now() - killedMs < 2000);
    assert.equal(host.isOpen, false);
  });

  test('unplugged and plugged in again: the drive has gone on unheard, and that is counted', async () => {
    const vehicle = await startVehicle('--duration-ms', '700');
    const { lost, heard } = await listen(vehicle.port);
    await heard(10);
    vehicle.process.send('unplug');
    assert.equal(await lost, 'PORT_LOST');
    vehicle.process.send('plug');
    const { port } = await vehicle.told('listening');
    const again = await listen(port);
    const told = await vehicle.told('finished');
    const { frames, sent, unheard, overrun, discarded } = told as unknown as Record<string, number>;
    assert.ok(unheard + discarded > 0);
    assert.equal(sent + unheard + overrun + discarded, frames);
    assert.ok((await again.heard(1)).length > 0);
  });

  test('a vehicle whose parent dies does not stay behind', async () => {
    const vehicle = await startVehicle();
    vehicle.process.disconnect();
    assert.equal(await vehicle.exited, 0);
  });

  const failures: [what: string, args: string[], code: string | undefined, exit: number][] = [
    ['a log that is not there', ['--log', path.join(folder, 'nothing.log')], 'LOG_NOT_FOUND', 1],
    ['a DBC that is not there', ['--dbc', path.join(folder, 'nothing.dbc')], 'VEHICLE_DBC', 1],
    ['a port that is none', ['--listen', 'udp://x:1'], 'TRANSPORT_SPEC', 2],
    ['a number that is none', ['--speed', 'fast'], undefined, 2],
    ['an option that is none', ['--sped', '1'], undefined, 2],
  ];
  for (const [what, args, code, exit] of failures) {
    test(`${what}: one fault, and exit code ${exit}`, async () => {
      const vehicle = await startVehicle(...args);
      assert.equal((await vehicle.told('fault')).code, code);
      assert.equal(await vehicle.exited, exit);
    });
  }
});

describe('a vehicle on TCP', () => {
  async function start(options: VehicleOptions) {
    const events: VehicleEvent[] = [];
    const vehicle = await runVehicle({
      listen: 'tcp://127.0.0.1:0',
      onEvent: (event) => events.push(event),
      ...options,
    });
    return { vehicle, events };
  }

  test('waits for the host, keeps its own pace, and tells what happened in order', async () => {
    const { vehicle, events } = await start({ log: await writeLog('paced.log', 300) });
    await new Promise((resolve) => setTimeout(resolve, 50));
    assert.equal(vehicle.counters().frames, 0);
    const startMs = performance.now();
    const { heard, transport } = await listen(vehicle.port);
    const counters = await vehicle.finished;
    const tookMs = performance.now() - startMs;
    assert.ok(tookMs > 290 && tookMs < 1500, `${tookMs} ms`);
    assert.equal((await heard(300)).length, 300);
    assert.equal(counters.sent, 300);
    assert.deepEqual(
      events.map(({ event }) => event),
      ['listening', 'channel', 'finished'],
    );
    await transport.close();
    await vehicle.close();
    assert.equal(events.at(-1)?.event, 'unplugged');
  });

  test('loops, stops, and starts again on command', async () => {
    const { vehicle } = await start({ log: await writeLog('short.log', 20), loop: true, speed: 10 });
    const { heard, transport } = await listen(vehicle.port);
    assert.ok((await heard(100)).length >= 100);
    vehicle.stop();
    const { frames } = vehicle.counters();
    await new Promise((resolve) => setTimeout(resolve, 100));
    assert.ok(vehicle.counters().frames - frames <= 20);
    vehicle.start();
    await heard(frames + 100);
    assert.ok(vehicle.counters().frames > frames);
    await transport.close();
    await vehicle.close();
  });

  test('another client is turned away while one is there; afterwards the next one is welcome', async () => {
    const { vehicle } = await start({ durationMs: 60_000 });
    const first = await listen(vehicle.port);
    await assert.rejects(listen(vehicle.port), { code: 'PORT_LOST' });
    await first.heard(1);
    await first.transport.close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    const next = await listen(vehicle.port);
    assert.ok((await next.heard(1)).length > 0);
    await next.transport.close();
    await vehicle.close();
  });

  test('unplugged and plugged in again it listens on the same port', async () => {
    const { vehicle } = await start({ durationMs: 60_000 });
    const { port } = vehicle;
    const { lost } = await listen(port);
    await vehicle.unplug();
    await vehicle.unplug();
    assert.equal(await lost, 'PORT_LOST');
    await assert.rejects(listen(port), { code: 'TCP_REFUSED' });
    await vehicle.plug();
    assert.equal(vehicle.port, port);
    const again = await listen(port);
    await again.transport.close();
    await vehicle.close();
  });

  test('starts at once when asked to, and counts what nobody hears', async () => {
    const { vehicle } = await start({ durationMs: 100, startOn: 'listen', speed: 0 });
    const { frames, unheard } = await vehicle.finished;
    assert.ok(frames > 0);
    assert.equal(unheard, frames);
    await vehicle.close();
  });

  test('a bus at another bit rate is not heard', async () => {
    const { vehicle, events } = await start({ durationMs: 100, bitRate: 250_000, speed: 0 });
    const { frames, transport } = await listen(vehicle.port);
    const counters = await vehicle.finished;
    assert.equal(counters.unheard, counters.frames);
    assert.equal(frames.length, 0);
    assert.deepEqual(events[1], { event: 'channel', state: 'open', bitRate: 500_000, busBitRate: 250_000 });
    await transport.close();
    await vehicle.close();
  });
});
