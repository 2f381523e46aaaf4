/** The emulated adapter as a foreign host meets it: bytes in, bytes out, each state of the channel. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameFlag } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import { SlcanAdapter, typicalFrameBits } from '../../../edge/slcan/index.ts';
import { fdFrameBits, frameTimeMs } from '../../../edge/slcan/typical-frame-bits.ts';
import { memoryPair } from '../../../edge/transport/index.ts';
import { connect, frames } from './bench.ts';
import { advance, settled } from './clock.ts';

describe('commands, one transcript a row', () => {
  const rows: [what: string, asked: string, answered: string][] = [
    ['identity, in any state', 'V;N;O;V;N;', 'V1013;NA123;;V1013;NA123;'],
    ['open and close', 'S6;O;C;', ';;;'],
    ['every bit rate', 'S0;S1;S2;S3;S4;S5;S6;S7;S8;', ';;;;;;;;;'],
    ['no such bit rate', 'S9;S;S66;Sx;', '!!!!'],
    ['bit rate by registers', 's031C;s03;sXXXX;', ';!!'],
    ['close while closed', 'C;', '!'],
    ['open while open', 'O;O;L;', ';!!'],
    ['settings while open', 'O;S6;s031C;Z1;X0;M00000000;', ';!!!!!'],
    ['status', 'F;O;F;F1;', '!;F00;!'],
    ['time stamps and automatic sending', 'Z0;Z1;Z2;X0;X1;X2;', ';;!;;!'],
    ['filters: all or nothing', 'M00000000;mFFFFFFFF;M00000001;m00000000;', ';;!!'],
    ['filter mode, power-on mode, baud rate', 'W0;W2;Q1;Q3;U1;U9;', ';!;!;!'],
    ['transmit', 'O;t1230;T000001230;r1238;R000001230;', ';z;Z;z;Z;'],
    ['transmit without automatic sending', 'X0;O;t1230;T000001230;', ';;;;'],
    ['transmit while closed', 't1230;', '!'],
    ['transmit while listening', 'L;t1230;', ';!'],
    ['malformed frames', 'O;t12;t1239;t800;', ';!!!'],
    ['unknown commands', 'hello;E;y;', '!!!'],
    ['commands and frames in one write keep their order', 'O;t1230;F;t12;C;t1230;', ';z;F00;!;!'],
    ['polling is refused while frames come unasked', 'O;P;A;', ';!!'],
    ['polling while closed', 'X0;P;A;', ';!!'],
    ['polling with nothing there', 'X0;O;P;A;', ';;;A;'],
    ['empty lines', ';;', ';;'],
  ];
  for (const [what, asked, answered] of rows) {
    test(what, async () => assert.equal(await connect().ask(asked), answered));
  }
});

describe('frames', () => {
  test('reach the host while the channel is open, and are counted while it is not', async () => {
    const { adapter, ask, heard } = connect();
    adapter.offer(frames(2, 1));
    await ask('O;');
    adapter.offer(frames(2, 1));
    await settled();
    assert.equal(heard(), 't100100;t101101;');
    await ask('C;');
    adapter.offer(frames(3, 1));
    assert.deepEqual(adapter.counters, {
      offered: 7,
      sent: 2,
      unheard: 5,
      overrun: 0,
      discarded: 0,
      received: 0,
      answersDropped: 0,
    });
  });

  test('carry a time stamp after Z1', async () => {
    const { adapter, ask, clock, heard } = connect();
    await ask('Z1;O;');
    await advance(clock, 60_258);
    adapter.offer(frames(1, 0));
    await settled();
    assert.equal(heard(), 't10000102;');
  });

  test('wait to be polled after X0', async () => {
    const { adapter, ask, heard } = connect();
    await ask('X0;O;');
    adapter.offer(frames(3, 0));
    await settled();
    assert.equal(heard(), '');
    assert.equal(await ask('P;'), 't1000;');
    assert.equal(await ask('A;'), 't1010;t1020;A;');
    assert.equal(await ask('P;'), ';');
  });

  test('of a bus at another bit rate are not heard, and the status says bus error', async () => {
    const { adapter, ask } = connect({ busBitRate: 250_000 });
    await ask('S6;O;');
    adapter.offer(frames(1));
    assert.equal(adapter.counters.unheard, 1);
    assert.equal(await ask('F;F;'), 'F84;F00;');
  });

  test('from the host are handed over in order', async () => {
    const ids: number[] = [];
    const { ask } = connect({ onTransmit: (batch) => ids.push(...batch.id.subarray(0, batch.count)) });
    await ask('O;t1230;T000001230;');
    assert.deepEqual(ids, [0x123, 0x123]);
  });

  test('past the queue are counted as overruns and shown in the status', async () => {
    const { adapter, ask, clock } = connect({ queueFrames: 4, paceToBitRate: true });
    await ask('O;');
    adapter.offer(frames(6));
    assert.equal(adapter.counters.overrun, 2);
    assert.equal(adapter.free, 0);
    assert.equal(await ask('F;'), 'F09;');
    await advance(clock, 10);
    assert.equal(adapter.counters.sent, 4);
  });

  test('still queued when the host closes are counted as discarded', async () => {
    const { adapter, ask } = connect({ paceToBitRate: true });
    await ask('O;');
    adapter.offer(frames(5));
    await ask('C;');
    const { offered, sent, discarded } = adapter.counters;
    assert.equal(sent + discarded, offered);
  });
});

describe('pacing', () => {
  test('a saturated 1 Mbit/s bus carries what its bits allow', async () => {
    const { adapter, ask, clock } = connect({ paceToBitRate: true, busBitRate: 1_000_000 });
    await ask('S8;O;');
    adapter.offer(frames(10_000));
    await advance(clock, 1000);
    const expected = Math.floor(1_000_000 / typicalFrameBits(0, 8));
    assert.ok(Math.abs(adapter.counters.sent - expected) <= 1, `${adapter.counters.sent}, expected ${expected}`);
  });

  test('a line of 115,200 baud carries 524 frames of 22 bytes a second', async () => {
    const { adapter, ask, clock } = connect({ serialBaud: 115_200 });
    await ask('O;');
    adapter.offer(frames(2000));
    await advance(clock, 1000);
    assert.ok(Math.abs(adapter.counters.sent - 524) <= 20, `${adapter.counters.sent}`);
  });

  test('frame lengths in bits', () => {
    // 47 and 67 bits around the payload, plus one stuff bit in thirty of those that are stuffed.
    assert.equal(typicalFrameBits(0, 0), 47 + 1);
    assert.equal(typicalFrameBits(0, 8), 111 + 3);
    assert.equal(typicalFrameBits(FrameFlag.extended, 8), 131 + 3);
    assert.equal(typicalFrameBits(FrameFlag.remote, 8), 47 + 1);
  });

  test('CAN FD frame lengths in bits, by the rate they are sent at', () => {
    // SOF to BRS, delimiters and gap; then ESI, DLC, payload, stuff count and CRC with its fixed stuff bits.
    assert.deepEqual(fdFrameBits(FrameFlag.fd, 0), { nominal: 17 + 13, data: 5 + 4 + 17 + 6 });
    assert.deepEqual(fdFrameBits(FrameFlag.fd, 16), { nominal: 17 + 13, data: 133 + 4 + 4 + 17 + 6 });
    assert.deepEqual(fdFrameBits(FrameFlag.fd | FrameFlag.extended, 64), {
      nominal: 36 + 1 + 13,
      data: 517 + 17 + 4 + 21 + 7,
    });
  });

  test('a frame without bit rate switch takes the nominal rate throughout', () => {
    assert.equal(frameTimeMs(FrameFlag.fd, 0, 500_000, 2_000_000), (62 * 1000) / 500_000);
    assert.equal(frameTimeMs(FrameFlag.fd | FrameFlag.bitRateSwitch, 0, 500_000, 2_000_000), 0.06 + 0.016);
    assert.equal(frameTimeMs(0, 8, 500_000, 2_000_000), (114 * 1000) / 500_000);
  });
});

describe('waiting', () => {
  test('whenRoom resolves once enough frames have left, whenDrained once all have', async () => {
    const { adapter, ask, clock } = connect({ paceToBitRate: true, queueFrames: 100 });
    await ask('O;');
    adapter.offer(frames(100));
    const order: string[] = [];
    adapter.whenRoom(50).then(() => order.push(`room at ${Math.round(clock.nowMs())}`));
    adapter.whenDrained().then(() => order.push(`drained at ${Math.round(clock.nowMs())}`));
    await advance(clock, 100);
    const perFrameMs = typicalFrameBits(0, 8) / 500;
    assert.deepEqual(order, [`room at ${Math.round(50 * perFrameMs)}`, `drained at ${Math.round(100 * perFrameMs)}`]);
  });

  test('both resolve when the host goes away', async () => {
    const { adapter, ask, host } = connect({ paceToBitRate: true, queueFrames: 10 });
    await ask('O;');
    adapter.offer(frames(10));
    const waiting = Promise.all([adapter.whenRoom(10), adapter.whenDrained()]);
    await host.close();
    await waiting;
    assert.equal(adapter.channel.state, 'closed');
    assert.equal(adapter.counters.sent + adapter.counters.discarded, 10);
  });
});

test('a host that sends but never reads fills the line, and every lost answer is counted', async () => {
  const [host, device] = memoryPair();
  const adapter = new SlcanAdapter(device, { clock: new VirtualClock() });
  for (let i = 0; i < 400; i++) await host.write(Buffer.from('V\r'.repeat(40)));
  assert.ok(adapter.counters.answersDropped > 0);
});
