/** The host against our own adapter, and against scripted devices that misbehave. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { liveClock, VirtualClock } from '../../../edge/sim/index.ts';
import { SlcanAdapter, SlcanHost, type SlcanHostOptions, SlcanStatus } from '../../../edge/slcan/index.ts';
import { memoryPair, type Transport } from '../../../edge/transport/index.ts';
import { advance, settled } from './clock.ts';
import { show } from './codec.ts';

function listen(transport: Transport, options: Partial<SlcanHostOptions> = {}) {
  const frames: string[] = [];
  const times: number[] = [];
  const host = new SlcanHost(transport, {
    clock: liveClock(),
    answerTimeoutMs: 50,
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        frames.push(show(batch, i));
        times.push(batch.timeUs[i]);
      }
    },
    ...options,
  });
  return { host, frames, times };
}

/** A device that answers each line by `answers[line]`, or by CR. */
function scripted(answers: Record<string, string>): { transport: Transport; lines: string[] } {
  const [transport, device] = memoryPair('device');
  const lines: string[] = [];
  let pending = '';
  device.onData((bytes) => {
    const parts = (pending + Buffer.from(bytes).toString('latin1')).split('\r');
    pending = parts.pop() ?? '';
    for (const line of parts) {
      lines.push(line);
      const answer = answers[line] ?? (line === 'V' ? 'V1013\r' : line === 'N' ? 'NA123\r' : '\r');
      if (answer !== '') device.write(Buffer.from(answer, 'latin1')).catch(() => {});
    }
  });
  return { transport, lines };
}

describe('open', () => {
  test('brings the adapter into step, sets it up, and says who it is', async () => {
    const { transport, lines } = scripted({});
    const { host } = listen(transport, { timestamps: true });
    assert.deepEqual(await host.open(), { version: '1013', serialNumber: 'A123', profile: 'lawicel' });
    assert.deepEqual(lines, ['', '', '', 'C', 'V', 'N', 'S6', 'Z1', 'X1', 'O']);
    assert.equal(host.isOpen, true);
  });

  test('listens only when asked to', async () => {
    const { transport, lines } = scripted({});
    await listen(transport, { listenOnly: true, bitRate: 1_000_000 }).host.open();
    assert.deepEqual(lines.slice(6), ['S8', 'Z0', 'X1', 'L']);
  });

  test('does without what an adapter does not know', async () => {
    const { transport } = scripted({ N: '\x07', Z0: '\x07', X1: '\x07', C: '\x07', '': '\x07' });
    assert.deepEqual(await listen(transport).host.open(), { version: '1013', serialNumber: '', profile: 'lawicel' });
  });

  test('is not confused by answers to an earlier program', async () => {
    const { transport } = scripted({ '': '\r\r\x07z\r', C: 'F08\rt1230\r' });
    const { host, frames } = listen(transport);
    await host.open();
    assert.deepEqual(frames, []);
    assert.equal(host.counters.discarded, 1);
  });

  test('takes frames from the very answer to O on, and none from before it in the same piece', async () => {
    const { host, frames } = listen(scripted({ O: 't1231AA\r\rt1231BB\r' }).transport);
    await host.open();
    assert.deepEqual(frames, ['123#BB']);
    assert.equal(host.counters.discarded, 1);
  });

  const refusals: [
    what: string,
    answers: Record<string, string>,
    options: Partial<SlcanHostOptions>,
    message: RegExp,
  ][] = [
    ['a bit rate that no adapter has', {}, { bitRate: 123 }, /^123 bit\/s is no bit rate of lawicel adapters$/],
    ['a bit rate that this adapter refuses', { S6: '\x07' }, {}, /the adapter refused S6$/],
    ['time stamps that this adapter lacks', { Z1: '\x07' }, { timestamps: true }, /the adapter refused Z1$/],
    ['a channel that does not open', { O: '\x07' }, {}, /the adapter refused O$/],
    ['silence', { V: '', '': '', C: '' }, {}, /^device:a: no answer to V within 50 ms$/],
    ['silence after the greeting', { S6: '' }, {}, /no answer to S6 within 50 ms$/],
    ['a device that speaks something else', { V: 'OK\r\n' }, {}, /no answer to V within 50 ms$/],
  ];
  for (const [what, answers, options, message] of refusals) {
    test(`fails on ${what}`, async () => {
      const { host } = listen(scripted(answers).transport, options);
      await assert.rejects(host.open(), { name: 'MinerError', message });
      assert.equal(host.isOpen, false);
    });
  }

  test('fails at once when the transport goes away', async () => {
    const [transport, device] = memoryPair();
    device.onData(() => device.close());
    await assert.rejects(listen(transport, { answerTimeoutMs: 60_000 }).host.open(), { code: 'PORT_LOST' });
  });

  test('asks twice, as the first bytes may only wake the adapter up', async () => {
    const [transport, device] = memoryPair();
    let asked = 0;
    device.onData((bytes) => {
      if (Buffer.from(bytes).toString().endsWith('V\r') && asked++ === 0) return;
      const answers: Record<string, string> = { V: 'V1013\r', N: 'NA123\r' };
      for (const line of Buffer.from(bytes).toString().trim().split('\r').slice(-1)) {
        device.write(Buffer.from(answers[line] ?? '\r'));
      }
    });
    assert.equal((await listen(transport).host.open()).version, '1013');
  });
});

describe('with our adapter', () => {
  async function pair(options: Partial<SlcanHostOptions> = {}) {
    const [a, b] = memoryPair();
    const received: string[] = [];
    const adapter = new SlcanAdapter(b, {
      clock: liveClock(),
      paceToBitRate: false,
      onTransmit: (batch) => {
        for (let i = 0; i < batch.count; i++) received.push(show(batch, i));
      },
    });
    const listening = listen(a, { answerTimeoutMs: 1000, ...options });
    await listening.host.open();
    return { ...listening, adapter, received, a, b };
  }

  test('every frame arrives, in order', async () => {
    const { adapter, frames, host } = await pair();
    const batch = new FrameBatch(1000);
    for (let i = 0; i < 1000; i++) {
      const flags = i % 3 === 0 ? FrameFlag.extended : 0;
      batch.push(0, (i * 7919) & (flags ? 0x1fff_ffff : 0x7ff), flags, new Uint8Array(i % 9).fill(i));
    }
    for (let round = 0; round < 50; round++) adapter.offer(batch);
    await adapter.whenDrained();
    await settled();
    const expected = Array.from({ length: 50_000 }, (_, i) => show(batch, i % 1000));
    assert.equal(frames.length, 50_000);
    assert.deepEqual(frames, expected);
    assert.equal(host.counters.malformed, 0);
  });

  test('frames go the other way too, one acknowledgement each', async () => {
    const { host, received } = await pair();
    const sent = Array.from({ length: 50 }, (_, i) => host.transmit({ id: i, flags: 0, data: Uint8Array.of(i) }));
    await Promise.all(sent);
    await host.transmit({ id: 0x1fff_ffff, flags: FrameFlag.extended, data: new Uint8Array(8) });
    assert.equal(received.length, 51);
    assert.equal(received[50], '1FFFFFFF#0000000000000000');
    assert.equal(host.counters.transmitted, 51);
  });

  const unsendable: [what: string, frame: { id: number; flags: number; data: Uint8Array }, message: RegExp][] = [
    ['an id past 11 bits', { id: 0x800, flags: 0, data: new Uint8Array(0) }, /id 0x800 is past 0x7ff/],
    ['an id past 29 bits', { id: 2 ** 29, flags: 1, data: new Uint8Array(0) }, /is past 0x1fffffff/],
    ['an id that is none', { id: Number.NaN, flags: 0, data: new Uint8Array(0) }, /is past/],
    ['nine bytes', { id: 1, flags: 0, data: new Uint8Array(9) }, /9 bytes do not fit/],
    ['a CAN FD frame', { id: 1, flags: FrameFlag.fd, data: new Uint8Array(8) }, /CAN FD/],
  ];
  for (const [what, frame, message] of unsendable) {
    test(`${what} is not sent`, async () => {
      const { host } = await pair();
      await assert.rejects(host.transmit(frame), { code: 'SLCAN_FRAME', message });
    });
  }

  test('nothing is sent while listening only, or after closing', async () => {
    const { host } = await pair({ listenOnly: true });
    const frame = { id: 1, flags: 0, data: new Uint8Array(0) };
    await assert.rejects(host.transmit(frame), { code: 'SLCAN_FRAME', message: /listen only/ });
    await host.close();
    await assert.rejects(host.transmit(frame), { code: 'SLCAN_FRAME', message: /not open/ });
  });

  test('status flags are read', async () => {
    const { host, adapter } = await pair();
    assert.equal(await host.readStatus(), 0);
    const tooMany = new FrameBatch(70_000);
    tooMany.count = 70_000;
    adapter.offer(tooMany);
    assert.equal(await host.readStatus(), SlcanStatus.dataOverrun | SlcanStatus.receiveQueueFull);
  });

  test('closing stops the frames; opening again resumes them', async () => {
    const { host, adapter, frames } = await pair();
    const batch = new FrameBatch(1);
    batch.push(0, 1, 0, new Uint8Array(0));
    await host.close();
    adapter.offer(batch);
    await host.open();
    adapter.offer(batch);
    await adapter.whenDrained();
    await settled();
    assert.equal(frames.length, 1);
    assert.equal(adapter.counters.unheard, 1);
  });

  test('time stamps keep the distances of the bus', async () => {
    const [a, b] = memoryPair();
    const clock = new VirtualClock();
    const adapter = new SlcanAdapter(b, { clock });
    const { host, times } = listen(a, { clock, timestamps: true });
    await host.open();
    const batch = new FrameBatch(100);
    for (let i = 0; i < 100; i++) batch.push(0, i, 0, new Uint8Array(8));
    await advance(clock, 59_995);
    adapter.offer(batch);
    await advance(clock, 100);
    assert.equal(times.length, 100);
    const spreadMs = (times[99] - times[0]) / 1000;
    assert.ok(Math.abs(spreadMs - (99 * 114) / 500) < 1.5, `${spreadMs} ms`);
  });

  test('losing the transport ends a waiting command with the cause', async () => {
    const { host, b } = await pair({ answerTimeoutMs: 60_000 });
    const asked = host.readStatus();
    await b.close();
    await assert.rejects(asked, { code: 'PORT_LOST' });
    assert.equal(host.isOpen, false);
    await assert.rejects(host.readStatus(), { code: 'PORT_LOST' });
    await host.close();
  });
});

test('after a late answer the next command still gets its own', async () => {
  const [transport, device] = memoryPair();
  let late = false;
  device.onData(async (bytes) => {
    for (const line of Buffer.from(bytes).toString().trim().split('\r')) {
      if (line === 'F' && !late) {
        late = true;
        setTimeout(() => device.write(Buffer.from('F08\r')), 80);
      } else {
        const answers: Record<string, string> = { V: 'V1013\r', N: 'NA123\r', F: 'F00\r' };
        // In order behind the late one, as a device answers.
        setTimeout(() => device.write(Buffer.from(answers[line] ?? '\r')), late ? 40 : 0);
      }
    }
  });
  const { host } = listen(transport);
  await host.open();
  await assert.rejects(host.readStatus(), { code: 'SLCAN_NO_ANSWER' });
  assert.equal(await host.readStatus(), 0);
});
