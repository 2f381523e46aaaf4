/** What a receiver makes of frames that are out of place, late, malformed or too many: a table of transcripts. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { advance } from '../slcan/clock.ts';
import { counting, frameOf, hand, hex, pair, type Tuning, textOf } from './support/pair.ts';

interface Case {
  name: string;
  ecu?: Tuning;
  /** Frames as text, numbers are milliseconds that pass. */
  heard: (string | number)[];
  messages?: string[];
  faults?: string[];
  /** What the receiver sent. */
  said?: string[];
  /** Flags on every frame. */
  flags?: number;
}

const goOn = '7E8  30 00 00 CC CC CC CC CC';
const first = '7E0  10 0A 01 02 03 04 05 06';
const second = '7E0  21 07 08 09 0A';
const whole = ['01 02 03 04 05 06 07 08 09 0A'];

const cases: Case[] = [
  { name: 'a message in two frames', heard: [first, second], messages: whole, said: [goOn] },
  { name: 'the last frame without padding', heard: [first, second], messages: whole, said: [goOn] },
  { name: 'the last frame with padding', heard: [first, `${second} AA AA AA`], messages: whole, said: [goOn] },
  {
    name: 'a wrong sequence number',
    heard: [first, '7E0  22 07 08 09 0A'],
    faults: ['0x7e0: consecutive frame 2, expected 1: the message is lost'],
    said: [goOn],
  },
  {
    name: 'a frame twice',
    heard: ['7E0  10 10 01 02 03 04 05 06', '7E0  21 07 08 09 0A 0B 0C 0D', '7E0  21 07 08 09 0A 0B 0C 0D'],
    faults: ['0x7e0: consecutive frame 1, expected 2: the message is lost'],
    said: [goOn],
  },
  {
    name: 'N_Cr: silence of 1000 ms',
    heard: [first, 1001, second],
    faults: ['0x7e0: nothing came within 1000 ms (N_Cr)'],
    said: [goOn],
  },
  { name: 'N_Cr: 999 ms are in time', heard: [first, 999, second], messages: whole, said: [goOn] },
  {
    name: 'N_Cr as set',
    ecu: { timeouts: { crMs: 150 } },
    heard: [first, 151, second],
    faults: ['0x7e0: nothing came within 150 ms (N_Cr)'],
    said: [goOn],
  },
  {
    name: 'a single frame within a message: the old one is lost, the new one counts',
    heard: [first, '7E0  02 3E 00', second],
    messages: ['3E 00'],
    faults: ['0x7e0: a single frame came after 6 of 10 bytes: the message is lost'],
    said: [goOn],
  },
  {
    name: 'a first frame within a message: it begins anew',
    heard: [first, first, second],
    messages: whole,
    faults: ['0x7e0: a first frame came after 6 of 10 bytes: the message is lost'],
    said: [goOn, goOn],
  },
  { name: 'a consecutive frame out of nowhere', heard: [second] },
  { name: 'a flow control frame that nobody waits for', heard: [goOn.replace('7E8', '7E0')] },
  { name: 'a frame of another id', heard: ['7E1  02 3E 00'] },
  { name: 'the same id with 29 bits', heard: ['000007E0  02 3E 00'] },
  { name: 'a remote frame', heard: ['7E0  02 3E 00'], flags: FrameFlag.remote },
  { name: 'an error frame', heard: ['7E0  02 3E 00'], flags: FrameFlag.error },
  { name: 'our own frame, handed back', heard: ['7E0  02 3E 00'], flags: FrameFlag.transmitted },
  { name: 'an empty frame', heard: ['7E0 '] },
  { name: 'a single frame of length 0', heard: ['7E0  00 01 02 03 04 05 06 07'] },
  { name: 'a single frame of length 8', heard: ['7E0  08 01 02 03 04 05 06 07'] },
  { name: 'a single frame that ends early', heard: ['7E0  05 01 02 03'] },
  { name: 'a first frame of 7 bytes', heard: ['7E0  10 0A 01 02 03 04 05'] },
  { name: 'a first frame whose message fits a single frame', heard: ['7E0  10 07 01 02 03 04 05 06'] },
  { name: 'a first frame of length 0 in both ways', heard: ['7E0  10 00 00 00 00 00 01 02'] },
  { name: 'the long escape for a length that 12 bits hold', heard: ['7E0  10 00 00 00 0F FF 01 02'] },
  { name: 'an unknown kind of frame', heard: ['7E0  40 01 02 03 04 05 06 07', '7E0  F2 01 02'] },
  {
    name: 'a short frame in the middle is passed over; the next one then is out of step',
    heard: ['7E0  10 11 01 02 03 04 05 06', '7E0  21 07 08 09', '7E0  22 0E 0F 10 11 CC CC CC'],
    faults: ['0x7e0: consecutive frame 2, expected 1: the message is lost'],
    said: [goOn],
  },
  {
    name: 'a last frame with less than is missing is passed over',
    heard: [first, '7E0  21 07 08 09', second],
    messages: whole,
    said: [goOn],
  },
  {
    name: 'more than we take: overflow, and nothing is kept',
    ecu: { receiveBytesMax: 9 },
    heard: [first, second],
    faults: ['0x7e0: a message of 10 bytes was announced, expected 9 at most'],
    said: ['7E8  32 00 00 CC CC CC CC CC'],
  },
  {
    name: '4 GiB announced',
    heard: ['7E0  10 00 FF FF FF FF 01 02'],
    faults: ['0x7e0: a message of 4294967295 bytes was announced, expected 4095 at most'],
    said: ['7E8  32 00 00 CC CC CC CC CC'],
  },
  {
    name: 'extended addressing: frames for another target pass by',
    ecu: { addressing: 'extended', txAddressByte: 0xf1, rxAddressByte: 0x55 },
    heard: ['7E0  54 02 3E 00', '7E0  55 02 3E 80', '7E0 ', '7E0  55'],
    messages: ['3E 80'],
  },
  {
    name: 'extended addressing: a single frame of 7 bytes cannot be',
    ecu: { addressing: 'extended', txAddressByte: 0xf1, rxAddressByte: 0x55 },
    heard: ['7E0  55 07 01 02 03 04 05 06'],
  },
  {
    name: 'extended addressing: a message of 7 bytes in two frames',
    ecu: { addressing: 'extended', txAddressByte: 0xf1, rxAddressByte: 0x55 },
    heard: ['7E0  55 10 07 01 02 03 04 05', '7E0  55 21 06 07'],
    messages: ['01 02 03 04 05 06 07'],
    said: ['7E8  F1 30 00 00 CC CC CC CC'],
  },
  { name: 'FD: a long single frame without the escape', heard: ['7E0  09 01 02 03 04 05 06 07 08 09 CC CC'] },
  { name: 'FD: an escaped length that a short frame carries', heard: ['7E0  00 07 01 02 03 04 05 06 07 08 CC CC'] },
  { name: 'FD: an escaped length past the frame', heard: ['7E0  00 0B 01 02 03 04 05 06 07 08 09 0A'] },
  {
    name: 'FD: an escaped single frame',
    heard: ['7E0  00 09 01 02 03 04 05 06 07 08 09 CC'],
    messages: ['01 02 03 04 05 06 07 08 09'],
  },
];

for (const { name, ecu, heard, messages = [], faults = [], said = [], flags = 0 } of cases) {
  test(`receiver: ${name}`, async () => {
    const bus = pair({ ecu });
    for (const step of heard) {
      if (typeof step === 'number') await advance(bus.clock, step);
      else hand(bus.ecu.channel, frameOf(step, flags));
    }
    assert.deepEqual(bus.ecu.messages.map(hex), messages);
    assert.deepEqual(
      bus.ecu.faults.map(({ message }) => message),
      faults,
    );
    assert.deepEqual(bus.frames.map(textOf), said);
    // Whatever was begun ends by itself.
    await advance(bus.clock, 1100);
    assert.ok(bus.ecu.channel.isIdle);
    assert.equal(bus.clock.pending, 0);
  });
}

test('a receiver that is not ready tells the sender to wait, then goes on', async () => {
  let asked = 0;
  const bus = pair({ ecu: { isReady: () => ++asked > 2 } });
  const sent = bus.tester.channel.send(counting(10));
  await advance(bus.clock, 2000);
  await sent;
  const said = bus.frames.filter(({ id }) => id === 0x7e8).map(({ data, timeUs }) => [data[0], timeUs / 1000]);
  assert.deepEqual(said, [
    [0x31, 0],
    [0x31, 500],
    [0x30, 1000],
  ]);
  assert.deepEqual(bus.ecu.messages, [counting(10)]);
});

test('a frame that comes while the sender should wait is passed over', async () => {
  let asked = 0;
  const bus = pair({ ecu: { isReady: () => ++asked > 1 } });
  hand(bus.ecu.channel, frameOf(first));
  hand(bus.ecu.channel, frameOf(second));
  await advance(bus.clock, 501);
  hand(bus.ecu.channel, frameOf(second));
  assert.deepEqual(bus.ecu.messages.map(hex), whole);
});

test('a receiver that is never ready gives up after N_WFTmax', async () => {
  const bus = pair({ ecu: { isReady: () => false, waitsMax: 3 } });
  hand(bus.ecu.channel, frameOf(first));
  await advance(bus.clock, 5000);
  assert.equal(bus.frames.length, 3);
  assert.equal(bus.ecu.faults[0].message, '0x7e0: told to wait 4 times in a row, expected 3 at most');
  assert.ok(bus.ecu.channel.isIdle);
});

test('a reset drops what was under way, without a word', async () => {
  const bus = pair();
  hand(bus.ecu.channel, frameOf(first));
  bus.ecu.channel.reset();
  hand(bus.ecu.channel, frameOf(second));
  await advance(bus.clock, 2000);
  assert.deepEqual([bus.ecu.messages.length, bus.ecu.faults.length, bus.clock.pending], [0, 0, 0]);
});
