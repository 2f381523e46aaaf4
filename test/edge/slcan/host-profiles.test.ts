/** The host with every firmware: what it says to open, listen and send, and that it never waits for what does not come. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import { VirtualClock } from '../../../edge/sim/index.ts';
import {
  canable1,
  canable2,
  kernel,
  lawicel,
  SlcanAdapter,
  type SlcanAdapterOptions,
  SlcanHost,
  type SlcanHostOptions,
  type SlcanProfile,
  slcanfd,
  slcanProfiles,
  weact,
} from '../../../edge/slcan/index.ts';
import { memoryPair, type Transport } from '../../../edge/transport/index.ts';
import { advance, settled } from './clock.ts';
import { show } from './codec.ts';

/** A transport that also notes what passes towards the adapter, CR as `;`. */
function tapped(transport: Transport): { transport: Transport; said: () => string } {
  let text = '';
  const write = (bytes: Uint8Array) => {
    text += Buffer.from(bytes).toString('latin1').replaceAll('\r', ';');
    return transport.write(bytes);
  };
  const tap: Transport = {
    name: transport.name,
    write,
    onData: (receive) => transport.onData(receive),
    onClose: (closed) => transport.onClose(closed),
    close: () => transport.close(),
  };
  return { transport: tap, said: () => text };
}

function pair(
  profile: SlcanProfile,
  options: Partial<SlcanHostOptions> = {},
  adapterOptions: Partial<SlcanAdapterOptions> = {},
) {
  const clock = new VirtualClock();
  const [near, far] = memoryPair();
  const sent: string[] = [];
  const adapter = new SlcanAdapter(far, {
    clock,
    profile,
    paceToBitRate: false,
    onTransmit: (batch) => {
      for (let i = 0; i < batch.count; i++) sent.push(show(batch, i));
    },
    ...adapterOptions,
  });
  const { transport, said } = tapped(near);
  const frames: string[] = [];
  const times: number[] = [];
  const host = new SlcanHost(transport, {
    clock,
    profile,
    onFrames: (batch) => {
      for (let i = 0; i < batch.count; i++) {
        frames.push(show(batch, i));
        times.push(batch.timeUs[i]);
      }
    },
    ...options,
  });
  /** Time passes until it has opened, or has failed to. */
  const open = async () => {
    const opening = host.open();
    opening.catch(() => {});
    await advance(clock, 5000);
    return opening;
  };
  return { clock, adapter, host, transport, said, sent, frames, times, open };
}

const batchOf = (length: number, flags = 0) => {
  const batch = new FrameBatch(1, length > 8 ? 64 : 8);
  batch.push(0, 0x123, flags, new Uint8Array(length).fill(0xab));
  return batch;
};

describe('what the host says', () => {
  const rows: [profile: SlcanProfile, options: Partial<SlcanHostOptions>, said: string][] = [
    [lawicel, {}, ';;;C;V;N;S6;Z0;X1;O;'],
    [lawicel, { listenOnly: true, timestamps: true }, ';;;C;V;N;S6;Z1;X1;L;'],
    [canable1, {}, 'C;C;V;S6;M0;O;'],
    [canable1, { listenOnly: true, bitRate: 750_000 }, 'C;C;V;S7;M1;O;'],
    [canable2, { dataBitRate: 5_000_000 }, 'C;C;V;S6;Y5;M0;O;'],
    [weact, { listenOnly: true, bitRate: 33_333, dataBitRate: 3_000_000 }, 'C;C;V;SC;Y3;M1;O;'],
    [kernel, { listenOnly: true }, ';;;C;V;S6;Z0;X1;L;'],
    [slcanfd, { dataBitRate: 8_000_000, timestamps: true }, ';;;C;V;N;S6;Y8;z2011;O;'],
    [slcanfd, { listenOnly: true }, ';;;C;V;N;S6;z0011;L;'],
  ];
  for (const [profile, options, expected] of rows) {
    test(`to ${profile.name} with ${JSON.stringify(options)}`, async () => {
      const { open, said, adapter } = pair(profile, options);
      await open();
      assert.equal(said(), expected);
      assert.equal(adapter.channel.state, options.listenOnly ? 'listening' : 'open');
    });
  }
});

describe('found out by itself', () => {
  const foundAs: Record<string, string> = { can232: 'lawicel', kernel: 'lawicel' };
  for (const profile of Object.values(slcanProfiles)) {
    for (const listenOnly of [false, true]) {
      test(`${profile.name} ${listenOnly ? 'only listens' : 'carries frames both ways'}`, async () => {
        const { open, host, adapter, frames, sent } = pair(profile, { profile: 'auto', listenOnly });
        const device = await open();
        assert.equal(device.profile, foundAs[profile.name] ?? profile.name);
        assert.equal(device.version, profile.identity.version);
        assert.equal(adapter.channel.state, listenOnly ? 'listening' : 'open');
        adapter.offer(batchOf(8));
        if (host.profile.fd) adapter.offer(batchOf(64, FrameFlag.fd));
        await settled();
        assert.deepEqual(frames, ['123#ABABABABABABABAB', ...(host.profile.fd ? [`123#0#${'AB'.repeat(64)}`] : [])]);
        if (!listenOnly) {
          await host.transmit({ id: 0x7df, flags: 0, data: Uint8Array.of(2, 1, 0) });
          if (host.profile.fd) await host.transmit({ id: 1, flags: FrameFlag.fd, data: new Uint8Array(12) });
          await settled();
          assert.deepEqual(sent, ['7DF#020100', ...(host.profile.fd ? [`001#0#${'00'.repeat(12)}`] : [])]);
        }
        await host.close();
        assert.equal(adapter.channel.state, 'closed');
        assert.deepEqual([host.counters.malformed, host.counters.overlong], [0, 0]);
      });
    }
  }

  test('never sends an empty line: a CANable would send another program’s last frame again', async () => {
    const { open, transport, adapter, sent } = pair(canable1, { profile: 'auto', listenOnly: true });
    await transport.write(Buffer.from('O\rt1231AA\r'));
    await open();
    assert.deepEqual([sent, adapter.channel.state], [['123#AA'], 'listening']);
  });
});

/** A device that answers each line by `answers[line]`, or by nothing. */
function scripted(answers: Record<string, string>, clock = new VirtualClock()) {
  const [transport, device] = memoryPair('device');
  const lines: string[] = [];
  device.onData((bytes) => {
    for (const line of Buffer.from(bytes).toString('latin1').split('\r').slice(0, -1)) {
      lines.push(line);
      if (answers[line]) device.write(Buffer.from(answers[line], 'latin1')).catch(() => {});
    }
  });
  return { transport, device, lines, clock };
}

async function openScripted(answers: Record<string, string>, options: Partial<SlcanHostOptions> = {}) {
  const { transport, lines, clock, device } = scripted(answers);
  const host = new SlcanHost(transport, { clock, profile: 'auto', onFrames: () => {}, ...options });
  const opening = host.open();
  opening.catch(() => {});
  await advance(clock, 10_000);
  return { host, lines, opening, clock, device };
}

describe('adapters that nobody knows', () => {
  test('one that answers V by nothing, but acknowledges, is opened without waiting for answers', async () => {
    const { opening, lines } = await openScripted({ C: '\r' });
    assert.deepEqual(await opening, { version: '', serialNumber: '', profile: 'unknown' });
    assert.deepEqual(lines, ['C', 'C', 'V', 'C', 'C', 'V', 'S6', 'O']);
  });

  test('to listen, every way to be silent is tried before it is opened', async () => {
    const { opening, lines } = await openScripted({ C: '\r' }, { listenOnly: true });
    await opening;
    assert.deepEqual(lines.slice(6), ['S6', 'M1', 'L', 'O']);
  });

  test('one that acknowledges L is not opened a second time', async () => {
    const { opening, lines, host } = await openScripted({ C: '\r', L: '\r' }, { listenOnly: true });
    await opening;
    assert.deepEqual(lines.slice(6), ['S6', 'M1', 'L']);
    assert.equal(host.isOpen, true);
  });

  test('one that refuses L is opened silent', async () => {
    const { opening, lines } = await openScripted({ C: '\r', L: '\x07' }, { listenOnly: true });
    await opening;
    assert.deepEqual(lines.slice(6), ['S6', 'M1', 'L', 'O']);
  });

  test('a device that says nothing at all is no adapter', async () => {
    const { opening } = await openScripted({});
    await assert.rejects(opening, { code: 'SLCAN_NO_ANSWER' });
  });

  test('unless it is named as one that answers nothing', async () => {
    const { opening, lines } = await openScripted({}, { profile: canable1 });
    assert.deepEqual(await opening, { version: '', serialNumber: '', profile: 'canable1' });
    assert.deepEqual(lines.slice(-3), ['S6', 'M0', 'O']);
  });

  test('a cut-off frame of a running adapter is not taken for its version', async () => {
    const { opening } = await openScripted({ C: 'BBCC\rT00000A\r', V: 't1231AA\r\rV1013\r', v: '\x07' });
    // Nothing but V and v is answered, so the rest times out: what counts is what was found.
    await assert.rejects(opening, { code: 'SLCAN_NO_ANSWER', message: /no answer to N/ });
  });

  test('one that acknowledges what it does not know is not taken for one with CAN FD', async () => {
    const ok = Object.fromEntries(['', 'v', 'S6', 'Z0', 'X1', 'O'].map((line) => [line, '\r']));
    const { opening } = await openScripted({ ...ok, V: 'V1013\r', N: 'NA123\r' });
    assert.equal((await opening).profile, 'lawicel');
  });

  test('a CANable that does acknowledge, as some builds do, is driven all the same', async () => {
    const ok = Object.fromEntries(['C', 'S6', 'M1', 'O'].map((line) => [line, '\r']));
    const { opening, host } = await openScripted(
      { ...ok, V: 'b158aa7 https://github.com/normaldotcom/canable-fw.git\r\r' },
      { listenOnly: true },
    );
    assert.equal((await opening).profile, 'canable1');
    assert.equal(host.counters.malformed, 0);
  });
});

describe('settings that a profile lacks', () => {
  const rows: [profile: SlcanProfile, options: Partial<SlcanHostOptions>, code: string, message: RegExp][] = [
    [
      lawicel,
      { dataBitRate: 2_000_000 },
      'SLCAN_DATA_BIT_RATE',
      /^2000000 bit\/s is no CAN FD data bit rate of lawicel/,
    ],
    [canable2, { dataBitRate: 3_000_000 }, 'SLCAN_DATA_BIT_RATE', /of canable2 adapters$/],
    [canable1, { timestamps: true }, 'SLCAN_TIMESTAMPS', /^canable1 adapters have no time stamps$/],
    [canable1, { bitRate: 800_000 }, 'SLCAN_BIT_RATE', /^800000 bit\/s is no bit rate of canable1/],
  ];
  for (const [profile, options, code, message] of rows) {
    for (const found of [profile, 'auto'] as const) {
      test(`${profile.name}${found === 'auto' ? ', found out,' : ''} with ${JSON.stringify(options)}`, async () => {
        const { open } = pair(profile, { ...options, profile: found });
        await assert.rejects(open(), { code, message, exitCode: 2 });
      });
    }
  }

  const unsendable: [profile: SlcanProfile, flags: number, length: number, message: RegExp][] = [
    [canable1, FrameFlag.fd, 8, /CAN FD frame/],
    [canable2, FrameFlag.fd, 65, /65 bytes do not fit/],
    [canable2, 0, 9, /9 bytes do not fit/],
    [canable2, FrameFlag.fd | FrameFlag.remote, 0, /no remote frames/],
    [canable2, FrameFlag.error, 8, /an error frame/],
  ];
  for (const [profile, flags, length, message] of unsendable) {
    test(`${profile.name} does not send flags ${flags} with ${length} bytes`, async () => {
      const { open, host } = pair(profile);
      await open();
      await assert.rejects(host.transmit({ id: 1, flags, data: new Uint8Array(length) }), {
        code: 'SLCAN_FRAME',
        message,
      });
    });
  }
});

test('microsecond stamps keep the distances of the bus', async () => {
  const { open, adapter, clock, times } = pair(slcanfd, { timestamps: true }, { paceToBitRate: true });
  await open();
  const batch = new FrameBatch(100);
  for (let i = 0; i < 100; i++) batch.push(0, i, 0, new Uint8Array(8));
  adapter.offer(batch);
  await advance(clock, 100);
  assert.equal(times.length, 100);
  // 114 bits at 500 kbit/s: 228 us each.
  for (let i = 1; i < 100; i++) assert.ok(Math.abs(times[i] - times[i - 1] - 228) <= 60, `frame ${i}`);
  assert.ok(Math.abs((times[99] - times[0]) / 99 - 228) < 1);
});

test('whatever a device answers, opening and closing end in time and nothing is left behind', async () => {
  const piece = fc.oneof(
    fc.constantFrom(
      '\r',
      '\x07',
      'V1013\r',
      'v: x\r',
      'NA123\r',
      'z\r',
      'WeAct Studio V1\r',
      'b158aa7 https://canable\r',
      'CANable Error Register: 8',
      'sb256256\r',
      'e1a\r',
      'Fzz\r',
      't1231AA\r',
      '',
    ),
    fc.string({ unit: fc.constantFrom(...'VvNFzZtTdDeEsS019aA :\r\n\x07\xff'), maxLength: 20 }),
  );
  await fc.assert(
    fc.asyncProperty(
      fc.array(piece, { maxLength: 20 }),
      fc.constantFrom('auto' as const, slcanfd, canable2),
      async (answers, profile) => {
        const clock = new VirtualClock();
        const [transport, device] = memoryPair();
        let next = 0;
        device.onData((bytes) => {
          for (const byte of bytes)
            if (byte === 0x0d) device.write(Buffer.from(answers[next++] ?? '', 'latin1')).catch(() => {});
        });
        const host = new SlcanHost(transport, { clock, profile, statusIntervalMs: 1000, onFrames: () => {} });
        let isOver = false;
        host
          .open()
          .catch((fault) => assert.match(fault.code, /^SLCAN_(NO_ANSWER|REFUSED)$/))
          .then(() => host.close())
          .then(() => {
            isOver = true;
          });
        await advance(clock, 30_000);
        assert.deepEqual([isOver, host.isOpen, clock.pending], [true, false, 0]);
      },
    ),
    { numRuns: 60 },
  );
});
