/** Back-off, counting, and every way in which a connection can come and go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { edgeError } from '../../../edge/errors/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { memoryPair, reconnecting, type Transport } from '../../../edge/transport/index.ts';

const missing = () => edgeError('PORT_MISSING', { port: '/dev/gone', ports: [] });

/** A device that can be unplugged; attempts are noted with their time. */
function device() {
  const clock = new VirtualClock();
  const attempts: number[] = [];
  const peers: Transport[] = [];
  const world = { isThere: true };
  const open = async () => {
    attempts.push(clock.nowMs());
    if (!world.isThere) throw missing();
    const [transport, peer] = memoryPair();
    peers.push(peer);
    return transport;
  };
  const unplug = async () => {
    world.isThere = false;
    await peers.at(-1)?.close();
    await settled();
  };
  const advance = async (untilMs: number) => {
    while (clock.nowMs() < untilMs) {
      clock.advance(Math.min(10, untilMs - clock.nowMs()));
      await settled();
    }
  };
  return { clock, attempts, world, open, unplug, advance };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

test('the fault of the first attempt is the caller’s', async () => {
  const { clock, open, world } = device();
  world.isThere = false;
  await assert.rejects(reconnecting(open, { clock, onUp: () => {} }), { code: 'PORT_MISSING' });
  assert.equal(clock.pending, 0);
});

test('attempts double their distance up to the limit, and begin anew after a success', async () => {
  const { clock, open, unplug, attempts, world, advance } = device();
  const link = await reconnecting(open, { clock, onUp: () => {}, backoff: { firstMs: 50, maxMs: 400 } });
  assert.equal(link.up, true);
  await unplug();
  assert.equal(link.up, false);
  await advance(1500);
  assert.deepEqual(attempts, [0, 50, 150, 350, 750, 1150]);
  world.isThere = true;
  await advance(1600);
  assert.equal(link.up, true);
  await unplug();
  await advance(1650);
  assert.deepEqual(attempts.slice(6), [1550, 1650]);
  assert.deepEqual(link.stats, { outages: 2, downMs: 1550, failures: 6 });
  await link.close();
  assert.equal(clock.pending, 0);
});

test('each connection is handed over, each fault is told', async () => {
  const { clock, open, unplug, world, advance } = device();
  const events: string[] = [];
  const link = await reconnecting(open, {
    clock,
    onUp: (transport) => void events.push(`up ${transport.name}`),
    onDown: (fault) => void events.push(fault.code),
  });
  await unplug();
  await advance(60);
  world.isThere = true;
  await advance(200);
  assert.deepEqual(events, ['up memory:a', 'PORT_LOST', 'PORT_MISSING', 'up memory:a']);
  await link.close();
});

test('a connection that does not come up is closed and tried again', async () => {
  const { clock, open, unplug, world, advance } = device();
  let isDeaf = false;
  const closed: boolean[] = [];
  const link = await reconnecting(open, {
    clock,
    onUp: (transport) => {
      transport.onClose((fault) => closed.push(fault === undefined));
      if (isDeaf) throw edgeError('SLCAN_NO_ANSWER', { port: transport.name, command: 'V', waitedMs: 1 });
    },
  });
  isDeaf = true;
  await unplug();
  world.isThere = true;
  await advance(60);
  assert.equal(link.up, false);
  assert.deepEqual(closed, [false, true]);
  isDeaf = false;
  await advance(200);
  assert.equal(link.up, true);
  await link.close();
});

test('a connection lost while it comes up counts as not opened', async () => {
  const { clock, open, unplug } = device();
  await assert.rejects(reconnecting(open, { clock, onUp: () => unplug() }), { code: 'PORT_LOST' });
  assert.equal(clock.pending, 0);
});

test('closing ends the attempts', async () => {
  const { clock, open, unplug, attempts, advance } = device();
  const link = await reconnecting(open, { clock, onUp: () => {} });
  await unplug();
  await link.close();
  await link.close();
  await advance(5000);
  assert.equal(attempts.length, 1);
});

test('a connection that is up but of no use is dropped with a fault, and opened anew', async () => {
  const { clock, open, attempts, advance } = device();
  const events: string[] = [];
  const link = await reconnecting(open, {
    clock,
    onUp: (transport) => {
      transport.onClose((fault) => events.push(fault === undefined ? 'closed by us' : fault.code));
      events.push('up');
    },
    onDown: ({ code }) => events.push(code),
  });
  const stalled = edgeError('SLCAN_NO_ANSWER', { port: 'memory', command: 'V', waitedMs: 500 });
  link.drop(stalled);
  link.drop(stalled);
  await advance(100);
  assert.deepEqual(events, ['up', 'SLCAN_NO_ANSWER', 'closed by us', 'up']);
  assert.deepEqual([attempts, link.stats.outages, link.up], [[0, 50], 1, true]);
  await link.close();
  link.drop(stalled);
  assert.equal(clock.pending, 0);
});

test('a device that comes back is opened within 2 s, however long it was away', async () => {
  const { clock, open, unplug, world, advance } = device();
  const link = await reconnecting(open, { clock, onUp: () => {} });
  for (const awayMs of [100, 1_000, 7_000, 60_000]) {
    await unplug();
    await advance(clock.nowMs() + awayMs);
    world.isThere = true;
    await advance(clock.nowMs() + 1_001);
    assert.equal(link.up, true, `away for ${awayMs} ms`);
  }
  await link.close();
});
