/** Arbitration: frames pass as they come; beside a babbling node the lower id wins, and nothing vanishes uncounted. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { typicalFrameBits } from '../../../edge/slcan/index.ts';
import { Bus } from '../../../tools/vehicle/bus.ts';

const bitRate = 500_000;

function busOf(queueFrames = 4096) {
  const clock = new VirtualClock();
  const carried: [timeMs: number, id: number][] = [];
  const bus = new Bus({
    clock,
    bitRate,
    queueFrames,
    deliver: (batch, from, to) => {
      for (let i = from; i < to; i++) carried.push([clock.nowMs(), batch.id[i]]);
    },
  });
  const offer = (...ids: number[]) => {
    const batch = new FrameBatch(ids.length);
    for (const id of ids) batch.push(0, id, id > 0x7ff ? FrameFlag.extended : 0, Uint8Array.of(1, 2));
    bus.offer(batch, 0, batch.count);
  };
  const idsOf = (skip = -1) => carried.map(([, id]) => id).filter((id) => id !== skip);
  return { clock, bus, carried, offer, idsOf };
}

describe('without a babbling node', () => {
  test('frames pass at once, in the order they come', () => {
    const { offer, idsOf, bus } = busOf();
    offer(5, 1, 0x12345678, 3);
    assert.deepEqual(idsOf(), [5, 1, 0x12345678, 3]);
    assert.deepEqual(bus.counters(), { babbled: 0, starved: 0, waiting: 0 });
  });

  test('the load is bits over time, and the busiest second', () => {
    const { clock, bus, offer } = busOf();
    const bits = typicalFrameBits(0, 2);
    for (let second = 0; second < 4; second++) {
      offer(...new Array<number>(second === 2 ? 1000 : 100).fill(1));
      clock.advance(1000);
    }
    const { mean, peak } = bus.load();
    assert.equal(mean, (1300 * bits) / 4 / bitRate);
    assert.equal(peak, (1000 * bits) / bitRate);
  });
});

describe('a node that babbles', () => {
  test('fills the bus at its bit rate for its time, and then all is as before', async () => {
    const { clock, bus, carried, offer, idsOf } = busOf();
    bus.babble(0x10, 100);
    clock.advance(200);
    const perSecond = bitRate / typicalFrameBits(0, 8);
    assert.ok(Math.abs(carried.length - perSecond / 10) <= 1, `${carried.length}`);
    assert.equal(bus.counters().babbled, carried.length);
    await bus.whenCalm();
    offer(7);
    assert.equal(idsOf().at(-1), 7);
    assert.equal(carried.at(-1)?.[0], 200);
  });

  test('lets lower ids pass and keeps higher ones waiting until it ends', () => {
    const { clock, bus, carried, offer } = busOf();
    bus.babble(0x100, 50);
    clock.advance(10);
    offer(0x101, 0x0ff, 0x102, 0x001);
    clock.advance(100);
    const timeOf = (wanted: number) => carried.find(([, id]) => id === wanted)?.[0] ?? Number.NaN;
    assert.ok(timeOf(0x001) <= timeOf(0x0ff) && timeOf(0x0ff) < 13);
    assert.ok(timeOf(0x101) >= 50 && timeOf(0x102) >= timeOf(0x101));
    assert.equal(bus.counters().waiting, 0);
  });

  const orders: [what: string, ids: number[], expected: number[]][] = [
    ['standard ids by number', [3, 1, 2], [1, 2, 3]],
    ['a standard id before the extended one that begins with it', [(5 << 18) | 1, 5], [5, (5 << 18) | 1]],
    [
      'an extended id before a standard one with higher leading bits',
      [6, (5 << 18) | 0x3ffff],
      [(5 << 18) | 0x3ffff, 6],
    ],
    ['frames of one id in the order they came', [9, 9, 4, 9], [4, 9, 9, 9]],
  ];
  for (const [what, ids, expected] of orders) {
    test(`arbitration: ${what}`, () => {
      const { clock, bus, offer, idsOf } = busOf();
      bus.babble(0, 5);
      clock.advance(2);
      offer(...ids);
      clock.advance(50);
      assert.deepEqual(idsOf(0), expected);
    });
  }

  test('starves who waits too long: what the queue cannot take is counted, the rest is carried', () => {
    const { clock, bus, offer, idsOf } = busOf(8);
    bus.babble(0, 20);
    clock.advance(2);
    offer(...Array.from({ length: 20 }, (_, i) => 100 + i));
    assert.deepEqual({ ...bus.counters(), babbled: 0 }, { babbled: 0, starved: 12, waiting: 8 });
    clock.advance(50);
    assert.deepEqual(
      idsOf(0),
      Array.from({ length: 8 }, (_, i) => 100 + i),
    );
  });

  test('closed while frames wait: they count as starved, and nobody waits for calm', async () => {
    const { clock, bus, offer } = busOf();
    bus.babble(0, 1000);
    clock.advance(2);
    offer(1, 2, 3);
    const calm = bus.whenCalm();
    bus.close();
    await calm;
    assert.deepEqual({ ...bus.counters(), babbled: 0 }, { babbled: 0, starved: 3, waiting: 0 });
    assert.equal(clock.pending, 0);
  });
});
