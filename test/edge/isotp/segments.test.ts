/** What a message looks like on the bus: transcripts, and agreement with a reference for every kind of addressing. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dlcToLength, FrameFlag } from '../../../edge/can/index.ts';
import { IsoTpChannel, separationCodeOf, separationMsOf } from '../../../edge/isotp/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { advance } from '../slcan/clock.ts';
import { counting, hex, pair, type Tuning, textOf } from './support/pair.ts';
import { segment } from './support/reference.ts';

const ascii = (text: string): number[] => [...text].map((letter) => letter.charCodeAt(0));

interface Transcript {
  name: string;
  tester?: Tuning;
  ecu?: Tuning;
  message: Uint8Array;
  frames: string[];
}

const transcripts: Transcript[] = [
  { name: 'a single frame', message: Uint8Array.of(0x22, 0xf1, 0x90), frames: ['7E0  03 22 F1 90 CC CC CC CC'] },
  {
    name: 'a single frame without padding',
    tester: { padding: 'none' },
    message: Uint8Array.of(0x3e, 0x00),
    frames: ['7E0  02 3E 00'],
  },
  {
    name: 'the largest single frame',
    message: counting(7),
    frames: ['7E0  07 01 02 03 04 05 06 07'],
  },
  {
    name: 'one byte more',
    message: counting(8),
    frames: ['7E0  10 08 01 02 03 04 05 06', '7E8  30 00 00 CC CC CC CC CC', '7E0  21 07 08 CC CC CC CC CC'],
  },
  {
    name: 'a VIN as service 09 answers it',
    tester: { padding: 0x00 },
    ecu: { padding: 0x55 },
    message: Uint8Array.of(0x49, 0x02, 0x01, ...ascii('1D4GP00R55B123456')),
    frames: [
      '7E0  10 14 49 02 01 31 44 34',
      '7E8  30 00 00 55 55 55 55 55',
      '7E0  21 47 50 30 30 52 35 35',
      '7E0  22 42 31 32 33 34 35 36',
    ],
  },
  {
    name: 'blocks of two, 20 ms apart',
    ecu: { blockSize: 2, separationMs: 20 },
    message: counting(30),
    frames: [
      '7E0  10 1E 01 02 03 04 05 06',
      '7E8  30 02 14 CC CC CC CC CC',
      '7E0  21 07 08 09 0A 0B 0C 0D',
      '7E0  22 0E 0F 10 11 12 13 14',
      '7E8  30 02 14 CC CC CC CC CC',
      '7E0  23 15 16 17 18 19 1A 1B',
      '7E0  24 1C 1D 1E CC CC CC CC',
    ],
  },
  {
    name: 'extended addressing: the target comes first',
    tester: { addressing: 'extended', txAddressByte: 0x55, rxAddressByte: 0xf1 },
    ecu: { addressing: 'extended', txAddressByte: 0xf1, rxAddressByte: 0x55 },
    message: counting(7),
    frames: ['7E0  55 10 07 01 02 03 04 05', '7E8  F1 30 00 00 CC CC CC CC', '7E0  55 21 06 07 CC CC CC CC'],
  },
  {
    name: 'mixed addressing: the same extension both ways',
    tester: { addressing: 'mixed', txAddressByte: 0x99 },
    ecu: { addressing: 'mixed', txAddressByte: 0x99 },
    message: counting(6),
    frames: ['7E0  99 06 01 02 03 04 05 06'],
  },
  {
    name: 'CAN FD: eight bytes in one frame take the escape, and the next length',
    tester: { fd: { frameBytes: 64 } },
    message: counting(8),
    frames: ['7E0  00 08 01 02 03 04 05 06 07 08 CC CC'],
  },
  {
    name: 'CAN FD with frames of 16 bytes: the last one is as short as its length allows',
    tester: { fd: { frameBytes: 16 } },
    ecu: { fd: { frameBytes: 16 } },
    message: counting(24),
    frames: [
      '7E0  10 18 01 02 03 04 05 06 07 08 09 0A 0B 0C 0D 0E',
      '7E8  30 00 00 CC CC CC CC CC',
      '7E0  21 0F 10 11 12 13 14 15 16 17 18 CC',
    ],
  },
];

for (const { name, tester, ecu, message, frames } of transcripts) {
  test(`on the bus: ${name}`, async () => {
    const bus = pair({ tester, ecu });
    const sent = bus.tester.channel.send(message);
    await advance(bus.clock, 1000);
    await sent;
    assert.deepEqual(bus.frames.map(textOf), frames);
    assert.deepEqual(bus.ecu.messages.map(hex), [hex(message)]);
    assert.ok(bus.tester.channel.isIdle && bus.ecu.channel.isIdle);
  });
}

test('29-bit ids and FD flags are on every frame', async () => {
  const frames: number[] = [];
  const channel = new IsoTpChannel({
    clock: new VirtualClock(),
    txId: 0x18da10f1,
    rxId: 0x18daf110,
    extended: true,
    fd: { frameBytes: 64, bitRateSwitch: true },
    send: ({ flags }) => void frames.push(flags),
    onMessage: () => {},
  });
  await channel.send(counting(3));
  assert.deepEqual(frames, [FrameFlag.extended | FrameFlag.fd | FrameFlag.bitRateSwitch]);
});

test('more than 4095 bytes take the escape of 32 bits', async () => {
  const bus = pair({ ecu: { receiveBytesMax: 100_000 } });
  bus.tester.channel.send(counting(70_000));
  await advance(bus.clock, 1);
  assert.equal(textOf(bus.frames[0]), '7E0  10 00 00 01 11 70 01 02');
  assert.deepEqual(bus.ecu.messages, [counting(70_000)]);
});

/** Any format, its reference beside it. */
const format = fc
  .record({
    frameBytes: fc.constantFrom(...dlcToLength.slice(8)),
    addressing: fc.constantFrom('normal', 'extended', 'mixed'),
    byte: fc.integer({ min: 0, max: 255 }),
    padding: fc.oneof(fc.constant('none' as const), fc.integer({ min: 0, max: 255 })),
  })
  .map(({ frameBytes, addressing, byte, padding }) => {
    const tuning: Tuning = { padding, ...(frameBytes > 8 && { fd: { frameBytes } }) };
    if (addressing === 'normal') return { tuning, reference: { frameBytes, padding } };
    const addressed = { ...tuning, addressing, txAddressByte: byte, rxAddressByte: byte } as Tuning;
    return { tuning: addressed, reference: { frameBytes, padding, addressByte: byte } };
  });

test('property: any message in any format is segmented as the reference does, and arrives', async () => {
  const length = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.integer({ min: 4080, max: 4120 }));
  const blockSize = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(255));
  const separationMs = fc.constantFrom(0, 0.1, 0.9, 1, 5, 127);
  await fc.assert(
    fc.asyncProperty(format, length, blockSize, separationMs, fc.nat(255), async (one, size, block, gap, seed) => {
      const message = counting(size, seed);
      const ecu = { ...one.tuning, receiveBytesMax: 5000, blockSize: block, separationMs: gap };
      const bus = pair({ tester: one.tuning, ecu });
      const sent = bus.tester.channel.send(message);
      while (bus.clock.pending > 0 && bus.clock.nowMs() < 1e6) bus.clock.runNext();
      await sent;
      const ours = bus.frames.filter(({ id }) => id === 0x7e0).map(({ data }) => [...data]);
      assert.deepEqual(ours, segment([...message], one.reference));
      assert.deepEqual(bus.ecu.messages, [message]);
    }),
    { numRuns: 60 },
  );
});

test('between two consecutive frames at least STmin passes', async () => {
  for (const separationMs of [0.3, 1, 25]) {
    const bus = pair({ ecu: { separationMs } });
    bus.tester.channel.send(counting(60));
    await advance(bus.clock, 1000);
    const times = bus.frames.filter(({ id, data }) => id === 0x7e0 && data[0] >> 4 === 2).map(({ timeUs }) => timeUs);
    assert.equal(times.length, 8);
    const gaps = times.slice(1).map((timeUs, i) => timeUs - times[i]);
    assert.ok(
      gaps.every((gapUs) => gapUs >= separationMs * 1000 - 1e-6),
      `${gaps}`,
    );
  }
});

const codes: [code: number, ms: number][] = [
  [0x00, 0],
  [0x01, 1],
  [0x7f, 127],
  [0xf1, 0.1],
  [0xf9, 0.9],
];
for (const [code, ms] of codes) {
  test(`STmin 0x${code.toString(16)} is ${ms} ms, both ways`, () => {
    assert.equal(separationMsOf(code), ms);
    assert.equal(separationCodeOf(ms), code);
  });
}

for (const code of [0x80, 0xf0, 0xfa, 0xff]) {
  test(`STmin 0x${code.toString(16)} is reserved: the longest time`, () => assert.equal(separationMsOf(code), 127));
}

test('a time between two steps of STmin takes the longer one', () => {
  assert.deepEqual(
    [0.05, 0.3, 0.31, 0.95, 1.2, 126.5, 500, -1, Number.NaN].map(separationCodeOf),
    [0xf1, 0xf3, 0xf4, 0x01, 0x02, 0x7f, 0x7f, 0, 0],
  );
});

const impossible: [name: string, tuning: Tuning & { txId?: number }][] = [
  ['an 11-bit id past 0x7FF', { txId: 0x800 }],
  ['a 29-bit id past 0x1FFFFFFF', { txId: 0x2000_0000, extended: true }],
  ['extended addressing without an address', { addressing: 'extended', rxAddressByte: 1 }],
  ['an address byte past 0xFF', { addressing: 'mixed', txAddressByte: 256 }],
  ['a frame size that CAN FD lacks', { fd: { frameBytes: 10 } }],
  ['frames of less than eight bytes', { fd: { frameBytes: 7 } }],
];
for (const [name, tuning] of impossible) {
  test(`a channel cannot be made with ${name}`, () => {
    const options = { clock: new VirtualClock(), txId: 0x7e0, rxId: 0x7e8, send: () => {}, onMessage: () => {} };
    assert.throws(() => new IsoTpChannel({ ...options, ...tuning }), RangeError);
  });
}
