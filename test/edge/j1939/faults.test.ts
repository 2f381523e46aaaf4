/** What can go wrong on a bus, case by case: which messages still come, and where the others are counted. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { createJ1939Reassembler, type IgnoredReason, type LossReason } from '../../../edge/j1939/index.ts';
import { broadcast, connection, counting, frame, listen, management, packets, type Sent } from './support/sender.ts';

const dm1 = { pgn: 0xfeca, source: 0x03, payload: counting(20) };
const toTool = { pgn: 0xef00, source: 0x03, destination: 0xf9, payload: counting(100) };
const without = (frames: Sent[], ...indexes: number[]): Sent[] => frames.filter((_, i) => !indexes.includes(i));
const later = (frames: Sent[], ms: number): Sent[] => frames.map((one) => ({ ...one, timeUs: one.timeUs + ms * 1000 }));

interface Case {
  name: string;
  frames: Sent[];
  messages: number;
  lost?: Partial<Record<LossReason, number>>;
  ignored?: Partial<Record<IgnoredReason, number>>;
  open?: number;
}

/** The two frames of a broadcast, but with the announcement's bytes 1 to 7 given. */
const announced = (bytes: number[]): Sent[] => [
  frame(0, 0x1cecff03, [32, ...bytes]),
  ...later(packets({ ...dm1, destination: 255 }), 50),
];
const hold = (at: number): Sent => management(at, [0xf9, 0x03], [17, 0, 255, 255, 255], 0xef00);
const abort = (from: number, to: number, pgn = 0xef00): Sent =>
  management(120, [from, to], [255, 1, 255, 255, 255], pgn);
const windowed = connection(toTool, 5);

const cases: Case[] = [
  { name: 'a broadcast', frames: broadcast(dm1), messages: 1 },
  { name: 'a connection', frames: connection(toTool), messages: 1 },
  { name: 'a connection in windows of 5 packets', frames: windowed, messages: 1 },
  {
    name: 'only the sender of a connection was recorded',
    frames: windowed.filter(({ id }) => (id & 0xff) === 0x03),
    messages: 1,
  },
  { name: 'the smallest message', frames: broadcast({ ...dm1, payload: counting(9) }), messages: 1 },
  { name: 'the largest message', frames: broadcast({ ...dm1, payload: counting(1785) }), messages: 1 },
  { name: 'packets in reverse', frames: [broadcast(dm1)[0], ...broadcast(dm1).slice(1).reverse()], messages: 1 },
  {
    name: 'every frame twice',
    frames: broadcast(dm1).flatMap((one) => [one, one]),
    messages: 1,
    ignored: { repeated: 4 },
  },
  { name: 'a packet lost in a broadcast, then silence', frames: without(broadcast(dm1), 2), messages: 0, open: 1 },
  {
    name: 'a packet lost, then a whole broadcast at once',
    frames: [...without(broadcast(dm1), 2), ...later(broadcast(dm1), 200)],
    messages: 1,
    lost: { restarted: 1 },
  },
  {
    name: 'a packet lost, then a whole broadcast 2 s later',
    frames: [...without(broadcast(dm1), 2), ...later(broadcast(dm1), 2000)],
    messages: 1,
    lost: { timedOut: 1 },
  },
  {
    name: 'a packet lost, then another message whose announcement is lost too',
    frames: [
      ...without(broadcast(dm1), 2),
      ...later(without(broadcast({ ...dm1, payload: counting(20, 100) }), 0), 200),
    ],
    messages: 0,
    lost: { conflict: 1 },
    ignored: { orphan: 2 },
  },
  {
    name: 'another message after a whole one, its announcement lost',
    frames: [...broadcast(dm1), ...later(without(broadcast({ ...dm1, payload: counting(20, 100) }), 0), 200)],
    messages: 1,
    ignored: { orphan: 3 },
  },
  {
    name: 'a connection acknowledged of which a packet was not recorded',
    frames: without(connection(toTool), 4),
    messages: 0,
    lost: { incomplete: 1 },
  },
  {
    name: 'a packet asked for again',
    frames: [
      ...connection(toTool).slice(0, 5),
      ...later(connection(toTool).slice(4, 5), 10),
      ...connection(toTool).slice(5),
    ],
    messages: 1,
    ignored: { repeated: 1 },
  },
  { name: 'the announcement lost', frames: without(broadcast(dm1), 0), messages: 0, ignored: { orphan: 3 } },
  {
    name: 'the request to send again before any answer',
    frames: [connection(toTool)[0], ...later(connection({ ...toTool, gapMs: 100 }), 1200)],
    messages: 1,
    ignored: { repeated: 1 },
  },
  {
    name: 'another size announced before any packet of the first',
    frames: [management(0, [3, 255], [32, 21, 0, 3, 255], 0xfeca), ...later(broadcast(dm1), 10)],
    messages: 1,
    lost: { restarted: 1 },
  },
  {
    name: 'another group announced before any packet of the first',
    frames: [management(0, [3, 255], [32, 20, 0, 3, 255], 0xfecb), ...later(broadcast(dm1), 10)],
    messages: 1,
    lost: { restarted: 1 },
  },
  {
    name: 'T1: the next packet of a broadcast after 751 ms',
    frames: broadcast({ ...dm1, gapMs: 751 }),
    messages: 0,
    lost: { timedOut: 1 },
    ignored: { orphan: 3 },
  },
  { name: 'T1: the next packet of a broadcast after 750 ms', frames: broadcast({ ...dm1, gapMs: 750 }), messages: 1 },
  {
    name: 'T1: the next packet within a window after 751 ms',
    frames: [...connection(toTool).slice(0, 3), ...later(connection(toTool).slice(3), 701)],
    messages: 0,
    lost: { timedOut: 1 },
    ignored: { orphan: 15 },
  },
  {
    name: 'T2: the first packet 1250 ms after its CTS',
    frames: [...connection(toTool).slice(0, 2), ...later(connection(toTool).slice(2), 1200)],
    messages: 1,
  },
  {
    name: 'T3: the next CTS 1250 ms after a window',
    frames: [...windowed.slice(0, 7), ...later(windowed.slice(7), 1200)],
    messages: 1,
  },
  {
    name: 'T3: the next CTS 1251 ms after a window',
    frames: [...windowed.slice(0, 7), ...later(windowed.slice(7), 1201)],
    messages: 0,
    lost: { timedOut: 1 },
    ignored: { orphan: 13 },
  },
  {
    name: 'T4: held twice for 1050 ms',
    frames: [...windowed.slice(0, 7), hold(1000), hold(2050), ...later(windowed.slice(7), 3100 - 350)],
    messages: 1,
  },
  {
    name: 'T4: held for 1051 ms',
    frames: [...windowed.slice(0, 7), hold(1000), ...later(windowed.slice(7), 2051 - 350)],
    messages: 0,
    lost: { timedOut: 1 },
    ignored: { orphan: 13 },
  },
  {
    name: 'aborted by the sender',
    frames: [...connection(toTool).slice(0, 4), abort(0x03, 0xf9)],
    messages: 0,
    lost: { aborted: 1 },
  },
  {
    name: 'aborted by the receiver',
    frames: [...connection(toTool).slice(0, 4), abort(0xf9, 0x03)],
    messages: 0,
    lost: { aborted: 1 },
  },
  {
    name: 'an abort of another group changes nothing',
    frames: [...connection(toTool).slice(0, 4), abort(0xf9, 0x03, 0xfeca), ...connection(toTool).slice(4)],
    messages: 1,
    ignored: { orphan: 1 },
  },
  {
    name: 'connections of the same two, one each way',
    frames: connection(toTool)
      .flatMap((one, i) => [one, connection({ ...toTool, source: 0xf9, destination: 0x03 })[i]])
      .sort((a, b) => a.timeUs - b.timeUs),
    messages: 2,
  },
  {
    name: '8 bytes announced',
    frames: announced([8, 0, 2, 255, 0xca, 0xfe, 0]),
    messages: 0,
    ignored: { size: 1, orphan: 3 },
  },
  {
    name: '1786 bytes announced',
    frames: announced([250, 6, 255, 255, 0xca, 0xfe, 0]),
    messages: 0,
    ignored: { size: 1, orphan: 3 },
  },
  {
    name: '20 bytes announced in 4 packets',
    frames: announced([20, 0, 4, 255, 0xca, 0xfe, 0]),
    messages: 0,
    ignored: { packetCount: 1, orphan: 3 },
  },
  {
    name: 'a PGN of 19 bits',
    frames: announced([20, 0, 3, 255, 0xca, 0xfe, 4]),
    messages: 0,
    ignored: { malformed: 1, orphan: 3 },
  },
  {
    name: 'an announcement of 7 bytes',
    frames: [frame(0, 0x1cecff03, [32, 20, 0, 3, 255, 0xca, 0xfe]), ...broadcast(dm1).slice(1)],
    messages: 0,
    ignored: { malformed: 1, orphan: 3 },
  },
  {
    name: 'a request to send to everybody',
    frames: [management(0, [3, 255], [16, 20, 0, 3, 255], 0xfeca), ...broadcast(dm1).slice(1)],
    messages: 0,
    ignored: { malformed: 1, orphan: 3 },
  },
  {
    name: 'an unknown control byte',
    frames: [management(0, [3, 255], [33, 20, 0, 3, 255], 0xfeca)],
    messages: 0,
    ignored: { malformed: 1 },
  },
  {
    name: 'sequence numbers 0 and 4 of 3',
    frames: [
      broadcast(dm1)[0],
      frame(1, 0x1cebff03, [0, 1, 2, 3, 4, 5, 6, 7]),
      frame(2, 0x1cebff03, [4, 1, 2, 3, 4, 5, 6, 7]),
      ...broadcast(dm1).slice(1),
    ],
    messages: 1,
    ignored: { malformed: 2 },
  },
  {
    name: 'an empty packet and one cut short',
    frames: [
      broadcast(dm1)[0],
      frame(1, 0x1cebff03, []),
      frame(2, 0x1cebff03, [1, 0, 1, 2, 3, 4, 5]),
      ...broadcast(dm1).slice(1),
    ],
    messages: 1,
    ignored: { malformed: 2 },
  },
  {
    name: 'a last packet without its filling',
    frames: broadcast(dm1).map((one, i) => (i === 3 ? { ...one, data: one.data.subarray(0, 7) } : one)),
    messages: 1,
  },
  {
    name: 'frames with 11-bit ids, remote and error frames pass by',
    frames: [
      { ...broadcast(dm1)[0], flags: 0 },
      { ...broadcast(dm1)[0], flags: FrameFlag.extended | FrameFlag.remote },
      { ...broadcast(dm1)[0], flags: FrameFlag.extended | FrameFlag.error },
      frame(0, 0x1decff03, [...broadcast(dm1)[0].data]),
    ],
    messages: 0,
  },
  { name: 'no times known', frames: broadcast(dm1).map((one) => ({ ...one, timeUs: Number.NaN })), messages: 1 },
  { name: 'time runs backwards', frames: broadcast({ ...dm1, gapMs: -900, startMs: 5000 }), messages: 1 },
];

for (const { name, frames, messages, lost = {}, ignored = {}, open = 0 } of cases) {
  test(name, () => {
    const heard = listen(frames);
    assert.equal(heard.messages.length, messages);
    const counted = (counts: Record<string, number>) =>
      Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));
    assert.deepEqual(counted(heard.stats.lost), lost);
    assert.deepEqual(counted(heard.stats.ignored), ignored);
    assert.equal(heard.openCount, open);
    for (const message of heard.messages) {
      const sent = message.destination === 255 ? dm1 : toTool;
      assert.equal(message.pgn, sent.pgn);
      const { length } = message.data;
      assert.deepEqual(message.data, length === 20 || length === 100 ? sent.payload : counting(length));
    }
  });
}

test('a payload in the midst of a larger array, and one that its array cuts short', () => {
  const [announcement, ...rest] = broadcast(dm1);
  const reassembler = createJ1939Reassembler();
  const push = ({ timeUs, id, flags, data }: Sent, present = data.length) => {
    const padded = Uint8Array.from([9, 9, 9, ...data.subarray(0, present)]);
    return reassembler.push(timeUs, id, flags, padded, 3, 8);
  };
  push(announcement);
  push(rest[0], 7);
  assert.equal(reassembler.stats.ignored.malformed, 1);
  assert.deepEqual(rest.map((one) => push(one)?.data).at(-1), dm1.payload);
});

test('a group with a destination is known without it, wherever the sender put it', () => {
  const frames = connection(toTool);
  frames[0].data[5] = 0xf9;
  const [message] = listen(frames).messages;
  assert.deepEqual([message.pgn, message.id], [0xef00, 0x1ceff903]);
});

test('the end of a log leaves nothing open', () => {
  const { reassembler, stats } = listen([...broadcast(dm1).slice(0, 2), ...connection(toTool)]);
  reassembler.end();
  assert.equal(reassembler.openCount, 0);
  assert.equal(stats.lost.unfinished, 1);
});

test('a flood of announcements costs bounded memory and is counted', () => {
  const flood = Array.from({ length: 20000 }, (_, i) =>
    management(i / 1000, [i % 251, (i >> 3) % 255], [16, 0xf9, 6, 255, 255], 0xef00),
  );
  const { openCount, stats } = listen(flood, { sessionsMax: 100 });
  assert.equal(openCount, 100);
  const { restarted, evicted, timedOut } = stats.lost;
  assert.equal(restarted + evicted + timedOut + 100, stats.announced);
  assert.ok(evicted > 10000);
});
