// From a port to frames, against the emulated adapter: opening, losing, opening again, and what is counted.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameBatch, FrameFlag } from '../../edge/can/index.ts';
import { type CanLinkLoss, type CanLinkOptions, openCanLink } from '../../edge/can-link.ts';
import { edgeError, type MinerError } from '../../edge/errors/index.ts';
import { VirtualClock } from '../../edge/sim/index.ts';
import {
  canable2,
  kernel,
  SlcanAdapter,
  type SlcanAdapterOptions,
  type SlcanDevice,
  slcanProfiles,
} from '../../edge/slcan/index.ts';
import { memoryPair, type Transport } from '../../edge/transport/index.ts';
import { advance, settled } from './slcan/clock.ts';

/** A port with an adapter behind it that can be pulled out and put back. */
function port(adapterOptions: Partial<SlcanAdapterOptions> = {}) {
  const clock = new VirtualClock();
  const frames: { id: number; timeUs: number }[] = [];
  const told: string[] = [];
  const plugged: { adapter: SlcanAdapter; end: Transport }[] = [];
  const world = { isThere: true, isMute: false };
  const open = async () => {
    if (!world.isThere) throw edgeError('PORT_MISSING', { port: 'memory', ports: [] });
    const [host, end] = memoryPair('memory');
    if (world.isMute) end.onData(() => {});
    else plugged.push({ end, adapter: new SlcanAdapter(end, { clock, paceToBitRate: false, ...adapterOptions }) });
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

/** Opens a link while virtual time passes. */
async function openLink(clock: VirtualClock, options: CanLinkOptions) {
  const opening = openCanLink(options);
  await advance(clock, 3_000);
  return opening;
}

for (const profile of Object.values(slcanProfiles)) {
  test(`any adapter is found out and read: ${profile.name}`, async () => {
    const { options, clock, frames, offer, plugged } = port({ profile });
    const link = await openLink(clock, options);
    assert.equal(plugged[0].adapter.channel.state, 'listening');
    await offer(0x123);
    assert.equal(frames.length, 1);
    assert.equal(link.adapter.version, profile.identity.version);
    await link.close();
    assert.equal(clock.pending, 0);
  });
}

test('CAN FD frames come with a profile that carries them', async () => {
  const lengths: number[] = [];
  const { options, clock, plugged } = port({ profile: canable2, busDataBitRate: 5_000_000 });
  const link = await openLink(clock, {
    ...options,
    profile: canable2,
    dataBitRate: 5_000_000,
    onFrames: (batch) => lengths.push(...batch.length.subarray(0, batch.count)),
  });
  const batch = new FrameBatch(1, 64);
  batch.push(0, 1, FrameFlag.fd | FrameFlag.bitRateSwitch, new Uint8Array(64));
  plugged[0].adapter.offer(batch);
  await settled();
  assert.deepEqual(lengths, [64]);
  await link.close();
});

test('frames are sent, and not while the port is away', async () => {
  const received: number[] = [];
  const { options, clock, unplug } = port({
    onTransmit: (batch) => received.push(...batch.id.subarray(0, batch.count)),
  });
  const link = await openLink(clock, { ...options, listenOnly: false });
  await link.transmit({ id: 0x7df, flags: 0, data: Uint8Array.of(2, 1, 0) });
  assert.deepEqual([received, link.counters().transmitted], [[0x7df], 1]);
  await unplug();
  await assert.rejects(link.transmit({ id: 1, flags: 0, data: new Uint8Array(0) }), { code: 'SLCAN_FRAME' });
  await link.close();
});

test('an adapter that stalls is noticed and opened anew, though its line stays up', async () => {
  const { clock, options, hooks, told, plugged } = port();
  let isStalled = false;
  /** A line whose device takes nothing and says nothing any more. */
  const stalling = async () => {
    const transport = await options.open();
    const write = transport.write.bind(transport);
    transport.write = (bytes) => (isStalled ? Promise.resolve() : write(bytes));
    return transport;
  };
  const link = await openLink(clock, { ...options, ...hooks, open: stalling });
  await advance(clock, 20_000);
  assert.equal(link.counters().outages, 0);
  isStalled = true;
  await advance(clock, 2_600);
  assert.equal(told.at(-1), 'down SLCAN_NO_ANSWER');
  isStalled = false;
  await advance(clock, 3_000);
  assert.equal(told.at(-1), 'up 1013 A123');
  assert.deepEqual([plugged.length >= 2, link.counters().outages], [true, 1]);
  await link.close();
  assert.equal(clock.pending, 0);
});

test('a silent bus is no stall, with any adapter', async () => {
  for (const profile of Object.values(slcanProfiles)) {
    const { clock, options, hooks, told } = port({ profile });
    const link = await openLink(clock, { ...options, ...hooks });
    await advance(clock, 60_000);
    assert.deepEqual(
      told.map((text) => text.split(' ')[0]),
      ['up'],
      profile.name,
    );
    await link.close();
  }
});

test('what was lost is told, and counted over all connections', async () => {
  const { clock, options, plugged, unplug, world } = port({ profile: kernel, queueFrames: 2, paceToBitRate: true });
  const losses: CanLinkLoss[] = [];
  const states: string[] = [];
  const link = await openLink(clock, {
    ...options,
    onLoss: (loss) => losses.push(loss),
    onBus: (event) => states.push(event.type === 'state' ? event.state : event.type),
  });
  plugged[0].adapter.offer(Object.assign(new FrameBatch(5), { count: 5 }));
  await advance(clock, 10);
  plugged[0].adapter.busOff();
  await plugged[0].end.write(new TextEncoder().encode(`t12\rt9zz\r${'7'.repeat(400)}\r`));
  await settled();
  assert.equal(link.errorState, 'bus-off');
  await unplug();
  await advance(clock, 500);
  world.isThere = true;
  await advance(clock, 3_000);
  assert.deepEqual(losses.slice(0, 3), [
    { kind: 'overrun', where: 'receive' },
    { kind: 'bus-off' },
    { kind: 'garbage', lines: 3 },
  ]);
  const outage = losses[3];
  assert.ok(outage.kind === 'outage' && outage.downMs >= 500 && outage.downMs < 2_500, JSON.stringify(outage));
  assert.deepEqual(states, ['overrun', 'error', 'bus-off']);
  const { malformed, overlong, overruns, busOffs, errorFrames, outages, lostFramesKnown } = link.counters();
  assert.deepEqual(
    { malformed, overlong, overruns, busOffs, errorFrames, outages, lostFramesKnown },
    { malformed: 2, overlong: 1, overruns: 1, busOffs: 1, errorFrames: 2, outages: 1, lostFramesKnown: 4 },
  );
  assert.equal(link.errorState, 'error-active');
  await link.close();
});

test('of several ports that match, the one with the adapter known before is taken', async () => {
  const clock = new VirtualClock();
  const plugged = new Map<string, SlcanAdapter>();
  let ends: Transport[] = [];
  /** What is at each path now, by serial number. */
  let there: Record<string, string> = { ACM0: 'AAAA' };
  const at = (path: string) => async () => {
    const [host, end] = memoryPair(path);
    ends.push(end);
    plugged.set(path, new SlcanAdapter(end, { clock, identity: { version: '1013', serialNumber: there[path] } }));
    return host;
  };
  const open = Object.assign(() => at(Object.keys(there)[0])(), {
    candidates: async () => Object.keys(there).map(at),
  });
  const downs: string[] = [];
  const link = await openLink(clock, { open, clock, onFrames: () => {}, onDown: ({ code }) => downs.push(code) });
  const replug = async (now: Record<string, string>) => {
    there = now;
    for (const end of ends.splice(0)) await end.close();
    ends = [];
    await advance(clock, 3_000);
  };
  await replug({ ACM0: 'BBBB', ACM1: 'CCCC', ACM2: 'AAAA' });
  assert.equal(link.adapter.serialNumber, 'AAAA');
  assert.deepEqual(
    [...plugged].map(([path, adapter]) => `${path} ${adapter.channel.state}`),
    ['ACM0 closed', 'ACM1 closed', 'ACM2 listening'],
  );
  // Where it is gone for good, the first that opens will do.
  await replug({ ACM0: 'BBBB', ACM1: 'CCCC' });
  assert.equal(link.adapter.serialNumber, 'BBBB');
  await link.close();
  assert.equal(clock.pending, 0);
});

test('closing gives back what the opener made, also when the first attempt fails', async () => {
  const { options, world } = port();
  let closed = 0;
  const open = Object.assign(() => options.open(), {
    close: async () => {
      closed++;
    },
  });
  const link = await openCanLink({ ...options, open });
  await link.close();
  world.isThere = false;
  await assert.rejects(openCanLink({ ...options, open }), { code: 'PORT_MISSING' });
  assert.equal(closed, 2);
});

const restartRows: [string, Partial<CanLinkOptions>, Partial<SlcanAdapterOptions>, untilMs: number][] = [
  ['after a second, by opening the channel anew', {}, {}, 1_000],
  ['after the time it is told', { restartMs: 300 }, {}, 300],
  ['by itself, where the adapter does that sooner', {}, { restartMs: 200 }, 200],
];

for (const [name, given, adapterOptions, untilMs] of restartRows) {
  test(`an adapter that went bus-off is back on the bus ${name}`, async () => {
    const { options, clock, plugged, frames, offer } = port({ profile: kernel, ...adapterOptions });
    const link = await openLink(clock, { ...options, profile: kernel, listenOnly: false, ...given });
    plugged[0].adapter.busOff();
    await advance(clock, untilMs - 1);
    await offer(1);
    assert.equal(
      frames.some(({ id }) => id === 1),
      false,
    );
    await advance(clock, 20);
    await offer(2);
    assert.deepEqual(
      frames.filter(({ id }) => id <= 2).map(({ id }) => id),
      [2],
    );
    assert.deepEqual([link.errorState, plugged.length, link.counters().outages], ['error-active', 1, 0]);
    await link.close();
    assert.equal(clock.pending, 0);
  });
}

test('an adapter that went bus-off stays there when told so', async () => {
  const { options, clock, plugged } = port({ profile: kernel });
  const link = await openLink(clock, { ...options, profile: kernel, restartMs: 0 });
  plugged[0].adapter.busOff();
  await advance(clock, 10_000);
  assert.deepEqual([plugged[0].adapter.errorState, link.errorState], ['bus-off', 'bus-off']);
  await link.close();
});
