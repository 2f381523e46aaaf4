/** What a sender makes of an answer that does not come, or says no; and of a link that is slow or fails. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CanFrame } from '../../../edge/can/index.ts';
import { edgeError, type MinerError } from '../../../edge/errors/index.ts';
import { IsoTpChannel } from '../../../edge/isotp/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { advance, settled } from '../slcan/clock.ts';
import { counting, frameOf, hand, type Tuning, textOf } from './support/pair.ts';

interface Case {
  name: string;
  tuning?: Tuning;
  length?: number;
  /** What the other side does after the message began: frames, and milliseconds that pass. */
  heard: (string | number)[];
  fault: string;
  /** Frames that the sender sent until then. */
  frames: number;
}

const goOn = '7E8  30 00 00';
const wait = '7E8  31 00 00';

const cases: Case[] = [
  { name: 'N_Bs: no flow control', heard: [1001], fault: 'ISOTP_TIMEOUT', frames: 1 },
  { name: 'N_Bs after a block', heard: ['7E8  30 01 00', 1001], fault: 'ISOTP_TIMEOUT', frames: 2 },
  { name: 'N_Bs after a WAIT', heard: [900, wait, 1001], fault: 'ISOTP_TIMEOUT', frames: 1 },
  { name: 'N_Bs as set', tuning: { timeouts: { bsMs: 200 } }, heard: [201], fault: 'ISOTP_TIMEOUT', frames: 1 },
  { name: 'an overflow', heard: ['7E8  32 00 00'], fault: 'ISOTP_OVERFLOW', frames: 1 },
  { name: 'an overflow in the middle', heard: ['7E8  30 01 00', '7E8  32 00 00'], fault: 'ISOTP_OVERFLOW', frames: 2 },
  { name: 'a reserved flow status', heard: ['7E8  33 00 00'], fault: 'ISOTP_FLOW_STATUS', frames: 1 },
  {
    name: 'too many WAITs',
    tuning: { waitsMax: 2 },
    heard: [wait, 900, wait, 900, wait],
    fault: 'ISOTP_WAITS',
    frames: 1,
  },
  { name: 'a flow control frame of two bytes is none', heard: ['7E8  30 00', 1001], fault: 'ISOTP_TIMEOUT', frames: 1 },
];

for (const { name, tuning, length = 30, heard, fault, frames } of cases) {
  test(`sender: ${name}`, async () => {
    const { clock, channel, sent } = alone(tuning);
    const failed = faultOf(channel.send(counting(length)));
    for (const step of heard) {
      if (typeof step === 'number') await advance(clock, step);
      else hand(channel, frameOf(step));
    }
    assert.equal((await failed)?.code, fault);
    assert.equal(sent.length, frames);
    assert.ok(channel.isIdle);
    assert.equal(clock.pending, 0);
  });
}

test('WAITs that end in time cost nothing', async () => {
  const { clock, channel, sent } = alone({ waitsMax: 2 });
  const whole = channel.send(counting(10));
  for (let round = 0; round < 2; round++) {
    hand(channel, frameOf(wait));
    await advance(clock, 900);
  }
  hand(channel, frameOf(goOn));
  await whole;
  assert.equal(sent.length, 2);
});

test('a second message waits for nobody: it is refused', async () => {
  const { channel } = alone();
  const first = faultOf(channel.send(counting(10)));
  assert.equal((await faultOf(channel.send(counting(3))))?.code, 'ISOTP_BUSY');
  channel.reset();
  assert.equal((await first)?.code, 'ISOTP_CLOSED');
  await channel.send(counting(3));
});

test('nothing cannot be sent', async () => {
  const fault = await faultOf(alone().channel.send(new Uint8Array()));
  assert.equal(fault?.message, '0x7e0: a message of 0 bytes, expected 1 to 4294967295');
});

test('the message is what it was when sending began', async () => {
  const { channel, sent } = alone();
  const buffer = counting(10);
  const whole = channel.send(buffer);
  buffer.fill(0);
  hand(channel, frameOf(goOn));
  await whole;
  assert.equal(textOf(sent[1]), '7E0  21 07 08 09 0A CC CC CC');
});

test('a slow link: the next frame waits until the one before is on the bus', async () => {
  const link = slowLink();
  const { clock, channel } = alone({}, link.send);
  let done = false;
  const whole = channel.send(counting(20)).then(() => {
    done = true;
  });
  link.confirm();
  await settled();
  hand(channel, frameOf(goOn));
  assert.equal(link.waiting.length, 1);
  await advance(clock, 500);
  assert.equal(link.waiting.length, 1);
  link.confirm();
  await settled();
  assert.equal(link.waiting.length, 1);
  assert.equal(done, false);
  link.confirm();
  await whole;
});

test('the answer to a frame may come before its confirmation does', async () => {
  const link = slowLink();
  const { channel } = alone({}, link.send);
  const whole = channel.send(counting(10));
  hand(channel, frameOf(goOn));
  assert.equal(link.waiting.length, 2);
  link.confirm();
  link.confirm();
  await whole;
});

test('N_As: a frame that does not get on the bus', async () => {
  const { clock, channel } = alone({}, () => new Promise(() => {}));
  const failed = faultOf(channel.send(counting(3)));
  await advance(clock, 1001);
  assert.equal((await failed)?.message, '0x7e0: nothing came within 1000 ms (N_As)');
});

const refusals: [name: string, send: () => void | Promise<void>][] = [
  ['at once', () => throwRefused()],
  ['later', async () => throwRefused()],
];
for (const [name, send] of refusals) {
  test(`a link that refuses a frame ${name} fails the message, with the cause`, async () => {
    const fault = await faultOf(alone({}, send).channel.send(counting(10)));
    assert.equal(fault?.code, 'ISOTP_SEND');
    assert.equal((fault?.cause as MinerError | undefined)?.code, 'PORT_LOST');
  });

  test(`a receiver whose link refuses the flow control ${name} gives the message up`, async () => {
    const { channel, faults, clock } = alone({}, send);
    hand(channel, frameOf('7E8  10 0A 01 02 03 04 05 06'));
    await advance(clock, 1100);
    assert.deepEqual(
      faults.map(({ code }) => code),
      ['ISOTP_SEND'],
    );
  });
}

test('N_Ar: a flow control frame that does not get on the bus', async () => {
  const { channel, faults, clock } = alone({ timeouts: { arMs: 300 } }, () => new Promise(() => {}));
  hand(channel, frameOf('7E8  10 0A 01 02 03 04 05 06'));
  await advance(clock, 301);
  assert.equal(faults[0].message, '0x7e8: nothing came within 300 ms (N_Ar)');
});

test('two channels without a clock between them: a message of 200,000 bytes overflows no stack', async () => {
  const clock = new VirtualClock();
  const messages: Uint8Array[] = [];
  const ids = { clock, receiveBytesMax: 200_000 };
  const left: IsoTpChannel = new IsoTpChannel({
    ...ids,
    txId: 1,
    rxId: 2,
    send: (frame) => void hand(right, frame),
    onMessage: () => {},
  });
  const right = new IsoTpChannel({
    ...ids,
    txId: 2,
    rxId: 1,
    blockSize: 100,
    send: (frame) => void hand(left, frame),
    onMessage: (message) => messages.push(message),
  });
  await left.send(counting(200_000));
  assert.deepEqual(messages, [counting(200_000)]);
  assert.equal(clock.pending, 0);
});

function alone(tuning: Tuning = {}, send?: (frame: CanFrame) => void | Promise<void>) {
  const clock = new VirtualClock();
  const sent: CanFrame[] = [];
  const faults: MinerError[] = [];
  const channel = new IsoTpChannel({
    ...tuning,
    clock,
    txId: 0x7e0,
    rxId: 0x7e8,
    send: send ?? ((frame) => void sent.push(frame)),
    onMessage: () => {},
    onFault: (fault) => faults.push(fault),
  });
  return { clock, channel, sent, faults };
}

/** A link that takes frames and confirms them when told. */
function slowLink() {
  const waiting: (() => void)[] = [];
  return {
    waiting,
    send: () => new Promise<void>((resolve) => waiting.push(resolve)),
    confirm: () => waiting.shift()?.(),
  };
}

function throwRefused(): never {
  throw edgeError('PORT_LOST', { port: 'memory', reason: 'unplugged' });
}

function faultOf(promise: Promise<void>): Promise<MinerError | undefined> {
  return promise.then(
    () => undefined,
    (fault: MinerError) => fault,
  );
}
