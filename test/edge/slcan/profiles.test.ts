/** Each firmware's letters as its source or manual has them: what the emulated adapter answers, and what is read. */
import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FrameBatch, FrameFlag } from '../../../edge/can/index.ts';
import {
  bitRateDigit,
  can232,
  canable1,
  canable2,
  detectProfile,
  kernel,
  lawicel,
  profileOf,
  type SlcanAdapterOptions,
  type SlcanProfile,
  slcanfd,
  slcanProfiles,
  weact,
} from '../../../edge/slcan/index.ts';
import { connect, frames } from './bench.ts';
import { advance, settled } from './clock.ts';
import { hear, show } from './codec.ts';

const canable1Version = 'b158aa7 https://github.com/normaldotcom/canable-fw.git';
const canable2Version = '16e7497 https://github.com/normaldotcom/canable2-fw.git';
const weactVersion = 'WeAct Studio V1.0.0.5_20240601';
const register = 'CANable Error Register: ';

describe('the adapter answers as the firmware does', () => {
  const rows: [profile: SlcanProfile, what: string, asked: string, answered: string][] = [
    [can232, 'as Lawicel', 'V;S7;O;F;C;', 'V1335;;;F00;;'],
    [can232, 'sends nothing unasked until X1, and acknowledges a frame by CR', 'O;t1230;C;X1;O;t1230;', ';;;;;z;'],
    [can232, 'has no CAN FD', 'Y2;O;d1230;', '!;!'],
    [canable1, 'answers nothing but V', 'S6;M0;A1;O;t1230;C;V;', `${canable1Version};`],
    [canable1, 'takes v for V', 'v;', `${canable1Version};`],
    [canable1, 'keeps refusals to itself', 'hello;SX;L;N;F;Z1;X1;t12;', ''],
    [canable1, 'has no CAN FD', 'O;d1230;', ''],
    [
      canable2,
      'answers V and E, and E without an end',
      'S9;Y5;O;b12380011223344556677;E;V;',
      `${register}0${canable2Version};`,
    ],
    [canable2, 'knows neither v nor L', 'v;L;', ''],
    [weact, 'acknowledges by CR also frames', 'S7;Y3;M0;O;t1230;T000001230;b1230;C;', ';;;;;;;;'],
    [weact, 'tells its version without V', 'V;V1;', `${weactVersion};!`],
    [weact, 'has more bit rates', 'S9;SA;SB;SC;SD;Sa;SE;', ';;;;;;!'],
    [weact, 'has no data bit rate 0 or 6', 'Y0;Y6;Y1;', '!!;'],
    [weact, 'changes its mode only while closed', 'M2;M1;O;M0;A0;', '!;;!!'],
    [weact, 'refuses a frame while closed', 't1230;', '!'],
    [weact, 'takes C while closed and O while open', 'C;O;O;', ';;;'],
    [weact, 'does not start its boot loader', 'X;X1;', '!!'],
    [kernel, 'takes F before O', 'C;S6;F;O;t1230;', '!;F00;;z;'],
    [kernel, 'listens', 'L;t1230;', ';!'],
    [
      slcanfd,
      'as Lawicel, with CAN FD',
      'V;N;S7;Y8;O;t1230;d1230;B000001238AABBCCDDEEFF0011;C;',
      'VL2K1;NA123;;;;z;z;Z;;',
    ],
    [slcanfd, 'tells more to v', 'v;', 'v: hardware="CANable2.0", software="L2K1";'],
    [slcanfd, 'sets bit rates by timing', 's10460908;y021E0908;s00460908;s104609;', ';;!!'],
    [slcanfd, 'has three time stamp modes', 'Z0;Z1;Z2;Z3;', ';;;!'],
    [slcanfd, 'neither polls nor changes its baud rate', 'X1;U1;O;P;A;', '!!;!!'],
    [slcanfd, 'filters in its own mode', 'W0;W2;M00000000;mFFFFFFFF;', '!;;;'],
    [slcanfd, 'reports what it sent when told to', 'z0003;O;t1231AA;T000001231BB;', ';;;zt1231AA;;ZT000001231BB;'],
    [slcanfd, 'refuses reports it cannot read', 'z3001;z01;zz001;', '!!!'],
  ];
  for (const [profile, what, asked, answered] of rows) {
    test(`${profile.name} ${what}`, async () => assert.equal(await connect({ profile }).ask(asked), answered));
  }

  test('slcanfd sets the rates of the documents’ examples', async () => {
    const { adapter, ask } = connect({ profile: slcanfd });
    await ask('s10460908;y021E0908;');
    assert.deepEqual([adapter.channel.bitRate, adapter.channel.dataBitRate], [125_000, 2_000_000]);
  });

  test('canable opens silent after M1, and then sends nothing', async () => {
    for (const profile of [canable1, canable2, weact]) {
      const { adapter, ask } = connect({ profile });
      await ask('M1;O;t1230;');
      assert.deepEqual([adapter.channel.state, adapter.framesRefused], ['listening', 1], profile.name);
      await ask('C;M0;O;');
      assert.equal(adapter.channel.state, 'open', profile.name);
    }
  });

  test('canable sends its last frame again for an empty line, unless a command came between', async () => {
    const sent: string[] = [];
    const onTransmit = (batch: FrameBatch) => {
      for (let i = 0; i < batch.count; i++) sent.push(show(batch, i));
    };
    const { ask } = connect({ profile: canable1, onTransmit });
    await ask('O;t1231AA;;;');
    assert.deepEqual(sent, ['123#AA', '123#AA', '123#AA']);
    await ask('S6;;;');
    assert.equal(sent.length, 3);
  });
});

describe('frames to the host', () => {
  const fd = FrameFlag.fd;
  const brs = FrameFlag.fd | FrameFlag.bitRateSwitch;
  const passive = FrameFlag.fd | FrameFlag.errorState;
  const rows: [profile: SlcanProfile, set: string, flags: number, length: number, line: string][] = [
    [canable2, '', fd, 12, `d1009${'00'.repeat(12)};`],
    [weact, '', brs, 64, `b100F${'00'.repeat(64)};`],
    [slcanfd, '', brs | FrameFlag.extended, 8, 'B0000010080000000000000000;'],
    [slcanfd, 'Z1;', 0, 0, 't100005DC;'],
    [slcanfd, 'Z2;', 0, 0, 't10000016E360;'],
    [slcanfd, 'z2011;', passive, 1, 'd1001000016E3601;'],
    [slcanfd, 'z0011;', fd, 0, 'd10000;'],
    [slcanfd, 'z1011;', 0, 0, 't100005DC0;'],
    [slcanfd, 'z0002;', 0, 0, ''],
  ];
  for (const [profile, set, flags, length, line] of rows) {
    test(`${profile.name} after ${set || 'opening'}: ${line || 'nothing'}`, async () => {
      const { adapter, ask, clock, heard } = connect({ profile });
      await ask(`${set}O;`);
      await advance(clock, 1500);
      adapter.offer(frames(1, length, flags));
      await settled();
      assert.equal(heard(), line);
      // What the adapter writes, our parser reads.
      if (line !== '') assert.equal(hear(line.replaceAll(';', '\r'), { profile }).frames.length, 1);
    });
  }

  test('microseconds start again after an hour', async () => {
    const { adapter, ask, clock, heard } = connect({ profile: slcanfd });
    await ask('Z2;O;');
    await advance(clock, 3_600_001);
    adapter.offer(frames(1, 0));
    await settled();
    assert.equal(heard(), 't1000000003E8;');
  });

  test('of CAN FD are not heard by a classic adapter, nor at another data bit rate', async () => {
    const rows: [options: Partial<SlcanAdapterOptions>, flags: number, unheard: number][] = [
      [{ profile: lawicel }, fd, 1],
      [{ profile: canable1 }, brs, 1],
      [{ profile: slcanfd, busDataBitRate: 5_000_000 }, brs, 1],
      [{ profile: slcanfd, busDataBitRate: 5_000_000 }, fd, 0],
      [{ profile: slcanfd, busDataBitRate: 2_000_000 }, brs, 0],
    ];
    for (const [options, flags, unheard] of rows) {
      const { adapter, ask } = connect(options);
      await ask('O;');
      adapter.offer(frames(1, 12, flags));
      assert.deepEqual([adapter.counters.unheard, adapter.counters.sent], [unheard, 1 - unheard]);
    }
  });

  test('of CAN FD take less time on the bus at a higher data bit rate', async () => {
    const sent = async (busDataBitRate: number) => {
      const { adapter, ask, clock } = connect({ profile: slcanfd, paceToBitRate: true, busDataBitRate });
      await ask(`Y${busDataBitRate / 1e6};O;`);
      adapter.offer(frames(2000, 64, brs));
      await advance(clock, 250);
      return adapter.counters.sent;
    };
    const [slow, fast] = [await sent(1_000_000), await sent(5_000_000)];
    // 64 bytes: 30 bits at 500 kbit/s, 566 or so at the data rate.
    assert.ok(Math.abs(slow - 250 / (0.06 + 0.566)) < 5, `${slow}`);
    assert.ok(Math.abs(fast - 250 / (0.06 + 0.1132)) < 15, `${fast}`);
  });
});

describe('lines that are read as frames', () => {
  const rows: [profile: SlcanProfile, what: string, text: string, events: string[]][] = [
    [slcanfd, 'milliseconds', 't10020011000A\r', ['100#0011']],
    [slcanfd, 'milliseconds and error state, the documents’ example 1', 't10020011000A0\r', ['100#0011']],
    [slcanfd, 'microseconds on a remote frame', 'r20030000000F\r', ['200#R3']],
    [slcanfd, 'error state alone', 'd10001\r', ['100#2#']],
    [slcanfd, 'error state before a short line', 'd10001\rtt\n', ['100#2#', 'bad']],
    [slcanfd, 'error state of a remote frame before a short line', 'r10081\rt\r', ['100#R8', 'bad']],
    [slcanfd, 'microseconds past an hour', 't1000D693A400\r', ['100#']],
    [slcanfd, 'an error state that is none', 't10002\r', ['bad']],
    [slcanfd, 'two or six digits', 't100012\rt1000123456\r', ['bad', 'bad']],
    [slcanfd, 'ten digits', 't1000123456789A\r', ['bad']],
    [slcanfd, 'no hex', 't1000000x\rt1000000000x0\r', ['bad', 'bad']],
    [slcanfd, 'report of a sent frame', 'zt1231AA\r', ['line zt1231AA']],
    [lawicel, 'microseconds of an adapter without', 't100000000001\r', ['bad']],
    [lawicel, 'error state of an adapter without', 't10000\r', ['bad']],
    [canable2, 'FD letters', `d1239${'AB'.repeat(12)}\r`, [`123#0#${'AB'.repeat(12)}`]],
    [canable1, 'FD letters of an adapter without', 'd1230\r', ['bad']],
    [kernel, 'state and error lines', 'sw096012\re1a\r', ['line sw096012', 'line e1a']],
    // the error register, which has no end
    [canable2, 'register before a frame', `${register}0t1231AA\r`, ['123#AA', 'register 0']],
    [
      canable2,
      'register before a frame with a letter that is a digit',
      `${register}1D000001230\r`,
      ['00000123#0#', 'register 1'],
    ],
    [canable2, 'register of two digits before a frame', `${register}48T000001230\r`, ['00000123#', 'register 72']],
    [canable2, 'register before an acknowledgement', `${register}8\rt1230\r`, ['register 8', 'ok', '123#']],
    [canable2, 'register before text', `${register}0b158aa7 x\r`, ['register 0', 'bad']],
    [
      canable2,
      'register asked for twice',
      `${register}C${register}C16e7497 x\r`,
      ['register 12', 'register 12', 'bad'],
    ],
    [canable2, 'register that could end in two places', `${register}16e7497 x\r`, ['bad']],
    [canable2, 'register without a number', `${register}x\r`, ['bad']],
    [canable2, 'register before an overlong line', `${register}${'7'.repeat(200)}\rt1230\r`, ['bad', '123#']],
    [lawicel, 'register of an adapter without', `${register}0t1231AA\r`, ['bad']],
  ];
  for (const [profile, what, text, events] of rows) {
    test(`${profile.name}: ${what}`, () => assert.deepEqual(hear(text, { profile }).events, events));
  }

  test('an overlong line is one however it is cut, register or not', () => {
    const text = `${register}${'7'.repeat(200)}\r`;
    for (const cuts of [[], [1], [30]]) {
      const { overlong, malformed } = hear(text, { profile: canable2, cuts }).parser.counters;
      assert.deepEqual([overlong, malformed], [1, 0]);
    }
  });

  test('the error state becomes a flag', () => {
    const { flags } = hear('d10001\rd10000\rd100000000001\r', { profile: slcanfd });
    assert.deepEqual(flags, [FrameFlag.fd | FrameFlag.errorState, FrameFlag.fd, FrameFlag.fd]);
  });

  test('microsecond stamps keep their distances over the hour’s end', () => {
    const text = 't1000D693A3FF\rt100000000009\r';
    const { times } = hear(text, { profile: slcanfd, nowUs: 5_000_000 });
    assert.equal(times[1] - times[0], 0, 'read together, neither may lie in the future');
    const later = hear(text, { profile: slcanfd, cuts: [14], nowUs: 5_000_000, stepUs: 1000 });
    assert.equal(later.times[1] - later.times[0], 10);
  });
});

describe('reading is tolerant, with every profile', () => {
  const rows: [what: string, text: string, frames: string[]][] = [
    ['CR, LF and CR LF', 't1231AA\rt1231BB\nt1231CC\r\n', ['123#AA', '123#BB', '123#CC']],
    ['lower-case hex', 't0bc2deff\r', ['0BC#DEFF']],
    [
      'remote frames with and without their length',
      'r1238\rR000001230\rr123\rR00000123\r',
      ['123#R8', '00000123#R0', '123#R0', '00000123#R0'],
    ],
    ['BEL between and within frames', '\x07t1230\r\x07t12\x07t1230\r', ['123#', '123#']],
    ['a beginning cut off', '0AABB\rt1230\r', ['123#']],
    ['noise', '\xff\x00\x80\rt1230\r', ['123#']],
    ['a line without an end', `${'8'.repeat(500)}\rt1230\r`, ['123#']],
  ];
  for (const profile of Object.values(slcanProfiles)) {
    for (const [what, text, expected] of rows) {
      test(`${profile.name}: ${what}`, () => {
        const { frames: heard, parser } = hear(text, { profile });
        assert.deepEqual(heard, expected);
        const { malformed, overlong } = parser.counters;
        const hasGarbage = /cut|noise|without an end|within/.test(what);
        assert.equal(malformed + overlong, hasGarbage ? 1 : 0);
      });
    }
  }
});

describe('detection', () => {
  const rows: [reply: string | undefined, name: string][] = [
    ['V1013', 'lawicel'],
    ['V1335', 'lawicel'],
    ['VL2K1', 'lawicel'],
    [canable1Version, 'canable1'],
    ['3f2a1bc-dirty git@github.com:someone/firmware.git', 'canable1'],
    [canable2Version, 'canable2'],
    ['abc1234 https://example.org/CANable-2.0', 'canable2'],
    ['+Board: MKS Canable', 'canable2'],
    [weactVersion, 'weact'],
    [undefined, 'unknown'],
    ['', 'unknown'],
    ['hello there', 'unknown'],
    ['V', 'unknown'],
  ];
  for (const [reply, name] of rows) {
    test(JSON.stringify(reply) ?? 'no answer', () => assert.equal(detectProfile(reply).name, name));
  }

  test('each profile is found by what its own adapter answers, or by its look-alike', () => {
    const lookAlikes: Record<string, string> = { can232: 'lawicel', kernel: 'lawicel', slcanfd: 'lawicel' };
    for (const profile of Object.values(slcanProfiles)) {
      const reply = profile.version === 'letter' ? `V${profile.identity.version}` : profile.identity.version;
      assert.equal(detectProfile(reply).name, lookAlikes[profile.name] ?? profile.name);
    }
  });

  test('a profile is named', () => {
    for (const name of Object.keys(slcanProfiles)) assert.equal(profileOf(name).name, name);
    for (const name of ['', 'auto', 'LAWICEL', 'toString', '__proto__']) {
      assert.throws(() => profileOf(name), { code: 'SLCAN_PROFILE', exitCode: 2 }, name);
    }
  });
});

test('bit rates have the digit that the firmware gives them', () => {
  const rows: [profile: SlcanProfile, bitRate: number, digit: string | undefined][] = [
    [lawicel, 800_000, '7'],
    [lawicel, 750_000, undefined],
    [lawicel, 83_333, undefined],
    [canable1, 750_000, '7'],
    [canable1, 800_000, undefined],
    [canable2, 83_333, '9'],
    [canable2, 83_300, '9'],
    [canable2, 83_400, undefined],
    [weact, 800_000, '7'],
    [weact, 5000, 'D'],
    [weact, 33_300, 'C'],
    [slcanfd, 800_000, '7'],
    [kernel, 1_000_000, '8'],
  ];
  for (const [profile, bitRate, digit] of rows) {
    assert.equal(bitRateDigit(profile, bitRate), digit, `${profile.name} ${bitRate}`);
  }
});

test('a batch of any stride can be offered to any adapter', async () => {
  for (const profile of Object.values(slcanProfiles)) {
    const { adapter, ask } = connect({ profile, autoSend: true });
    await ask('O;');
    for (const stride of [8, 64] as const) {
      const batch = new FrameBatch(1, stride);
      batch.push(0, 1, 0, Uint8Array.of(1, 2, 3));
      adapter.offer(batch);
    }
    assert.equal(adapter.counters.sent, 2, profile.name);
  }
});
