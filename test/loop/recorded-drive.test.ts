// A recorded drive through everything a Miner has: emulated adapter in its own process, pty, decoder, signed packs.
// What must come out is computed here from the log's text and the DBC's lines alone, bit by bit.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import type { DecoderFile } from '../../edge/approved-decoder.ts';
import { openCanLink } from '../../edge/can-link.ts';
import { type OpenedPack, samplesOf } from '../../edge/pack/index.ts';
import { liveClock } from '../../edge/sim/index.ts';
import { transportOpener } from '../../edge/transport/node.ts';
import { startVehicleProcess } from '../../tools/vehicle/child.ts';
import type { VehicleCounters } from '../../tools/vehicle/index.ts';
import { type MinerWorld, minerWorld } from '../edge/miner-world.ts';
import { sharedPath, skipWithout } from '../shared.ts';
import { skipWithoutPty } from '../tools/vehicle/process.ts';

const skip = skipWithout('corpus/savvycan/candump.log') || skipWithoutPty;
const logPath = sharedPath('corpus/savvycan/candump.log') ?? '';
const dbcPath = sharedPath('corpus/savvycan/ThinkCity.dbc') ?? '';

/** All those of the drive's signals whose value changes in it. */
const signalNames = [
  'CDCMSWVersion',
  'BatteryLinearAge',
  'RelativeEnergyContent',
  'BatterySOC',
  'sys_numberOfEOC',
  'sys_cumOperatingTime',
  'sys_numberOfRegenBreaking',
  'sys_ratedCycles',
  'ABSEvent',
  'ABSFailed',
];

interface LoggedFrame {
  id: number;
  payload: number[];
}

/** `(time) bus id#hex`, one frame a line. */
function framesOfLog(): LoggedFrame[] {
  const lines = readFileSync(logPath, 'latin1').matchAll(/^\(\d+\.\d+\) \S+ ([0-9A-F]+)#([0-9A-F]*)\s*$/gm);
  return Array.from(lines, ([, id, hex]) => ({
    id: Number.parseInt(id, 16),
    payload: (hex.match(/../g) ?? []).map((pair) => Number.parseInt(pair, 16)),
  }));
}

/** Message id, start bit, length, byte order and sign of a signal, from its line in the DBC. */
function layoutOf(name: string) {
  let id = -1;
  for (const line of readFileSync(dbcPath, 'latin1').split(/\r?\n/)) {
    const message = /^BO_ (\d+) /.exec(line);
    if (message) id = Number(message[1]);
    const signal = new RegExp(`^ SG_ ${name} : (\\d+)\\|(\\d+)@([01])([+-]) `).exec(line);
    if (!signal) continue;
    const [, start, length, order, sign] = signal;
    return { id, start: Number(start), length: Number(length), isMotorola: order === '0', isSigned: sign === '-' };
  }
  throw new Error(`no signal ${name}`);
}

/** The raw values of a signal in all frames that hold it whole. */
function expectedValues(name: string, frames: readonly LoggedFrame[]): bigint[] {
  const { id, start, length, isMotorola, isSigned } = layoutOf(name);
  const values: bigint[] = [];
  for (const { payload } of frames.filter((frame) => frame.id === id)) {
    let bits = '';
    let position = start;
    for (let i = 0; i < length; i++) {
      const bit = (payload[position >> 3] >> (position & 7)) & 1;
      bits = isMotorola ? `${bits}${bit}` : `${bit}${bits}`;
      if (!isMotorola) position++;
      else position += (position & 7) === 0 ? 15 : -1;
    }
    const raw = BigInt(`0b${bits}`);
    values.push(isSigned ? BigInt.asIntN(length, raw) : raw);
  }
  return values;
}

interface Drive {
  world: MinerWorld;
  played: VehicleCounters;
  malformed: number;
  packs: OpenedPack[];
}

let drive: Drive | undefined;

async function driveOnce(): Promise<Drive> {
  const file: DecoderFile = { name: 'ThinkCity', bytes: new Uint8Array(readFileSync(dbcPath)) };
  const world = minerWorld({ listed: [file], settings: { packSamplesMax: 4_096 } });
  const vehicle = await startVehicleProcess({ listen: 'pty', log: logPath, speed: 0 });
  after(() => vehicle.close());
  await world.miner.start([file]);
  const { promise: all, resolve } = Promise.withResolvers<void>();
  const total = framesOfLog().length;
  const link = await openCanLink({
    open: transportOpener(vehicle.port),
    clock: liveClock(),
    onFrames: (batch) => {
      world.miner.receive(batch);
      if (world.miner.counters.framesReceived >= total) resolve();
    },
    onDown: (fault) => assert.fail(fault.message),
  });
  const played = await vehicle.finished;
  await all;
  const { malformed } = link.counters();
  await link.close();
  world.miner.stop();
  return { world, played, malformed, packs: world.packs() };
}

if (!skip) {
  before(
    async () => {
      drive = await driveOnce();
    },
    { timeout: 60_000 },
  );
}

test('every frame of the log arrives and is accounted for', { skip }, () => {
  const { world, played, malformed } = drive!;
  const { framesReceived, framesDecoded, framesUndecoded, errorFrames, framesDropped } = world.miner.counters;
  const total = framesOfLog().length;
  assert.equal(total, readFileSync(logPath, 'latin1').trim().split('\n').length);
  assert.deepEqual(played, { ...played, frames: total, sent: total, unheard: 0, overrun: 0, discarded: 0 });
  assert.equal(framesReceived, total);
  assert.equal(framesDecoded + framesUndecoded + errorFrames, total);
  assert.ok(framesDecoded > 0 && framesUndecoded > 0);
  assert.deepEqual([errorFrames, framesDropped, malformed], [0, 0, 0]);
});

test('every sample is in a pack, and the packs are stored without a hole', { skip }, () => {
  const { world, packs } = drive!;
  const signed = packs.reduce((sum, { body }) => sum + [...samplesOf(body)].length, 0);
  assert.equal(signed, world.miner.counters.samples);
  assert.equal(world.miner.counters.samplesDropped, 0);
  assert.deepEqual(
    packs.map(({ body }) => body.seq),
    packs.map((_, i) => i + 1),
  );
});

for (const name of signalNames) {
  test(`${name}: the packs carry its value of every frame`, { skip }, () => {
    const { world, packs } = drive!;
    const { signals } = world.miner.decoders[0].plan;
    const named = signals.filter((signal) => signal.name === name);
    assert.equal(named.length, 1);
    const carried = packs.flatMap(({ body }) =>
      [...samplesOf(body)]
        .filter(({ signalIndex }) => signalIndex === named[0].signalIndex)
        .map(({ raw }) => BigInt(raw)),
    );
    const expected = expectedValues(name, framesOfLog());
    assert.ok(new Set(expected).size > 1);
    assert.deepEqual(carried, expected);
  });
}
