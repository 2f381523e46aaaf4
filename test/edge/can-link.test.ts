// From a port to frames, against the emulated adapter: opening, losing, opening again, and what is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameBatch } from '../../edge/can/index.ts';
import { type CanLinkOptions, openCanLink } from '../../edge/can-link.ts';
import { edgeError, type MinerError } from '../../edge/errors/index.ts';
import { VirtualClock } from '../../edge/sim/index.ts';
import { SlcanAdapter, type SlcanDevice } from '../../edge/slcan/index.ts';
import { memoryPair, type Transport } from '../../edge/transport/index.ts';
import { advance, settled } from './slcan/clock.ts';

/** A port with an adapter behind it that can be pulled out and put back. */
function port() {
  const clock = new VirtualClock();
  const frames: { id: number; timeUs: number }[] = [];
  const told: string[] = [];
  const plugged: { adapter: SlcanAdapter; end: Transport }[] = [];
  const world = { isThere: true, isMute: false };
  const open = async () => {
    if (!world.isThere) throw edgeError('PORT_MISSING', { port: 'memory', ports: [] });
    const [host, end] = memoryPair('memory');
    if (world.isMute) end.onData(() => {});
    else plugged.push({ end, adapter: new SlcanAdapter(end, { clock, paceToBitRate: false }) });
    return host;
  };
  const options: CanLinkOptions = {
    open,
    clock,
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) frames.push({ id: batch.id[i], timeUs: batch.timeUs[i] });
    },
  };
  const hooks = {
    onUp: ({ version, serialNumber }: SlcanDevice) => told.push(`up ${version} ${serialNumber}`),
    onDown: ({ code }: MinerError) => told.push(`down ${code}`),
  };
  /** Puts one frame on the emulated bus. */
  const offer = async (id: number) => {
    const batch = new FrameBatch(1);
    batch.push(0, id, 0, Uint8Array.of(1, 2));
    plugged.at(-1)!.adapter.offer(batch);
    await settled();
  };
  const unplug = async () => {
    world.isThere = false;
    await plugged.at(-1)!.end.close();
    await settled();
  };
  return { clock, frames, told, plugged, world, options, hooks, offer, unplug };
}

const hookRows: [string, ('onUp' | 'onDown')[]][] = [
  ['no hook', []],
  ['onUp only', ['onUp']],
  ['onDown only', ['onDown']],
  ['both hooks', ['onUp', 'onDown']],
];

for (const [name, given] of hookRows) {
  test(`the channel is opened, and frames come, with ${name}`, async () => {
    const { options, hooks, plugged, frames, offer, told } = port();
    const link = await openCanLink({ ...options, ...Object.fromEntries(given.map((hook) => [hook, hooks[hook]])) });
    assert.equal(plugged[0].adapter.channel.state, 'listening');
    await offer(0x123);
    assert.deepEqual(
      frames.map(({ id }) => id),
      [0x123],
    );
    assert.deepEqual(told, given.includes('onUp') ? ['up 1013 A123'] : []);
    await link.close();
    assert.equal(plugged[0].adapter.channel.state, 'closed');
  });
}

const settingRows: [string, Partial<CanLinkOptions>, string, number][] = [
  ['listen only, at 500 kbit/s, unless told', {}, 'listening', 500_000],
  ['open to send when told', { listenOnly: false }, 'open', 500_000],
  ['at another bit rate when told', { bitRate: 250_000 }, 'listening', 250_000],
];

for (const [name, given, state, bitRate] of settingRows) {
  test(`the channel is ${name}`, async () => {
    const { options, plugged } = port();
    const link = await openCanLink({ ...options, ...given });
    assert.deepEqual([plugged[0].adapter.channel.state, plugged[0].adapter.channel.bitRate], [state, bitRate]);
    await link.close();
  });
}

test('frames are stamped with the time since boot', async () => {
  const { options, clock, offer, frames } = port();
  const link = await openCanLink(options);
  await advance(clock, 1_500);
  await offer(1);
  assert.deepEqual(frames, [{ id: 1, timeUs: 1_500_000 }]);
  await link.close();
});

test('a lost port is opened again with its channel, and outages are counted', async () => {
  const { options, hooks, clock, world, plugged, frames, offer, unplug, told } = port();
  const link = await openCanLink({ ...options, ...hooks });
  await offer(1);
  await unplug();
  await advance(clock, 1_000);
  assert.deepEqual([link.counters().outages, link.counters().downMs], [1, 0]);
  world.isThere = true;
  await advance(clock, 2_000);
  assert.equal(plugged.length, 2);
  assert.equal(plugged[1].adapter.channel.state, 'listening');
  await offer(2);
  assert.deepEqual(
    frames.map(({ id }) => id),
    [1, 2],
  );
  assert.equal(link.counters().outages, 1);
  assert.ok(link.counters().downMs >= 1_000);
  assert.deepEqual([told[0], told[1], told.at(-1)], ['up 1013 A123', 'down PORT_LOST', 'up 1013 A123']);
  assert.ok(told.includes('down PORT_MISSING'));
  await link.close();
  assert.equal(clock.pending, 0);
});

test('a port that comes back without an adapter behind it is tried again', async () => {
  const { options, hooks, clock, world, unplug, told, plugged } = port();
  const link = await openCanLink({ ...options, ...hooks });
  await unplug();
  Object.assign(world, { isThere: true, isMute: true });
  await advance(clock, 5_000);
  assert.ok(told.includes('down SLCAN_NO_ANSWER'));
  world.isMute = false;
  await advance(clock, 5_000);
  assert.equal(plugged.at(-1)!.adapter.channel.state, 'listening');
  await link.close();
});

test('malformed lines are counted over all connections', async () => {
  const { options, clock, world, plugged, unplug } = port();
  const link = await openCanLink(options);
  const damage = async () => {
    await plugged.at(-1)!.end.write(new TextEncoder().encode('t12\rt9zz\r'));
    await settled();
  };
  await damage();
  const first = link.counters().malformed;
  assert.ok(first > 0);
  await unplug();
  assert.equal(link.counters().malformed, first);
  world.isThere = true;
  await advance(clock, 1_000);
  assert.equal(link.counters().malformed, first);
  await damage();
  assert.equal(link.counters().malformed, 2 * first);
  await link.close();
});

const firstFaults: [string, (world: { isThere: boolean; isMute: boolean }) => void, Partial<CanLinkOptions>, string][] =
  [
    [
      'no port',
      (world) => {
        world.isThere = false;
      },
      {},
      'PORT_MISSING',
    ],
    [
      'no adapter',
      (world) => {
        world.isMute = true;
      },
      {},
      'SLCAN_NO_ANSWER',
    ],
    ['a bit rate that the adapter has not', () => {}, { bitRate: 499_999 }, 'SLCAN_BIT_RATE'],
  ];

for (const [name, arrange, given, code] of firstFaults) {
  test(`the first fault is the caller's: ${name}`, async () => {
    const { options, clock, world } = port();
    arrange(world);
    const opened = openCanLink({ ...options, ...given });
    opened.catch(() => {});
    await advance(clock, 5_000);
    await assert.rejects(opened, { code });
    assert.equal(clock.pending, 0);
  });
}

test('closing while the port is away ends it', async () => {
  const { options, hooks, clock, unplug, world, plugged, told } = port();
  const link = await openCanLink({ ...options, ...hooks });
  await unplug();
  const before = told.length;
  await link.close();
  world.isThere = true;
  await advance(clock, 10_000);
  assert.equal(plugged.length, 1);
  assert.equal(told.length, before);
  assert.equal(clock.pending, 0);
});

test('closing while the channel is being opened again tells nobody of a fault', async () => {
  const { options, hooks, clock, unplug, world, told } = port();
  const link = await openCanLink({ ...options, ...hooks });
  await unplug();
  Object.assign(world, { isThere: true, isMute: true });
  await advance(clock, 60);
  const before = told.length;
  await link.close();
  await advance(clock, 5_000);
  assert.equal(told.length, before);
  assert.equal(clock.pending, 0);
});
